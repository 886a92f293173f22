"""A wrong line in `[tool.sage-dev]` stops every command, also one that needs none of the keys."""

import subprocess
import sys
from pathlib import Path

import pytest

from sage.tools import cli

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


@pytest.mark.parametrize("words", [["layers"], ["versions"], ["quality"]], ids=" ".join)
def test_root_that_is_a_file_stops_the_command(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "x.py").write_text("")
    command = [str(Path(sys.executable).with_name("sage-dev")), *words, "--root", "x.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "x.py: " in line
    assert " folder; " in line


def test_file_that_may_not_be_read_stops_the_command_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "docs/a.py")

    monkeypatch.setattr(cli, "build", lambda words: refused)
    monkeypatch.setattr(sys, "argv", ["sage-dev", "snippets"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "sage-dev: docs/a.py: cannot be used: Permission denied\n"
