"""Arguments of descriptors, checked where they are given rather than where they hurt."""

import math
from typing import Final

__all__ = [
    "check_count",
    "check_delay",
    "check_flag",
    "check_seconds",
    "check_text",
    "check_timeout",
    "check_token",
]

LONGEST_SECONDS: Final = 24 * 24 * 3600  # poll() counts milliseconds in 31 bits


def check_count(what: str, value: object, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number within its bounds; raise ValueError that names it."""
    bounds = f"from {least} up" if most is None else f"from {least} to {most}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{what} must be a whole number {bounds}, got {value!r}")
    if value < least or (most is not None and value > most):
        raise ValueError(f"{what} must be a whole number {bounds}, got {value!r}")
    return value


def check_seconds(what: str, value: object) -> float:
    """Return a number of seconds above 0, up to 24 days; raise ValueError that names it."""
    expected = f"{what} must be a number of seconds above 0, up to 24 days, got {value!r}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(expected)
    if not 0 < value <= LONGEST_SECONDS:
        raise ValueError(expected)
    return float(value)


def check_delay(what: str, value: object) -> float:
    """Return a finite number of seconds from 0 up; raise ValueError that names it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise ValueError(f"{what} must be a number of seconds from 0 up, got {value!r}")


def check_timeout(value: object) -> float | None:
    """Return the seconds that a call may wait, from 0 up; None for ever, and beyond 24 days.

    Raises:
        ValueError: It is negative or no number.

    >>> check_timeout(0.5), check_timeout(None), check_timeout(math.inf)
    (0.5, None, None)
    """
    if value is None or value == math.inf:
        return None
    seconds = check_delay("timeout", value)
    return None if seconds > LONGEST_SECONDS else seconds


def check_flag(what: str, value: object) -> bool:
    """Return a bool; raise ValueError that names it."""
    if not isinstance(value, bool):
        raise ValueError(f"{what} must be True or False, got {value!r}")
    return value


def check_text(what: str, value: object) -> str:
    """Return a non-empty string that has a UTF-8 form; raise ValueError that names it."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{what} must be a non-empty string, got {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} must be text that has a UTF-8 form, got {value!r}") from None
    return value


def check_token(what: str, value: object) -> str:
    """Return a token that HTTP can carry, without telling it; raise ValueError otherwise."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise ValueError(f"{what} must be printable ASCII on one line, and not empty")
    return value
