"""Length-prefixed tuples on a pipe."""

import marshal
import os
from typing import Any

__all__ = ["Inbox", "read_frame", "write_frame"]


def write_frame(fd: int, frame: tuple[Any, ...]) -> None:
    """Write one frame; blocks until all of it is in the pipe."""
    raw = marshal.dumps(frame)
    data = memoryview(len(raw).to_bytes(8, "big") + raw)
    while data:
        data = data[os.write(fd, data) :]


def read_frame(fd: int) -> tuple[Any, ...] | None:
    """Read one frame; blocks; `None` when the other side has gone."""
    head = _read(fd, 8)
    if head is None:
        return None
    raw = _read(fd, int.from_bytes(head, "big"))
    return None if raw is None else marshal.loads(raw)


def _read(fd: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(fd, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Inbox:
    """The reading end of a busy pipe: takes whatever is there at once, and gives frame by frame."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0

    def take(self) -> tuple[Any, ...] | None:
        """The next frame, or `None` when it has not arrived in full."""
        start = self._at + 8
        end = start + int.from_bytes(self._data[self._at : start], "big")
        if len(self._data) < start or len(self._data) < end:
            return None
        self._at = end
        frame: tuple[Any, ...] = marshal.loads(memoryview(self._data)[start:end])
        return frame

    def fill(self, fd: int) -> bool:
        """Read what is there; blocks until there is something; false when there never will be."""
        part = os.read(fd, 1 << 20)
        self._data = self._data[self._at :] + part
        self._at = 0
        return bool(part)
