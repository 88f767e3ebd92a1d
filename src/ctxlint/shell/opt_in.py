"""Which codes are opt-in, told without importing a rule: flake8 asks at every start, mostly for nothing.

Every rule is a module that ends with its ``RULE``, a call whose first four arguments are written out. Where the
modules' texts are not at hand (a zipped installation) or one of them is written otherwise, the rules are imported.
"""

from __future__ import annotations

import os
import re

_RULE = re.compile(
    r'^RULE = Rule\(\s*"(?P<code>CTX\d+)",\s*"[a-z0-9-]+",\s*"\w+",\s*(?P<default>True|False)\b', re.MULTILINE
)


def opt_in_codes() -> tuple[str, ...]:
    """The codes of the rules that are not on by default, in their order."""
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "rules")
    found: dict[str, bool] = {}
    try:
        for name in os.listdir(folder):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as stream:
                    text = stream.read()
                match = _RULE.search(text)
                if match is None and "\nRULE" in text:
                    return _asked()
                if match is not None:
                    found[match["code"]] = match["default"] == "True"
    except OSError:
        return _asked()
    return tuple(sorted(code for code, default in found.items() if not default))


def _asked() -> tuple[str, ...]:
    from ctxlint.rules.registry import all_rules  # noqa: PLC0415 - what this module is there to avoid

    return tuple(rule.code for rule in all_rules() if not rule.default)
