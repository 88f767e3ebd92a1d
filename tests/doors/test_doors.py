"""The three doors over one project: the command line, flake8 and pre-commit find the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import project

LOCAL = """\
repos:
- repo: local
  hooks:
  - id: ctxlint
    name: ctxlint
    entry: {python} -m ctxlint check --force-exclude --output-format concise
    language: system
    types_or: [python, pyi]
    require_serial: true
"""
FLAKE8 = """\
repos:
- repo: local
  hooks:
  - id: flake8
    name: flake8
    entry: {python} -m flake8 --extend-ignore E,F,W,C9
    language: system
    types: [python]
    require_serial: true
"""


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return project.make(tmp_path / "orders")


def at_the_command_line(folder: Path, *words: str) -> set[project.Found]:
    return project.from_json(
        project.run(folder, "ctxlint", "--output-format", "json", *(words or (".",))).stdout, folder
    )


def pre_commit(folder: Path, config: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / ".pre-commit-config.yaml").write_text(config.format(python=sys.executable))
    project.git(folder, "add", ".pre-commit-config.yaml")
    store = str(folder.parent / "pre-commit-home")
    return project.run(folder, "pre_commit", "run", *words, PRE_COMMIT_HOME=store)


def test_the_example_has_findings_in_several_files(example: Path) -> None:
    assert len({found.path for found in at_the_command_line(example)}) > 1


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_flake8_finds_what_the_command_line_finds(example: Path, jobs: str) -> None:
    shown = project.run(example, "flake8", *project.OURS, jobs).stdout

    assert project.from_lines(shown) == at_the_command_line(example)


def test_flake8_finds_the_same_file_by_file(example: Path) -> None:
    """As an editor asks it."""
    together = at_the_command_line(example)
    for path in sorted(example.rglob("*.py")):
        name = str(path.relative_to(example))
        shown = project.run(example, "flake8", *project.OURS, name).stdout
        assert project.from_lines(shown) == {found for found in together if found.path == name}


def test_pre_commit_finds_the_same_in_all_files(example: Path) -> None:
    result = pre_commit(example, LOCAL, "--all-files")

    assert result.returncode == 1
    assert project.from_lines(result.stdout) == at_the_command_line(example)


def test_pre_commit_links_the_whole_program_for_a_file(example: Path) -> None:
    """Of the staged files alone, with what the others say of them."""
    together = at_the_command_line(example)
    name = max(found.path for found in together)
    (example / name).write_text((example / name).read_text() + "\n")
    project.git(example, "add", name)
    shown = pre_commit(example, LOCAL).stdout

    assert project.from_lines(shown) == {found for found in together if found.path == name}


def test_pre_commit_honours_excludes(example: Path) -> None:
    name = max(found.path for found in at_the_command_line(example))
    settings = example / "pyproject.toml"
    settings.write_text(settings.read_text() + f'\n[tool.ctxlint]\nextend-exclude = ["{Path(name).name}"]\n')
    shown = project.from_lines(pre_commit(example, LOCAL, "--all-files").stdout)

    assert shown
    assert name not in {found.path for found in shown}


def test_pre_commit_runs_flake8_with_the_plugin(example: Path) -> None:
    shown = pre_commit(example, FLAKE8, "--all-files").stdout

    assert project.from_lines(shown) == at_the_command_line(example)


def test_the_manifest_is_valid() -> None:
    result = project.run(project.ROOT, "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml")

    assert (result.returncode, result.stdout) == (0, "")


# --- with the network --------------------------------------------------------------------------------------

HOOK = """\
repos:
- repo: {repository}
  rev: {revision}
  hooks:
  - id: ctxlint
    args: [--output-format, concise]
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository that holds ctxlint as it is here, as if it were the published one."""
    folder = tmp_path_factory.mktemp("published") / "ctxlint"
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(project.ROOT / name, folder)
    shutil.copytree(
        project.ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache")
    )
    project.git(folder, "init", "-q")
    project.git(folder, "add", "-A")
    project.git(folder, "commit", "-q", "-m", "ctxlint")
    return folder


@pytest.mark.network
def test_the_hook_installs_and_finds_the_same(example: Path, published: Path) -> None:
    revision = project.git(published, "rev-parse", "HEAD").strip()
    config = HOOK.format(repository=published, revision=revision)
    result = pre_commit(example, config, "--all-files")

    assert project.from_lines(result.stdout) == at_the_command_line(example), result.stdout + result.stderr
    assert result.returncode == 1


@pytest.mark.network
@pytest.mark.parametrize("requirement", ["flake8==6.*", "flake8==7.*"])
def test_flake8_of_both_versions_finds_the_same(
    example: Path, tmp_path: Path, published: Path, requirement: str
) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    install = [str(python), "-m", "pip", "install", "-q", requirement, str(published)]
    subprocess.run(install, check=True, capture_output=True)
    shown = subprocess.run(
        [str(python), "-m", "flake8", *project.OURS], cwd=example, capture_output=True, text=True, check=False
    ).stdout

    assert project.from_lines(shown) == at_the_command_line(example)
