"""The shape of the command line: a group with a default command, and errors told in one line.

Knows click and no rule: which command words mean, how help shows the default command's options, how a wrong
word is answered with the nearest right one. The commands themselves are in ``cli.py``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.terminal import never_fail_to_encode, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    _WordType = click.ParamType[str]
else:
    _WordType = click.ParamType  # generic since click 8.2 only

WRONG = 2
INTERRUPTED = 130


class Word(_WordType):
    """One of a few words. The words are asked for only when the option is used, or help is shown."""

    name = "word"

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        """Keep the question."""
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return the words, as click shows a choice."""
        del param, ctx
        return f"[{'|'.join(self.words())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's own signature
        """Return the word, or an error with the nearest right one."""
        del ctx
        words = self.words()
        if value in words:
            return str(value)
        option = param.opts[0] if param else "value"
        hint = did_you_mean(str(value), words) or f": choose from {', '.join(words)}"
        raise WrongUsage(f"{option} has no '{value}'{hint}")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the words that begin like ``incomplete``."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a completing shell needs it

        del ctx, param
        return [CompletionItem(word) for word in self.words() if word.startswith(incomplete)]


class DefaultGroup(click.Group):
    """A group in which arguments without a command are those of ``default``."""

    default = "check"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command first: the one that is written, or the default one."""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if (args[0] in own) if args else ctx.resilient_parsing:  # a shell completes: nothing is implied yet
            return super().parse_args(ctx, args)
        if not args or args[0] not in self.commands:
            at = self._place_of_command(args)
            command = [self.default] if at is None else [args.pop(at)]
            args = [*command, *args]
            ctx.meta["ctxlint.implied"] = at is None
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage, commands, the group's options, then those of the default command."""
        formatter.write_usage(ctx.command_path, f"[{self.default}] [OPTIONS] [PATHS]...")
        self.format_help_text(ctx, formatter)
        self.format_commands(ctx, formatter)
        default = self.commands[self.default]
        options = [option for option in default.get_params(ctx) if isinstance(option, click.Option)]
        rows = [row for option in options if (row := option.get_help_record(ctx)) is not None]
        with formatter.section(f"Options of {self.default}, the default command"):
            formatter.write_dl([row for row in rows if "--help" not in row[0]])
        own = [row for option in self.get_params(ctx) if (row := option.get_help_record(ctx)) is not None]
        with formatter.section("Other options"):
            formatter.write_dl(own)
        self.format_epilog(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and the default command's options and paths."""
        default = self.commands[self.default]
        own = super().shell_complete(ctx, incomplete)
        known = {item.value for item in own}
        with click.Context(default, parent=ctx, info_name=self.default) as inner:
            more = default.shell_complete(inner, incomplete)
            if not incomplete.startswith("-"):
                for parameter in default.params:
                    if isinstance(parameter, click.Argument):
                        more += parameter.shell_complete(inner, incomplete)
        return own + [item for item in more if item.value not in known or item.type != "plain"]

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401 - click's own signature
        """Run, tell every error in one line, and exit: 2 for wrong usage, 130 for an interrupt."""
        never_fail_to_encode()
        kwargs.setdefault("prog_name", self.name)
        kwargs["standalone_mode"] = False
        try:
            result = super().main(*args, **kwargs)
        except (click.ClickException, WrongUsage) as error:
            say(f"{self.name}: error: {_one_line(error)}")
            sys.exit(WRONG)
        except Exception as error:  # noqa: BLE001 - the last boundary: a crash must not look like findings (1)
            import traceback  # noqa: PLC0415 - only a crash needs it

            traceback.print_exc()
            say(f"{self.name}: internal error: {type(error).__name__}: {error}")
            sys.exit(WRONG)
        sys.exit(result if isinstance(result, int) else 0)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an interrupt ends it without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            return INTERRUPTED

    def _place_of_command(self, args: Sequence[str]) -> int | None:
        """Where a command stands after options of the default one (``-q check src``), if it does."""
        options = {name: option for option in self.commands[self.default].params for name in option.opts}
        at = 0
        while at < len(args) and args[at].startswith("-") and args[at] != "--":
            option = options.get(args[at])
            takes_value = isinstance(option, click.Option) and not option.is_flag and not option.count
            at += 2 if takes_value else 1
        return at if at < len(args) and args[at] in self.commands else None


def _one_line(error: Exception) -> str:
    if isinstance(error, click.NoSuchOption):
        from ctxlint.shell.elsewhere import OPTIONS  # noqa: PLC0415 - only a wrong option asks

        if error.option_name in OPTIONS:
            return f"no such option: {error.option_name}: {OPTIONS[error.option_name]}"
        known = error.possibilities or (_options_of(error.ctx) if error.ctx else [])
        return f"no such option: {error.option_name}{did_you_mean(error.option_name, known)}"
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    text = " ".join(text.split())
    return text[:1].lower() + text[1:] if text[:2].istitle() else text


def _options_of(context: click.Context) -> list[str]:
    return [
        name
        for option in context.command.get_params(context)
        for name in (*option.opts, *option.secondary_opts)
    ]
