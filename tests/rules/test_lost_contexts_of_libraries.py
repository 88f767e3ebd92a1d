"""Contexts of libraries in threads, run: what the starter has set is not there, unless the library brings it."""

from __future__ import annotations

import decimal
import sys
import threading
from collections.abc import Callable

import pytest

pytestmark = pytest.mark.skipif(
    bool(getattr(sys.flags, "thread_inherit_context", 0)), reason="threads inherit the context here"
)


def in_thread(look: Callable[[], object]) -> object:
    """What a new thread sees; an exception as its class."""
    seen: list[object] = []

    def run() -> None:
        try:
            seen.append(look())
        except RuntimeError as error:
            seen.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return seen[0]


def test_a_thread_does_not_have_the_decimal_context_of_its_starter():
    with decimal.localcontext() as context:
        context.prec = 7
        assert decimal.getcontext().prec == 7
        assert in_thread(lambda: decimal.getcontext().prec) == decimal.DefaultContext.prec


def test_a_thread_does_not_have_the_flask_request_unless_flask_copies_it():
    flask = pytest.importorskip("flask")
    with flask.Flask("app").test_request_context("/?q=1"):
        assert in_thread(lambda: flask.request.args["q"]) is RuntimeError
        assert in_thread(flask.copy_current_request_context(lambda: flask.request.args["q"])) == "1"


def test_a_thread_does_not_have_the_span_of_its_starter():
    trace = pytest.importorskip("opentelemetry.trace")
    span = trace.NonRecordingSpan(trace.SpanContext(1, 1, is_remote=False))
    with trace.use_span(span):
        assert trace.get_current_span() is span
        assert in_thread(trace.get_current_span) is trace.INVALID_SPAN


def test_a_thread_does_not_have_the_language_of_its_starter():
    django = pytest.importorskip("django")
    from django.conf import settings  # noqa: PLC0415 - need not be installed
    from django.utils import translation  # noqa: PLC0415 - as above

    if not settings.configured:
        settings.configure(USE_I18N=True, LANGUAGE_CODE="en")
    django.setup()
    with translation.override("de"):
        assert translation.get_language() == "de"
        assert in_thread(translation.get_language) == "en"


def test_a_thread_does_not_have_the_starlette_context_of_its_starter():
    library = pytest.importorskip("starlette_context")
    with library.request_cycle_context({"id": "7"}):
        assert library.context["id"] == "7"
        with pytest.raises(library.errors.ContextDoesNotExistError):
            raise_in_thread(lambda: library.context["id"])


def raise_in_thread(look: Callable[[], object]) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            look()
        except Exception as error:  # noqa: BLE001 - handed to the test
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    for error in raised:
        raise error
