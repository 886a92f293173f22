"""Changes to files, as data: shown as a diff, made together or not at all, and taken back."""

import difflib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sage.tools.adr.journal import Change, Journal
from sage.tools.finding import CannotBegin

__all__ = ["Change", "Plan", "recover", "sole_writer", "undo"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that belong together.

    Attributes:
        root: The repository; a diff names paths relative to it.
        changes: The changes; those that change nothing are left out.
        summary: What was done, in a few words.
        left: What belongs to it and has to be done by hand, each with its reason.
    """

    root: Path
    changes: tuple[Change, ...]
    summary: str = ""
    left: tuple[str, ...] = ()

    def diff(self) -> str:
        """The changes as a unified diff, as `git diff` would show them."""
        return "".join(self._one(change) for change in self.changes)

    def apply(self, *, undo: bool = False) -> None:
        """Make every change, or none: what was done is taken back when a later one fails.

        All that needs room on the disk is written before the first file changes. A process that
        is killed half way leaves a note, from which `recover` takes its changes back.

        Args:
            undo: Whether to remember the changes, so that `undo` can revert them.

        Raises:
            CannotBegin: A file has changed since it was read, or cannot be written.
        """
        for change in self.changes:
            if _bytes(change.file) != change.before:
                raise CannotBegin(f"{self._name(change)}: changed meanwhile; nothing was written")
        noted = undo or len(self.changes) > 1
        journal = Journal(self.root) if noted else None
        at = self.changes[0] if self.changes else None
        done: list[Change] = []
        try:
            if journal:
                journal.begin(self.changes, self.summary)
            for at in self.changes:
                _stage(at)
            for at in self.changes:
                done.append(at)
                _settle(at, self.root)
            if journal:
                journal.finish(keep=undo)
        except BaseException as error:
            self._take_back(done, journal)
            if not isinstance(error, OSError) or at is None:
                raise
            reason = error.strerror or str(error)
            raise CannotBegin(
                f"{self._name(at)}: cannot be written: {reason}; nothing was changed"
            ) from error

    def _take_back(self, done: Sequence[Change], journal: Journal | None) -> None:
        for change in self.changes:
            with suppress(OSError):
                _staged(change.file.resolve()).unlink(missing_ok=True)
        with suppress(OSError):
            for change in reversed(done):
                _put(change.file, change.before, self.root)
            if journal:
                journal.drop()

    def _name(self, change: Change) -> str:
        return os.path.relpath(change.file, self.root).replace(os.sep, "/")

    def _one(self, change: Change) -> str:
        name = self._name(change)
        old = f"a/{name}" if change.before is not None else "/dev/null"
        new = f"b/{name}" if change.after is not None else "/dev/null"
        lines = difflib.unified_diff(_lines(change.before), _lines(change.after), old, new)
        return "".join(_marked(lines))


def undo(root: Path) -> Plan:
    """The plan that takes back the last remembered edit.

    Raises:
        CannotBegin: None is remembered, or one of its files has changed since.
    """
    journal = Journal(root)
    try:
        changes, summary = journal.read(journal.last)
    except FileNotFoundError:
        raise CannotBegin(f"{root}: no edit is remembered; take it back with Git") from None
    back = [Change(each.file, each.after, each.before) for each in reversed(changes)]
    for change in back:
        if _bytes(change.file) != change.before:
            name = os.path.relpath(change.file, root)
            raise CannotBegin(f"{name}: has changed since the edit; take it back with Git")
    forget = Change(journal.last, _bytes(journal.last), None)
    return Plan(root, (*back, forget), f"took back: {summary}")


def recover(root: Path) -> str:
    """Take back what a process that was killed had changed; what that was, or nothing.

    Call it only as the `sole_writer`.

    Raises:
        CannotBegin: A file has been changed since, or cannot be written.
    """
    journal = Journal(root)
    try:
        changes, summary = journal.read(journal.pending)
    except FileNotFoundError:
        return ""
    except CannotBegin:
        # It was killed while it wrote the note, so it had changed nothing yet.
        journal.drop()
        return ""
    for change in changes:
        _staged(change.file.resolve()).unlink(missing_ok=True)
        if _bytes(change.file) not in (change.before, change.after):
            name = os.path.relpath(change.file, root)
            raise CannotBegin(
                f"{name}: an edit was cut off ({summary}), and the file has changed since; put "
                f"it right by hand, then delete {journal.pending}"
            )
    for change in reversed(changes):
        _put(change.file, change.before, root)
    journal.drop()
    return f"an edit that was cut off is taken back: {summary}"


@contextmanager
def sole_writer(root: Path) -> Iterator[None]:
    """Keep every other writer of this repository waiting, from what it reads to what it writes."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(root, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotBegin(f"{file}: cannot be read: {error.strerror}") from error


def _put(file: Path, data: bytes | None, root: Path) -> None:
    """Write a file in one step, with the mode that it has; delete it where there is no data."""
    change = Change(file, None, data)
    _stage(change)
    _settle(change, root)


def _stage(change: Change) -> None:
    """Write what the file will be beside it."""
    file = change.file.resolve()
    if file.exists() and not stat.S_IMODE(file.stat().st_mode) & 0o222:
        raise PermissionError(13, "it is read-only")
    if change.after is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    staged = _staged(file)
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o666 & ~_umask()
    staged.write_bytes(change.after)
    staged.chmod(mode)


def _settle(change: Change, root: Path) -> None:
    """Put what was written beside the file in its place, in one step.

    A folder below `root` that a deletion empties goes, too: Git would not show it.
    """
    file = change.file.resolve()
    if change.after is not None:
        _staged(file).replace(file)
        return
    file.unlink(missing_ok=True)
    with suppress(OSError):  # until a folder still holds something
        for folder in file.parents:
            if folder == root.resolve() or not folder.is_relative_to(root.resolve()):
                break
            folder.rmdir()


def _staged(file: Path) -> Path:
    return file.with_name(f".{file.name[:100]}.sage-dev")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _lines(data: bytes | None) -> Sequence[str]:
    return (data or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _marked(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
