"""Arguments of descriptors, checked where they are given rather than where they hurt."""

import math

__all__ = ["check_count", "check_flag", "check_seconds", "check_text"]


def check_count(what: str, value: object, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number within its bounds; raise ValueError that names it."""
    bounds = f"from {least} up" if most is None else f"from {least} to {most}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{what} must be a whole number {bounds}, got {value!r}")
    if value < least or (most is not None and value > most):
        raise ValueError(f"{what} must be a whole number {bounds}, got {value!r}")
    return value


def check_seconds(what: str, value: object) -> float:
    """Return a finite number of seconds above 0; raise ValueError that names it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{what} must be a number of seconds above 0, got {value!r}")
    if not 0 < value < math.inf:
        raise ValueError(f"{what} must be a number of seconds above 0, got {value!r}")
    return float(value)


def check_flag(what: str, value: object) -> bool:
    """Return a bool; raise ValueError that names it."""
    if not isinstance(value, bool):
        raise ValueError(f"{what} must be True or False, got {value!r}")
    return value


def check_text(what: str, value: object) -> str:
    """Return a non-empty string; raise ValueError that names it."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{what} must be a non-empty string, got {value!r}")
    return value
