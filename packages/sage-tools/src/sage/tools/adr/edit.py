"""Changes to files, as data: shown as a diff, made together or not at all, and taken back."""

import base64
import binascii
import difflib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sage.tools.adr.git import git
from sage.tools.finding import CannotBegin

__all__ = ["Change", "Plan", "undo"]


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after; `None` where it is not there.

    Attributes:
        file: The file.
        before: Its bytes before the change.
        after: Its bytes after the change.
    """

    file: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that belong together.

    Attributes:
        root: The repository; a diff names paths relative to it.
        changes: The changes; those that change nothing are left out.
        summary: What was done, in a few words.
    """

    root: Path
    changes: tuple[Change, ...]
    summary: str = ""

    def diff(self) -> str:
        """The changes as a unified diff, as `git diff` would show them."""
        return "".join(self._one(change) for change in self.changes)

    def apply(self, *, undo: bool = False) -> None:
        """Make every change, or none: what was done is taken back when a later one fails.

        Args:
            undo: Whether to remember the changes, so that `undo` can revert them.

        Raises:
            CannotBegin: A file has changed since it was read, or cannot be written.
        """
        for change in self.changes:
            if _bytes(change.file) != change.before:
                raise CannotBegin(f"{self._name(change)}: changed meanwhile; nothing was written")
        done: list[Change] = []
        try:
            for change in self.changes:
                done.append(change)
                _put(change.file, change.after)
            if undo:
                _remember(self)
        except OSError as error:
            for change in reversed(done):
                with suppress(OSError):
                    _put(change.file, change.before)
            reason = error.strerror or str(error)
            raise CannotBegin(
                f"{self._name(done[-1])}: cannot be written: {reason}; nothing was changed"
            ) from error

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
    journal = _journal(root)
    try:
        held = json.loads(journal.read_text("utf-8"))
        changes = tuple(
            Change(root / entry["path"], _decode(entry["after"]), _decode(entry["before"]))
            for entry in held["changes"]
        )
        summary = str(held["summary"])
    except FileNotFoundError:
        raise CannotBegin(f"{root}: no edit is remembered; take it back with Git") from None
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        raise CannotBegin(f"{journal}: cannot be read; take the edit back with Git") from None
    for change in changes:
        if _bytes(change.file) != change.before:
            name = os.path.relpath(change.file, root)
            raise CannotBegin(f"{name}: has changed since the edit; take it back with Git")
    forget = Change(journal, _bytes(journal), None)
    return Plan(root, (*reversed(changes), forget), f"took back: {summary}")


def _remember(plan: Plan) -> None:
    entries = [
        {
            "path": os.path.relpath(change.file, plan.root),
            "before": _encode(change.before),
            "after": _encode(change.after),
        }
        for change in plan.changes
    ]
    held = json.dumps({"summary": plan.summary, "changes": entries})
    _put(_journal(plan.root), held.encode())


def _journal(root: Path) -> Path:
    """Where the last edit is remembered: beside Git's own notes, so that no tree shows it."""
    out = git(root, "rev-parse", "--git-path", "sage-dev-adr-undo.json")
    if out is None:
        return root / ".sage-dev" / "adr-undo.json"
    return root / os.fsdecode(out.rstrip(b"\n"))


def _encode(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _decode(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotBegin(f"{file}: cannot be read: {error.strerror}") from error


def _put(file: Path, data: bytes | None) -> None:
    """Write a file in one step, with the mode that it has; delete it where there is no data."""
    file = file.resolve()
    if data is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        mode = file.stat().st_mode & 0o7777 if file.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _lines(data: bytes | None) -> Sequence[str]:
    return (data or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _marked(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
