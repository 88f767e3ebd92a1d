"""The interpreter on blocks written by hand: which worlds leave, by which exit, with what left to undo."""

import sys

import pytest
from blocks import (
    EXCEPTION,
    FULL,
    KEY_ERROR,
    LOOKUP_ERROR,
    NONE,
    OPEN,
    RUNTIME_ERROR,
    VALUE_ERROR,
    V,
    W,
    at,
    attempt,
    bind,
    branch,
    call,
    collect,
    doubles,
    each,
    either,
    every,
    get,
    hand,
    handler,
    is_none,
    leave,
    loop,
    negated,
    outcome,
    place,
    put,
    reset,
    restore,
    throw,
    told,
    truthy,
    wait,
    ways,
    within,
)

from ctxlint.analysis.interpret import Owned, interpret
from ctxlint.analysis.running import MAX_TURNS
from ctxlint.analysis.transfer import apply
from ctxlint.analysis.world_bounds import MAX_WORLDS
from ctxlint.model import ir
from ctxlint.model.ids import VarId
from ctxlint.model.observations import Step

ALWAYS = ir.Always()

# --- exits ---------------------------------------------------------------------------------------------------

_INNER = {
    "falls": ((), []),
    "return": ((leave(5, "return"),), ["normal@5"]),
    "raise": ((throw(5),), ["raise@5"]),
    "break": ((leave(5, "break"),), ["normal@99"]),
    "continue": ((leave(5, "continue"),), []),
}
_FINAL = {
    "return": (leave(6, "return"), ["normal@6"]),
    "raise": (throw(6, KEY_ERROR), ["raise@6"]),
    "break": (leave(6, "break"), ["normal@99"]),
    "continue": (leave(6, "continue"), []),
}


def _left(*body):
    return [way.split()[0] for way in ways(*body)]


def test_a_block_without_a_set_shows_nothing():
    assert interpret((reset(1), call(2)), at(9), Owned(frozenset(), frozenset())) is None


def test_code_after_an_exit_is_not_run():
    assert ways(put(0), leave(1, "return"), reset(2)) == ["normal@1 held"]
    assert outcome(leave(0, "return"), put(1)).sites[0].exits == ()


@pytest.mark.parametrize("inner", _INNER)
def test_a_finally_lets_each_exit_go_on_as_it_was(inner):
    body, left = _INNER[inner]
    tried = attempt(2, attempt(3, *body, final=(bind(6, "x", NONE),)), final=(bind(7, "x", NONE),))
    assert _left(put(0), loop(1, ALWAYS, tried)) == left


@pytest.mark.parametrize("inner", _INNER)
@pytest.mark.parametrize("final", _FINAL)
def test_what_leaves_a_finally_replaces_the_exit(inner, final):
    last, left = _FINAL[final]
    tried = attempt(2, attempt(3, *_INNER[inner][0], final=(last,)), final=(bind(7, "x", NONE),))
    assert _left(put(0), loop(1, ALWAYS, tried)) == left


@pytest.mark.parametrize("inner", _INNER)
@pytest.mark.parametrize("final", ["return", "raise", "break"])
def test_the_outer_finally_runs_on_the_exit_that_replaced_the_first(inner, final):
    last, left = _FINAL[final]
    tried = attempt(2, attempt(3, *_INNER[inner][0], final=(last,)), final=(reset(7),))
    found = outcome(put(0), loop(1, ALWAYS, tried)).sites[0].exits
    assert [(e.fate, e.since.start, e.in_final) for e in found] == [("released", 7, True)] * len(left)


@pytest.mark.parametrize("inner", _INNER)
def test_a_continue_in_a_finally_brings_the_outer_finally_round_again(inner):
    tried = attempt(2, attempt(3, *_INNER[inner][0], final=(leave(6, "continue"),)), final=(reset(7),))
    assert ways(put(0), loop(1, ALWAYS, tried)) == ["raise@7 released RuntimeError"]


def test_a_finally_that_raises_on_some_way_keeps_the_exit_on_the_others():
    tried = attempt(1, throw(2), final=(branch(3, OPEN, throw(4, KEY_ERROR)),))
    assert ways(put(0), tried) == ["raise@2 held ValueError", "raise@4 held KeyError"]


def test_the_end_of_the_function_and_each_return_are_exits_of_their_own():
    body = (put(0), branch(1, OPEN, leave(2, "return")), branch(3, OPEN, reset(4), leave(5, "return")))
    assert ways(*body) == ["normal@2 held", "normal@5 released", "normal@99 held"]


def test_an_exit_knows_whether_the_site_was_undone_in_a_finally():
    plain = outcome(put(0), reset(1)).sites[0].exits
    final = outcome(put(0), attempt(1, final=(reset(2),))).sites[0].exits
    assert ([e.in_final for e in plain], [e.in_final for e in final]) == ([False], [True])


def test_a_break_outside_every_loop_is_no_way_out_of_the_function():
    assert ways(put(0), leave(1, "break")) == []


# --- exceptions ----------------------------------------------------------------------------------------------


def _caught(raised, *handlers, star=False):
    return ways(put(0), attempt(1, throw(2, raised), handlers=handlers, star=star))


@pytest.mark.parametrize("star", [False, True])
@pytest.mark.parametrize(
    ("raised", "catches", "left"),
    [
        (VALUE_ERROR, (VALUE_ERROR,), ["normal@99 released"]),
        (KEY_ERROR, (LOOKUP_ERROR,), ["normal@99 released"]),
        (KEY_ERROR, (VALUE_ERROR, LOOKUP_ERROR), ["normal@99 released"]),
        (VALUE_ERROR, (KEY_ERROR,), ["raise@2 held ValueError"]),
        (VALUE_ERROR, None, ["normal@99 released"]),
        (EXCEPTION, (VALUE_ERROR,), ["normal@99 released", "raise@2 held Exception"]),
        (EXCEPTION, (EXCEPTION,), ["normal@99 released"]),
    ],
)
def test_a_handler_stops_what_it_names_and_perhaps_what_may_be_it(star, raised, catches, left):
    assert _caught(raised, handler(reset(3), catches=catches), star=star) == left


def test_a_handler_of_an_unknown_class_may_stop_every_exception_but_no_cancellation():
    unknown = handler(reset(2), catches=(), unknown=True)
    body = (put(0), attempt(1, wait(3), handlers=(unknown,)))
    assert ways(*body) == [
        "normal@99 held",
        "normal@99 released",
        "raise@3 held Exception",
        "raise@3 held asyncio.CancelledError",
    ]


def test_the_first_handler_that_stops_for_certain_hides_the_others():
    first = handler(reset(3), catches=(VALUE_ERROR,))
    assert _caught(VALUE_ERROR, first, handler(leave(4, "return"))) == ["normal@99 released"]


def test_after_a_handler_that_may_stop_it_the_next_one_is_asked():
    first = handler(reset(3), catches=(VALUE_ERROR,))
    second = handler(leave(4, "return"), catches=(EXCEPTION,))
    assert _caught(EXCEPTION, first, second) == ["normal@4 held", "normal@99 released"]


def test_a_bare_raise_in_a_handler_is_told_where_the_exception_came_from():
    assert _caught(VALUE_ERROR, handler(throw(3, None))) == ["raise@2 held ValueError"]


def test_a_bare_raise_outside_every_handler_raises_something():
    assert ways(put(0), throw(1, None)) == ["raise@1 held Exception"]


def test_a_handler_can_raise_another_exception():
    assert _caught(VALUE_ERROR, handler(throw(3, KEY_ERROR))) == ["raise@3 held KeyError"]


def test_after_a_nested_handler_the_outer_exception_is_handled_again():
    nested = attempt(3, throw(4, KEY_ERROR), handlers=(handler(bind(5, "x", NONE)),))
    assert _caught(VALUE_ERROR, handler(nested, throw(6, None))) == ["raise@2 held ValueError"]


def test_a_handlers_own_exits_pass_the_finally():
    tried = attempt(1, throw(2), handlers=(handler(throw(3, KEY_ERROR)),), final=(reset(4),))
    assert ways(put(0), tried) == ["raise@3 released KeyError"]


def test_the_else_runs_only_without_an_exception_and_outside_the_handlers():
    tried = attempt(1, call(2), handlers=(handler(leave(3, "return")),), orelse=(throw(4, KEY_ERROR),))
    assert ways(put(0), tried) == ["normal@3 held", "raise@4 held KeyError"]


# --- what raises ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "raised"),
    [
        (call(1, ir.Grade.NEVER), []),
        (call(1), [("Exception", ir.Grade.CALL)]),
        (call(1, ir.Grade.LOOP), [("Exception", ir.Grade.LOOP)]),
        (call(1, raised=(KEY_ERROR,)), [("KeyError", ir.Grade.PROJECT), ("Exception", ir.Grade.CALL)]),
        (wait(1), [("Exception", ir.Grade.SUSPEND), ("asyncio.CancelledError", ir.Grade.SUSPEND)]),
        (
            wait(1, "yield"),
            [
                ("Exception", ir.Grade.SUSPEND),
                ("asyncio.CancelledError", ir.Grade.SUSPEND),
                ("GeneratorExit", ir.Grade.SUSPEND),
            ],
        ),
        (wait(1, "yield", raises=False), []),
        (throw(1), [("ValueError", ir.Grade.CERTAIN)]),
        (reset(1), [("RuntimeError", ir.Grade.CERTAIN)]),
    ],
)
def test_what_an_event_raises_and_how_sure_that_is(event, raised):
    body = (put(0), reset(8), event) if event == reset(1) else (put(0), event)
    found = [(e.raised, e.grade) for e in outcome(*body).sites[0].exits if e.kind == "raise"]
    assert found == raised


def test_what_raised_first_is_told_of_two_calls_that_raise_alike():
    assert ways(put(0), call(1), call(2)) == ["normal@99 held", "raise@1 held Exception"]


# --- loops ---------------------------------------------------------------------------------------------------


def test_the_else_of_a_loop_runs_where_the_condition_fails():
    assert ways(put(0), loop(1, OPEN, call(2, ir.Grade.NEVER), orelse=(reset(3),))) == ["normal@99 released"]


def test_a_break_skips_the_else_of_the_loop():
    body = loop(1, OPEN, branch(2, OPEN, leave(3, "break")), orelse=(reset(4),))
    assert ways(put(0), body) == ["normal@99 held", "normal@99 released"]


def test_a_continue_skips_the_rest_of_the_turn():
    body = loop(1, OPEN, put(2), branch(3, OPEN, leave(4, "continue")), reset(5))
    found = outcome(body).sites[0]
    assert found.looped
    assert ways(body) == ["normal@99 held", "normal@99 lost", "normal@99 released"]


def test_a_loop_that_resets_on_each_turn_does_not_reach_its_set_in_force():
    found = outcome(loop(1, OPEN, put(2), reset(3))).sites[0]
    assert ([e.fate for e in found.exits], found.looped) == (["released"], False)


def test_an_endless_loop_is_left_by_break_alone():
    assert ways(put(0), loop(1, ALWAYS, branch(2, OPEN, reset(3), leave(4, "break")))) == [
        "normal@99 released"
    ]
    assert ways(put(0), loop(1, ALWAYS, bind(2, "x", NONE))) == []


def test_the_head_of_a_loop_runs_before_each_turn_and_may_raise():
    assert ways(put(0), loop(1, OPEN, head=(call(2, ir.Grade.LOOP),))) == [
        "normal@99 held",
        "raise@2 held Exception",
    ]


def test_a_return_leaves_the_loop_and_the_function():
    assert ways(put(0), loop(1, ALWAYS, leave(2, "return"), orelse=(reset(3),))) == ["normal@2 held"]


# --- with ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "swallows", "perhaps", "left"),
    [
        (VALUE_ERROR, None, False, ["raise@2 held ValueError"]),
        (VALUE_ERROR, (), False, ["normal@99 held"]),
        (VALUE_ERROR, (VALUE_ERROR,), False, ["normal@99 held"]),
        (KEY_ERROR, (LOOKUP_ERROR,), False, ["normal@99 held"]),
        (KEY_ERROR, (VALUE_ERROR,), False, ["raise@2 held KeyError"]),
        (EXCEPTION, (VALUE_ERROR,), False, ["normal@99 held", "raise@2 held Exception"]),
        (VALUE_ERROR, (), True, ["normal@99 held", "raise@2 held ValueError"]),
    ],
)
def test_a_manager_stops_what_it_swallows(raised, swallows, perhaps, left):
    assert ways(put(0), within(1, throw(2, raised), swallows=swallows, perhaps=perhaps)) == left


def test_the_end_of_a_with_runs_on_every_way_out():
    body = (branch(2, OPEN, leave(3, "return")), branch(4, OPEN, throw(5)))
    found = outcome(put(0), within(1, *body, leaving=reset(6).events)).sites[0].exits
    assert [(e.kind, e.at.start, e.fate, e.in_final) for e in found] == [
        ("normal", 99, "released", True),
        ("normal", 3, "released", True),
        ("raise", 5, "released", True),
    ]


def test_the_end_of_a_with_may_raise_itself():
    assert ways(put(0), within(1, reset(2), leaving=wait(3).events)) == [
        "normal@99 released",
        "raise@3 released Exception",
        "raise@3 released asyncio.CancelledError",
    ]


# --- conditions ----------------------------------------------------------------------------------------------


def _paired(first, second, *between):
    """A set below one condition, a reset below another."""
    return ways(
        bind(0, "t", NONE),
        bind(1, "flag", NONE),
        branch(2, first, put(3), bind(4, "flag", FULL)),
        *between,
        branch(5, second, reset(6)),
    )


RIGHT = ["normal@99 released"]
WRONG = ["normal@99 held", "normal@99 released"]
A, B = told("a", "x"), told("b", "x")


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (OPEN, negated(is_none("t")), RIGHT),
        (OPEN, truthy("t"), RIGHT),
        (OPEN, truthy("flag"), RIGHT),
        (OPEN, negated(is_none("flag")), RIGHT),
        (OPEN, is_none("t"), ["normal@99 held"]),
        (OPEN, OPEN, WRONG),
        (A, A, RIGHT),
        (A, B, WRONG),
        (A, negated(A), ["normal@99 held"]),
        (negated(A), negated(A), RIGHT),
        (every(A, B), every(A, B), RIGHT),
        (every(A, B), every(B, A), RIGHT),
        (every(A, B), A, RIGHT),
        (A, every(A, B), WRONG),
        (either(A, B), either(A, B), RIGHT),
        (A, either(A, B), RIGHT),
        (either(A, B), A, WRONG),
        (negated(either(A, B)), every(negated(A), negated(B)), RIGHT),
        (ALWAYS, ALWAYS, RIGHT),
        (ALWAYS, negated(ALWAYS), ["normal@99 held"]),
    ],
)
def test_conditions_that_agree_are_decided_alike(first, second, left):
    assert _paired(first, second) == left


def test_binding_a_name_that_a_condition_reads_forgets_the_condition():
    assert _paired(A, A, bind(7, "x")) == WRONG


def test_binding_another_name_or_a_part_keeps_what_a_condition_taught():
    assert _paired(A, A, bind(7, "y"), bind(8, "x.attribute")) == RIGHT


def test_a_place_of_which_nothing_is_known_agrees_with_itself():
    for guard in (truthy("x"), is_none("x"), negated(truthy("x"))):
        assert ways(branch(1, guard, put(2)), branch(3, guard, reset(4))) == RIGHT


def test_a_true_place_is_not_none_but_a_false_one_may_be():
    assert ways(branch(1, truthy("x"), put(2)), branch(3, negated(is_none("x")), reset(4))) == RIGHT
    assert ways(branch(1, negated(truthy("x")), put(2)), branch(3, is_none("x"), reset(4))) == WRONG
    assert ways(branch(1, negated(is_none("x")), put(2)), branch(3, truthy("x"), reset(4))) == WRONG


def test_a_place_that_is_not_none_and_false_is_still_not_none():
    nested = branch(1, negated(is_none("x")), branch(2, negated(truthy("x")), put(3)))
    assert ways(nested, branch(4, negated(is_none("x")), reset(5))) == RIGHT


def test_a_container_of_tokens_is_true_and_not_none():
    for guard in (truthy("xs"), negated(is_none("xs"))):
        assert ways(put(0), collect(1, "xs", "t"), branch(2, guard, each(3, "xs"))) == RIGHT


def test_a_condition_that_stands_alone_is_not_remembered():
    """It can decide nothing, so it must not double the worlds."""
    found = outcome(put(0), branch(1, A, call(2)), branch(3, B, call(4)), reset(5))
    assert [e.trail for e in found.sites[0].exits if e.kind == "normal"] == [
        (Step(at(1), "true"), Step(at(3), "true"))
    ]


def test_the_events_of_a_condition_happen_before_it_is_decided():
    guard = ir.Opaque(events=(ir.Set(at(2), V, place("t"), None),))
    assert ways(branch(1, guard, reset(3)), call(4, ir.Grade.NEVER)) == WRONG


def test_the_second_part_of_a_condition_is_evaluated_only_where_the_first_leaves_it_open():
    second = ir.Every(events=call(2).events, guards=(OPEN,))
    assert ways(put(0), branch(1, every(negated(ALWAYS), second), reset(3))) == ["normal@99 held"]
    assert ways(put(0), branch(1, either(ALWAYS, second), reset(3))) == ["normal@99 released"]
    assert ways(put(0), branch(1, every(ALWAYS, second))) == ["normal@99 held", "raise@2 held Exception"]


def test_a_set_where_the_variable_has_no_value_is_a_creation():
    exact, inexact = ir.Unset(var=V), ir.Unset(var=V, exact=False)
    for guard, created in ((exact, True), (inexact, True), (negated(exact), False)):
        assert outcome(branch(1, guard, put(2, None))).sites[0].created is created


def test_where_the_variable_is_set_here_it_has_a_value_if_perhaps_an_empty_one():
    exact, inexact = ir.Unset(var=V), ir.Unset(var=V, exact=False)
    assert ways(put(0), branch(1, exact, reset(2))) == ["normal@99 held"]
    assert ways(put(0), branch(1, inexact, reset(2))) == WRONG


def test_a_saved_value_that_is_missing_makes_a_creation():
    for guard, created in (
        (is_none("old"), True),
        (negated(truthy("old")), True),
        (truthy("old"), False),
        (negated(is_none("old")), False),
    ):
        assert outcome(get(0, "old"), branch(1, guard, put(2, None))).sites[0].created is created


def test_a_second_set_is_no_creation():
    found = outcome(branch(1, ir.Unset(var=V), put(2, None), put(3, None)))
    assert [site.created for site in found.sites] == [True, False]


def test_an_exit_tells_the_conditions_on_the_way():
    found = outcome(put(0), branch(1, OPEN, leave(2, "return"), orelse=(reset(3),))).sites[0].exits
    assert [(e.at.start, e.trail) for e in found] == [
        (99, (Step(at(1), "false"),)),
        (2, (Step(at(1), "true"),)),
    ]


def test_an_exit_tells_what_was_raised_and_caught_on_the_way():
    body = attempt(1, call(2), throw(3), handlers=(handler(leave(4, "return")),))
    found = outcome(put(0), body).sites[0].exits
    assert [(e.at.start, e.trail) for e in found] == [(4, (Step(at(2), "raised"), Step(at(98), "caught")))]


def test_only_the_last_eight_conditions_are_told():
    (leaving,) = outcome(put(0), *(branch(n, ALWAYS) for n in range(1, 21))).sites[0].exits
    assert leaving.trail == tuple(Step(at(n), "true") for n in range(13, 21))


# --- places --------------------------------------------------------------------------------------------------


def test_a_token_can_be_reset_under_any_of_its_names():
    assert ways(put(0), bind(1, "a", "t"), bind(2, "b", "a"), reset(3, "b")) == RIGHT


def test_a_token_whose_only_name_is_bound_anew_is_lost():
    found = outcome(put(0), bind(1, "t", NONE)).sites[0]
    assert ([e.fate for e in found.exits], found.overwritten) == (["lost"], at(1))


def test_a_token_with_another_name_is_not_lost():
    found = outcome(put(0), bind(1, "a", "t"), bind(2, "t", NONE), reset(3, "a")).sites[0]
    assert ([e.fate for e in found.exits], found.overwritten) == (["released"], None)


def test_a_temporary_does_not_keep_a_token_from_being_lost():
    assert ways(put(0, "%0"), bind(1, "t", "%0"), bind(2, "t", NONE)) == ["normal@99 lost"]


def test_binding_a_name_to_the_token_that_it_holds_loses_nothing():
    assert ways(put(0), bind(1, "a", "t"), bind(2, "a", "t"), reset(3)) == RIGHT


def test_a_released_token_may_be_overwritten():
    found = outcome(put(0), reset(1), bind(2, "t", NONE)).sites[0]
    assert ([e.fate for e in found.exits], found.overwritten) == (["released"], None)


def test_a_token_that_is_lost_and_then_reset_by_an_outer_one_is_covered():
    body = (put(0, "a"), put(1, "t"), bind(2, "t", NONE), reset(3, "a"))
    assert (ways(*body, site=0), ways(*body, site=1)) == (RIGHT, ["normal@99 covered"])


def test_the_parts_of_what_is_bound_are_bound_too():
    body = (put(0, "a[0]"), bind(1, "b", "a"), reset(2, "b[0]"))
    assert ways(*body) == RIGHT


def test_binding_a_whole_forgets_its_parts():
    assert ways(put(0, "a[0]"), bind(1, "a", NONE), reset(2, "a[0]", var=None)) == ["normal@99 held"]


def test_the_first_name_of_a_token_is_the_one_that_is_told():
    found = outcome(put(0, "%0"), bind(1, "%1", "%0"), bind(2, "t", "%1"), reset(3))
    assert found.sites[0].site.into == place("t")


def test_a_token_in_a_place_that_others_reach_is_theirs():
    found = outcome(put(0, "self.token"), names="t", parameters="self").sites[0].exits
    assert [(e.fate, e.via) for e in found] == [("transferred", "field")]


@pytest.mark.parametrize(
    ("body", "fate"),
    [
        ((put(0, "t"),), "held"),
        ((put(0, "outer"),), "transferred"),
        ((put(0, "a[0]"),), "held"),
        ((put(0, "p"),), "held"),
        ((put(0, "p[0]"),), "transferred"),
        ((put(0, "a.attribute"),), "transferred"),
        ((put(0), collect(1, "xs", "t")), "held"),
        ((put(0), collect(1, "p", "t")), "transferred"),
    ],
)
def test_which_places_are_the_functions_own(body, fate):
    assert {e.fate for e in outcome(*body, parameters="p").sites[0].exits} == {fate}


# --- containers ----------------------------------------------------------------------------------------------


def test_a_loop_over_a_container_resets_every_token_in_it():
    body = (put(0, "a"), collect(1, "xs", "a"), put(2, "b", var=W), collect(3, "xs", "b"), each(4, "xs"))
    assert (ways(*body, site=0), ways(*body, site=1)) == (RIGHT, RIGHT)


def test_an_element_that_is_taken_out_stands_for_the_container():
    assert ways(put(0), collect(1, "xs", "t"), bind(2, "%1", "xs"), reset(3, "%1")) == RIGHT
    assert ways(put(0), collect(1, "xs", "t"), reset(2, "xs[0]")) == RIGHT


def test_an_attribute_of_a_token_is_no_token():
    assert ways(put(0), reset(1, "t.attribute", var=None)) == ["normal@99 held"]


def test_a_container_can_be_put_into_a_container():
    body = (put(0), collect(1, "a", "t"), collect(2, "xs", "a"), each(3, "xs"))
    assert ways(*body) == RIGHT


def test_what_is_no_token_is_not_collected():
    assert ways(put(0), collect(1, "xs", "x"), collect(2, "xs", NONE), each(3, "xs")) == ["normal@99 held"]


def test_a_container_of_tokens_that_is_reset_twice_is_told():
    assert doubles(put(0), collect(1, "xs", "t"), each(2, "xs"), each(3, "xs")) == [(2, 3)]


def test_a_container_that_is_emptied_by_taking_out_can_be_filled_again():
    turn = (put(1), collect(2, "xs", "t"), reset(3, "xs"))
    assert doubles(loop(0, OPEN, *turn)) == []


# --- values put back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "via"),
    [
        ((get(0, "old"), put(1), put(2, None, "old")), "saved"),
        ((put(1), put(2, None, NONE)), "emptied"),
        ((put(1), put(2, None, derived=True)), "popped"),
    ],
)
def test_a_set_that_puts_back_restores(body, via):
    found = outcome(*body)
    (leaving,) = found.sites[0].exits
    assert (leaving.fate, leaving.via, leaving.since, found.restored) == (
        "restored",
        via,
        at(2),
        frozenset({V}),
    )


def test_a_derived_set_with_nothing_below_it_is_an_obligation_of_its_own():
    assert ways(put(1, None, derived=True)) == ["normal@99 held"]


def test_a_value_saved_of_another_variable_does_not_restore():
    assert ways(get(0, "old", var=W), put(1), put(2, None, "old")) == ["normal@99 held"]


def test_a_value_saved_between_two_sets_puts_back_the_second_only():
    body = (put(0, "t"), get(1, "old"), put(2, "u"), put(3, None, "old"))
    assert (ways(*body, site=0), ways(*body, site=1)) == (["normal@99 held"], ["normal@99 restored"])


def test_a_set_whose_token_is_kept_restores_nothing():
    assert ways(put(0), put(1, "u", NONE)) == ["normal@99 held"]


def test_a_helper_restores_what_it_is_known_for():
    assert ways(put(0), restore(1)) == ["normal@99 covered"]
    assert ways(get(0, "old"), put(1), restore(2, "old")) == ["normal@99 restored"]
    assert ways(put(1), restore(2, "x")) == ["normal@99 held"]
    assert ways(put(1), restore(2, var=W)) == ["normal@99 held"]


def test_a_value_put_back_leaves_the_token_unused():
    assert doubles(get(0, "old"), put(1), put(2, None, "old"), reset(3)) == []


# --- several tokens ------------------------------------------------------------------------------------------


def test_resetting_an_older_token_covers_those_above_it():
    body = (put(0, "a"), put(1, "b"), put(2, None), reset(3, "a"))
    found = outcome(*body).sites
    assert [[e.fate for e in site.exits] for site in found] == [["released"], ["covered"], ["covered"]]
    assert [site.under for site in found] == [False, True, True]


def test_resetting_a_younger_token_leaves_the_older():
    body = (put(0, "a"), put(1, "b"), reset(2, "b"))
    assert (ways(*body, site=0), ways(*body, site=1)) == (["normal@99 held"], RIGHT)


def test_resetting_out_of_order_brings_the_older_value_back():
    """CPython: a token puts back what it replaced, whatever was reset since."""
    body = (put(0, "a"), put(1, "b"), reset(2, "a"), reset(3, "b"))
    assert (ways(*body, site=0), ways(*body, site=1)) == (["normal@99 stale"], RIGHT)


def test_setting_in_a_loop_and_resetting_once_leaves_the_first_value():
    body = (put(0, "t"), put(1, "t"), reset(2, "t"))
    assert ways(loop(5, OPEN, put(1)), reset(2)) == ["normal@99 lost", "normal@99 released"]
    assert (ways(*body, site=0), ways(*body, site=1)) == (["normal@99 held"], RIGHT)


def test_a_token_from_elsewhere_covers_what_this_function_set():
    assert ways(put(0), reset(1, "given")) == ["normal@99 covered"]
    assert ways(put(0), reset(1, "given", var=None)) == ["normal@99 held"]
    assert ways(put(0), reset(1, None)) == ["normal@99 held"]


def test_variables_do_not_disturb_each_other():
    body = (put(0, "a"), put(1, "b", var=W), reset(2, "a"))
    assert (ways(*body, site=0), ways(*body, site=1)) == (RIGHT, ["normal@99 held"])


# --- second resets -------------------------------------------------------------------------------------------


def test_a_second_reset_is_told_and_raises():
    body = (put(0), reset(1), reset(2))
    assert doubles(*body) == [(1, 2)]
    assert ways(*body) == ["raise@2 released RuntimeError"]


def test_a_second_reset_on_some_way_is_told_with_that_way():
    found = outcome(put(0), branch(1, OPEN, reset(2)), reset(3)).doubles
    assert [(d.first.start, d.second.start, d.trail) for d in found] == [(2, 3, (Step(at(1), "true"),))]


def test_a_handler_that_names_the_error_means_the_second_reset():
    tried = attempt(1, reset(2), handlers=(handler(catches=(RUNTIME_ERROR,)),))
    assert doubles(put(0), reset(9), tried) == []
    assert doubles(put(0), reset(9), within(1, reset(2), swallows=(RUNTIME_ERROR,))) == []


def test_a_handler_of_everything_does_not_mean_the_second_reset():
    for catches in (None, (EXCEPTION,)):
        assert doubles(put(0), reset(9), attempt(1, reset(2), handlers=(handler(catches=catches),))) == [
            (9, 2)
        ]
    assert doubles(put(0), reset(9), within(1, reset(2), swallows=())) == [(9, 2)]


def test_a_token_that_is_set_anew_can_be_reset_anew():
    assert doubles(loop(0, OPEN, put(1), reset(2))) == []
    assert doubles(put(0), loop(1, OPEN, reset(2))) == [(2, 2)]


# --- names without a value -----------------------------------------------------------------------------------


def test_a_local_name_that_got_no_token_raises():
    body = (branch(1, OPEN, put(2, "%0"), bind(3, "t", "%0")), reset(4))
    assert ways(*body) == ["normal@99 released"]
    assert ways(put(0, "u"), *body, site=1) == ["normal@99 released"]
    assert ways(put(0, "u"), *body) == ["normal@99 held", "raise@4 held UnboundLocalError"]


def test_asking_for_a_local_name_that_got_no_token_raises():
    body = (put(0, "u"), branch(1, OPEN, put(2, "%0"), bind(3, "t", "%0")), branch(4, truthy("t"), reset(5)))
    assert "raise@4 held UnboundLocalError" in ways(*body)


def test_resetting_none_raises():
    assert ways(put(0, "u"), bind(1, "t", NONE), reset(2)) == ["raise@2 held TypeError"]


# --- handing over --------------------------------------------------------------------------------------------


def _handed(*body, **owned):
    return {(e.fate, e.via) for e in outcome(*body, **owned).sites[0].exits}


@pytest.mark.parametrize("via", ["return", "yield", "field", "container", "closure", "argument"])
def test_a_token_that_is_handed_over_is_somebody_elses(via):
    assert _handed(put(0), hand(1, "t", via)) == {("transferred", via)}


def test_the_part_of_a_tuple_in_which_a_token_is_returned_is_told():
    assert _handed(put(0), hand(1, "t", "return", "[1]")) == {("transferred", "return[1]")}


def test_a_container_or_an_object_takes_its_tokens_along():
    assert _handed(put(0), collect(1, "xs", "t"), hand(2, "xs")) == {("transferred", "argument")}
    assert _handed(put(0, "a.token"), hand(2, "a", "return")) == {("transferred", "field")}
    assert _handed(put(0, "a[0]"), hand(2, "a", "return")) == {("transferred", "return")}


def test_what_is_no_place_or_no_token_takes_nothing_along():
    body = (put(0), bind(1, "x", FULL), branch(4, truthy("x")), hand(2, "x"), hand(3, NONE), hand(5, "a"))
    assert _handed(*body) == {("held", "")}


def test_a_token_that_was_released_cannot_be_handed_over():
    assert _handed(put(0), reset(1), hand(2, "t", "return")) == {("released", "")}


def test_a_lost_token_that_a_container_holds_is_handed_over_with_it():
    body = (put(0), collect(1, "xs", "t"), bind(2, "t", NONE), hand(3, "xs", "return"))
    assert _handed(*body) == {("transferred", "return")}


# --- work ----------------------------------------------------------------------------------------------------


def test_the_first_work_while_a_value_is_in_force_is_told():
    found = outcome(call(0), put(1), call(2, work=False), call(3), call(4)).sites[0]
    assert (found.worked, found.wrapped, found.recursed) == (at(3), None, None)


def test_work_after_the_reset_does_not_count():
    assert outcome(put(1), reset(2), call(3)).sites[0].worked is None


def test_waiting_is_work():
    assert outcome(put(1), wait(2, "yield", raises=False)).sites[0].worked == at(2)


def test_calls_of_what_is_wrapped_and_of_the_function_itself_are_told():
    found = outcome(put(1), call(2, work=False, mark="recursion"), call(3, mark="wrapped"), call(4)).sites[0]
    assert (found.worked, found.wrapped, found.recursed) == (at(2), at(3), at(2))


# --- bounds --------------------------------------------------------------------------------------------------


def _nested_choices(count):
    """``count`` variables, each set and reset below a condition of its own: two to the ``count`` worlds between."""
    chosen = [(told(f"k{n}", f"x{n}"), f"t{n}", VarId("m.py", f"v{n}")) for n in range(count)]
    sets = [branch(100 + n, key, put(200 + n, name, var=var)) for n, (key, name, var) in enumerate(chosen)]
    resets = [
        branch(300 + n, key, reset(400 + n, name, var=var)) for n, (key, name, var) in enumerate(chosen)
    ]
    return (*sets, *resets)


def test_as_many_worlds_as_are_allowed_are_told_apart():
    body = _nested_choices(6)
    found = outcome(*body, names="t0 t1 t2 t3 t4 t5")
    assert (MAX_WORLDS, found.capped) == (64, False)
    assert [{e.fate for e in site.exits} for site in found.sites] == [{"released"}] * 6


def test_past_the_bound_variables_are_followed_one_at_a_time():
    """Nine choices are 512 worlds together; the one that is not reset is told all the same."""
    *body, _ = _nested_choices(9)
    found = outcome(*body, names=" ".join(f"t{n}" for n in range(9)))
    assert not found.capped
    assert [{e.fate for e in site.exits} for site in found.sites] == [{"released"}] * 8 + [{"held"}]


def test_past_the_bound_on_worlds_the_outcome_says_so():
    """Choices that all belong to one variable."""
    body = [branch(100 + n, told(f"k{n}", f"x{n}"), put(200 + n, f"t{n}")) for n in range(7)]
    resets = [branch(300 + n, told(f"k{n}", f"x{n}"), reset(400 + n, f"t{n}")) for n in range(6, -1, -1)]
    found = outcome(*body, *resets, names=" ".join(f"t{n}" for n in range(7)))
    assert (found.capped, len(found.sites)) == (True, 7)


def test_what_nothing_below_asks_does_not_count():
    """Each flag is tested twice and never again: there are never more than two worlds that differ for what is left."""
    flags = [
        node
        for n in range(9)
        for node in (
            branch(100 + n, OPEN, bind(200 + n, f"f{n}", FULL)),
            branch(300 + n, truthy(f"f{n}"), reset(400 + n, "nothing", var=None)),
            branch(500 + n, truthy(f"f{n}"), reset(600 + n, "nothing", var=None)),
        )
    ]
    found = outcome(put(0), *flags, reset(1), names="t")
    assert not found.capped
    assert [(e.kind, e.fate) for e in found.sites[0].exits] == [("normal", "released")]


def test_past_the_bound_what_conditions_taught_goes_first():
    """Flags double the worlds until there are too many; without them one world is left, and nothing is lost."""
    flags = [branch(100 + n, OPEN, bind(200 + n, f"f{n}", FULL)) for n in range(7)]
    asked = [branch(300 + n, truthy(f"f{n}"), bind(400 + n, "x", NONE), wait(500 + n)) for n in range(7)]
    around = [branch(600 + n, truthy(f"f{n}"), reset(700 + n, "nothing", var=None)) for n in range(7)]
    found = outcome(put(0), *flags, reset(1), *asked, *around)
    assert found.capped
    assert [(e.kind, e.fate) for e in found.sites[0].exits if e.kind == "normal"] == [("normal", "released")]


def _moving(count):
    """A loop that moves a token on by one place a turn, through ``count`` places."""
    steps = [bind(10 + n, f"p{n}", f"p{n - 1}") for n in range(count, 0, -1)]
    return (put(0, "p0"), loop(1, OPEN, *steps, bind(9, "p0", NONE)), reset(5, f"p{count}", var=None))


def test_a_loop_is_followed_until_nothing_new_happens():
    found = outcome(*_moving(2), names="p0 p1 p2")
    assert (MAX_TURNS, found.capped) == (6, False)


def test_past_the_bound_on_turns_the_outcome_says_so():
    found = outcome(*_moving(8), names=" ".join(f"p{n}" for n in range(9)))
    assert (found.capped, {e.fate for e in found.sites[0].exits}) == (True, {"held"})


def _steps(*body):
    """How many events were applied to a world while the block was interpreted."""
    count = 0

    def look(frame, event, _):
        nonlocal count
        count += event == "call" and frame.f_code is apply.__code__

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        outcome(*body)
    finally:
        sys.setprofile(before)
    return count


def _in_a_row(count, first, second):
    """``count`` times a condition, one after the other, between a set and its reset."""
    middle = []
    for n in range(count):
        guard = told(f"k{n}", f"x{n}")
        middle += [branch(1000 + n, guard, *first(n)), branch(2000 + n, guard, *second(n))]
    return (put(0), *middle, reset(1))


def test_conditions_in_a_row_cost_their_number():
    """A hundred of them take as many steps a piece as fifty; in a long function they are one step together."""
    plain = [_steps(*_in_a_row(n, lambda k: (call(3000 + k),), lambda _: ())) for n in (50, 100, 300)]
    assert plain == [52, 102, 3]


def test_correlated_conditions_in_a_row_cost_their_number_times_the_bound():
    def first(n):
        return (put(3000 + n, f"t{n}", var=VarId("m.py", f"v{n}")),)

    def second(n):
        return (reset(4000 + n, f"t{n}", var=VarId("m.py", f"v{n}")),)

    assert _steps(*_in_a_row(20, first, second)) <= 20 * 2 * MAX_WORLDS


# --- resets that CPython refuses -----------------------------------------------------------------------------


def _missing(*body, **owned):
    """The resets without a token: where, and whether the name was bound."""
    return [(each.at.start, each.bound) for each in outcome(*body, **owned).missing]


def test_a_reset_of_another_variable_raises_and_uses_nothing_up():
    found = outcome(put(0), put(1, "u", var=W), reset(2, "u"), reset(3))
    assert [(each.at, each.var, each.site.var) for each in found.foreign] == [(at(2), V, W)]
    assert [(e.kind, e.at, e.fate, e.raised) for site in found.sites for e in site.exits] == [
        ("raise", at(2), "held", "ValueError")
    ] * 2


def test_the_token_of_another_variable_still_works_for_its_own():
    tried = attempt(2, reset(3), handlers=[handler(catches=(LOOKUP_ERROR,)), handler()])
    assert ways(put(1, var=W), tried, reset(4, var=W)) == ["normal@99 released"]


def test_a_used_token_is_a_used_token_whatever_the_variable():
    found = outcome(put(0), reset(1), reset(2, var=W))
    assert ([each.second for each in found.doubles], found.foreign) == ([at(2)], ())


def test_variables_that_may_be_one_are_not_told_apart():
    body = (put(0), reset(1, var=W))
    found = interpret(body, at(2), Owned(frozenset("t"), frozenset()), lambda _one, _other: False)
    assert found is not None
    assert (found.foreign, [e.fate for e in found.sites[0].exits]) == ((), ["released"])


@pytest.mark.parametrize(
    ("first", "named", "claims"),
    [
        (put(0, var=W), VALUE_ERROR, 0),
        (put(0, var=W), LOOKUP_ERROR, 1),
        (put(0, var=W), EXCEPTION, 1),
    ],
)
def test_who_names_the_error_of_a_foreign_reset_expects_it(first, named, claims):
    found = outcome(first, attempt(1, reset(2), handlers=[handler(catches=(named,))]))
    assert len(found.foreign) == claims


def test_a_reset_of_none_is_a_reset_without_a_token():
    assert _missing(bind(0, "t", NONE), branch(1, OPEN, put(2)), reset(3)) == [(3, True)]
    assert _missing(bind(0, "t", NONE), reset(3)) == [(3, True)]


def test_a_reset_of_a_name_that_one_way_binds_is_a_reset_without_a_token():
    assert _missing(branch(1, OPEN, put(2), bind(2, "t", place("t"))), reset(3)) == [(3, False)]
    assert _missing(branch(1, OPEN, bind(2, "t", place("x"))), reset(3)) == [(3, False)]


def test_what_is_bound_to_a_name_of_somebody_elses_is_not_known():
    body = (bind(0, "t", NONE), call(1), reset(2))
    assert interpret(body, at(3), Owned(frozenset(), frozenset())) is None


def test_a_loop_that_certainly_turns_binds_what_its_body_binds():
    turning = ir.Loop(at(1), (), OPEN, (put(2, "u"), bind(3, "t", place("u"))), (), once=True)
    assert _missing(turning, reset(4)) == []
    assert _missing(ir.Loop(at(1), (), OPEN, turning.body, ()), reset(4)) == [(4, False)]


# --- yields --------------------------------------------------------------------------------------------------


def _across(*body, site=0):
    """The resets of a site's token after a ``yield``: where the generator waits, and where the reset is."""
    return [(each.paused.start, each.reset.start) for each in outcome(*body).sites[site].across]


def test_a_reset_after_a_yield_that_follows_the_set_crosses_it():
    assert _across(put(0), wait(1, "yield"), reset(2)) == [(1, 2)]
    assert _across(put(0), attempt(1, wait(2, "yield"), final=(reset(3),))) == [(2, 3)]


def test_a_reset_before_the_yield_or_after_an_await_crosses_nothing():
    assert _across(put(0), reset(1), wait(2, "yield")) == []
    assert _across(wait(0, "yield"), put(1), reset(2)) == []
    assert _across(put(0), wait(1), reset(2)) == []


def test_of_several_yields_the_first_is_told():
    assert _across(put(0), wait(1, "yield"), wait(2, "yield"), reset(3)) == [(1, 3)]


def test_each_turn_of_a_loop_has_a_token_of_its_own():
    stepwise = loop(0, OPEN, put(1), call(2), reset(3), wait(4, "yield"))
    assert _across(stepwise) == []
    assert _across(loop(0, OPEN, put(1), wait(2, "yield"), reset(3))) == [(2, 3)]


def test_tokens_in_a_list_cross_a_yield_with_it():
    assert _across(put(0), collect(1, "xs", "t"), wait(2, "yield"), each(3, "xs")) == [(2, 3)]


def test_the_consumer_sees_the_newest_value():
    found = outcome(put(0), put(1, "u"), wait(2, "yield"), reset(3, "u"), reset(4)).sites
    assert [each.yielded for each in found] == [None, at(2)]


def test_a_value_that_is_put_back_is_not_seen():
    body = (get(0, "old"), put(1), put(2, None, place("old")), wait(3, "yield"))
    assert [each.yielded for each in outcome(*body).sites] == [None, None]


# --- tokens that a newer one pushes out ----------------------------------------------------------------------


def _again(number, name="t", **fields):
    """``name = v.set()`` as it is lowered: into a temporary, then bound."""
    return ir.Do(
        at(number), (*put(number, f"%{number}", **fields).events, *bind(number, name, f"%{number}").events)
    )


def _replaced(*body, site=0):
    found = outcome(*body).sites[site].replaced
    return found.start if found is not None else None


def test_a_token_that_another_set_overwrites_is_replaced_if_its_value_stays():
    assert _replaced(_again(0), _again(1), reset(2)) == 1
    assert _replaced(_again(0), _again(1), reset(2), site=1) is None
    assert _replaced(_again(0), reset(1), _again(2), reset(3)) is None


def test_a_token_that_has_a_second_name_or_lies_in_a_list_is_not_replaced():
    assert _replaced(_again(0), bind(1, "a", "t"), _again(2), reset(3), reset(4, "a")) is None
    assert _replaced(_again(0), collect(1, "xs", "t"), _again(2), reset(3)) is None


def test_a_value_that_an_older_token_undoes_is_not_left():
    assert _replaced(_again(0, "a"), _again(1), _again(2), reset(3), reset(4, "a"), site=1) is None


def test_a_turn_of_a_loop_replaces_the_token_of_the_last():
    assert _replaced(loop(0, OPEN, _again(1)), reset(2)) == 1
    assert _replaced(loop(0, OPEN, _again(1), reset(2))) is None
    assert _replaced(loop(0, OPEN, _again(1), collect(2, "xs", "t")), each(3, "xs")) is None
    assert _replaced(get(9, "old"), loop(0, OPEN, _again(1)), put(2, None, place("old"))) is None


def test_none_in_the_place_of_a_token_is_no_newer_token():
    assert _replaced(_again(0), bind(1, "t", NONE)) is None
