"""The command line: options, exit codes, error lines, streams."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from inspect import signature
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from ctxlint import __version__, engine
from ctxlint.cli import main
from ctxlint.model.sources import SourceFile
from ctxlint.reporting.format import format_names
from ctxlint.rules.registry import all_rules

if TYPE_CHECKING:
    from pathlib import Path

# click before 8.2 mixes the two streams unless told not to
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))
WRONG = "from contextvars import ContextVar\n\nseen = ContextVar('seen', default=[])\n"
MUTABLE_DEFAULT = "CTX201"


def finds_mutable_default() -> bool:
    """Ask the engine itself; while it is not whole, the tests of what findings look like wait."""
    codes = frozenset(rule.code for rule in all_rules())
    found = engine.check([SourceFile("/a.py", "a.py", ("/",))], lambda _path: WRONG.encode(), codes)
    return MUTABLE_DEFAULT in {entry.code for entry in found.diagnostics}


needs_rules = pytest.mark.skipif(not finds_mutable_default(), reason=f"{MUTABLE_DEFAULT} is not found yet")


def run(*words: str) -> Result:
    """Run the command in this process."""
    return RUNNER.invoke(main, words, env={"NO_COLOR": None, "FORCE_COLOR": None, "TERM": "xterm"})


def start(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "ctxlint", *words]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with one clean module, as the working directory."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/clean.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wrong(here: Path) -> Path:
    """Make the same with a module in which something is found."""
    (here / "src/wrong.py").write_text(WRONG)
    return here


CLEAN = "All checks passed: no findings in 1 file.\n"


@pytest.mark.parametrize("words", [(), ("src",), ("check",), ("check", "src"), (".",), ("src/clean.py",)])
@pytest.mark.usefixtures("here")
def test_check_is_the_default_command_and_here_the_default_path(words: tuple[str, ...]) -> None:
    result = run(*words)

    assert (result.exit_code, result.stdout, result.stderr) == (0, CLEAN, "")


@pytest.mark.parametrize(
    "words",
    [
        ("--no-cache",),
        ("--isolated", "src"),
        ("--select", "ALL"),
        ("--select=ALL", "--ignore", "ALL", "--extend-select", "ALL,ALL"),
        ("--color", "never"),
        ("--color", "always"),
        ("--respect-gitignore",),
        ("--no-respect-gitignore",),
        ("--exclude", "a,b", "--exclude", "c"),
        ("--extend-exclude", "*.pyi"),
        ("--force-exclude",),
        ("--exit-zero",),
        ("--output-format", "concise"),
        ("--output-format=full",),
        ("--config", "respect-gitignore=false"),
        ("src", "--select", "ALL"),
        ("--", "src"),
    ],
)
@pytest.mark.usefixtures("here")
def test_every_option_is_taken(words: tuple[str, ...]) -> None:
    result = run(*words)

    assert (result.exit_code, result.stdout, result.stderr) == (0, CLEAN, "")


@pytest.mark.usefixtures("here")
def test_a_command_may_follow_options() -> None:
    """``ruff -q check src`` works, so fingers expect it."""
    assert run("--select", "ALL", "check", "src").stdout == CLEAN
    assert run("-q", "check", "src").exit_code == 0


def test_a_path_with_a_commands_name_can_be_reached(here: Path) -> None:
    (here / "rule").mkdir()

    assert "no findings in 0 files" in run("./rule").stdout
    assert "no findings in 0 files" in run("check", "rule").stdout


@pytest.mark.usefixtures("here")
def test_quiet_prints_findings_only() -> None:
    result = run("-q")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.usefixtures("here")
def test_verbose_adds_what_the_run_cost() -> None:
    lines = run("-v").stdout.splitlines()

    assert lines[0].startswith(
        "1 file in the program, 0 candidates; 0 files opened, libcst read 0 units (0 bytes) of 0 files."
    )
    assert CLEAN.rstrip() == lines[1]


@pytest.mark.usefixtures("here")
def test_a_document_stands_alone_on_the_output() -> None:
    result = run("--output-format", "json", "-v")

    assert json.loads(result.stdout) == []
    assert CLEAN in result.stderr
    assert run("--output-format", "json", "-q").stderr == ""


def test_no_files_is_said(here: Path) -> None:
    (here / "empty").mkdir()

    result = run("empty")

    assert result.exit_code == 0
    assert result.stderr == "ctxlint: warning: no Python files found under the given paths\n"


ERRORS = [
    (("sr",), "no such file or directory: 'sr' — did you mean 'src'?"),
    (("check", "src", "nothing.py"), "no such file or directory: 'nothing.py'"),
    (("src/claen.py",), "no such file or directory: 'src/claen.py' — did you mean 'src/clean.py'?"),
    (("rul", "CTX101"), "no such command or path: 'rul' — did you mean 'ctxlint rule'?"),
    (("chekc", "src"), "no such command or path: 'chekc' — did you mean 'ctxlint check'?"),
    (("--selct", "ALL"), "no such option: --selct — did you mean '--select'?"),
    (("--colour", "never"), "no such option: --colour — did you mean '--color'?"),
    (("--zzzz",), "no such option: --zzzz"),
    (("-z",), "no such option: -z"),
    (("--select",), "option '--select' requires an argument."),
    (("--output-format", "jsno"), "--output-format has no 'jsno' — did you mean 'json'?"),
    (
        ("--output-format", "xml"),
        (
            "--output-format has no 'xml': choose from concise, full, github, gitlab, json, json-lines, junit,"
            " pylint, rdjson, sarif"
        ),
    ),
    (("--output", "bad:x"), "--output: no output format 'bad': choose from " + ", ".join(format_names())),
    (("--output", "jsno:x"), "--output: no output format 'jsno' — did you mean 'json'?"),
    (
        ("--config", "output-format='x'"),
        "--config: output-format: no output format 'x': choose from " + ", ".join(format_names()),
    ),
    (("--color", "allways"), "--color has no 'allways' — did you mean 'always'?"),
    (("--select", " ,"), "--select names no rule: write codes, beginnings of codes, names or ALL"),
    (("--select", "ALLL"), "--select: unknown rule 'ALLL' — did you mean 'ALL'?"),
    (("--ignore", "ALL,E501"), "--ignore: unknown rule 'E501': ours begin with CTX, see ctxlint rule --all"),
    (
        ("--select", "ASYNC119"),
        "--select: unknown rule 'ASYNC119': ours that asks the same is CTX111 (context-manager-across-yield)",
    ),
    (
        ("--fix",),
        (
            "no such option: --fix: ctxlint repairs nothing: each finding says what to write;"
            " --add-noqa and --baseline keep what is known"
        ),
    ),
    (("-e", "src"), "no such option: -e: write --exit-zero"),
    (("--format", "json"), "no such option: --format: write --output-format"),
    (
        ("--config", "lint.select=['CTX1']"),
        (
            "--config: unknown key 'lint': there is no table of that name, its keys stand at the top,"
            ' as select = ["CTX1"]'
        ),
    ),
    (
        ("--config", "select='CTX1'"),
        '--config: select: expected `array`, got `str`; write it as select = ["CTX1"]',
    ),
    (("linter",), "no such command or path: 'linter': write ctxlint rule --all"),
    (("--extend-select", "AL"), "--extend-select: unknown rule 'AL' — did you mean 'ALL'?"),
    (("--config", "selekt=[]"), "--config: unknown key 'selekt' — did you mean 'select'?"),
    (("--config", "none.toml"), "cannot read none.toml: No such file or directory"),
    (
        ("--config", "output-format='jsn'"),
        "--config: output-format: no output format 'jsn' — did you mean 'json'?",
    ),
    (("--config", "select=['ALLE']"), "--config: select: unknown rule 'ALLE' — did you mean 'ALL'?"),
    (("rule",), "which rule? Give a code or a name, or --all"),
    (("rule", "--al"), "no such option: --al — did you mean '--all'?"),
    (("rule", "--output-format", "jsn", "--all"), "--output-format has no 'jsn' — did you mean 'json'?"),
    (("rule", "E501"), "unknown rule 'E501': ours begin with CTX, see ctxlint rule --all"),
    (("rule", "ctx9"), "'ctx9' begins 4 codes: name one, CTX901 to CTX904, or --all"),
    (("rule", "B039"), "unknown rule 'B039': ours that asks the same is CTX201 (mutable-default)"),
    (("", "src"), "no such file or directory: ''"),
]


@pytest.mark.parametrize(("words", "message"), ERRORS)
@pytest.mark.usefixtures("here")
def test_wrong_usage_is_one_line_with_the_nearest_right_one(words: tuple[str, ...], message: str) -> None:
    result = run(*words)

    assert (2, "", f"ctxlint: error: {message}\n") == (result.exit_code, result.stdout, result.stderr)


def test_a_wrong_configuration_is_one_line(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.ctxlint]\nselekt = []\n")
    result = run("src")

    assert result.exit_code == 2
    assert (
        result.stderr
        == "ctxlint: error: pyproject.toml:2: unknown key 'tool.ctxlint.selekt' — did you mean 'select'?\n"
    )
    assert run("--isolated", "src").exit_code == 0


def test_a_wrong_code_in_a_file_names_file_and_key(here: Path) -> None:
    (here / "ctxlint.toml").write_text("ignore = ['ALLL']\n")

    assert (
        run().stderr == "ctxlint: error: ctxlint.toml:1: ignore: unknown rule 'ALLL' — did you mean 'ALL'?\n"
    )


def test_a_wrong_format_in_a_file_names_file_and_key(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.ctxlint]\noutput-format = 'srif'\n")
    told = "pyproject.toml:2: tool.ctxlint.output-format: no output format 'srif' — did you mean 'sarif'?"

    assert (run().exit_code, run().stderr) == (2, f"ctxlint: error: {told}\n")


def test_a_source_root_that_is_no_folder_is_a_warning(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.ctxlint]\nselect = []\nsrc = [\n  'srcs', 'src']\n")

    result = run()
    told = (
        "ctxlint: warning: pyproject.toml:3: tool.ctxlint.src: no such folder: 'srcs' — did you mean 'src'?\n"
    )
    assert (result.exit_code, result.stderr) == (0, told)
    assert run("--config", "src=['src/clean.py', 'src']").stderr == (
        "ctxlint: warning: --config: src: no such folder: 'src/clean.py'\n"
    )


@pytest.mark.usefixtures("here")
def test_a_wrong_version_of_an_option_names_the_option() -> None:
    result = run("--target-version", "py38.1")

    assert result.exit_code == 2
    assert result.stderr.startswith(
        "ctxlint: error: --target-version: no version: 'py38.1' — did you mean 'py38'? write it as"
    )


def test_the_file_configures_and_options_win(here: Path) -> None:
    (here / "a_gen.py").touch()
    (here / "ctxlint.toml").write_text("extend-exclude = ['*_gen.py']\noutput-format = 'json'\n")

    assert ((result := run()).stdout, result.stderr) == ("[]\n", CLEAN)
    assert run("--output-format", "concise").stdout == CLEAN
    assert (
        "no findings in 2 files"
        in run("--output-format", "full", "--config", "extend-exclude=[]", "a_gen.py", "src").stdout
    )


def test_a_named_file_replaces_the_search(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.ctxlint]\nselekt = []\n")
    (here / "other.toml").write_text("exclude = ['src']\n")

    result = run("--config", "other.toml", ".")

    assert "no findings in 0 files" in result.stdout
    assert "no findings in 1 file." in run("--config", "other.toml", "--exclude", "zzz").stdout


def test_paths_under_several_configurations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is judged under its own, and the reports are one."""
    for name, text in (("one", "exclude = ['skip.py']"), ("two", "exclude = []")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ctxlint.toml").write_text(text)
        (tmp_path / name / "skip.py").touch()
        (tmp_path / name / "keep.py").touch()
    monkeypatch.chdir(tmp_path)

    assert "no findings in 3 files" in run("one", "two").stdout


def test_version() -> None:
    assert (0, f"ctxlint {__version__}\n") == ((result := run("--version")).exit_code, result.stdout)


@pytest.mark.parametrize("words", [("--help",), ("-h",)])
def test_help_shows_the_options_of_check(words: tuple[str, ...]) -> None:
    text = run(*words).stdout

    assert text.startswith("Usage: ctxlint [check] [OPTIONS] [PATHS]...\n")
    for word in (
        "--select", "--ignore", "--extend-select", "--isolated", "--config", "--no-cache", "--exclude",
        "--output-format", "junit|pylint|rdjson|sarif]", "--quiet", "--verbose", "--exit-zero", "--color",
        "--no-respect-gitignore", "--extend-exclude", "--force-exclude", "--version", "rule",
        "_CTXLINT_COMPLETE", "NO_COLOR", "Exit codes",
    ):  # fmt: skip
        assert word in text


def test_help_of_a_command() -> None:
    assert "Usage: ctxlint check [OPTIONS] [PATHS]...\n" in run("check", "-h").stdout
    assert "Usage: ctxlint rule [OPTIONS] [CODE|NAME]...\n" in run("rule", "--help").stdout


def test_completion_knows_commands_options_and_words(here: Path) -> None:
    def completed(*words: str) -> list[str]:
        result = start(
            cwd=here,
            _CTXLINT_COMPLETE="bash_complete",
            COMP_WORDS=" ".join(("ctxlint", *words)),
            COMP_CWORD=str(len(words)),
        )
        return result.stdout.decode().split()

    assert "plain,rule" in completed("ru")
    assert "plain,--select" in completed("--sel")
    assert "plain,json" in completed("--output-format", "j")
    assert "plain,json" in completed("check", "--output-format", "j")
    assert "file,src" in completed("src")
    assert "plain,--all" in completed("rule", "--a")


def completed(*words: str) -> dict[str, str | None]:
    """What click's own completion offers for the last of the words, each with what it says beside it."""
    complete = ShellComplete(main, {}, "ctxlint", "_CTXLINT_COMPLETE")
    *before, last = words
    return {item.value: item.help for item in complete.get_completions(before, last)}


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select", "--extend-ignore"])
@pytest.mark.parametrize("command", [(), ("check",), ("why",)])
def test_rules_are_completed(option: str, command: tuple[str, ...]) -> None:
    rules = all_rules()

    assert {rule.code for rule in rules} | {rule.name for rule in rules} < completed(
        *command, option, ""
    ).keys()
    assert completed(*command, option, "CTX20")["CTX201"] == "mutable-default"
    assert completed(*command, option, "mutable-d") == {
        "mutable-default": "CTX201",
        "mutable-default-written": "CTX202",
    }
    assert completed(*command, option, "al") == {"ALL": "every rule"}
    assert completed(*command, option, "CTX201,mutable-default,mutable-d").keys() == {
        "CTX201,mutable-default,mutable-default-written"
    }
    assert completed(*command, option, "zzz") == {}


@pytest.mark.parametrize("words", [("--baseline",), ("--config",), ("--stdin-filename",), ("why",), ()])
def test_files_are_completed(words: tuple[str, ...]) -> None:
    """The shell does it, when it is told so."""
    before = list(words) if words[:1] == ("why",) else ["check", *words]
    found = ShellComplete(main, {}, "ctxlint", "_CTXLINT_COMPLETE").get_completions(before, "sr")
    assert [(item.type, item.value) for item in found] == [("file", "sr")]


def test_rules_to_explain_are_completed() -> None:
    assert completed("rule", "ctx20").keys() == {rule.code for rule in all_rules() if "CTX20" in rule.code}
    assert completed("rule", "CTX201", "token-r") == {"token-reset-twice": "CTX105"}
    assert "ALL" not in completed("rule", "")
    assert completed("--exclude", "mut") == {}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_the_rules(here: Path, shell: str) -> None:
    environment = {"COMP_WORDS": "ctxlint rule CTX20", "COMP_CWORD": "CTX20" if shell == "fish" else "2"}
    result = start(cwd=here, _CTXLINT_COMPLETE=f"{shell}_complete", **environment)

    assert (result.returncode, result.stderr) == (0, b"")
    assert b"CTX201" in result.stdout


def test_rule_all_as_json_is_an_array() -> None:
    objects = json.loads(run("rule", "--all", "--output-format", "json").stdout)

    assert [rule.code for rule in all_rules()] == [entry["code"] for entry in objects]
    assert all(
        {"code", "name", "summary", "severity", "default", "explanation"} == set(entry) for entry in objects
    )


@needs_rules
def test_rule_prints_the_page() -> None:
    by_code, by_name = run("rule", MUTABLE_DEFAULT), run("rule", "mutable-default")

    assert by_code.stdout.startswith(
        f"# {MUTABLE_DEFAULT} mutable-default\n\n*warning, on by default, in part opt-in*\n\n"
    )
    assert by_code.stdout == by_name.stdout
    assert json.loads(run("rule", MUTABLE_DEFAULT, "--output-format=json").stdout)["code"] == MUTABLE_DEFAULT
    assert "\x1b[" in run("rule", MUTABLE_DEFAULT, "--color", "always").stdout


@needs_rules
def test_a_mistyped_rule_is_answered() -> None:
    assert run("rule", "CTX999").stderr == "ctxlint: error: unknown rule 'CTX999' — did you mean 'CTX904'?\n"
    assert "did you mean 'mutable-default'?" in run("rule", "mutable-defaults").stderr


@needs_rules
@pytest.mark.usefixtures("wrong")
def test_findings_exit_one() -> None:
    result = run("src")

    assert result.exit_code == 1
    assert result.stdout.startswith(
        f"src/wrong.py:3:{result.stdout.split(':')[2]}: {MUTABLE_DEFAULT} [mutable-default] "
    )
    assert result.stdout.endswith("Found 1 finding in 1 file.\n")
    assert run("src", "--exit-zero").exit_code == 0
    assert run("src/clean.py").exit_code == 0
    assert run("src", "--ignore", "CTX2").exit_code == 0
    assert len(run("src", "-q").stdout.splitlines()) == 1


@needs_rules
def test_json_names_the_file_absolutely(wrong: Path) -> None:
    entry = json.loads(run("src", "--output-format", "json").stdout)[0]

    assert str(wrong / "src/wrong.py") == entry["filename"]
    assert entry["location"]["row"] == 3


@needs_rules
@pytest.mark.usefixtures("wrong")
def test_colours_follow_option_and_environment() -> None:
    def coloured(*words: str, **environment: str) -> bool:
        return "\x1b[" in RUNNER.invoke(main, ["src", *words], env=environment).stdout

    assert coloured("--color", "always", NO_COLOR="1")
    assert coloured(FORCE_COLOR="1")
    assert not coloured("--color", "never", FORCE_COLOR="1")
    assert not coloured()


@needs_rules
def test_any_encoding_of_the_output_will_do(wrong: Path) -> None:
    (wrong / "src/wrong.py").write_text(WRONG.replace("seen", "gesehen_größe_日"))
    for form in ("full", "concise", "json"):
        result = start("src", "--output-format", form, cwd=wrong, PYTHONIOENCODING="ascii")
        assert result.returncode == 1
        assert b"Traceback" not in result.stderr


@needs_rules
def test_a_name_that_is_no_text_is_printed(wrong: Path) -> None:
    raw = os.path.join(os.fsencode(wrong), b"caf\xe9.py")  # noqa: PTH118 - pathlib refuses bytes
    try:
        with open(raw, "w") as file:  # noqa: PTH123
            file.write(WRONG)
    except OSError:
        pytest.skip("this file system wants text")
    for form, name in (("full", b"caf\\udce9.py"), ("concise", b"caf\\udce9.py"), ("json", b"caf\\ufffd.py")):
        result = start(".", "--output-format", form, cwd=wrong)
        assert result.returncode == 1
        assert name in result.stdout


@pytest.mark.parametrize("words", [("check", "zzz\udce9"), ("rule", "zzz\udce9")])
def test_a_wrong_word_that_is_no_text_is_printed(here: Path, words: tuple[str, ...]) -> None:
    result = start(*words, cwd=here)

    assert result.returncode == 2
    assert b"zzz\\udce9" in result.stderr


def test_a_reader_that_leaves_is_no_error(here: Path) -> None:
    command = f"{sys.executable} -m ctxlint rule --all; {sys.executable} -m ctxlint -v src"
    process = subprocess.Popen(  # noqa: S602 - a pipe is the subject
        f"({command}) | true", shell=True, cwd=here, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )

    assert process.communicate() == (b"", b"")


def test_a_closed_output_is_no_error(here: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ctxlint", "-v", "src"]
    result = subprocess.run(command, cwd=here, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("redirection", "reason"), [("> /dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_an_output_that_cannot_be_written_is_told(here: Path, redirection: str, reason: str) -> None:
    if redirection.endswith("full") and not (here / "/dev/full").exists():
        pytest.skip("a device of Linux")
    command = f"{sys.executable} -m ctxlint src {redirection}"
    result = subprocess.run(command, shell=True, cwd=here, stderr=subprocess.PIPE, check=False)  # noqa: S602 - a redirection is the subject

    told = f"ctxlint: error: cannot write to the standard output: {reason}\n"
    assert (result.returncode, result.stderr.decode()) == (2, told)


def test_an_interrupt_is_quiet(here: Path) -> None:
    """A reader of a named pipe waits until it is interrupted."""
    os.mkfifo(here / "waits.py")
    command = [sys.executable, "-m", "ctxlint", "--config", "waits.toml", "src"]
    os.mkfifo(here / "waits.toml")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # an ignored one would be inherited
    try:
        process = subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    pipe = None
    with process:
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):  # nobody reads yet
                    pipe = os.open(here / "waits.toml", os.O_WRONLY | os.O_NONBLOCK)
                    break
                time.sleep(0.1)
            assert pipe is not None
            time.sleep(1.0)  # from opening to reading
            process.send_signal(signal.SIGINT)
            output, error = process.communicate(timeout=60)
        finally:
            process.kill()
            if pipe is not None:
                os.close(pipe)

    assert (process.returncode, output, error) == (130, b"", b"")


def test_starting_is_cheap(here: Path) -> None:
    """Only what a run needs is imported: no rich, no pathspec, no parser for a clean file."""
    code = (
        "import sys; from ctxlint.cli import main\n"
        "try: main(['src/clean.py'])\n"
        "except SystemExit: pass\n"
        "lazy = ('rich', 'pathspec', 'libcst', 'difflib')\n"
        "print([name for name in lazy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False
    )

    assert f"{CLEAN}[]\n" == result.stdout, result.stderr


def test_the_module_starts_like_the_script(here: Path) -> None:
    assert CLEAN.encode() == start("src", cwd=here).stdout


def on_terminal(*words: str, cwd: Path) -> tuple[int, str]:
    """Run the command before a pseudo-terminal; its status and all it wrote."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ctxlint", *words]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        written = b""
        with contextlib.suppress(OSError):  # the end of a pseudo-terminal
            while chunk := os.read(ours, 65536):
                written += chunk
    os.close(ours)
    return process.returncode, written.decode()


def test_a_short_run_on_a_terminal_draws_no_bar(here: Path) -> None:
    assert (0, CLEAN.replace("\n", "\r\n")) == on_terminal("src", cwd=here)


@needs_rules
def test_on_a_terminal_the_report_is_full_and_coloured(wrong: Path) -> None:
    status, written = on_terminal("src", cwd=wrong)

    assert status == 1
    assert f"\x1b[1;33m{MUTABLE_DEFAULT}\x1b[0m" in written
    assert "src/wrong.py:3:" in written
    assert "^" in written


@pytest.mark.parametrize("paths", [("src/there.py",), ("src/wrong.py",), ("src",), (), ("src/clean.py",)])
def test_moved_code_is_known_whichever_file_is_checked(wrong: Path, paths: tuple[str, ...]) -> None:
    run("--baseline", "known.json", "--write-baseline", "--select", "CTX201")
    (wrong / "src/there.py").write_text(WRONG)
    (wrong / "src/wrong.py").write_text("x = 1\n")

    result = run("--baseline", "known.json", "--select", "CTX201", "-q", *paths)
    assert (result.exit_code, result.stdout, "stale" in result.stderr) == (0, "", False)


def test_a_copy_is_new_and_what_is_gone_is_stale_whichever_file_is_checked(wrong: Path) -> None:
    words = ("--baseline", "known.json", "--select", "CTX201", "-q")
    run("--write-baseline", *words)
    (wrong / "src/copy.py").write_text(WRONG)

    assert run(*words, "src/copy.py").stdout.startswith("src/copy.py:3:")
    assert run(*words, "src/wrong.py").exit_code == 0
    (wrong / "src/copy.py").unlink()
    (wrong / "src/wrong.py").write_text("x = 1\n")
    assert "stale in known.json: CTX201 in src/wrong.py" in run(*words, "src/wrong.py").stderr
    assert run(*words, "src/clean.py").exit_code == 0


def test_only_what_is_nowhere_is_pruned(wrong: Path) -> None:
    words = ("--baseline", "known.json", "--select", "CTX201", "-q")
    (wrong / "src/gone.py").write_text(WRONG.replace("seen", "heard"))
    run("--write-baseline", *words)
    (wrong / "src/there.py").write_text(WRONG)
    for name in ("wrong.py", "gone.py"):
        (wrong / "src" / name).write_text("x = 1\n")

    run("--prune-baseline", *words, "src/wrong.py", "src/gone.py")
    assert [entry["file"] for entry in json.loads((wrong / "known.json").read_text())["findings"]] == [
        "src/wrong.py"
    ]
    assert run(*words).exit_code == 0


@pytest.mark.parametrize(
    ("given", "entries"), [("src/there.py", ["src/there.py"]), ("src/wrong.py", ["src/wrong.py"])]
)
def test_writing_a_part_follows_code_that_moved(wrong: Path, given: str, entries: list[str]) -> None:
    words = ("--baseline", "known.json", "--select", "CTX201", "-q")
    run("--write-baseline", *words)
    (wrong / "src/there.py").write_text(WRONG)
    (wrong / "src/wrong.py").write_text("x = 1\n")

    run("--write-baseline", *words, given)
    assert [entry["file"] for entry in json.loads((wrong / "known.json").read_text())["findings"]] == entries
    assert (run(*words).exit_code, run(*words).stderr) == (
        0,
        "ctxlint: 1 finding of the baseline known.json not shown\n",
    )


def test_writing_a_part_keeps_what_it_does_not_speak_of(wrong: Path) -> None:
    """A copy is one entry more; what is stale elsewhere is left to a run that looks there."""
    words = ("--baseline", "known.json", "--select", "CTX201", "-q")
    (wrong / "src/gone.py").write_text(WRONG.replace("seen", "heard"))
    run("--write-baseline", *words)
    (wrong / "src/copy.py").write_text(WRONG)
    (wrong / "src/gone.py").write_text("x = 1\n")

    run("--write-baseline", *words, "src/copy.py")
    found = [entry["file"] for entry in json.loads((wrong / "known.json").read_text())["findings"]]
    assert found == ["src/copy.py", "src/gone.py", "src/wrong.py"]
