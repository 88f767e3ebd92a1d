"""What ``ctxlint rule`` prints: a rule's page with its heading, as Markdown, on a terminal, or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.rules.registry import all_rules
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.selection import find_rule, meant_by, rule_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxlint.rules.rule import Rule


def chosen_rules(words: Sequence[str], *, every: bool) -> tuple[Rule, ...]:
    """Return the rules with these codes or names, or all. An unknown word is ``WrongUsage``."""
    rules = all_rules()
    if every:
        return rules
    if not words:
        raise WrongUsage("which rule? Give a code or a name, or --all")
    found: list[Rule] = []
    for word in words:
        entry = find_rule(word, rules)
        begun = [rule.code for rule in rules if rule.code.startswith(word.upper())] if word else []
        if entry is None and len(begun) > 1:
            raise WrongUsage(
                f"'{word}' begins {len(begun)} codes: name one, {begun[0]} to {begun[-1]}, or --all"
            )
        if entry is None:
            raise WrongUsage(f"unknown rule '{word}'{meant_by(word, rule_words(rules))}")
        found.append(entry)
    return tuple(found)


def as_markdown(rules: Sequence[Rule]) -> str:
    """Return every page under a heading of code, name, severity and default."""
    return "\n".join(_page(rule) for rule in rules)


def on_terminal(rules: Sequence[Rule], columns: int) -> str:
    """Return the pages as rich renders Markdown, with colour."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for rich
    from rich.markdown import Markdown  # noqa: PLC0415

    console = Console(width=columns, force_terminal=True, legacy_windows=False)
    with console.capture() as capture:
        for rule in rules:
            console.print(Markdown(_page(rule), hyperlinks=False))
            console.print()
    return capture.get()


def as_json(rules: Sequence[Rule], *, as_array: bool) -> str:
    """One object, or an array of them."""
    from json import dumps  # noqa: PLC0415

    objects = [
        {
            "code": rule.code,
            "name": rule.name,
            "summary": rule.summary,
            "severity": rule.severity,
            "default": rule.default,
            "explanation": rule.page.strip() + "\n",
        }
        for rule in rules
    ]
    return dumps(objects if as_array else objects[0], indent=2) + "\n"


def _page(rule: Rule) -> str:
    standing = (
        ("on by default, in part opt-in" if rule.mixed else "on by default") if rule.default else "opt-in"
    )
    return f"# {rule.code} {rule.name}\n\n*{rule.severity}, {standing}*\n\n{rule.page.strip()}\n"
