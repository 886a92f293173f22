"""What every backend refuses in the same words."""

import re

from sage.platform.storage.errors import InvalidKey

__all__ = ["check_limit", "check_namespace", "check_ttl", "encode_key"]

_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}\Z")


def check_ttl(ttl: float | None) -> None:
    """Refuse a time to live that is not above 0 seconds.

    >>> check_ttl(0)
    Traceback (most recent call last):
    ValueError: ttl 0 is not a time to live: expected seconds above 0 and at most 1e10, or None
    """
    if ttl is not None and not 0 < ttl <= 1e10:  # NaN fails both
        raise ValueError(
            f"ttl {ttl!r} is not a time to live: expected seconds above 0 and at most 1e10, or None"
        )


def check_limit(limit: int) -> None:
    """Refuse a page that could never hold a key."""
    if limit < 1:
        raise ValueError(f"limit {limit!r} leaves no room for a key: expected 1 or more")


def check_namespace(name: str) -> str:
    """Return the namespace, or refuse one that could be taken for part of a key."""
    if not isinstance(name, str) or not _NAMESPACE.match(name):
        raise InvalidKey(
            "namespace", name, "1 to 200 letters, digits and . _ / -, such as 'rag/docs'"
        )
    return name


def encode_key(key: str) -> bytes:
    """Return the key as UTF-8, or refuse what has no such form."""
    try:
        return key.encode()
    except (AttributeError, UnicodeEncodeError):
        raise InvalidKey("key", key, "text that has a UTF-8 form") from None
