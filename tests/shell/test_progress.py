"""The progress bar appears after its delay and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys

from ctxlint.shell.progress import ProgressBar


def test_before_the_delay_nothing_is_drawn_or_imported() -> None:
    code = (
        "import sys; from ctxlint.shell.progress import ProgressBar\n"
        "with ProgressBar(60) as bar: bar.advance('reading', 1, 2)\n"
        "sys.exit('rich' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert (result.returncode, result.stderr) == (0, b"")


def test_after_the_delay_it_is_drawn_on_the_error_stream(capsys, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with ProgressBar(0) as bar:
        bar.advance("reading", 1, 2)
        bar.advance("linking", 0, 0)

    written = capsys.readouterr()
    assert not written.out
    assert "linking" in written.err
