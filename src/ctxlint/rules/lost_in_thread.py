"""A thread's work reads a variable that its starter set: a new thread starts with an empty context.

## What it does
Reports `threading.Thread`, `Timer`, `_thread.start_new_thread` and the `run` of a Thread subclass where the work,
followed through the whole program, reads a variable that somebody sets before the thread is started. The story shows
the set, every call on the way, and the read.

## Why is this bad?
Before Python 3.14, and there by default on the build with the GIL, a thread begins in an empty Context. What the
request set is not there: `get()` gives the default, or raises LookupError. So the tenant, the user or the trace of the
caller is replaced by nobody's.

## Example
```python
import threading
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def write(row):
    print(tenant.get(), row)


def export(rows, account):
    token = tenant.set(account.tenant)
    try:
        thread = threading.Thread(target=write, args=(rows,))  # expect: CTX301
        thread.start()
    finally:
        tenant.reset(token)
```

## Use instead
```python
import threading
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def write(row):
    print(tenant.get(), row)


def export(rows, account):
    token = tenant.set(account.tenant)
    try:
        thread = threading.Thread(target=copy_context().run, args=(write, rows))
        thread.start()
    finally:
        tenant.reset(token)
```

## When it is silent
Where the work reads no variable, sets it before it reads, or runs in a Context that is handed over (`ctx.run`,
`context=`, a wrapper or a subclass that carries it); where nothing but an import, a test or the work itself sets the
variable; where a function on the way sets it, too; where a function of the program gets the thread object before it
starts; and where the work, or a call on the way, cannot be resolved. Opt-in
(`--extend-select CTX301`): work that serves in a `while` loop, apart from who started it, and reads more than eight
calls away (five, where no set is seen to come to the hop).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.hop_story import lost
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Threads whose work reads what their starter set."""
    return lost(analysis, "thread")


RULE = Rule(
    "CTX301",
    "lost-in-thread",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX305", "CTX304", "CTX306", "CTX303", "CTX311", "CTX308"),
    mixed=True,
)
