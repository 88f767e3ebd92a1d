"""Rules as words of the command line: any text is taken, selection says what it means; a shell completes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

    _RulesType = click.ParamType[str]
else:
    _RulesType = click.ParamType  # generic since click 8.2 only

_EVERY = "ALL"


class Rules(_RulesType):
    """Codes and names of rules: one, or in a ``selector`` a comma list, with beginnings of codes and ``ALL``."""

    name = "rules"

    def __init__(self, *, selector: bool) -> None:
        """Keep what is asked for."""
        self.selector = selector

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text as it is."""
        del param, ctx
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the codes and names that begin like the last of the list, but for those that it holds already."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a completing shell needs it

        del ctx, param
        before, comma, last = incomplete.rpartition(",") if self.selector else ("", "", incomplete)
        written = {word.strip().lower() for word in before.split(",")}
        return [
            CompletionItem(f"{before}{comma}{word}", help=meaning)
            for word, meaning in self._words()
            if word.lower().startswith(last.lower()) and word.lower() not in written
        ]

    def _words(self) -> Iterator[tuple[str, str]]:
        """Each word with what it means: groups of rules, codes, names."""
        from ctxlint.shell.rule_heads import rule_heads  # noqa: PLC0415 - likewise

        heads = rule_heads()
        if self.selector:
            yield _EVERY, "every rule"
            yield from ((group, "rules") for group in sorted({head.code[:4] for head in heads}))
        yield from ((head.code, head.name) for head in heads)
        yield from ((head.name, head.code) for head in heads)
