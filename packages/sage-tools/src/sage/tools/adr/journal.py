"""What an edit changes, written down before it is made: to finish it, or to take it back."""

import base64
import binascii
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sage.tools.adr.git import git
from sage.tools.finding import CannotBegin

__all__ = ["Change", "Journal"]


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


class Journal:
    """The edit that is being made, and the last one that can be taken back.

    They lie beside Git's own notes, so that no tree shows them; without Git in `.sage-dev/`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        out = git(root, "rev-parse", "--git-path", "sage-dev-adr")
        base = root / (os.fsdecode(out.rstrip(b"\n")) if out else ".sage-dev/adr")
        self.pending = base.with_name(f"{base.name}-pending.json")
        self.last = base.with_name(f"{base.name}-undo.json")

    def begin(self, changes: Sequence[Change], summary: str) -> None:
        """Write down what is about to be changed.

        Raises:
            OSError: It cannot be written.
        """
        entries = [
            {
                "path": os.path.relpath(change.file, self._root),
                "before": _encode(change.before),
                "after": _encode(change.after),
            }
            for change in changes
        ]
        self.pending.parent.mkdir(parents=True, exist_ok=True)
        self.pending.write_text(json.dumps({"summary": summary, "changes": entries}), "utf-8")

    def finish(self, *, keep: bool) -> None:
        """The edit is made: keep it, so that it can be taken back, or forget it."""
        if keep:
            self.pending.replace(self.last)
        else:
            self.drop()

    def drop(self) -> None:
        """Nothing is being changed any more."""
        self.pending.unlink(missing_ok=True)

    def read(self, file: Path) -> tuple[list[Change], str]:
        """The changes that `file` tells of, and their summary.

        Raises:
            FileNotFoundError: There is no such file.
            CannotBegin: It cannot be read.
        """
        try:
            held = json.loads(file.read_text("utf-8"))
            changes = [
                Change(
                    self._root / entry["path"], _decode(entry["before"]), _decode(entry["after"])
                )
                for entry in held["changes"]
            ]
            return changes, str(held["summary"])
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, TypeError, binascii.Error):
            raise CannotBegin(f"{file}: cannot be read; take the edit back with Git") from None


def _encode(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _decode(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
