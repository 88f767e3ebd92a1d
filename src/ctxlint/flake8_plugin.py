"""The flake8 door: ``CTX`` findings beside flake8's own, equal to those of the command line.

flake8 shows one file at a time; a finding may need the whole program. So the program that a file belongs to is
judged once, as ``ctxlint`` judges it, for all processes that ask (``shell/shared_findings.py``), and each file takes
its findings from there. Whether there is anything to judge is asked of the program, not of the file: a hop's file
may name no variable. Only a file whose tree is imports and constants is let off at once. Text that flake8 holds and
the disk does not (standard input, editors) is laid over the file, and the program judged with it.

Codes are chosen by flake8's options and by ``[tool.ctxlint]``, flake8's winning: what it selects by name is asked
for here too, opt-in rules are computed only then, and what it ignores it leaves out itself. ``# noqa`` is flake8's, so
CTX902 is off. A failure inside never ends flake8's run: it is reported as CTX900 beside the first file that meets it,
once in each process, and said on the standard error.
"""

from __future__ import annotations

import ast
import os
import sys
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ctxlint import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from ctxlint.shell.layers import Configurations, Request
    from ctxlint.shell.shared_findings import Line

STDIN = "-"
PREFIX = "CTX"
FAILED = "CTX900"
UNUSED_SUPPRESSION = "CTX902"  # suppressions are flake8's own here

_CONFIGURATIONS = ("ctxlint.toml", ".ctxlint.toml", "pyproject.toml")


class Judgement(NamedTuple):
    """The findings of a program by absolute path, the files for which they speak, and what went wrong."""

    lines: Mapping[str, Sequence[Line]]
    paths: frozenset[str]
    problems: tuple[str, ...] = ()


class Choices(NamedTuple):
    """What flake8's options say of us."""

    paths: tuple[str, ...] = ()
    overlays: bool = True
    enabled: bool = True
    selected: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    isolated: bool = False
    no_cache: bool = False
    settings: Mapping[str, Any] = {}


class Plugin:
    """What flake8 makes for each file."""

    name = "ctxlint"
    version = __version__
    choices: ClassVar[Choices] = Choices()
    _judged: ClassVar[dict[tuple[str, ...], Judgement]] = {}
    _begins: ClassVar[dict[str, str | None]] = {}
    _configurations: ClassVar[Configurations | None] = None
    _told: ClassVar[set[str]] = set()

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str) -> None:
        """Keep what flake8 read; nothing is done before ``run``."""
        self.tree = tree
        self.lines = lines
        self.filename = filename

    @classmethod
    def add_options(cls, manager: Any) -> None:  # noqa: ANN401 - flake8's OptionManager, which is not a dependency
        """Add our options, and make the opt-in rules opt-in for flake8 too: ``--extend-select CTX115`` shows them."""
        from ctxlint.shell.opt_in import opt_in_codes  # noqa: PLC0415 - with the door, not with the module

        manager.extend_default_ignore([*opt_in_codes()])
        as_path = {"parse_from_config": True, "normalize_paths": True, "metavar": "PATH"}
        add = manager.add_option
        add("--ctxlint-config", **as_path, help="Configuration of ctxlint, in place of the closest one.")
        add(
            "--ctxlint-src",
            **{**as_path, "comma_separated_list": True, "metavar": "PATHS"},
            help="Folders at which import names start.",
        )
        add(
            "--ctxlint-target-version",
            parse_from_config=True,
            metavar="VERSION",
            help="The oldest Python that the project supports, as py310.",
        )
        add("--ctxlint-cache-dir", **as_path, help="Where the cache of ctxlint is.")
        for name, meaning in (
            (
                "--ctxlint-isolated",
                "Read no configuration of ctxlint; the given paths alone are the program.",
            ),
            ("--ctxlint-no-cache", "Neither read nor write the cache of ctxlint."),
        ):
            add(name, action="store_true", parse_from_config=True, help=meaning)

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Remember what is checked, which codes flake8 asks for, and whether it may hold text that the disk lacks."""
        given: Sequence[str] = getattr(options, "filenames", None) or (os.curdir,)
        existing = [path for path in given if path != STDIN and os.path.exists(path)]  # noqa: PTH110 - as text
        if STDIN in given:  # a name alone: the file need not exist
            existing += filter(None, [getattr(options, "stdin_display_name", None)])
        ours = _ours(options, "select", "extend_select")
        source = getattr(options, "ctxlint_src", None)
        cls.choices = Choices(
            tuple(map(os.path.abspath, existing)),
            STDIN in given,
            _asks_for_us(options, ours),
            ours,
            tuple(filter(None, [getattr(options, "ctxlint_config", None)])),
            bool(getattr(options, "ctxlint_isolated", False)),
            bool(getattr(options, "ctxlint_no_cache", False)),
            {
                "src": tuple(source) if source else None,
                "target_version": getattr(options, "ctxlint_target_version", None),
                "cache_dir": getattr(options, "ctxlint_cache_dir", None),
            },
        )
        if cls.choices.enabled and ours:  # a narrow selection wants to hear that it was not looked for
            options.extend_select = [*(getattr(options, "extend_select", None) or ()), FAILED]
        if cls.choices.enabled and _selects(cls.choices):
            cls._lift_default_ignores(options)

    @classmethod
    def _lift_default_ignores(cls, options: argparse.Namespace) -> None:
        """Let flake8 show the opt-in codes that ``[tool.ctxlint]`` selects. A wrong configuration is told later."""
        from ctxlint.shell.nearest import WrongUsage  # noqa: PLC0415 - only where a configuration selects

        try:
            chosen = _configured(cls.choices)
        except WrongUsage:
            return
        ignored = getattr(options, "extended_default_ignore", None)
        if ignored is not None:
            options.extended_default_ignore = [code for code in ignored if code not in chosen]

    @classmethod
    def forget(cls) -> None:
        """Forget every judgement, for a process that outlives the files' contents."""
        cls._judged.clear()
        cls._begins.clear()
        cls._configurations = None
        cls._told.clear()

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield row, column from 0, code with message, and this class."""
        if not self.choices.enabled or _holds_nothing(self.tree):
            return
        path = os.path.abspath(self.filename)  # noqa: PTH100 - as text
        judgement = self._judgement_of(path, self._overlay(path) if self.choices.overlays else {})
        for problem in judgement.problems:
            if problem not in self._told:
                self._told.add(problem)
                sys.stderr.write(f"ctxlint: {problem}\n")
                yield 1, 0, f"{FAILED} {problem}", type(self)
        for line in judgement.lines.get(path, ()):
            if line.code != UNUSED_SUPPRESSION:
                yield line.row, line.column - 1, f"{line.code} {line.message}", type(self)

    def _judgement_of(self, path: str, overlay: Mapping[str, bytes]) -> Judgement:
        """Return the judgement of the program of the given path that holds the file.

        What a project leaves out, and the path was given, is judged as given; a file below a given folder that the
        program leaves out is one that the command line would not report.
        """
        given = max((top for top in self.choices.paths if _is_below(path, top)), key=len, default=path)
        program = self._program_of(given)
        judgement = self._once(program, overlay)
        if path in judgement.paths or judgement.problems or program == (given,):
            return judgement
        if given == path or not any(_is_below(known, given) for known in judgement.paths):
            return self._once((given,), overlay)
        return judgement

    def _program_of(self, given: str) -> tuple[str, ...]:
        """Return the paths that stand for the whole program of a given one: its project, or all that have none."""
        root = self._begin_of(given)
        if root is not None and not self.choices.settings.get("src"):
            return (root,)
        alike = [path for path in self.choices.paths if self._begin_of(path) == root]
        return tuple(dict.fromkeys([*alike, given] if given not in alike else alike))

    @classmethod
    def _begin_of(cls, path: str) -> str | None:
        """Return where the program of a path begins, asked once: every file of a run asks for that of its given path.

        None where the given paths are all of it, or where a configuration is wrong: who judges tells so.
        """
        if cls.choices.isolated or path in cls._begins:
            return cls._begins.get(path)
        from ctxlint.shell.layers import Configurations, folder_of  # noqa: PLC0415 - a file without content asks nothing
        from ctxlint.shell.nearest import WrongUsage  # noqa: PLC0415 - likewise

        try:
            cls._configurations = cls._configurations or Configurations(_request(cls.choices, (), {}))
            cls._begins[path] = cls._configurations.program_of(folder_of(path))
        except WrongUsage:
            cls._begins[path] = None
        return cls._begins[path]

    def _once(self, paths: tuple[str, ...], overlay: Mapping[str, bytes]) -> Judgement:
        if overlay:
            return _judge(self.choices, paths, overlay)
        if paths not in self._judged:
            self._judged[paths] = _judge(self.choices, paths, overlay)
        return self._judged[paths]

    def _overlay(self, path: str) -> dict[str, bytes]:
        """Return the file's text as bytes under its path if it differs from what the disk has, else nothing."""
        held = _encoded("".join(self.lines))
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - path is text
                disk = file.read()
        except OSError:
            return {path: held}
        same = disk.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n") == held.replace(b"\r\n", b"\n")
        return {} if same else {path: held}


def _ours(options: argparse.Namespace, *names: str) -> tuple[str, ...]:
    """The words of flake8's options that begin one of our codes, or that one of them begins."""
    words = (word for name in names for word in getattr(options, name, None) or ())
    return tuple(word for word in words if word.startswith(PREFIX) or PREFIX.startswith(word))


def _asks_for_us(options: argparse.Namespace, selected: Sequence[str]) -> bool:
    """Whether flake8 can show anything of ours: something is selected, and not all that is selected is ignored."""
    if getattr(options, "select", None) and not selected:
        return False
    broad = (word for word in _ours(options, "ignore", "extend_ignore") if PREFIX.startswith(word))
    ignored = max(map(len, broad), default=0)
    return not ignored or any(len(word) > ignored for word in selected)


def _holds_nothing(tree: ast.AST) -> bool:
    """Whether a module is imports and constants: no rule has a word for those, whatever the program."""
    body = getattr(tree, "body", ())
    return all(
        isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in body
    )


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(os.path.join(top, ""))  # noqa: PTH118 - as text


def _judge(choices: Choices, paths: tuple[str, ...], overlay: Mapping[str, bytes]) -> Judgement:
    """Judge the program of ``paths``. The one boundary at which nothing may reach flake8."""
    try:
        from ctxlint.shell.shared_findings import check_shared  # noqa: PLC0415 - see the module's docstring

        checked = check_shared(_request(choices, paths, overlay))
    except Exception as error:  # noqa: BLE001 - flake8 ends its run at any exception of a plugin
        return Judgement({}, frozenset(), (_told(error),))
    return Judgement(checked.findings.lines, checked.paths, checked.findings.failures)


def _told(error: Exception) -> str:
    from ctxlint.shell.nearest import WrongUsage  # noqa: PLC0415 - only where something is wrong

    text = str(error) if isinstance(error, WrongUsage) else f"internal error: {type(error).__name__}: {error}"
    return text.encode("utf-8", "replace").decode()  # flake8 prints text, and a path may be none


def _request(choices: Choices, paths: tuple[str, ...], overlay: Mapping[str, bytes]) -> Request:
    from ctxlint.shell.layers import Request  # noqa: PLC0415 - likewise
    from ctxlint.shell.settings import Settings  # noqa: PLC0415 - likewise

    selected = _named(choices.selected) if choices.selected else None
    return Request(
        paths,
        Settings(extend_select=selected, **choices.settings),
        choices.config,
        choices.isolated,
        choices.no_cache,
        overlay,
        caller="--ctxlint-",
    )


def _named(words: Sequence[str]) -> tuple[str, ...]:
    """Return the codes that begin like one of flake8's words; a word that means none of ours is not ours to tell."""
    from ctxlint.rules.registry import all_rules  # noqa: PLC0415 - only where flake8 selects by name

    return tuple(rule.code for rule in all_rules() if rule.code.startswith(tuple(words)))


def _selects(choices: Choices) -> bool:
    """Whether a configuration of ours that governs a checked path may select rules: told from its text, unparsed."""
    from ctxlint.shell.project import ancestors  # noqa: PLC0415 - with the options, not with the module

    if choices.isolated:
        return False
    named = [path for path in choices.config if os.path.isfile(path)]  # noqa: PTH113 - as text
    if named:
        return any(map(_mentions, named))
    folders = dict.fromkeys(folder for path in choices.paths for folder in ancestors(path))
    above = (os.path.join(folder, name) for folder in folders for name in _CONFIGURATIONS)  # noqa: PTH118 - as text
    return any(map(_mentions, above)) or bool(_nested(choices))


def _nested(choices: Choices) -> tuple[str, ...]:
    """The configurations below the checked folders that may select. Hidden folders are left out, as flake8 does."""
    found: list[str] = []
    for path in choices.paths:
        for folder, below, names in os.walk(path):
            below[:] = [name for name in below if not name.startswith(".")]
            found += [os.path.join(folder, name) for name in _CONFIGURATIONS if name in names]  # noqa: PTH118 - as text
    return tuple(filter(_mentions, found))


def _mentions(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - path is text
            text = file.read()
    except OSError:
        return False
    return (b"ctxlint" in text or not path.endswith("pyproject.toml")) and any(
        word in text for word in (b"select", b"extend", b"require-suppression-reason")
    )


def _configured(choices: Choices) -> frozenset[str]:
    """Return the codes that the configurations of the checked paths show."""
    from ctxlint.shell.choice import Choice  # noqa: PLC0415 - only where a configuration selects
    from ctxlint.shell.layers import Configurations, folder_of  # noqa: PLC0415 - likewise

    configurations = Configurations(_request(choices, (), {}))
    places = (*choices.paths, *(os.path.dirname(path) for path in _nested(choices)))  # noqa: PTH120 - as text
    files = sorted({configurations.file_for(folder_of(place)) for place in places})
    return frozenset(code for file in files for code in Choice(configurations.layers(file)).codes)


def _encoded(text: str) -> bytes:
    """Return the bytes whose declared encoding gives ``text``."""
    import io  # noqa: PLC0415
    import tokenize  # noqa: PLC0415

    plain = text.encode("utf-8", "surrogateescape")
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(plain).readline)
        return text.encode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return plain
