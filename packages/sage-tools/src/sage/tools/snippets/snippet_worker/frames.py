"""Length-prefixed tuples on a pipe."""

import marshal
import os
from contextlib import suppress
from typing import Any

__all__ = ["Inbox", "packed", "read_frame", "write_all"]


def packed(frame: tuple[Any, ...]) -> bytes:
    """A frame as it goes into a pipe."""
    raw = marshal.dumps(frame, 2)  # later versions look each value up among those before it
    return len(raw).to_bytes(8, "big") + raw


def write_all(fd: int, data: bytes) -> None:
    """Write; blocks until all of it is in the pipe."""
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, memoryview(data)[written:])


def read_frame(fd: int) -> tuple[Any, ...] | None:
    """Read one frame; blocks; `None` when the other side has gone."""
    head = _read(fd, 8)
    raw = _read(fd, int.from_bytes(head, "big")) if head else b""
    return marshal.loads(raw) if raw else None


def _read(fd: int, size: int) -> bytes:
    data = os.read(fd, size)
    while data and len(data) < size:
        part = os.read(fd, size - len(data))
        data = data + part if part else b""
    return data


class Inbox:
    """The reading end of a busy pipe: takes whatever is there at once, and gives frame by frame.

    It does not wait: the pipe's end must be set not to block.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.closed = False
        self._data = b""
        self._at = 0

    @property
    def partial(self) -> bool:
        """Whether a frame has arrived in part."""
        return self._at < len(self._data)

    def take(self) -> tuple[Any, ...] | None:
        """The next frame, or `None` when it has not arrived in full."""
        frame = self._next()
        if frame is None and not self.closed:
            self._fill()
            frame = self._next()
        return frame

    def _next(self) -> tuple[Any, ...] | None:
        start = self._at + 8
        if len(self._data) < start:
            return None
        end = start + int.from_bytes(self._data[self._at : start], "big")
        if len(self._data) < end:
            return None
        self._at = end
        frame: tuple[Any, ...] = marshal.loads(memoryview(self._data)[start:end])
        return frame

    def _fill(self) -> None:
        with suppress(BlockingIOError):
            part = os.read(self.fd, 1 << 20)
            self.closed = not part
            self._data = self._data[self._at :] + part
            self._at = 0
