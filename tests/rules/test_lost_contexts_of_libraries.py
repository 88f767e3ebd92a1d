"""Contexts of libraries in threads, run: what the starter has set is not there, unless the library brings it."""

from __future__ import annotations

import contextvars
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


def test_a_thread_does_not_have_a_decimal_context_that_was_changed_or_put_in_place():
    def changed() -> object:
        decimal.getcontext().prec = 40
        return in_thread(lambda: decimal.getcontext().prec)

    def put() -> object:
        decimal.setcontext(decimal.Context(prec=40))
        return in_thread(lambda: decimal.getcontext().prec)

    for starter in (changed, put):
        assert contextvars.Context().run(starter) == decimal.DefaultContext.prec


def test_a_thread_does_not_have_the_flask_application_unless_it_pushes_it():
    flask = pytest.importorskip("flask")
    application = flask.Flask("app")

    def pushed() -> object:
        with application.app_context():
            return flask.current_app.name

    with application.app_context():
        assert in_thread(lambda: flask.current_app.name) is RuntimeError
        assert in_thread(pushed) == "app"


def test_a_span_is_found_in_a_context_that_is_named_and_below_one_that_is_attached():
    trace = pytest.importorskip("opentelemetry.trace")
    context = pytest.importorskip("opentelemetry.context")
    span = trace.NonRecordingSpan(trace.SpanContext(1, 1, is_remote=False))
    with trace.use_span(span):
        here = context.get_current()
        assert in_thread(lambda: trace.get_current_span(here)) is span
        assert in_thread(lambda: (context.attach(here), trace.get_current_span())[1]) is span


def test_a_merging_logger_in_a_thread_does_not_write_what_its_starter_bound():
    structlog = pytest.importorskip("structlog")

    def merged() -> object:
        return structlog.contextvars.merge_contextvars(None, "info", {"event": "work"})

    with structlog.contextvars.bound_contextvars(request_id="7"):
        assert merged() == {"event": "work", "request_id": "7"}
        assert in_thread(merged) == {"event": "work"}
