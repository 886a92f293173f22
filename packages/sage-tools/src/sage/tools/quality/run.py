"""Every check of a repository, side by side, in processes of their own."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sage.tools.finding import CannotBegin
from sage.tools.quality.model import Changed, Part, QualityReport
from sage.tools.quality.parts import PARTS, run_part
from sage.tools.settings import load_settings

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["check_quality"]


def check_quality(
    root: Path,
    *,
    only: Sequence[str] = (),
    since: str | None = None,
    on_part: Callable[[Part], None] = lambda part: None,
) -> QualityReport:
    """Run every check of the repository at `root`, side by side in processes of their own.

    Blocks until all are done.

    Args:
        root: The repository.
        only: Names of the parts to run; all where empty.
        since: A commit; only what the changes since then can have touched is run.
        on_part: Called with each part when it is done, in the order in which they end.

    Raises:
        CannotBegin: `root` is no folder, its settings are wrong, a part has no such name, `since`
            is no commit, or no part finds anything to do.
    """
    if not root.is_dir():
        raise CannotBegin(f"{root}: no such folder; give the repository with --root")
    for name in only:
        if name not in PARTS:
            raise CannotBegin(f"{name}: no such check; there are {', '.join(PARTS)}")
    load_settings(root)
    changed = None if since is None else _changed(root, since)
    names = [name for name in PARTS if not only or name in only]
    started = time.perf_counter()
    done: dict[str, Part] = {}
    for part in _run(root, names, changed):
        done[part.name] = part
        on_part(part)
    parts = tuple(done[name] for name in names)
    if since is None and all(part.skipped for part in parts):
        why = "; ".join(part.skipped for part in parts)
        raise CannotBegin(f"{root}: nothing to check: {why}")
    return QualityReport(parts, time.perf_counter() - started)


def _run(root: Path, names: Sequence[str], changed: Changed) -> Iterator[Part]:
    todo = []
    for name in names:
        if changed is not None and not any(_touches(name, path) for path in changed):
            yield Part(name, skipped="the change touches nothing that it looks at")
        else:
            todo.append(name)
    if not todo:
        return
    # Processes, since one part forks to run snippets, which a process with threads must not do.
    workers = min(len(todo), max(2, os.cpu_count() or 2))
    lost = []
    for name, part in _side_by_side(root, todo, changed, workers):
        if part is None:
            lost.append(name)
        else:
            yield part
    # A process that ends takes all that it was to do with it, so each of that has one to itself.
    for name in lost:
        for _, part in _side_by_side(root, [name], changed, 1):
            yield part or Part(name, error="its process ended; run it alone to see why")


def _side_by_side(
    root: Path, names: Sequence[str], changed: Changed, workers: int
) -> Iterator[tuple[str, Part | None]]:
    """Each part as it is done; `None` for one whose process ended, or one that waited for it."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_quietly) as pool:
        waiting: dict[Future[Part], str] = {}
        for name in names:
            try:
                waiting[pool.submit(run_part, name, root, changed)] = name
            except BrokenProcessPool:  # the first process ended before the last part was handed on
                yield name, None
        for future in as_completed(waiting):
            name = waiting[future]
            try:
                yield name, future.result()
            except BrokenProcessPool:
                yield name, None
            except Exception as error:  # the edge of another process; the others go on
                what = f"stopped at a fault of its own ({type(error).__name__}: {error})"
                yield name, Part(name, error=f"{what}; run it alone to see where")


def _leave_quietly() -> None:
    """Let Ctrl-C end this process at once and without a traceback, unless it is not heeded."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


# What a change can touch


_TOUCHES: Mapping[str, re.Pattern[str]] = {
    # setuptools can read dependencies from any text file.
    "layers": re.compile(
        r"\.py[iwx]?$|\.p(xd|xi)$|\.(txt|in)$"
        r"|(^|/)(\.?layers?\.ya?ml|pyproject\.toml|setup\.cfg)$"
    ),
    "versions": re.compile(
        r"(^|/)(pyproject\.toml|Makefile|Dockerfile.*|\.pre-commit-config\.ya?ml|\.python-version"
        r"|tox\.ini|noxfile\.py)$|requirements|^\.github/|^\.ci/|\.sh$"
    ),
    "records": re.compile(r""),  # they name and rule files of any kind
    "citations": re.compile(r""),
    "claims": re.compile(r"\.md$|(^|/)layer\.yaml$"),
    "snippets": re.compile(r"\.(md|pyi?|toml|txt|ya?ml)$"),
}


def _touches(name: str, path: str) -> bool:
    return bool(_TOUCHES[name].search(path))


# A file that is moved has gone from where it was, which may be all that matters.
_DIFF = ("diff", "--name-only", "--no-renames", "--relative", "-z")


def _changed(root: Path, rev: str) -> frozenset[str]:
    from sage.tools.adr.git import commit_of, git

    commit = commit_of(root, rev)
    base = git(root, "merge-base", commit, "HEAD")
    start = base.decode().strip() if base else commit
    known = git(root, *_DIFF, start, "--") or b""
    fresh = git(root, "ls-files", "--others", "--exclude-standard", "-z") or b""
    return frozenset(os.fsdecode(one) for one in (known + fresh).split(b"\0") if one)
