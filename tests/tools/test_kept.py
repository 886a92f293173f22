"""`.sage-dev/`: written whole or not at all, out of Git, and a sentence where it cannot be."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.kept import keep

SAGE_DEV = [sys.executable, "-c", "from sage.tools.cli import main; main()"]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: to who writes one, a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_folder_hides_itself_from_git(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("```python\nx = 1\n```\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run([*SAGE_DEV, "snippets", "page.md"], cwd=tmp_path, check=True)
    assert (tmp_path / ".sage-dev/evidence.json").is_file()
    status = subprocess.run(["git", "status", "--short"], cwd=tmp_path, stdout=subprocess.PIPE,
                            text=True, check=True)  # fmt: skip
    assert status.stdout == "?? page.md\n"


def test_full_disk_leaves_what_was_kept(tmp_path: Path) -> None:
    kept = tmp_path / ".sage-dev/kept.json"
    keep(kept, "[]")
    with room_for(1_000), pytest.raises(CannotBegin) as stopped:
        keep(kept, "x" * 10**6)
    assert str(stopped.value) == f"{kept}: cannot be written: File too large"
    assert kept.read_text() == "[]"
    assert sorted(one.name for one in kept.parent.iterdir()) == [".gitignore", "kept.json"]


@pytest.mark.parametrize("words", [["snippets", "page.md"], ["quality", "--only", "snippets"]])
def test_run_that_cannot_keep_its_evidence_says_so_after_its_findings(
    tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "docs").mkdir()
    for page in (tmp_path / "page.md", tmp_path / "docs/page.md"):
        page.write_text("```python\n1 / 0\n```\n")
    (tmp_path / ".sage-dev").touch()  # no folder
    done = subprocess.run([*SAGE_DEV, *words], cwd=tmp_path, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "evidence.json: cannot be written: File exists\n" in done.stderr
    assert ("page.md:2: snippet-failed" in done.stdout) == (words[0] == "snippets")


def test_pytest_that_cannot_keep_its_evidence_says_so_after_its_summary(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("```python\n1 / 0\n```\n")
    (tmp_path / ".sage-dev").touch()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--snippets", "page.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "page.md:2: ZeroDivisionError" in done.stdout
    assert f"{tmp_path}/.sage-dev/found.json: cannot be written: File exists\n" in done.stdout
    assert "INTERNALERROR" not in done.stdout + done.stderr
