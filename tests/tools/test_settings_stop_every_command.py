"""A wrong line in `[tool.sage-dev]` stops every command, also one that needs none of the keys."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (
    ["adr", "list"],
    ["snippets"],
    ["layers"],
    ["versions"],
    ["quality", "--only", "layers"],
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_unknown_key_stops_the_command(tmp_path: Path, words: list[str]) -> None:
    text = '[project]\nname = "x"\n\n[tool.sage-dev]\nadr-dri = "x"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "x.py").write_text("")
    command = [str(Path(sys.executable).with_name("sage-dev")), *words]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "has the unknown key adr-dri; did you mean adr-dir?" in done.stderr
    assert done.stderr.count("\n") == 1
