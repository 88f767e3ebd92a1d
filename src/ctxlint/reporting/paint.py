"""Colour: the few styles of a report, and a painter that applies them by rich, or leaves the text alone.

rich is imported only for a painter that colours.
"""

from __future__ import annotations

from collections.abc import Callable

Paint = Callable[[str, str], str]

STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "name": "bold",
    "place": "cyan",
    "gutter": "blue",
    "step": "bold blue",
    "help": "bold green",
    "quiet": "dim",
}


def painter(*, colour: bool) -> Paint:
    """Return a function of a style's name and a text."""
    if not colour:
        return lambda _style, text: text
    from rich.color import ColorSystem  # noqa: PLC0415 - a report without colour needs no rich
    from rich.style import Style  # noqa: PLC0415

    styles = {name: Style.parse(definition) for name, definition in STYLES.items()}
    return lambda style, text: styles[style].render(text, color_system=ColorSystem.STANDARD)
