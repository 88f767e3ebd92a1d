"""What is told of the rules without importing them is what they say of themselves."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from ctxlint.rules.registry import all_rules
from ctxlint.shell.rule_heads import rule_heads

if TYPE_CHECKING:
    from pathlib import Path


def test_heads_are_those_of_the_rules() -> None:
    said = [(head.code, head.name, head.default, head.selectors) for head in rule_heads()]
    assert said == [(rule.code, rule.name, rule.default, rule.selectors) for rule in all_rules()]


def test_a_run_without_candidates_imports_no_rule(tmp_path: Path) -> None:
    """Nor the engine's inside, nor what only some options need."""
    (tmp_path / "ctxlint.toml").write_text("ignore = ['CTX206']\nper-file-ignores = {'a.py' = ['CTX1']}\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    code = (
        "import sys\nfrom ctxlint.cli import main\n"
        "try:\n    main(['--select', 'CTX2', 'a.py'])\n"
        "finally:\n    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout) == (0, "All checks passed: no findings in 1 file.\n")
    loaded = done.stderr.split()
    rooms = (
        "ctxlint.rules.",
        "ctxlint.analysis.",
        "ctxlint.judging",
        "ctxlint.suppression",
        "ctxlint.knowledge.",
    )
    assert [name for name in loaded if name.startswith(rooms)] == []
    assert {"libcst", "subprocess", "tempfile", "rich", "sqlite3", "json", "difflib"}.isdisjoint(loaded)
