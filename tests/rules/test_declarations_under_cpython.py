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
