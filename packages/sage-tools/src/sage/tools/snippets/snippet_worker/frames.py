"""Length-prefixed tuples on a pipe."""

import marshal
import os
from typing import Any

__all__ = ["read_frame", "write_frame"]


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
