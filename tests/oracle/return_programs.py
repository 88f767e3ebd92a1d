"""Random programs in which a worker sets and who waits for it reads, or who starts it sets and the worker reads.

``child`` is the worker's value, ``parent`` the starter's, ``public`` the default. The line of the start ends with
``# hop``. ``note`` comes from outside (see ``test_return_oracle``) and takes down, in order, what happened; ``goes_on``
is an event for which a worker in a thread waits, so that what is set behind its start comes before its read. What the
pieces mean is left to CPython: some starts copy, some drop, some run in place.
"""

from __future__ import annotations

import random

from propagation_programs import Made

_IMPORTS = (
    "import asyncio\nimport contextvars\nimport functools\nimport threading\n"
    "from concurrent.futures import ThreadPoolExecutor\nfrom contextvars import ContextVar, copy_context\n\n"
    "from oracle_probe import goes_on, note\n"
)
_STATE = (
    'tenant: ContextVar[str] = ContextVar("tenant", default="public")\n\n\n'
    "def current():\n    return tenant.get()\n"
)

#: How the child leaves the variable, after a line that says that it set it.
_CHILD = {
    "sets": 'tenant.set("child")',
    "by_helper": 'use("child")',
    "sometimes": 'if PLACES:\n    tenant.set("child")',
    "resets": 'token = tenant.set("child")\ntry:\n    note("work")\nfinally:\n    tenant.reset(token)',
    "empties": 'tenant.set("")',
    "nothing": 'note("work")',
    "puts_back": 'old = tenant.get()\ntenant.set("child")\ntry:\n    note("work")\nfinally:\n    tenant.set(old)',
}

#: A start, and the wait for it. The first word is the kind of the function around, and of the child.
_STARTS = {
    "task": ("async", "async", "task = asyncio.create_task({child}())  # hop", "await task"),
    "gather": ("async", "async", "", "await asyncio.gather({child}(), asyncio.sleep(0))  # hop"),
    "gather_later": ("async", "async", "task = asyncio.gather({child}())  # hop", "await task"),
    "tasks": (
        "async",
        "async",
        "tasks = [asyncio.create_task({child}()) for _ in range(2)]  # hop",
        "await asyncio.gather(*tasks)",
    ),
    "shield": ("async", "async", "", "await asyncio.shield({child}())  # hop"),
    "direct": ("async", "async", "", "await {child}()  # hop"),
    "to_thread": ("async", "plain", "", "await asyncio.to_thread({child})  # hop"),
    "to_thread_later": ("async", "plain", "work = asyncio.to_thread({child})  # hop", "await work"),
    "executor": (
        "async",
        "plain",
        "task = asyncio.get_running_loop().run_in_executor(None, {child})  # hop",
        "await task",
    ),
    "call": ("plain", "plain", "", "{child}()  # hop"),
    "partial": ("plain", "plain", "", "functools.partial({child})()  # hop"),
    "run": ("plain", "async", "", "asyncio.run({child}())  # hop"),
    "copy": ("plain", "plain", "", "copy_context().run({child})  # hop"),
    "named_copy": ("plain", "plain", "context = copy_context()", "context.run({child})  # hop"),
    "thread": (
        "plain",
        "plain",
        "thread = threading.Thread(target={child})  # hop\nthread.start()",
        "thread.join()",
    ),
    "thread_made": (
        "plain",
        "plain",
        "thread = threading.Thread(target={child})  # hop",
        "thread.start()\nthread.join()",
    ),
    "submit": ("plain", "plain", "task = POOL.submit({child})  # hop", "task.result()"),
    "result": ("plain", "plain", "", "POOL.submit({child}).result()  # hop"),
    "runs": ("plain", "plain", "", "runs({child})  # hop"),
}

_READ = {
    "get": "note(tenant.get())",
    "getter": "note(current())",
    "nothing": 'note("end")',
    "sets_again": 'tenant.set("again")\nnote(tenant.get())',
    "fallback": 'note(tenant.get("public"))',
}

_OWN = {
    "none": "{body}",
    "parent": 'token = tenant.set("parent")\ntry:\n{inner}\nfinally:\n    tenant.reset(token)',
    "emptied": 'tenant.set("")\n{body}',
    "ended": 'token = tenant.set("parent")\ntenant.reset(token)\n{body}',
}


def lost_return(seed: int) -> Made:
    """The worker sets; who waits for it reads."""
    rng = random.Random(seed)  # noqa: S311 - reproducible programs, no secrets
    child, start, read = (
        rng.choice([*_CHILD, "sets", "sets"]),
        rng.choice([*_STARTS]),
        rng.choice([*_READ, "get"]),
    )
    own, placed = (
        rng.choice([*_OWN, "none", "none", "none"]),
        rng.choice(("here", "here", "caller", "branch")),
    )
    around, kind, making, waiting = _STARTS[start]
    lines = [*([making] if making else []), waiting]
    if placed == "branch":  # the read stands in the other branch
        body = f"if PLACES:\n{_indented(_joined(lines, 'child'))}\nelse:\n{_indented(_READ[read])}"
    else:
        body = _joined([*lines, *([_READ[read]] if placed == "here" else [])], "child")
    work = f"{_head(kind, 'child')}\n" + _indented(f'note("child")\n{_CHILD[child]}') + "\n"
    calls = "await parent()" if around == "async" else "parent()"
    outer = _joined([calls, *([_READ[read]] if placed == "caller" else [])], "")
    if placed == "caller":
        held = f"{_head(around, 'parent')}\n{_indented(body)}\n\n\n"
        held += f"{_head(around, 'outer')}\n{_indented(_owned(own, outer))}"
    else:
        held = f"{_head(around, 'parent')}\n{_indented(_owned(own, body))}\n\n\n{_head(around, 'outer')}\n    {calls}"
    return _made(f"or{seed}", (work, held), around, (child, start, read, own, placed), rng)


def late_set(seed: int) -> Made:
    """Who starts the worker sets behind the start; the worker reads."""
    rng = random.Random(seed)  # noqa: S311 - reproducible programs, no secrets
    start = rng.choice(
        [each for each in _STARTS if each != "named_copy"]
    )  # its copy is taken before it starts
    own = rng.choice([*_OWN, "none", "none"])
    reads = rng.choice(("tenant.get()", "current()", "current()"))
    first = rng.choice(("", "", "", 'tenant.set("child")\n'))
    order = rng.choice(("between", "between", "between", "after", "before"))
    around, kind, making, waiting = _STARTS[start]
    looks = 'note(f"start {tenant.get()}")'
    if start in ("thread_made", "to_thread_later") or not making:
        waiting = f"{looks}\n{waiting}"
    else:
        making = f"{looks}\n{making}"
    sets = 'note("set")\nlater = tenant.set("late")'
    if order == "between":
        waits = f"try:\n    goes_on.set()\n{_indented(waiting)}\nfinally:\n    tenant.reset(later)"
        body = [making, sets, waits]
    elif order == "after":
        body = [making, "goes_on.set()", waiting, sets, "tenant.reset(later)"]
    else:
        runs = _indented(_joined([making, waiting], ""))
        body = [sets, f"try:\n    goes_on.set()\n{runs}\nfinally:\n    tenant.reset(later)"]
    pause = "" if kind == "async" else "goes_on.wait()\n"
    work = f"{_head(kind, 'child')}\n" + _indented(f"{pause}{first}note({reads})") + "\n"
    calls = "await parent()" if around == "async" else "parent()"
    held = f"{_head(around, 'parent')}\n{_indented(_owned(own, _joined(body, 'child')))}\n\n\n"
    held += f"{_head(around, 'outer')}\n    {calls}"
    return _made(f"ol{seed}", (work, held), around, (start, own, reads, first and "sets first", order), rng)


def _made(
    name: str, texts: tuple[str, str], around: str, choices: tuple[str, ...], rng: random.Random
) -> Made:
    """The modules: one, or the state, the worker and who starts it. A setter that nobody calls could be called from
    outside, so there is none that is not called.
    """
    work, held = texts
    setter = "\n\ndef use(value):\n    tenant.set(value)\n" if "use(" in work else ""
    imported = ", ".join(["current", "tenant", *(["use"] if setter else [])])
    helper = "POOL = ThreadPoolExecutor(2)\nPLACES = [1]\n\n\ndef runs(function):\n    return function()\n"
    last = "    asyncio.run(outer())" if around == "async" else "    outer()"
    main = f"\n\ndef main():\n{last}\n    POOL.shutdown()\n"
    held = held.replace("{child}", "child")
    if rng.random() < 0.5:
        text = f"{_IMPORTS}\n{helper}\n\n{_STATE}{setter}\n\n{work}\n\n{held}\n{main}"
        return Made(name, ((f"{name}.state", text),), choices)
    imports = f"from {name}.state import {imported}\n"
    return Made(
        name,
        (
            (f"{name}.state", f"{_IMPORTS}\n{_STATE}{setter}"),
            (f"{name}.work", f"{_IMPORTS}{imports}\nPLACES = [1]\n\n\n{work}"),
            (
                f"{name}.app",
                f"{_IMPORTS}{imports}from {name}.work import child\n\n{helper}\n\n{held}\n{main}",
            ),
        ),
        choices,
    )


def _head(kind: str, name: str) -> str:
    return f"{'async ' if kind == 'async' else ''}def {name}():"


def _owned(own: str, body: str) -> str:
    return _OWN[own].replace("{body}", body).replace("{inner}", _indented(body))


def _joined(lines: list[str], child: str) -> str:
    return "\n".join(line.replace("{child}", child) if child else line for line in lines if line)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.split("\n"))
