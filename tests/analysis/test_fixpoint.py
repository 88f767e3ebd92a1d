"""Answers inside circles of calls: they settle, and do not depend on who asks first."""

import contextvars
import itertools
import random

import pytest
from programs import EVERY, check, places, program, scope

from ctxlint.analysis.fixpoint import Fixpoint, Scheme
from ctxlint.model.ids import VarId

V = VarId("/p/m.py", "v")
HEAD = "from contextvars import ContextVar\nv = ContextVar('v', default=0)\n"


class Graph:
    """Keys that ask for others, and how an answer is made of theirs. Counts how often each is solved."""

    def __init__(self, edges, combine, *, bottom=frozenset(), rounds=8):
        self.edges, self.combine, self.solved, self.kept = edges, combine, [], []
        scheme = Scheme(
            self._solve,
            bottom,
            lambda key: key,
            lambda key: f"{key} unsettled",
            lambda key, answer: self.kept.append((key, answer)),
        )
        self.answers = Fixpoint(scheme, rounds)

    def _solve(self, key):
        self.solved.append(key)
        return self.combine(key, [self.answers.of(callee) for callee in self.edges[key]])

    def all(self, order):
        found = {key: self.answers.of(key) for key in order}
        return dict(sorted(found.items()))


def reached(key, answers):
    """Every key that ``key`` leads to."""
    return frozenset({key}).union(*answers)


def closure(edges, key):
    seen, pending = set(), [key]
    while pending:
        found = pending.pop()
        if found not in seen:
            seen.add(found)
            pending += edges[found]
    return frozenset(seen)


# --- the fixpoint itself -------------------------------------------------------------------------------------


def test_who_stands_in_no_circle_is_solved_once():
    graph = Graph({"a": "bc", "b": "c", "c": "d", "d": ""}, reached)
    assert graph.all("adbc") == {"a": {*"abcd"}, "b": {*"bcd"}, "c": {*"cd"}, "d": {"d"}}
    assert sorted(graph.solved) == [*"abcd"]
    assert sorted(graph.kept) == sorted(graph.all("abcd").items())


def test_who_asks_for_itself_is_solved_until_it_answers_the_same():
    graph = Graph({"a": "a"}, lambda _, answers: min(answers[0] + 1, 3), bottom=0)
    assert graph.answers.of("a") == 3
    assert graph.solved == ["a"] * 4


def test_a_first_answer_that_is_the_bottom_needs_no_second():
    graph = Graph({"a": "b", "b": "a"}, lambda *_: 0, bottom=0)
    assert graph.all("ab") == {"a": 0, "b": 0}
    assert graph.solved == ["a", "b"]


def test_what_is_asked_inside_a_circle_is_not_kept_before_the_circle_is_done():
    """``b`` first answers without what ``a`` leads to."""
    graph = Graph({"a": "bc", "b": "a", "c": ""}, reached)
    assert graph.answers.of("a") == {*"abc"}
    assert graph.answers.of("b") == {*"abc"}
    assert [key for key, _ in graph.kept] == ["c", "a", "b"]


def test_a_circle_below_a_circle_is_done_by_itself():
    graph = Graph({"a": "b", "b": "ac", "c": "d", "d": "c"}, reached)
    assert graph.answers.of("a") == {*"abcd"}
    assert [key for key, _ in graph.kept] == ["c", "d", "a", "b"]
    assert graph.solved.count("c") == 3


@pytest.mark.parametrize("length", [2, 12, 60])
def test_what_travels_along_a_chain_of_circles_arrives_in_few_rounds(length):
    """Each asks the next and the one before; both ends have something to say to the other."""
    edges = {n: [m for m in (n + 1, n - 1) if 0 <= m < length] for n in range(length)}
    graph = Graph(edges, reached)
    assert graph.answers.of(length // 2) == frozenset(range(length))
    assert len(graph.solved) <= 4 * length


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_whoever_asks_first(seed):
    chance = random.Random(seed)  # noqa: S311 - the same samples in every run
    keys = "abcde"[: chance.randint(2, 5)]
    edges = {key: [other for other in keys if chance.random() < 0.4] for key in keys}
    truth = {key: closure(edges, key) for key in keys}
    for order in itertools.permutations(keys):
        assert Graph(edges, reached).all(order) == truth


@pytest.mark.parametrize("seed", range(60))
def test_answers_that_do_not_only_grow_are_the_same_whoever_asks_first(seed):
    """Answers made by a table of chance: several fixpoints, or none. The choice must not be that of the first."""
    chance = random.Random(seed)  # noqa: S311 - the same samples in every run
    keys = "abcd"[: chance.randint(2, 4)]
    edges = {key: [other for other in keys if chance.random() < 0.5] for key in keys}
    table = {}

    def combine(key, answers):
        return table.setdefault((key, *map(str, answers)), chance.randrange(2))

    for key in keys:
        for answers in itertools.product(
            ["0", "1", *(f"{k} unsettled" for k in keys)], repeat=len(edges[key])
        ):
            combine(key, answers)
    found = [Graph(edges, combine, bottom=0).all(order) for order in itertools.permutations(keys)]
    assert all(each == found[0] for each in found)
    for key in keys:
        if found[0][key] != f"{key} unsettled":
            assert found[0][key] == combine(key, [found[0][callee] for callee in edges[key]])


def test_who_does_not_settle_is_given_up_with_its_circle():
    edges = {"a": "b", "b": "a", "c": "a", "d": ""}

    def combine(key, answers):
        """``b`` says what ``a`` says, and ``a`` the opposite of ``b``."""
        return {"a": lambda: 1 - answers[0], "b": lambda: answers[0]}.get(key, lambda: answers)()

    graph = Graph(edges, combine, bottom=0)
    assert graph.all("cabd") == {"a": "a unsettled", "b": "b unsettled", "c": ["a unsettled"], "d": []}
    assert sorted(key for key, _ in graph.kept) == [*"abcd"]
    assert graph.solved.count("a") <= 9


def _growing(edges):
    """``x`` stands for a question that is only asked once the key was told something."""
    graph = Graph({}, None)

    def solve(key):
        found = frozenset({key})
        for callee, only_if in edges[key]:
            if only_if is None or only_if in found:
                found |= graph.answers.of(callee)
        return found

    graph.answers = Fixpoint(Scheme(solve, frozenset(), str, lambda key: f"{key} unsettled", lambda *_: None))
    return graph


@pytest.mark.parametrize("order", list(itertools.permutations("abcd")))
def test_a_circle_that_grows_on_the_way_is_begun_again(order):
    """``b`` asks for ``c`` only when it has heard of ``a``; ``c`` is then of the circle, and ``d`` is not."""
    edges = {"a": [("b", None)], "b": [("a", None), ("c", "a")], "c": [("a", None), ("d", None)], "d": []}
    assert _growing(edges).all(order) == {"a": {*"abcd"}, "b": {*"abcd"}, "c": {*"abcd"}, "d": {"d"}}


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_a_circle_that_turns_out_to_be_part_of_an_older_one(order):
    """``b`` and ``c`` are a circle; that ``c`` asks for ``a`` shows when it has heard of ``b``."""
    edges = {"a": [("b", None)], "b": [("c", None)], "c": [("b", None), ("a", "b")]}
    assert _growing(edges).all(order) == {key: {*"abc"} for key in "abc"}


def test_what_a_solver_raises_leaves_nothing_half_done():
    broken = True

    def combine(key, answers):
        if broken and key == "c":
            raise LookupError(key)
        return reached(key, answers)

    graph = Graph({"a": "b", "b": "ac", "c": "b"}, combine)
    with pytest.raises(LookupError):
        graph.answers.of("a")
    broken = False
    assert graph.all("bca") == {key: {*"abc"} for key in "abc"}
    assert sorted(key for key, _ in graph.kept) == [*"abc"]


# --- functions that call each other --------------------------------------------------------------------------


def every_order(text, names):
    """What each function's summary, outcome and limit are, for every order of questions: the set of answers."""
    found = []
    for order in itertools.permutations(names):
        linked = program({"m.py": text})
        for name in order:
            linked.effects(scope(linked, f"m.py:{name}"))
        answers = {
            name: (
                linked.effects(scope(linked, f"m.py:{name}")),
                linked.body(scope(linked, f"m.py:{name}")),
                linked.outcome(scope(linked, f"m.py:{name}")),
            )
            for name in names
        }
        answers["limits"] = {path: sorted(map(str, limits)) for path, limits in linked.limits.items()}
        assert linked.failures == []
        if answers not in found:
            found.append(answers)
    return found


@pytest.mark.parametrize(
    "text",
    [
        # which of the two restores, or returns a token, depends on what the other is taken to do
        "def f(o):\n    v.reset(o.t)\n    if o: t = g(o)\ndef g(o):\n    t = v.set(1)\n    f(o)\n    return t\n",
        "def f(t, n):\n    if n: g(t, n)\n    else: v.reset(t)\ndef g(t, n): f(t, n - 1)\n",
        "def f(n):\n    if n: return g(n)\n    return v.set(1)\ndef g(n): return f(n - 1)\n",
        "def f(n): return g(n)\ndef g(n): return f(n - 1) if n else v.set(1)\n",
        "def f(n):\n    t = v.set(1)\n    g(n)\n    v.reset(t)\ndef g(n):\n    if n: f(n - 1)\n    raise ValueError\n",
    ],
)
def test_two_functions_that_call_each_other(text):
    assert len(every_order(HEAD + text, "fg")) == 1


def test_a_token_that_is_handed_down_a_recursion_is_reset_for_all_of_it():
    text = f"{HEAD}def f(t, n):\n    if n: g(t, n)\n    else: v.reset(t)\ndef g(u, n): f(u, n - 1)\n"
    (found,) = every_order(text, "fg")
    assert (found["f"][0].resets, found["g"][0].resets) == ({"t"}, {"u"})
    assert (found["f"][0].undoes, found["g"][0].undoes) == ({V}, {V})


def test_a_token_that_comes_up_a_recursion_is_returned_by_all_of_it():
    (found,) = every_order(
        f"{HEAD}def f(n): return g(n)\ndef g(n): return f(n - 1) if n else v.set(1)\n", "fg"
    )
    assert [[token.var for token in found[name][0].tokens] for name in "fg"] == [[V], [V]]


def test_a_recursive_function_that_returns_a_token_owes_it_to_its_caller():
    recursive = "def enter(n):\n    if n: return enter(n - 1)\n    return v.set(1)\n"
    wrong = f"{HEAD}{recursive}def handle(work):\n    t = enter(3)\n    work()\n    v.reset(t)\n"
    right = (
        f"{HEAD}{recursive}def handle(work):\n    t = enter(3)\n    try: work()\n    finally: v.reset(t)\n"
    )
    assert places(check({"m.py": wrong}, selected=EVERY)) == ["m.py:7:9 CTX104"]
    assert places(check({"m.py": right}, selected=EVERY)) == []
    assert (_left_behind(wrong), _left_behind(right)) == (1, 0)


def _left_behind(text):
    """What ``v`` is after ``handle`` was called with work that fails, as CPython runs it."""
    space = {}
    exec(text, space)  # noqa: S102 - the program of this test

    def run():
        with pytest.raises(ZeroDivisionError):
            space["handle"](lambda: 1 / 0)
        return space["v"].get()

    return contextvars.Context().run(run)


STATEMENTS = (
    "{f}({t}, n - 1)",
    "t = {f}(t, n - 1)",
    "return {f}({t}, n - 1)",
    "t = v.set(n)",
    "if t is not None: v.reset(t)",
    "v.reset(t)",
    "o.t = v.set(n)",
    "v.reset(o.t)",
    "return t",
    "if n % 2: return v.set(n)",
    "if n % 3: raise ValueError",
    "if n % 2: {f}({t}, n - 2)",
)


def _random_program(seed, functions):
    chance = random.Random(seed)  # noqa: S311 - the same samples in every run
    text = f"{HEAD}class O: t = None\no = O()\n"
    for name in functions:
        text += f"def {name}(t=None, n=0):\n    if n <= 0: return None\n"
        closing = chance.choice(["", "", "try"])
        lines = [
            chance.choice(STATEMENTS).format(f=chance.choice(functions), t=chance.choice(["t", "None"]))
            for _ in range(chance.randint(1, 4))
        ]
        if closing:
            text += "    mine = v.set(n)\n    try:\n" + "".join(f"        {line}\n" for line in lines)
            text += "    finally: v.reset(mine)\n"
        else:
            text += "".join(f"    {line}\n" for line in lines)
    return text


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_whoever_is_asked_first(seed):
    """Every order of questions gives one answer, and no random program fails to settle."""
    functions = "fghk" if seed % 8 == 0 else "fgh"
    (found,) = every_order(_random_program(seed, functions), functions)
    assert found["limits"] == {}
