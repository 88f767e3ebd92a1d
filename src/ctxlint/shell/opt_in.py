"""Which codes are opt-in, told without importing a rule: flake8 asks at every start, mostly for nothing."""

from __future__ import annotations

from ctxlint.shell.rule_heads import rule_heads


def opt_in_codes() -> tuple[str, ...]:
    """The codes of the rules that are not on by default, in their order."""
    return tuple(head.code for head in rule_heads() if not head.default)
