"""Time for what outlives its process: it may stand still, and never goes back."""

import time
from collections.abc import Callable

__all__ = ["SteadyClock"]


class SteadyClock:
    """Milliseconds since 1970 by the wall clock at start, carried on by a clock that never jumps.

    Setting the wall clock back, while a store is open or between two openings, revives no key that
    has expired.

    Args:
        wall: Seconds since 1970; read once.
        steady: Seconds that never go back.
        floor: Milliseconds that had been reached before; time starts no earlier.

    >>> clock = SteadyClock(wall=lambda: 10.0, steady=lambda: 0.0, floor=25_000)
    >>> clock.now()
    25000
    """

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        floor: int = 0,
    ) -> None:
        self._steady = steady
        self._start = steady()
        self._base = max(int(wall() * 1000), floor)

    def now(self) -> int:
        """Return the milliseconds."""
        return self._base + int((self._steady() - self._start) * 1000)
