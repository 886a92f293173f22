"""`--since` a branch that has gone on looks at what this branch changed, and no further."""

import subprocess
from pathlib import Path

from sage.tools.quality import check_quality


def git(root: Path, *words: str) -> None:
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *name, *words], cwd=root, check=True, capture_output=True)


def test_what_the_other_branch_changed_since_is_not_looked_at(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.md").write_text("# A\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "switch", "-q", "-c", "mine")
    (tmp_path / "run.sh").write_text("true\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "mine")
    git(tmp_path, "switch", "-q", "main")
    (tmp_path / "a.md").write_text("# A, again\n")
    git(tmp_path, "commit", "-q", "-a", "-m", "theirs")
    git(tmp_path, "switch", "-q", "mine")
    report = check_quality(tmp_path, since="main", only=["claims", "versions"])
    assert [(part.name, "touches nothing" in part.skipped) for part in report.parts] == [
        ("versions", False),
        ("claims", True),
    ]
