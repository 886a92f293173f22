"""`--installed` and `--no-installed` decide whether this environment is compared with the pins."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("words", "code"), [(["--installed"], 1), (["--no-installed"], 0), ([], 0)]
)
def test_what_is_installed_is_compared_when_asked(
    tmp_path: Path, words: list[str], code: int
) -> None:
    (tmp_path / "requirements.txt").write_text("no-such-package-at-all==1.0\n")
    command = [str(Path(sys.executable).with_name("sage-dev")), "versions", "--root", str(tmp_path)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert ("requirements.txt:1: installed-disagrees" in done.stdout) is bool(code)
