"""The states of a service and of its runner, and how long each phase may take."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Deadlines", "State", "check_seconds"]


class State(StrEnum):
    """Where a service, or the runner as a whole, is in its life.

    >>> State.RUNNING == "running"
    True
    """

    NEW = "new"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that each hook of a service may take, each above 0.

    Attributes:
        setup: For `setup`.
        start: For `start`.
        stop: For calls in flight to return, and then for `stop`.
        cleanup: For `cleanup`.

    >>> Deadlines(start=0)
    Traceback (most recent call last):
    ValueError: the deadline of start is 0: expected seconds above 0, at most 1e9
    """

    setup: float = 30.0
    start: float = 30.0
    stop: float = 30.0
    cleanup: float = 30.0

    def __post_init__(self) -> None:
        for phase in ("setup", "start", "stop", "cleanup"):
            seconds = getattr(self, phase)
            check_seconds(f"the deadline of {phase} is", seconds)


def check_seconds(what: str, seconds: object) -> None:
    """Refuse what no clock can wait for: 0 and less, NaN, infinity, and what is no number."""
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds <= 1e9:
        return
    raise ValueError(f"{what} {seconds!r}: expected seconds above 0, at most 1e9")
