"""Where a long command is, for whoever waits; on standard error, so that output stays as it is."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO, TypeVar

__all__ = ["Progress"]

Step = TypeVar("Step")

OFTEN, NOW_AND_THEN = 0.1, 10.0  # seconds between two lines: on a terminal, and in a log
WIDTH = 79
CLEAR = "\r\x1b[K"


class Progress:
    """Says which step a command is at: on a terminal in one changing line, else now and then.

    >>> progress = Progress("running", stream=sys.stdout, every=0.0)
    >>> for page in progress.over(["a.md", "b.md"], name=str):
    ...     pass
    running 1 of 2: a.md
    running 2 of 2: b.md
    """

    def __init__(
        self, doing: str, *, stream: TextIO | None = None, every: float | None = None
    ) -> None:
        self._doing = doing
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._every = every if every is not None else OFTEN if self._terminal else NOW_AND_THEN
        self._last = time.monotonic()

    def over(self, steps: Sequence[Step], name: Callable[[Step], str]) -> Iterator[Step]:
        """The steps, each announced by its name before it is taken."""
        for number, step in enumerate(steps, 1):
            if self._is_time():
                self._say(f"{self._doing} {number} of {len(steps)}: {name(step)}")
            yield step
        self.clear()

    def clear(self) -> None:
        """Leave the line to what is about to be printed."""
        if self._terminal:
            self._stream.write(CLEAR)
            self._stream.flush()

    def _is_time(self) -> bool:
        return time.monotonic() - self._last >= self._every

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        shown = text if len(text) <= WIDTH or not self._terminal else f"{text[: WIDTH - 1]}…"
        self._stream.write(f"{CLEAR}{shown}" if self._terminal else f"{text}\n")
        self._stream.flush()
