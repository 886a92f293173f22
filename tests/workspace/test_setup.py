"""`tools/setup.sh`: a clear sentence when something is missing, nothing to do the second time."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def setup(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(folder / "tools/setup.sh")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """What setup reads, in a folder of its own."""
    for name in ["tools/setup.sh", "requirements/dev.txt", "pyproject.toml"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    for project in (root / "packages").glob("*/pyproject.toml"):
        target = tmp_path / project.relative_to(root)
        target.parent.mkdir(parents=True)
        shutil.copy(project, target)
    return tmp_path


def test_wrong_python_is_refused_with_a_sentence(clone: Path) -> None:
    done = setup(clone, PYTHON="/bin/false")
    assert done.returncode == 2
    assert done.stderr == "setup: PYTHON=/bin/false is not a Python 3.11 or newer\n"


def test_missing_git_is_named(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ["dirname", "cat"]:
        (tools / name).symlink_to(shutil.which(name) or name)
    done = setup(clone, PATH=str(tools))
    assert done.returncode == 2
    assert done.stderr == "setup: git is missing. On Debian: apt-get install git\n"


def test_python_without_venv_is_named(clone: Path) -> None:
    python = clone / "python"
    python.write_text(
        '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *version_info*) exit 0;; esac\n', "utf-8"
    )
    python.chmod(0o755)
    done = setup(clone, PYTHON=str(python))
    assert done.returncode == 2
    assert "has no venv. On Debian 12: apt-get install python3-venv" in done.stderr


def test_pin_that_cannot_be_installed_stops_setup_and_leaves_no_mark(clone: Path) -> None:
    pins = clone / "requirements/dev.txt"
    pins.write_text("iniconfig==2.3.0 \\\n    --hash=sha256:" + "0" * 64 + "\n", "utf-8")
    done = setup(clone, PIP_NO_INDEX="1")
    assert done.returncode == 2
    assert "the pins of requirements/dev.txt could not be installed" in done.stderr
    assert not (clone / ".venv/.ready").exists()


def test_second_run_says_and_does_nothing(clone: Path) -> None:
    (clone / "requirements/dev.txt").write_text("", "utf-8")
    for project in (clone / "packages").glob("*/pyproject.toml"):
        shutil.rmtree(project.parent)
    script = clone / "tools/setup.sh"
    text = script.read_text("utf-8")
    start, end = text.index('echo "setup 3/3'), text.index(".venv/bin/python -m pip check")
    script.write_text(text[:start] + text[end:], "utf-8")

    (clone / "packages/module.py").write_text("", "utf-8")

    first = setup(clone, PIP_NO_INDEX="1", PYTHONDONTWRITEBYTECODE="1")
    assert first.returncode == 0, first.stderr
    assert list((clone / "packages/__pycache__").iterdir()), "compiled, as pip compiles"
    assert "setup 1/3" in first.stdout
    stamp = (clone / ".venv/.ready").stat().st_mtime_ns

    second = setup(clone, PIP_NO_INDEX="1")
    assert (second.returncode, second.stdout) == (0, "")
    assert (clone / ".venv/.ready").stat().st_mtime_ns == stamp
