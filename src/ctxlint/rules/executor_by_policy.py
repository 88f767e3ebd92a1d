"""A call of something that runs work elsewhere and that the project's policy bans.

## What it does
Reports calls of the callables that the configuration lists in `banned-hops`, by dotted name. What is called is
resolved, through imports, aliases, annotations, attributes and base classes, so a method of the same name on something
else is not reported. A class is banned with its constructor, a method of a class with that of the classes that derive
from it.

```toml
[tool.ctxlint]
banned-hops = ["concurrent.futures.Executor.submit", "threading.Thread"]
```

## Why is this bad?
A team that carries the context in a wrapper of its own wants the wrapper used everywhere: one call that goes past it
loses the request's values, and nobody sees it until a log line or a tenant is wrong. What a worker reads today says
nothing of what it reads tomorrow, so the rule does not ask.

## Example
```python
# banned: threading.Thread
import threading


def export(rows):
    threading.Thread(target=print, args=(rows,)).start()  # expect: CTX312
```

## Use instead
```python
# banned: threading.Thread
import threading
from contextvars import copy_context


def start_thread(target, *args):
    thread = threading.Thread(target=copy_context().run, args=(target, *args))  # noqa: CTX312 - the one place
    thread.start()


def export(rows):
    start_thread(print, rows)
```

## When it is silent
Without `banned-hops`; where the callee cannot be resolved. The wrapper itself suppresses the rule where it must call
what is banned.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.banned_calls import banned_calls
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Calls of what is banned."""
    banned = analysis.policy.banned_hops
    if not banned:
        return
    propagation = analysis.propagation
    for found in banned_calls(analysis.program, propagation.finder, propagation.spawning, banned):
        site = analysis.location(found.scope.path, found.call.span)
        yield Finding(
            site,
            site,
            f"{name_of(found.scope)} calls `{found.name}`, which the project's `banned-hops` lists.",
            (Related(f"`{found.name}` is called here", site),),
            "Call the project's own wrapper, which carries the context.",
        )


RULE = Rule("CTX312", "executor-by-policy", "error", True, __doc__ or "", check)
