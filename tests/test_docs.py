"""What the documents say is so: README's output, tables and keys, links, the names in the architecture."""

from __future__ import annotations

import re
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner

from ctxlint import __version__
from ctxlint.cli import check, main
from ctxlint.model import ir
from ctxlint.model.sources import SourceFile
from ctxlint.reading import read_program
from ctxlint.reporting.format import all_formats
from ctxlint.rules.registry import all_rules
from ctxlint.shell.selection import Wish, select_codes
from ctxlint.shell.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
CONSOLE = re.compile(r"^```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)")


def section(heading: str) -> str:
    """The text below a heading of README."""
    found = re.search(
        rf"^## {re.escape(heading)}\n(?P<body>.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL
    )
    assert found is not None, heading
    return found["body"]


def rows(text: str) -> list[list[str]]:
    """The rows of a table, without its head."""
    lines = [line.strip("| ") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[2:]]


def option_names(command: click.Command) -> set[str]:
    """The long names of a command's options."""
    options = [option for option in command.params if isinstance(option, click.Option)]
    return {
        name for option in options for name in (*option.opts, *option.secondary_opts) if name.startswith("--")
    }


# --- README --------------------------------------------------------------------------------------------------


def test_readme_shows_what_its_first_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, that is in full; without the colour."""
    shown = next(CONSOLE.finditer(README))
    words = shown["command"].rpartition(".venv/bin/ctxlint ")[2].split()
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, [*words, "--output-format", "full", "--color", "never"])
    assert (result.exit_code, result.output) == (1, shown["output"])


def test_readme_has_the_two_commands_that_ci_runs() -> None:
    """``.ci/run`` takes its commands from README, so they are the same ones; the second ends as pytest ends."""
    first, second = CONSOLE.finditer(README)
    assert first["command"].startswith("python3 -m venv .venv && .venv/bin/pip install -q . &&")
    assert second["command"].endswith("&& .venv/bin/python -m pytest -n 2 --dist worksteal")
    assert re.fullmatch(r"=+ \d+ passed(, \d+ (skipped|xfailed))* in [^=]+ =+\n", second["output"])
    assert "README.md" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_table_of_rules_is_the_registry() -> None:
    """Codes, names, severities, first sentences: none missing, none invented."""
    expected = [
        [rule.code, f"`{rule.name}`", rule.severity + ("" if rule.default else ", opt-in"), rule.summary]
        for rule in all_rules()
    ]
    assert rows(section("What it finds")) == expected


def test_what_is_not_there_yet_is_not_there() -> None:
    """A rule that exists is not announced as planned."""
    planned = section("What is not there yet")
    assert [rule.code for rule in all_rules() if rule.code in planned and rule.code != "CTX904"] == []


def test_every_option_is_told_and_every_told_option_exists() -> None:
    """Of ``check``; ``--help`` explains itself."""
    told = {name for row in rows(section("Options")) for name in re.findall(r"`(--[a-z-]+)`", row[0])}
    assert told == option_names(check) - {"--help"}


def test_the_formats_are_told() -> None:
    """All of them, in the row of their option."""
    row = next(row for row in rows(section("Options")) if "--output-format" in row[0])
    assert set(re.findall(r"`([a-z-]+)`", row[1])) == set(all_formats())


def test_the_configuration_example_is_accepted() -> None:
    """Its keys, types and rules; and the keys that the text lists are all there are."""
    options = section("Options")
    block = re.search(r"```toml\n(?P<toml>.*?)```", options, re.DOTALL)
    assert block is not None
    settings = msgspec.convert(msgspec.toml.decode(block["toml"])["tool"]["ctxlint"], Settings)
    assert select_codes(all_rules(), [Wish(settings.select, settings.ignore or ())]) != frozenset()
    listed = re.search(r"Its keys are (?P<keys>.*?)\. Unknown", options, re.DOTALL)
    assert listed is not None
    keys = {name.replace("_", "-") for name in Settings.__struct_fields__}
    assert set(re.findall(r"`([a-z-]+)`", listed["keys"])) == keys


# --- all documents -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Links between files of the project."""
    targets = [match["target"] for match in LINK.finditer(document.read_text("utf-8"))]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_changelog_knows_this_version() -> None:
    """As Keep a Changelog writes it."""
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_modules_of_the_architecture_exist() -> None:
    """Every path that ends in ``.py`` or ``.toml``, below ``src/ctxlint`` or from the root."""
    named = set(re.findall(r"`([\w/]+\.(?:py|toml))`", ARCHITECTURE))
    missing = [
        name
        for name in named
        if not (ROOT / "src" / "ctxlint" / name).exists() and not (ROOT / name).exists()
    ]
    assert sorted(missing) == []


def test_the_worked_example_of_the_architecture_is_what_the_analysis_makes_of_it() -> None:
    """The nodes and events in their order, and the exits of the one site."""
    example = re.search(
        r"```python\n(?P<code>async def handle.*?)```.*?```\n(?P<ir>Do.*?)```", ARCHITECTURE, re.DOTALL
    )
    assert example is not None
    source = (
        "from contextvars import ContextVar\n"
        "tenant = ContextVar('tenant')\n"
        "def enter_tenant(name):\n    return tenant.set(name)\n"
        "async def view(request): ...\n" + example["code"]
    ).encode()
    program, _ = read_program([SourceFile("/a.py", "a.py", ("/",))], lambda _: source, {"/a.py": source}, {})
    (handle,) = [scope for scope in program.functions() if scope.qualname == "handle"]
    kinds = (ir.Event, ir.GuardNode, ir.Structure)
    names = {name for name, value in vars(ir).items() if isinstance(value, type) and issubclass(value, kinds)}
    said = [word for word in re.findall(r"[A-Z]\w+", example["ir"]) if word in names]
    assert said == re.findall(rf"\b({'|'.join(names)})(?=\()", repr(program.body(handle)))
    outcome = program.outcome(handle)
    assert outcome is not None
    exits = {(leaving.kind, leaving.fate, leaving.raised) for leaving in outcome.sites[0].exits}
    assert exits == {
        ("normal", "released", ""),
        ("raise", "held", "Exception"),
        ("raise", "held", "asyncio.CancelledError"),
    }


def test_the_architecture_names_every_room_and_every_dependency() -> None:
    """A package or a dependency without a reason is one too many."""
    rooms = {path.name for path in (ROOT / "src" / "ctxlint").iterdir() if (path / "__init__.py").exists()}
    project = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    packages = {re.split(r"[\[<>=;! ]", line)[0] for line in wanted}
    assert sorted(room for room in rooms if f"`{room}/`" not in ARCHITECTURE) == []
    assert sorted(name for name in packages if f"| {name} |" not in ARCHITECTURE) == []
