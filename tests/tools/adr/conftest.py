"""A scratch repository that tests write records into, and a real Git where they need one."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sage.tools.adr import DecisionLog, read_log

GIT_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "A Writer",
    "GIT_AUTHOR_EMAIL": "writer@example.org",
    "GIT_COMMITTER_NAME": "A Writer",
    "GIT_COMMITTER_EMAIL": "writer@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True)
class Repository:
    """A folder with records in `adr/`."""

    root: Path

    @property
    def adr(self) -> Path:
        return self.root / "adr"

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file, its folders too; line endings stay as they are."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def log(self) -> DecisionLog:
        return read_log(self.adr, root=self.root)

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.root), *words],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **GIT_ENVIRONMENT},
        ).stdout

    def commit(self, message: str = "A change") -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A scratch repository without Git."""
    # A work tree above the temporary folder must not be mistaken for the scratch repository's.
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    # Nor the repository whose CI runs these tests for it.
    for name in ("GITHUB_REPOSITORY", "GITHUB_SHA", "CI_PROJECT_URL", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "repo" / "adr").mkdir(parents=True)
    return Repository(tmp_path / "repo")


@pytest.fixture
def git_repo(repo: Repository) -> Repository:
    """A scratch repository with Git, on the branch `main`, without a commit."""
    repo.git("init", "-q", "-b", "main")
    return repo


@pytest.fixture
def record_text() -> Callable[..., str]:
    """A sound record of our own shape; `front` replaces lines of its front matter."""

    def make(title: str = "Queues are values", **front: str) -> str:
        keys = {"status": "accepted", "date": "2025-10-22"} | front
        head = "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in keys.items())
        return (
            f"---\n{head}---\n\n# {title}\n\n## Context and problem\n\nA problem.\n\n"
            "## Decision\n\nWe decide.\n\n## Consequences\n\nWe live with it.\n"
        )

    return make


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def sage_dev(repo: Repository) -> Callable[..., Ran]:
    """Run `sage-dev adr WORDS` in the scratch repository, in a process of its own."""

    def run(*words: str, cwd: Path | None = None, stdin: str = "") -> Ran:
        done = subprocess.run(
            [sys.executable, "-c", "from sage.tools.cli import main; main()", "adr", *words],
            cwd=cwd or repo.root,
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **GIT_ENVIRONMENT, "NO_COLOR": "1", "COLUMNS": "100"},
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
