"""The wrong examples of the rules on declarations misbehave under CPython as the rules say, the right ones do not."""

import contextvars

import pytest
from test_what_cpython_shows import in_a_copy, run


def test_209_who_reads_a_rebound_variable_fails():
    names = run("CTX209", "Example")
    with pytest.raises(AttributeError, match="'str' object has no attribute 'get'"):
        names["handle"]({"id": "r1"})


def test_209_a_set_reaches_who_reads():
    names = run("CTX209", "Use instead")
    assert in_a_copy(names["handle"], {"id": "r1"}) == "answered r1"
    assert names["answer"]() == "answered -"


def test_209_a_new_variable_has_no_value():
    variable = contextvars.ContextVar("tenant", default="")
    context = contextvars.copy_context()
    context.run(variable.set, "acme")
    variable = contextvars.ContextVar("tenant", default="")
    assert context.run(variable.get) == ""


def test_210_a_variable_is_always_true_and_hides_its_value():
    names = run("CTX210", "Example")
    assert names["user"].get() == ""
    assert names["is_logged_in"]() is True
    assert names["greeting"]().startswith("Hello, <ContextVar name='user' default=''")
    with pytest.raises(AttributeError, match="has no attribute 'upper'"):
        names["shouted"]()


def test_210_the_value_is_read():
    names = run("CTX210", "Use instead")
    assert (names["is_logged_in"](), names["greeting"](), names["shouted"]()) == (False, "Hello, ", "")


@pytest.mark.parametrize(
    "use",
    [
        "v + 1", "v < 1", "1 in v", "v()", "v['a']", "list(v)", "len(v)", "int(v)", "[x for x in v]", "-v",
    ],
)  # fmt: skip
def test_210_these_uses_raise(use):
    with pytest.raises(TypeError):
        eval(use, {"v": contextvars.ContextVar("v", default=1)})  # noqa: S307 - the text is above


def test_210_a_variable_equals_itself_alone():
    variable = contextvars.ContextVar("v", default=1)
    assert (variable == variable.get(), variable == variable) == (False, True)  # noqa: PLR0124 - the claim


def test_214_the_reset_fails_and_the_value_stays():
    names = run("CTX214", "Example")

    def handle():
        with pytest.raises(TypeError):
            names["handle"]("acme", lambda: None)
        return names["tenant"].get()

    assert in_a_copy(handle) == "acme"
    with pytest.raises(TypeError, match="does not support item assignment"):
        names["prepared"]("acme")


def test_214_a_token_resets_and_code_in_the_copy_sets():
    names = run("CTX214", "Use instead")
    names["handle"]("acme", lambda: None)
    assert names["tenant"].get() == ""
    assert names["prepared"]("acme")[names["tenant"]] == "acme"


@pytest.mark.parametrize(
    "use",
    [
        "ContextVar()", "ContextVar(1)", "ContextVar(b'x')", "ContextVar('x', None)", "ContextVar('x').set()",
        "ContextVar('x').reset()", "ContextVar('x').reset('x')", "type('V', (ContextVar,), {})",
        "type('T', (Token,), {})", "type('C', (Context,), {})",
    ],
)  # fmt: skip
def test_214_these_uses_raise(use):
    with pytest.raises(TypeError):
        eval(use, vars(contextvars).copy())  # noqa: S307 - the text is above


@pytest.mark.parametrize(("heading", "served"), [("Example", "public"), ("Use instead", "acme")])
def test_207_a_default_is_evaluated_once(heading, served):
    names = run("CTX207", heading)

    def request():
        names["tenant"].set("acme")
        return names["rows"](str)

    assert in_a_copy(request) == served


@pytest.mark.parametrize(("heading", "served"), [("Example", "acme.rows"), ("Use instead", "public.rows")])
def test_208_a_cache_serves_the_first_callers_value(heading, served):
    names = run("CTX208", heading)

    def request(tenant):
        names["tenant"].set(tenant)
        return names["table"]("rows")

    assert in_a_copy(request, "acme") == "acme.rows"
    assert in_a_copy(request, "public") == served


@pytest.mark.parametrize(("make", "kept"), [(lambda: contextvars.ContextVar("each"), 20), (None, 1)])
def test_206_a_context_keeps_every_variable_that_was_set_in_it(make, kept):
    shared = contextvars.ContextVar("shared")
    context = contextvars.Context()
    for number in range(20):
        context.run((make() if make else shared).set, number)
    assert len(context) == kept
