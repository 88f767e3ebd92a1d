"""``ctxlint why``: the verdict and the reasons for each kind of site, over small programs and the example."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ctxlint import engine
from ctxlint.cli import main
from ctxlint.frontend.text import decode
from ctxlint.model.policy import ON_DEMAND, Policy
from ctxlint.model.sources import SourceFile, Unreadable
from ctxlint.rules.registry import all_rules
from ctxlint.why.answer import Question, answer

# click before 8.2 mixes the two streams unless told not to
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))
ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
PROGRAMS = sorted(
    path for rule in FIXTURES.iterdir() for path in rule.iterdir() if path.is_dir() or path.suffix == ".py"
)
HEAD = """\
import asyncio
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="-")


def read():
    return tenant.get()


"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project, as the working directory."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    """Run the command in this process."""
    environment = {"NO_COLOR": None, "FORCE_COLOR": None, "TERM": "xterm"}
    return RUNNER.invoke(main, ["why", "--no-cache", *words], env=environment)


def asked(*words: str) -> list[dict[str, Any]]:
    """Return the entries that are printed as JSON; the exit code is 0."""
    result = run("--output-format", "json", *words)
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert isinstance(found, list)
    return found


def said(entry: dict[str, Any], before: int) -> list[str]:
    """Write an entry: its verdict, then each reason with its line after the head of the program."""
    told = [
        reason["message"] + (f" @{reason['location']['row'] - before}" if reason["location"] else "")
        for reason in entry["reasons"]
    ]
    return [f"{entry['kind']} {entry['verdict']}" + (f" {entry['code']}" if entry["code"] else ""), *told]


def explained(folder: Path, code: str, row: int = 0) -> list[list[str]]:
    """Explain the line marked ``# here`` (or ``row``) of the head and ``code``."""
    text = HEAD + code
    (folder / "app.py").write_text(text)
    lines = text.splitlines()
    row = row or next(number for number, line in enumerate(lines, start=1) if line.endswith("# here"))
    return [said(entry, HEAD.count("\n")) for entry in asked(f"app.py:{row}")]


# --- every entry ---------------------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_why_reports_what_check_reports_and_gives_a_reason_for_all_else(program: Path) -> None:
    """Over every fixture: no finding more, none less, and no silence without a reason."""
    paths = sorted(program.rglob("*.py")) if program.is_dir() else [program]
    base = str(program if program.is_dir() else program.parent)
    files = [SourceFile(str(path), path.name, (base,)) for path in paths]
    files = [SourceFile(each.path, each.path, each.roots) for each in files]
    codes = frozenset(rule.code for rule in all_rules())

    def read(path: str) -> bytes:
        return Path(path).read_bytes()

    examined = engine.examine(files, read, policy=Policy(asked=ON_DEMAND))
    reported = []
    for file in files:
        try:
            text = decode(read(file.path))
        except Unreadable as problem:
            text = problem.text
        for entry in answer(examined, Question(file.path, file.display, text, None, None, codes)).entries:
            assert entry.verdict == "reported" or entry.reasons, entry
            if entry.verdict == "reported":
                reported.append((entry.location, entry.code, entry.message, entry.severity, entry.help))

    expected = engine.check(files, read, codes).diagnostics
    assert sorted(reported) == [(d.location, d.code, d.message, d.severity, d.help) for d in expected]


def test_a_reported_set_is_told_as_the_report_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example application's cancelled job, in text."""
    monkeypatch.chdir(ROOT / "examples/orders")
    result = run("orders/jobs.py:26")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "set of `tenant`, declared in orders/context.py:8:34: reported CTX103 reset-skipped-on-a-path\n"
        "  --> orders/jobs.py:26:13\n"
        "   |\n"
        "26 |     token = tenant.set(job.tenant)\n"
        "   |             ^^^^^^^^^^^^^^^^^^^^^^\n"
        "   A way out of `run` skips the reset of `tenant.set(…)`: the value stays for whatever runs next in the same "
        "Context.\n"
        "   - `tenant` is set here (orders/jobs.py:26:13)\n"
        "   - this condition is true (orders/jobs.py:27:8)\n"
        "   - the function leaves here with the value still set (orders/jobs.py:28:9)\n"
        "   - only the other ways out undo it, here (orders/jobs.py:32:9)\n"
        "   help: Undo it in a `finally` around everything after the set.\n"
        "\n"
    )


def test_the_documents_show_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a page of 100 columns, which is what there is without a terminal."""
    page = (ROOT / "docs/why.md").read_text("utf-8")
    command, _, shown = page.partition("```\n$ ctxlint why ")[2].partition("```")[0].partition("\n")
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)  # the width of the terminal that pytest runs in

    assert run(command).stdout == shown + "\n"


def test_a_file_alone_means_all_of_its_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several files and places may be given; the order is that of the question, then of the text."""
    monkeypatch.chdir(ROOT / "examples/orders")
    found = asked("orders/users.py", "orders/jobs.py:41")

    assert [
        (entry["kind"], entry["location"]["row"], entry["verdict"], entry["code"]) for entry in found
    ] == [
        ("set", 15, "reported", "CTX101"),
        ("set", 24, "silent", None),
        ("reset", 29, "silent", None),
        ("set", 41, "silent", None),
    ]
    assert said(found[3], 0) == [
        "set silent",
        "every use of the function starts it in a copied Context",
        "started here @37",
    ]


def test_json_has_a_place_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are absolute, rows and columns count from 1, what there is not is null."""
    monkeypatch.chdir(ROOT / "examples/orders")
    (entry,) = asked("orders/context.py:14")
    folder = str(ROOT / "examples/orders/orders")

    assert entry == {
        "kind": "set",
        "name": "tenant",
        "filename": f"{folder}/context.py",
        "location": {"row": 14, "column": 12},
        "end_location": {"row": 14, "column": 28},
        "declared": {
            "filename": f"{folder}/context.py",
            "location": {"row": 8, "column": 34},
            "end_location": {"row": 8, "column": 68},
        },
        "verdict": "silent",
        "code": None,
        "rule": None,
        "severity": None,
        "message": None,
        "reasons": [
            {
                "message": "the token is returned here: to undo the set is the caller's business",
                "filename": f"{folder}/context.py",
                "location": {"row": 14, "column": 12},
                "end_location": {"row": 14, "column": 28},
            },
            {
                "message": "taken over here",
                "filename": f"{folder}/middleware.py",
                "location": {"row": 23, "column": 17},
                "end_location": {"row": 23, "column": 45},
            },
        ],
        "help": None,
    }


# --- verdicts ------------------------------------------------------------------------------------------------

LEAK = """\
def handle(request, view):
    token = tenant.set(request.name)
    if request.bad:
        return None
    response = view(request)
    tenant.reset(token)
    return response
"""
LEAK_ROW = HEAD.count("\n") + 2


def test_what_is_suppressed_names_the_line_of_the_directive(here: Path) -> None:
    (here / "app.py").write_text(HEAD + LEAK.replace("name)", "name)  # noqa: CTX1"))
    (entry,) = asked(f"app.py:{LEAK_ROW}")

    assert said(entry, HEAD.count("\n"))[:2] == [
        "set suppressed CTX103",
        f"a `# noqa` in line {LEAK_ROW} suppresses CTX103 @2",
    ]
    assert (
        entry["message"] == "A way out of `handle` skips the reset of `tenant.set(…)`: the value stays for "
        "whatever runs next in the same Context."
    )


def test_what_is_not_selected_says_so(here: Path) -> None:
    (here / "app.py").write_text(HEAD + LEAK)
    (by_option,) = asked(f"app.py:{LEAK_ROW}", "--ignore", "CTX103")
    (here / "ctxlint.toml").write_text('select = ["CTX2"]\n')
    (by_file,) = asked(f"app.py:{LEAK_ROW}")
    (isolated,) = asked(f"app.py:{LEAK_ROW}", "--isolated")

    not_selected = "CTX103 is not selected: `select` and `ignore` leave it out"
    assert [by_option["verdict"], by_option["reasons"][0]["message"]] == ["deselected", not_selected]
    assert [by_file["verdict"], by_file["reasons"][0]["message"]] == ["deselected", not_selected]
    assert isolated["verdict"] == "reported"


def test_a_file_that_is_left_out_is_judged_all_the_same(here: Path) -> None:
    """And it is told that a report does not have it: not at all, or only if it is named."""
    (here / "app.py").write_text(HEAD + LEAK)
    words = (f"app.py:{LEAK_ROW}", "--extend-exclude", "app.py")
    (named,) = asked(*words)
    (never,) = asked(*words, "--force-exclude")

    assert named["verdict"] == "reported"
    assert named["reasons"][-1]["message"] == (
        "a run over the project leaves this file out (`exclude`, or git ignores it): it is reported when it is named"
    )
    assert never["verdict"] == "deselected"
    assert (
        never["reasons"][0]["message"]
        == "the file is left out: `exclude` names it, and `force-exclude` is on"
    )


def test_what_gives_way_names_the_winner(here: Path) -> None:
    """A call that returns two tokens of one kind makes two claims at one place, of which one is told."""
    (here / "app.py").write_text(
        HEAD + "other = ContextVar('other')\n\n\n"
        "def enter(x):\n    return tenant.set(x), other.set(x)\n\n\n"
        "def handle(x, view):\n    first, second = enter(x)\n    view(x)\n"
        "    tenant.reset(first)\n    other.reset(second)\n"
    )
    row = HEAD.count("\n") + 9
    assert [(entry["verdict"], entry["code"], entry["name"]) for entry in asked(f"app.py:{row}")] == [
        ("reported", "CTX104", "other"),
        ("yields", "CTX104", "tenant"),
    ]


# --- sets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "def f(x, work):\n    token = tenant.set(x)  # here\n    try:\n        work()\n    finally:\n"
            "        tenant.reset(token)\n",
            ["its token is reset here, on every way out @6"],
            id="reset in a finally",
        ),
        pytest.param(
            "def f(x, work):\n    token = tenant.set(x)  # here\n    if x:\n        tenant.reset(token)\n"
            "    else:\n        tenant.reset(token)\n",
            ["its token is reset here @4", "its token is reset here @6"],
            id="every reset is told",
        ),
        pytest.param(
            "def f(x):\n    if x:\n        token = tenant.set(x)  # here\n        tenant.reset(token)\n"
            "    else:\n        token = tenant.set('')\n        tenant.reset(token)\n",
            ["its token is reset here @4"],
            id="the reset of another token under the same name is not told",
        ),
        pytest.param(
            "def f(x, work):\n    old = tenant.get()\n    tenant.set(x)  # here\n    try:\n        work()\n"
            "    finally:\n        tenant.set(old)\n",
            ["the value that was saved is put back here, on every way out @7"],
            id="value put back",
        ),
        pytest.param(
            "def f(x, work):\n    old = tenant.get()\n    tenant.set(x)\n    try:\n        work()\n    finally:\n"
            "        tenant.set(old)  # here\n",
            ["this puts back what was in force before `f` set it @3"],
            id="the set that puts back",
        ),
        pytest.param(
            "def f(x):\n    return tenant.set(x)  # here\n\n\ndef g(x):\n    token = f(x)\n    tenant.reset(token)\n",
            ["the token is returned here: to undo the set is the caller's business @2", "taken over here @6"],
            id="token returned",
        ),
        pytest.param(
            "def f(x, registry):\n    registry.add(tenant.set(x))  # here\n",
            ["the token is handed to `registry.add` here @2"],
            id="token handed over",
        ),
        pytest.param(
            "class Box:\n    def open(self):\n        self._token = tenant.set('x')  # here\n\n"
            "    def close(self):\n        tenant.reset(self._token)\n",
            [
                "the token is kept in `self._token`, with an object that others can reach @3",
                "`Box.close` undoes it here @6",
            ],
            id="token kept on an object",
        ),
        pytest.param(
            "def f(x):\n    token = tenant.set(x)  # here\n\n    def undo():\n        tenant.reset(token)\n\n"
            "    return undo\n",
            ["a nested function takes the token along here @7"],
            id="token in a closure",
        ),
        pytest.param(
            "@contextmanager\ndef f(x):\n    token = tenant.set(x)\n    tenant.set(x + x)  # here\n    try:\n"
            "        yield\n    finally:\n        tenant.reset(token)\n",
            ["what was in force before is put back here, on every way out @8"],
            id="an older token",
        ),
        pytest.param(
            "class Box:\n    def __enter__(self):\n        self._old = tenant.get()\n"
            "        tenant.set('x')  # here\n\n    def __exit__(self, *_):\n        tenant.set(self._old)\n",
            [
                "`Box.__exit__` undoes it, as its partner or caller @7",
                "the function does no work while the value is set",
            ],
            id="partner",
        ),
        pytest.param(
            "def begin(x, work):\n    tenant.set(x)  # here\n    work()\n\n\ndef g(x, work):\n    old = tenant.get()\n"
            "    try:\n        begin(x, work)\n    finally:\n        tenant.set(old)\n",
            ["`g` undoes it, as its partner or caller @11"],
            id="caller",
        ),
        pytest.param(
            "async def f(x, work):\n    tenant.set(x)  # here\n    await work()\n\n\n"
            "async def g(work):\n    asyncio.create_task(f(1, work))\n    asyncio.create_task(f(2, work))\n",
            [
                "every use of the function starts it in a copied Context",
                "started here @7",
                "started here @8",
            ],
            id="started in a copy",
        ),
        pytest.param(
            "async def app(scope, receive, send):\n    tenant.set(scope['x'])  # here\n    await send(scope)\n",
            ["each request or connection has a Context of its own, which ends with it"],
            id="entry point",
        ),
        pytest.param(
            "class Job(threading.Thread):\n    def run(self):\n        token = tenant.set('x')  # here\n"
            "        self.work()\n",
            ["a thread runs it, in a Context of its own, which ends with it"],
            id="body of a thread",
        ),
        pytest.param(
            "def _f(x):\n    tenant.set(x)  # here\n",
            ["the function does no work while the value is set"],
            id="setter",
        ),
        pytest.param(
            "def _f(x, log):\n    tenant.set(x)  # here\n    log.write(x)\n    tenant.set(x + x)\n",
            ["the function does no work after its last set: it is a setter @3"],
            id="setter that works before its last set",
        ),
        pytest.param(
            "def configure(x, work):\n    tenant.set(x)  # here\n    work()\n",
            ["setting the variable is what the function is for @1"],
            id="setter by name",
        ),
        pytest.param(
            "def main(work):\n    tenant.set('x')  # here\n    work()\n",
            ["the function is the program's entry @1"],
            id="main",
        ),
        pytest.param(
            "def f(work):\n    if tenant.get(None) is None:\n        tenant.set('x')  # here\n    work()\n",
            ["it is only set where the variable had no value"],
            id="get or create",
        ),
        pytest.param(
            "def f(messages, work):\n    for message in messages:\n        tenant.set(message)  # here\n"
            "        work(message)\n",
            ["each turn of the loop overwrites it: a value lives for one turn"],
            id="overwritten on each turn",
        ),
        pytest.param(
            "async def f(x, work):\n    tenant.set(x)  # here\n    asyncio.create_task(work())\n    work()\n",
            ["it is set for a task that is started while it is in force @3"],
            id="set for a task",
        ),
        pytest.param(
            "async def f(queue, work):\n    while True:\n        message = await queue.get()\n"
            "        tenant.set(message)  # here\n        await work()\n",
            ["only an exception leaves `f`, and there is no reset for it to skip @5"],
            id="never left",
        ),
        pytest.param(
            "def f(x):\n    return x\n    tenant.set(x)  # here\n",
            ["no way out of `f` passes it"],
            id="dead code",
        ),
    ],
)
def test_why_a_set_is_silent(here: Path, code: str, expected: list[str]) -> None:
    assert explained(here, code) == [["set silent", *expected]]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("tenant.set('x')  # here\nread()\n", "set deselected CTX116"),
        ("def f(x):\n    tenant.set(x)  # here\n", "set deselected CTX115"),
        (
            (
                "def f(x, work):\n    token = tenant.set(x)  # here\n    name = work.name()\n    try:\n"
                "        work(name)\n    finally:\n        tenant.reset(token)\n"
            ),
            "set deselected CTX122",
        ),
    ],
)
def test_what_only_an_opt_in_rule_says_is_told_with_its_code(here: Path, code: str, verdict: str) -> None:
    (found,) = explained(here, code)
    assert found[0] == verdict
    assert "it is opt-in" in found[1]


def test_an_async_test_ends_with_its_context(here: Path) -> None:
    """The file's name makes it a test."""
    text = (
        HEAD
        + "async def test_f(work):\n    token = tenant.set('x')\n    await work()\n    tenant.reset(token)\n"
    )
    (here / "test_app.py").write_text(text)
    (entry,) = asked(f"test_app.py:{HEAD.count(chr(10)) + 2}")

    assert said(entry, HEAD.count("\n")) == [
        "set silent",
        "its token is reset here @4",
        "an exception may leave it set, but the Context of an async test ends with the test @3",
    ]


def test_a_library_s_token_is_dropped_by_custom(here: Path) -> None:
    code = "def f(log):\n    structlog.contextvars.bind_contextvars(x=1)  # here\n    log.info('x')\n"

    assert explained(here, "import structlog\n" + code) == [
        [
            "set silent",
            "the token is dropped as its library's use has it, and the function is no half of a scope",
        ]
    ]


def test_a_push_needs_no_reset_where_a_pop_is(here: Path) -> None:
    code = (
        "stack = ContextVar('stack', default=())\n\n\ndef push(x, work):\n    stack.set((*stack.get(), x))  # here\n"
        "    work()\n\n\ndef pop(work):\n    stack.set(stack.get()[:-1])\n    work()\n"
    )
    ((verdict, *reasons),) = explained(here, code)

    assert verdict == "set silent"
    assert (
        "the value is computed from the old one, as its counterpart elsewhere does: push and pop" in reasons
    )


def test_a_function_that_was_given_up_says_so(here: Path) -> None:
    """The note on the limit covers the whole function, so it answers for every line of it."""
    arms = "".join(f"    elif x == {number}:\n        work({number})\n" for number in range(3000))
    code = f"def f(x, work):\n    token = tenant.set(x)  # here\n    if x is None:\n        work()\n{arms}"
    ((verdict,),) = explained(here, code + "    tenant.reset(token)\n")

    assert verdict == "finding reported CTX904"


# --- resets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "def f(x):\n    token = tenant.set(x)\n    tenant.reset(token)  # here\n",
            ["it undoes the set of `tenant` here @2"],
            id="of the function's own set",
        ),
        pytest.param(
            "def f(token):\n    tenant.reset(token)  # here\n\n\ndef g(x):\n    token = tenant.set(x)\n    f(token)\n",
            ["the token comes in by the parameter `token` @1", "handed over here @7"],
            id="of a parameter",
        ),
        pytest.param(
            "def f(token):\n    tenant.reset(token)\n\n\ndef g(x):\n    token = tenant.set(x)\n    f(token)  # here\n",
            ["it undoes the set of `tenant` here @6"],
            id="through a function",
        ),
        pytest.param(
            "class Box:\n    def open(self):\n        self._token = tenant.set('x')\n\n"
            "    def close(self):\n        tenant.reset(self._token)  # here\n",
            ["its token is that of the set here, in `Box.open` @3"],
            id="of an attribute",
        ),
        pytest.param(
            "def f(x):\n    token = tenant.set(x)\n\n    def undo():\n        tenant.reset(token)  # here\n\n"
            "    return undo\n",
            ["its token is that of the set here, in `f` @2"],
            id="of the function around",
        ),
        pytest.param(
            "class Box:\n    def __enter__(self):\n        self._old = tenant.get()\n        tenant.set('x')\n\n"
            "    def __exit__(self, *_):\n        tenant.set(self._old)  # here\n",
            ["it puts back a value that was saved, or empties the variable"],
            id="by value",
        ),
        pytest.param(
            "def f(request):\n    tenant.reset(request.state.pop('token'))  # here\n",
            ["where its token comes from is not followed"],
            id="of something unknown",
        ),
    ],
)
def test_what_a_reset_undoes(here: Path, code: str, expected: list[str]) -> None:
    assert explained(here, code) == [["reset silent", *expected]]


# --- declarations --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "v = ContextVar('v')  # here\n",
            ["it has no default: nothing is shared, and `get()` raises LookupError where nothing is set"],
            id="no default",
        ),
        pytest.param(
            "v = ContextVar('v', default='x')  # here\n",
            ["the default is a constant: nobody can change it @1"],
            id="constant",
        ),
        pytest.param(
            "v = ContextVar('v', default=(1, 2))  # here\n",
            ["the default is a tuple of nothing that is known to be mutable @1"],
            id="tuple",
        ),
        pytest.param(
            "NONE = None\nv = ContextVar('v', default=NONE)  # here\n",
            ["`NONE`: the default is a constant: nobody can change it @2"],
            id="name",
        ),
        pytest.param(
            "class Empty:\n    pass\n\n\nv = ContextVar('v', default=Empty())  # here\n",
            ["nothing shows that an instance of `Empty` can be changed @5"],
            id="instance",
        ),
        pytest.param(
            "def make():\n    return 1\n\n\nv = ContextVar('v', default=make())  # here\n",
            ["what `make(…)` returns is not known to be mutable (make was followed) @5"],
            id="factory",
        ),
        pytest.param(
            "v = ContextVar('v', default=asyncio.Lock())  # here\n",
            ["what `asyncio.Lock(…)` gives is not known to be mutable @1"],
            id="outside",
        ),
        pytest.param(
            "v = ContextVar('v', default=unknown())  # here\n",
            ["what `unknown(…)` gives cannot be told: it does not resolve to anything known @1"],
            id="unknown",
        ),
        pytest.param(
            "v = ContextVar('v', default={})  # here\n\n\ndef f():\n    return v.get()['x']\n\n\n"
            "def g():\n    return len(v.get())\n",
            [
                "the default is a dict, but the whole program only reads, copies or overrides it @1",
                "only read here @5",
                "only read here @9",
            ],
            id="innocent",
        ),
    ],
)
def test_why_a_default_is_silent(here: Path, code: str, expected: list[str]) -> None:
    assert explained(here, code) == [["declaration silent", *expected]]


@pytest.mark.parametrize(
    ("use", "doubt"),
    [
        (
            "def f():\n    return v.get()\n",
            "what is read is returned by `f`, which anybody may call: the default may be written to @5",
        ),
        ("register(v)\n", "the variable itself is handed on here: its uses cannot all be seen @4"),
        ("", "nobody in the program reads it yet, so nothing shows that the default stays as it is"),
    ],
)
def test_a_reported_default_names_the_use_against_it(here: Path, use: str, doubt: str) -> None:
    ((verdict, *reasons),) = explained(here, "v = ContextVar('v', default={})  # here\n\n\n" + use)

    assert (verdict, reasons[-1]) == ("declaration reported CTX201", doubt)


# --- hops ----------------------------------------------------------------------------------------------------

SET = """\
def handle(x, work):
    token = tenant.set(x)
    try:
        start(work)
    finally:
        tenant.reset(token)
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "def start(work):\n    threading.Thread(target=work.job).start()  # here\n",
            ["the worker is not known: `work.job` cannot be resolved to a function of the program @2"],
            id="worker unknown",
        ),
        pytest.param(
            "def job():\n    deeper()\n\n\ndef deeper():\n    return 1\n\n\n"
            "def start(work):\n    threading.Thread(target=job).start()  # here\n",
            [
                "it runs `job` @1",
                "`job` reads no variable: 2 functions of the program followed, itself included",
            ],
            id="worker reads nothing",
        ),
        pytest.param(
            "def job():\n    tenant.set('x')\n    read()\n\n\n"
            "def start(work):\n    threading.Thread(target=job).start()  # here\n",
            [
                "it runs `job` @1",
                "`read` reads `tenant` @-2",
                "`job` sets `tenant` here, before it is read @2",
            ],
            id="worker sets it first",
        ),
        pytest.param(
            "v = ContextVar('v', default='')\n\n\n\ndef job():\n    v.get()\n\n\n"
            "def start(work):\n    threading.Thread(target=job).start()  # here\n",
            [
                "it runs `job` @5",
                "`job` reads `v` @6",
                "nothing in the program sets `v`, so there is nothing to lose @1",
            ],
            id="set nowhere",
        ),
        pytest.param(
            "def start(work):\n    return work\n\n\n"
            "def elsewhere():\n    threading.Thread(target=read).start()  # here\n\n\ntenant.set('x')\n",
            [
                "it runs `read` @-3",
                "`read` reads `tenant` @-2",
                "no set of `tenant` can be in force where the worker is handed over",
                "it is set here for an import, which does not count @9",
                "it is set here in `handle`, from where no way leads to the hop with the value set @13",
            ],
            id="not in force",
        ),
        pytest.param(
            "def start(work):\n    threading.Thread(target=copy_context().run, args=(read,)).start()  # here\n",
            ["the worker is `run` of a Context that is handed over: what was set is carried @2"],
            id="context handed over",
        ),
        pytest.param(
            "def start(work):\n    threading.Thread(target=read, context=copy_context()).start()  # here\n",
            ["the call names the Context in which the worker runs (`context=`) @2"],
            id="context named",
        ),
        pytest.param(
            "async def start(work):\n    await asyncio.to_thread(read)  # here\n",
            [
                (
                    "`asyncio.to_thread` runs it in a copy of the caller's Context, on every version of Python: "
                    "nothing is lost"
                )
            ],
            id="the API carries",
        ),
        pytest.param(
            "class Pool(ThreadPoolExecutor):\n    def submit(self, work, *args):\n"
            "        return super().submit(copy_context().run, work, *args)\n\n\n"
            "async def start(work):\n    loop = asyncio.get_running_loop()\n"
            "    await loop.run_in_executor(Pool(), read)  # here\n",
            ["the executor has a `submit` of its own, or is not known: it may carry the Context @8"],
            id="the executor may carry",
        ),
        pytest.param(
            "def start(work):\n    threading.Thread(target=print).start()  # here\n",
            ["the worker `print` is outside the program and reads no variable of it @2"],
            id="worker outside",
        ),
        pytest.param(
            "def start(work):\n    threading.Thread(*work).start()  # here\n",
            ["an argument with a star hides the worker @2"],
            id="worker behind a star",
        ),
        pytest.param(
            "class Job(threading.Thread):\n    def start(self):\n        self._context = copy_context()\n"
            "        super().start()\n\n    def run(self):  # here\n        self._context.run(read)\n\n\n"
            "def start(work):\n    Job().start()\n",
            ["the class starts in a copy of the Context that it takes itself, or puts in another `run`"],
            id="subclass that carries",
        ),
    ],
)
def test_why_a_hop_is_silent(here: Path, code: str, expected: list[str]) -> None:
    text = code + "\n\n" + SET
    assert explained(here, text) == [["hop silent", *expected]]


def test_a_lossy_hop_tells_the_chain(here: Path) -> None:
    """The set, the calls on the way, the read."""
    code = "def start(work):\n    threading.Thread(target=read).start()  # here\n\n\n" + SET

    assert explained(here, code) == [
        [
            "hop reported CTX301",
            "`tenant` is set here, in `handle` @6",
            "`read` reads `tenant` here and gets only the default @-2",
        ]
    ]


def test_a_call_that_hands_over_no_worker_is_no_hop(here: Path) -> None:
    (here / "app.py").write_text(HEAD + "import weakref\n\nfound = weakref.ref(read)\n")

    assert run(f"app.py:{HEAD.count(chr(10)) + 3}").exit_code == 1


def test_a_hop_in_a_test_is_not_judged(here: Path) -> None:
    text = HEAD + "def test_f():\n    tenant.set('x')\n    threading.Thread(target=read).start()\n"
    (here / "test_app.py").write_text(text)
    (entry,) = asked(f"test_app.py:{HEAD.count(chr(10)) + 3}")

    assert said(entry, HEAD.count("\n"))[-1] == "the file is a test, and what a test starts is not judged"


# --- nothing there, wrong usage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receiver", "reason"),
    [
        (
            "event = threading.Event()\nevent",
            "`event` is no context variable: it is what `threading.Event(…)` gives",
        ),
        ("class C: ...\nc = C()\nc", "`c` is no context variable: it is of the class `C`"),
        ("unknown", "`unknown` is not known to be a context variable: it cannot be resolved"),
    ],
)
def test_a_set_of_something_else_says_what_it_is(here: Path, receiver: str, reason: str) -> None:
    ((verdict, told),) = explained(here, f"{receiver}.set()  # here\n")

    assert (verdict, told.rpartition(" @")[0]) == ("call silent", reason)


def test_a_parameter_of_which_nothing_is_known_may_be_annotated(here: Path) -> None:
    assert explained(here, "def f(v):\n    v.set(1)  # here\n") == [
        [
            "call silent",
            (
                "`v` is not known to be a context variable: it is a parameter of which nothing is known; an "
                "annotation (`ContextVar[str]`) would tell @2"
            ),
        ]
    ]


def test_where_nothing_is_the_nearest_sites_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the finding whose story passes the line. Exit 1, as of a search that finds nothing."""
    monkeypatch.chdir(ROOT / "examples/orders")
    result = run("orders/jobs.py:28")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "ctxlint: nothing is judged at orders/jobs.py:28; it is told in line 26 (set of tenant); nearest: "
        "line 26 (set of tenant), line 32 (reset of tenant), line 37 (hop by asyncio.create_task)\n"
    )
    assert run("orders/web.py", "--output-format", "json").stdout == "[]\n"
    assert run("orders/web.py").stderr == (
        "ctxlint: nothing is judged at orders/web.py: the file has no set, reset, declaration or hop\n"
    )


def test_a_program_without_variables_has_nothing_to_explain(here: Path) -> None:
    (here / "app.py").write_text("import threading\n\nthreading.Thread(target=print).start()\n")
    result = run("app.py:3")

    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr == "ctxlint: nothing is judged at app.py:3: the program declares no context variable\n"
    )


def test_a_column_chooses_among_the_sites_of_a_line(here: Path) -> None:
    (here / "app.py").write_text(
        "from contextvars import ContextVar\na, b = ContextVar('a'), ContextVar('b')\n"
    )

    assert [entry["location"]["column"] for entry in asked("app.py:2")] == [8, 25]
    assert [entry["location"]["column"] for entry in asked("app.py:2:30")] == [25]
    assert run("app.py:2:1").exit_code == 1


def test_a_line_inside_a_site_means_the_site(here: Path) -> None:
    (here / "app.py").write_text("from contextvars import ContextVar\na = ContextVar(\n    'a',\n)\n")

    assert [entry["location"]["row"] for entry in asked("app.py:3")] == [2]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["app.py:0"], "'app.py:0': lines and columns count from 1"),
        (["app.py:9"], "'app.py:9': the file has 1 line"),
        (["app.py:x"], "'x' is no line: write FILE, FILE:LINE or FILE:LINE:COLUMN"),
        (["ap.py:1"], "no such file: 'ap.py' — did you mean 'app.py'?"),
        (["ap.py"], "no such file: 'ap.py' — did you mean 'app.py'?"),
        (["."], "'.' is a folder: name a file of it; write FILE, FILE:LINE or FILE:LINE:COLUMN"),
        (["app.py:1", "--select", "CTX999"], "--select: unknown rule 'CTX999' — did you mean 'CTX101'?"),
        ([], "missing argument 'FILE[:LINE[:COLUMN]]...'."),
    ],
)
def test_wrong_usage_is_told_in_one_line(here: Path, words: list[str], error: str) -> None:
    (here / "app.py").write_text("x = 1\n")
    result = run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("ctxlint: error: " + error.partition(" — did you mean 'CTX")[0])


def test_colour_changes_no_character(here: Path) -> None:
    """Verdicts and places are painted with the styles of the reports."""
    (here / "app.py").write_text(HEAD + LEAK)
    plain = run("app.py", "--color", "never").stdout
    coloured = run("app.py", "--color", "always").stdout

    assert "\x1b[1;33mreported\x1b[0m \x1b[1mCTX103 reset-skipped-on-a-path\x1b[0m" in coloured
    assert "".join(part.partition("m")[2] for part in f"m{coloured}".split("\x1b[")) == plain


def test_a_file_that_cannot_be_parsed_is_a_finding(here: Path) -> None:
    (here / "app.py").write_text("from contextvars import ContextVar\nv = ContextVar('v'\n")

    assert [(entry["kind"], entry["code"]) for entry in asked("app.py")] == [("finding", "CTX901")]
