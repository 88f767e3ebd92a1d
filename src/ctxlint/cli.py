"""The command line: ``ctxlint [check] PATHS…``, ``ctxlint why FILE:LINE``, ``ctxlint rule CODE|NAME|--all`` and
``ctxlint clean PATHS…``.

Decides options, exit codes and which stream gets what. What a run is, is in ``shell/session.py``; what a
report looks like, in ``reporting/``. Exit 0: nothing found, or only notes. 1: findings. 2: wrong usage, or an
internal error. 130: interrupted. Shell completion is click's: ``eval "$(_CTXLINT_COMPLETE=bash_source
ctxlint)"`` (or ``zsh_source``, ``fish_source``).

Start-up is part of the contract (pre-commit starts the tool for single files): the engine, rules and formats
are imported by the commands that need them.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ctxlint import __version__
from ctxlint.shell.command import WRONG, DefaultGroup, Word
from ctxlint.shell.rule_words import Rules
from ctxlint.shell.terminal import ColorChoice, is_terminal, put, say, wants_colour, width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctxlint.reporting.format import View
    from ctxlint.shell.outputs import Outputs
    from ctxlint.shell.session import Outcome

FOUND = 1
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
_EPILOG = """Exit codes: 0 nothing found (or only notes), 1 findings, 2 wrong usage or an internal error.
 Colour: NO_COLOR, FORCE_COLOR. Completion: eval "$(_CTXLINT_COMPLETE=bash_source ctxlint)"."""
_Command = TypeVar("_Command", bound="Callable[..., Any]")


def _format_names() -> Sequence[str]:
    from ctxlint.reporting.format import format_names  # noqa: PLC0415 - only when the option is used

    return format_names()


def _list_of(name: str, meaning: str) -> Callable[[_Command], _Command]:
    """Make an option that takes a comma list and may be repeated."""
    return click.option(name, multiple=True, metavar="LIST", help=meaning)


def _rules(name: str, meaning: str) -> Callable[[_Command], _Command]:
    """Make such an option of rules, which a shell completes."""
    return click.option(name, multiple=True, metavar="LIST", type=Rules(selector=True), help=meaning)


@click.group(name="ctxlint", cls=DefaultGroup, context_settings=_CONTEXT, epilog=_EPILOG)
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="ctxlint")
def main() -> None:
    """Find misuse of Python's contextvars: leaked values, lost values, shared defaults."""
    # Nearly all that a run makes lives to its end: to look for garbage as often as usual costs a tenth of the time.
    gc.set_threshold(200_000, 30, 30)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path())
@_rules("--select", "Show these rules only: codes, beginnings of codes, names, ALL; comma list, repeatable.")
@_rules("--ignore", "Do not show these rules.")
@_rules("--extend-select", "Show these rules too.")
@_rules("--extend-ignore", "Do not show these rules either.")
@_list_of("--per-file-ignores", "PATTERN:CODE: do not show these rules in the files of a pattern.")
@click.option("--target-version", metavar="pyXYZ", help="The oldest Python that the project supports.")
@click.option("--output-format", type=Word(_format_names), help="Default: full on a terminal, else concise.")
@click.option(
    "--output",
    multiple=True,
    metavar="FORMAT:PATH",
    help="Write a report to a file too ('-': the standard output). Repeatable.",
)
@click.option("--statistics", is_flag=True, help="Print how often each rule was reported, not where.")
@click.option(
    "--config",
    multiple=True,
    type=click.Path(),
    metavar="FILE|KEY=VALUE",
    help="A configuration file, or one key as TOML.",
)
@click.option(
    "--isolated", is_flag=True, help="Read no configuration; the given paths alone are the program."
)
@_list_of("--exclude", "Patterns of files and folders to leave out, in place of the default ones.")
@_list_of("--extend-exclude", "Patterns to leave out besides.")
@click.option("--force-exclude", is_flag=True, help="Apply excludes to given paths too.")
@click.option(
    "--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what git ignores (default)."
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option(
    "--cache-dir",
    type=click.Path(),
    metavar="DIR",
    help="Where the cache is; default: CTXLINT_CACHE_DIR, else .ctxlint_cache in the project.",
)
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="Do not show the findings that are known in FILE.",
)
@click.option("--write-baseline", is_flag=True, help="Make all findings known in the baseline.")
@click.option("--prune-baseline", is_flag=True, help="Remove from the baseline what is not found any more.")
@click.option("--since", metavar="REV", help="Show only what touches lines changed since a git revision.")
@click.option("--add-noqa", is_flag=True, help="Suppress what is found, with comments in the files.")
@click.option(
    "--stdin-filename",
    type=click.Path(),
    metavar="FILE",
    help="The file that the standard input (`-`) stands for.",
)
@click.option("--show-files", is_flag=True, help="Print which files would be checked.")
@click.option("--show-settings", is_flag=True, help="Print the settings, and where each comes from.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option(
    "--color", type=Word(lambda: ("auto", "always", "never")), default="auto", help="When to colour."
)
@click.option("-q", "--quiet", is_flag=True, help="Print findings only.")
@click.option("-v", "--verbose", is_flag=True, help="Print what the run cost.")
@click.pass_context
def check(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401 - click's options
    """Check PATHS (default: the current folder) and print what is found."""
    from ctxlint.shell import session  # noqa: PLC0415 - `rule` and `--help` start without the engine
    from ctxlint.shell.asking import request_of  # noqa: PLC0415 - likewise

    if context.meta.get("ctxlint.implied"):
        _reject_mistyped_command(paths)
    request = request_of(paths, options)
    plan = session.plan(request)
    if options["show_files"] or options["show_settings"]:
        from ctxlint.shell.showing import files_of, settings_of  # noqa: PLC0415 - most runs check

        put(settings_of(plan) if options["show_settings"] else files_of(plan))
        return 0
    from ctxlint.shell.steps import steps_of  # noqa: PLC0415 - likewise

    out = _outputs(plan.output_format(), options)
    steps = steps_of(options, request.paths, from_stdin=bool(request.overlay))
    if is_terminal(sys.stderr) and not options["quiet"]:
        from ctxlint.shell.progress import ProgressBar  # noqa: PLC0415 - only where there is a terminal

        with ProgressBar() as bar:
            outcome = session.run(plan, bar.advance)
    else:
        outcome = session.run(plan)
    taken = steps.take(outcome, session.reader(request.overlay), lambda: session.run_around(plan))
    _print_beside(taken.outcome, options)
    if taken.done:
        put(f"{taken.done}\n")
    else:
        _print(taken.outcome, out, options, passed=not taken.stale)
    for remark in taken.remarks:
        say(f"ctxlint: {remark}")
    if taken.outcome.report.failures or taken.failed:
        return WRONG
    found = any(entry.severity != "note" for entry in taken.outcome.report.diagnostics)
    return FOUND if (taken.stale or (found and not taken.done)) and not options["exit_zero"] else 0


@main.command()
@click.argument("words", metavar="[CODE|NAME]...", nargs=-1, type=Rules(selector=False))
@click.option("--all", "every", is_flag=True, help="Explain every rule.")
@click.option(
    "--output-format", type=Word(lambda: ("text", "json")), default="text", help="text (default) or json."
)
@click.option(
    "--color", type=Word(lambda: ("auto", "always", "never")), default="auto", help="When to colour."
)
def rule(words: tuple[str, ...], every: bool, output_format: str, color: ColorChoice) -> int:  # noqa: FBT001 - click's flag
    """Explain rules, named by CODE or NAME."""
    from ctxlint.shell.explain import as_json, as_markdown, chosen_rules, on_terminal  # noqa: PLC0415

    rules = chosen_rules(words, every=every)
    if output_format == "json":
        put(as_json(rules, as_array=every or len(rules) > 1))
    elif wants_colour(sys.stdout, color):
        put(on_terminal(rules, width()))
    else:
        put(as_markdown(rules))
    return 0


@main.command()
@click.argument("places", metavar="FILE[:LINE[:COLUMN]]...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--output-format", type=Word(lambda: ("text", "json")), default="text", help="text (default) or json."
)
def why(places: tuple[str, ...], output_format: str, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Tell why something in a line is reported, or why it is not."""
    from ctxlint.reporting.why import nothing_there, render, render_json  # noqa: PLC0415
    from ctxlint.shell.asking import request_of  # noqa: PLC0415 - other commands start without it
    from ctxlint.shell.why import ask  # noqa: PLC0415 - likewise

    told = ask(request_of(places, {**options, "output_format": None}))
    for warning in dict.fromkeys(warning for each in told for warning in each.warnings):
        say(f"ctxlint: warning: {warning}")
    draw = render_json if output_format == "json" else render
    put(draw([each.answer for each in told], _view(options["color"])))
    empty = [each for each in told if not each.answer.entries]
    for each in empty:
        say(f"ctxlint: {nothing_there(each.answer, each.target.written)}")
    return FOUND if empty else 0


_OF_CHECK_ALONE = (
    "output_format", "output", "statistics", "exit_zero", "quiet", "verbose", "baseline", "write_baseline",
    "prune_baseline", "since", "add_noqa", "stdin_filename", "show_files", "show_settings",
)  # fmt: skip
why.params += [
    option
    for option in check.params
    if isinstance(option, click.Option) and option.name not in _OF_CHECK_ALONE
]


@main.command()
@click.argument("paths", nargs=-1, type=click.Path())
def clean(paths: tuple[str, ...]) -> int:
    """Remove the caches of PATHS (default: the current folder) and below them."""
    from ctxlint.shell.session import caches_of  # noqa: PLC0415

    removed = [_remove_cache(folder) for folder in caches_of(paths or (".",))]
    return 0 if all(removed) else WRONG


def _remove_cache(folder: str) -> bool:
    """Remove one cache and say so; False if that cannot be."""
    from ctxlint.shell.memory import remove_cache  # noqa: PLC0415

    try:
        remove_cache(folder)
    except OSError as error:
        say(f"ctxlint: error: cannot remove the cache in {folder}: {error.strerror or error}")
        return False
    put(f"Removed the cache in {folder}\n")
    return True


def _reject_mistyped_command(paths: Sequence[str]) -> None:
    """Answer a first path that does not exist and looks like a command with a slip in it, or is one elsewhere."""
    import os  # noqa: PLC0415 - for this one question

    from ctxlint.shell.discovery import did_you_mean_sibling  # noqa: PLC0415
    from ctxlint.shell.nearest import WrongUsage, nearest  # noqa: PLC0415

    if not paths or os.path.lexists(paths[0]):
        return
    from ctxlint.shell.elsewhere import COMMANDS  # noqa: PLC0415 - only here

    if paths[0] in COMMANDS:
        raise WrongUsage(f"no such command or path: '{paths[0]}': write {COMMANDS[paths[0]]}")
    command = nearest(paths[0], main.commands)
    if command and not did_you_mean_sibling(paths[0]):
        raise WrongUsage(f"no such command or path: '{paths[0]}' — did you mean 'ctxlint {command}'?")


def _outputs(configured: tuple[str, str] | None, options: dict[str, Any]) -> Outputs:
    """Return where the reports go, and in which formats."""
    from ctxlint.shell.outputs import outputs  # noqa: PLC0415 - `rule` and `--help` start without

    name, origin = configured or ("full" if is_terminal(sys.stdout) else "concise", "")
    return outputs(options["output"], name, origin, statistics=options["statistics"])


def _print_beside(outcome: Outcome, options: dict[str, Any]) -> None:
    """Write to the standard error what is no finding."""
    for warning in outcome.warnings:
        say(f"ctxlint: warning: {warning}")
    for note in outcome.notes if options["verbose"] else ():
        say(f"ctxlint: note: {note}")
    if not outcome.checked:
        say("ctxlint: warning: no Python files found under the given paths")
    for failure in outcome.report.failures:
        say(f"ctxlint: internal error in {failure.stage}, {failure.filename}: {failure.message}")


def _print(outcome: Outcome, out: Outputs, options: dict[str, Any], *, passed: bool) -> None:
    """Write the reports; beside a document the summary goes to the standard error."""
    from ctxlint.reporting.summary import account, summarise  # noqa: PLC0415
    from ctxlint.shell.outputs import write_files  # noqa: PLC0415

    view = _view(options["color"])
    write_files(out, outcome.report, view)
    put(out.stdout.render(outcome.report, view))
    if options["quiet"]:
        return
    last = ([account(outcome.report)] if options["verbose"] else []) + [
        summarise(outcome.report, outcome.checked, passed=passed)
    ]
    for line in last:
        say(line) if out.stdout.machine else put(line + "\n")


def _view(color: ColorChoice) -> View:
    from ctxlint.shell.outputs import view_of  # noqa: PLC0415

    return view_of(colour=wants_colour(sys.stdout, color), width=width())
