"""`tools/setup.sh`: a clear sentence when something is missing, nothing to do the second time."""

import os
import shutil
import subprocess
import sys
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
    assert not (clone / ".venv/.pins").exists()


BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/small-0-py3-none-any.whl", "w") as wheel:
        about = "small-0.dist-info"
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 0\\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(f"{about}/RECORD", "")
    return "small-0-py3-none-any.whl"
"""

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.fixture
def small(clone: Path) -> Path:
    """A clone that pins nothing and has one small package: setup works in it without any index."""
    (clone / "requirements/dev.txt").write_text("", "utf-8")
    shutil.rmtree(clone / "packages")
    (clone / "packages/small").mkdir(parents=True)
    (clone / "packages/small/backend.py").write_text(BACKEND, "utf-8")
    (clone / "packages/small/pyproject.toml").write_text(PROJECT, "utf-8")
    return clone


def steps(folder: Path, **environment: str) -> list[str]:
    """Set up, successfully; the steps that it took."""
    done = setup(folder, PIP_NO_INDEX="1", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split(":")[0] for line in done.stdout.splitlines()]


ALL = ["setup 1/3", "setup 2/3", "setup 3/3"]


def test_each_step_is_taken_again_only_for_what_it_depends_on(small: Path) -> None:
    assert steps(small, PYTHONDONTWRITEBYTECODE="1") == ALL
    assert list((small / "packages/small/__pycache__").iterdir()), "compiled, as pip compiles"
    assert steps(small) == []

    (small / "packages/small/pyproject.toml").write_text(PROJECT + "\n", "utf-8")
    assert steps(small) == ["setup 3/3"]
    assert steps(small) == []

    (small / ".venv/left-over").touch()
    (small / "requirements/dev.txt").write_text("# other pins\n", "utf-8")
    assert steps(small) == ALL
    assert not (small / ".venv/left-over").exists(), "what is no longer pinned does not stay"


def test_environment_that_was_not_finished_is_made_anew(small: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", small / ".venv"], check=True)
    assert steps(small) == ALL


def test_environment_whose_python_is_gone_is_made_anew(small: Path) -> None:
    assert steps(small) == ALL
    (small / ".venv/bin/python").unlink()
    (small / ".venv/bin/python").symlink_to(small / "gone")
    assert steps(small) == ALL


def test_environment_that_was_moved_is_made_anew_in_any_folder(small: Path) -> None:
    assert steps(small) == ALL
    moved = small.rename(small.with_name("with spaces, 和中文"))
    assert steps(moved) == ALL
    pip = subprocess.run([moved / ".venv/bin/pip", "--version"], capture_output=True, check=True)
    assert str(moved) in pip.stdout.decode()


def test_modules_of_the_caller_are_no_part_of_it(small: Path) -> None:
    (small / "mine").mkdir()
    (small / "mine/zipfile.py").write_text("raise SystemExit(1)", "utf-8")
    assert steps(small, PYTHONPATH=str(small / "mine")) == ALL
