"""What happens to values: the wrong examples of the pages misbehave under CPython, and the right ones do not."""

import asyncio
import contextvars
import re

import pytest

from ctxlint.rules.registry import all_rules

_BLOCK = re.compile(
    r"^## (?P<heading>Example|Use instead)\n```python\n(?P<code>.*?)```", re.MULTILINE | re.DOTALL
)
both = pytest.mark.parametrize


def run(code, heading):
    """The names that the example of a rule's page defines when it is run."""
    (rule,) = [rule for rule in all_rules() if rule.code == code]
    (source,) = [match["code"] for match in _BLOCK.finditer(rule.page) if match["heading"] == heading]
    names = {"__name__": "example"}
    exec(compile(source, f"{code}.py", "exec"), names)  # noqa: S102 - a page of the project
    return names


def in_new_context(function, *arguments):
    """What a function gives in a Context of its own, in which nothing is set."""
    return contextvars.Context().run(function, *arguments)


@both(("heading", "seen"), [("Example", ("signed in",)), ("Use instead", ())])
def test_202_what_one_context_writes_another_finds(heading, seen):
    names = run("CTX202", heading)

    in_new_context(names["record"], "signed in")

    assert in_new_context(names["steps"]) == seen


@both(("heading", "jobs"), [("Example", ["second", "second"]), ("Use instead", ["first", "second"])])
def test_204_what_one_task_writes_its_sibling_finds(heading, jobs):
    names = run("CTX204", heading)

    assert in_new_context(asyncio.run, names["serve"]("acme")) == jobs


@both(("heading", "kept"), [("Example", ()), ("Use instead", ("disk full",))])
def test_205_what_is_written_into_a_fallback_is_gone(heading, kept):
    names = run("CTX205", heading)

    def warn_and_look():
        names["warn"]("disk full")
        return names["collected"]()

    assert in_new_context(warn_and_look) == kept


def test_201_every_context_gets_the_same_default():
    tags = run("CTX201", "Example")["tags"]

    in_new_context(tags.get).append("of one context")

    assert in_new_context(tags.get) == ["of one context"]


def test_201_an_immutable_default_stays_as_it_is():
    names = run("CTX201", "Use instead")

    in_new_context(names["add_tag"], "of one context")

    assert in_new_context(names["tags"].get) == ()


def test_203_the_default_is_computed_once():
    request_id = run("CTX203", "Example")["request_id"]

    assert in_new_context(request_id.get) == in_new_context(request_id.get)


def test_203_what_is_computed_where_it_is_read_is_new_each_time():
    current_request_id = run("CTX203", "Use instead")["current_request_id"]

    assert in_new_context(current_request_id) != in_new_context(current_request_id)


def test_211_an_error_shows_the_name_that_was_copied():
    names = run("CTX211", "Example")

    with pytest.raises(LookupError, match="<ContextVar name='user' at"):
        in_new_context(names["tenant"].get)


def test_211_an_error_shows_the_name_of_the_variable():
    names = run("CTX211", "Use instead")

    with pytest.raises(LookupError, match="<ContextVar name='tenant' at"):
        in_new_context(names["tenant"].get)


def test_213_who_reads_outside_of_main_fails():
    names = run("CTX213", "Example")

    def start():
        names["main"]()
        return names["timeout"]()

    assert in_new_context(start) == 30
    with pytest.raises(LookupError):
        in_new_context(names["timeout"])


def test_213_who_is_ready_for_that_does_not():
    assert in_new_context(run("CTX213", "Use instead")["timeout"]) == 30
