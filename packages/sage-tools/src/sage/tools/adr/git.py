"""What Git knows: files, branches and earlier versions. Nothing here changes a repository."""

import os
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

from sage.tools.finding import CannotBegin

__all__ = [
    "commit_of",
    "default_branch",
    "files_at",
    "git",
    "ignored",
    "merge_base",
    "read_at",
    "refs",
    "top",
]

SECONDS = 120


def git(
    root: Path, *words: str, data: bytes | None = None, fine: Collection[int] = (0,)
) -> bytes | None:
    """What `git WORDS` prints in `root`; `None` where it fails, or there is no Git.

    Exit codes in `fine` are no failure.

    Raises:
        CannotBegin: Git reads nothing here, since the repository belongs to another user.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if b"safe.directory" in done.stderr and done.returncode not in fine:
        raise CannotBegin(
            f"{root}: Git refuses to read this repository, since it belongs to another user; "
            'allow it with `git config --global --add safe.directory "$PWD"`, run in its top folder'
        )
    return done.stdout if done.returncode in fine else None


def top(root: Path) -> Path | None:
    """The folder of the work tree that holds `root`; `None` where there is none."""
    out = git(root, "rev-parse", "--show-toplevel")
    return Path(os.fsdecode(out.rstrip(b"\n"))) if out else None


def commit_of(root: Path, rev: str) -> str:
    """The commit that `rev` names.

    Raises:
        CannotBegin: There is no such commit, or no Git repository at `root`.
    """
    out = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if out is None:
        if top(root) is None:
            raise CannotBegin(f"{root}: is in no Git repository; {rev!r} cannot be looked up")
        raise CannotBegin(f"{rev}: Git knows no such branch or commit; fetch it, or correct it")
    return out.decode().strip()


def refs(root: Path, name: str) -> list[str]:
    """The branches that `name` means: itself, or, where it has a `*`, all that match.

    Raises:
        CannotBegin: A pattern matches no branch.
    """
    if "*" not in name:
        return [name]
    patterns = (f"refs/heads/{name}", f"refs/remotes/{name}")
    out = git(root, "for-each-ref", "--format=%(refname)", *patterns) or b""
    found = [line for line in out.decode().split("\n") if line and not line.endswith("/HEAD")]
    if not found:
        raise CannotBegin(f"{name}: matches no branch; `git branch -a` lists them")
    return found


def default_branch(root: Path) -> str | None:
    """The branch that others build on: `origin`'s, else `main` or `master`; `None` without one."""
    out = git(root, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
    candidates = [out.decode().strip()] if out else []
    candidates += [f"refs/remotes/origin/{name}" for name in ("main", "master")]
    candidates += [f"refs/heads/{name}" for name in ("main", "master")]
    for name in candidates:
        if git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
            return name
    return None


def ignored(root: Path) -> bool:
    """Whether a work tree above ignores `root`, so that Git would list none of its files."""
    return git(root, "check-ignore", "--quiet", ".") is not None


def merge_base(root: Path, one: str, two: str) -> str | None:
    """The commit on which both build; `None` where they share none."""
    out = git(root, "merge-base", one, two)
    return out.decode().strip() if out else None


def files_at(root: Path, commit: str, folder: Path) -> dict[str, str]:
    """The files below `folder` in that commit: path relative to `root`, to its blob."""
    place = os.path.relpath(folder, root)
    out = git(root, "ls-tree", "-r", "-z", "--full-name", commit, "--", f"{place}/")
    prefix = os.fsdecode((git(root, "rev-parse", "--show-prefix") or b"").rstrip(b"\n"))
    files = {}
    for entry in (out or b"").split(b"\0"):
        facts, tab, name = entry.partition(b"\t")
        path = os.fsdecode(name)
        if tab and path.startswith(prefix):
            files[path[len(prefix) :]] = facts.split()[2].decode()
    return files


def read_at(root: Path, blobs: Iterable[str]) -> dict[str, bytes]:
    """What these blobs hold, all read by one process."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return {}
    out = git(root, "cat-file", "--batch", data="".join(f"{b}\n" for b in wanted).encode()) or b""
    held: dict[str, bytes] = {}
    place = 0
    while place < len(out):
        end = out.index(b"\n", place)
        blob, *rest = out[place:end].split()
        size = int(rest[1]) if len(rest) == 2 else 0
        held[blob.decode()] = out[end + 1 : end + 1 + size]
        place = end + 1 + size + (1 if len(rest) == 2 else 0)
    return held
