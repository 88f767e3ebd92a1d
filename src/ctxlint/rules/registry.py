"""The rules there are: every module of this package that defines ``RULE``, found by looking."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from ctxlint import rules
from ctxlint.rules.rule import Rule


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the codes."""
    found: list[Rule] = []
    for module in pkgutil.iter_modules(rules.__path__):
        rule = getattr(importlib.import_module(f"{rules.__name__}.{module.name}"), "RULE", None)
        if isinstance(rule, Rule):
            found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.code))
