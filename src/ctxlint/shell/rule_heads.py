"""Codes and names of the rules, told without importing one: most runs find nothing that a rule could judge.

Every rule is a module that ends with its ``RULE``, a call whose first four arguments are written out. Where the
modules' texts are not at hand (a zipped installation), or one of them is written otherwise, the rules are imported.
"""

from __future__ import annotations

import functools
import os
import re
from typing import NamedTuple

_RULE = re.compile(
    r'^RULE = Rule\(\s*"(?P<code>CTX\d+)",\s*"(?P<name>[a-z0-9-]+)",\s*"\w+",\s*(?P<default>True|False)\b',
    re.MULTILINE,
)


class RuleHead(NamedTuple):
    """What selection asks of a rule; see ``rules/rule.py``."""

    code: str
    name: str
    default: bool
    mixed: bool

    @property
    def selectors(self) -> tuple[str, ...]:
        """What a selection holds when it wants all of the rule."""
        return (self.code, f"{self.code}+") if self.mixed else (self.code,)


@functools.cache
def rule_heads() -> tuple[RuleHead, ...]:
    """Every rule, in the order of the codes."""
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "rules")
    found: list[RuleHead] = []
    try:
        for name in os.listdir(folder):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as stream:
                    text = stream.read()
                match = _RULE.search(text)
                if match is None and "\nRULE" in text:
                    return _imported()
                if match is not None:
                    mixed = "mixed=True" in text[match.end() :]
                    found.append(RuleHead(match["code"], match["name"], match["default"] == "True", mixed))
    except OSError:
        return _imported()
    return tuple(sorted(found)) or _imported()


def _imported() -> tuple[RuleHead, ...]:
    from ctxlint.rules.registry import all_rules  # noqa: PLC0415 - what this module is there to avoid

    return tuple(RuleHead(rule.code, rule.name, rule.default, rule.mixed) for rule in all_rules())
