"""What every backend refuses in the same words."""

import re

from sage.common.codec import Codec, MsgpackCodec
from sage.platform.storage.errors import InvalidKey

__all__ = [
    "check_codec",
    "check_limit",
    "check_namespace",
    "check_ttl",
    "check_version",
    "encode_key",
]

_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}\Z")


def check_ttl(ttl: float | None) -> None:
    """Refuse a time to live that is not above 0 seconds.

    >>> check_ttl(0)
    Traceback (most recent call last):
    ValueError: ttl 0 is not a time to live: expected seconds above 0 and at most 1e10, or None
    """
    if ttl is None:
        return
    if not isinstance(ttl, int | float) or not 0 < ttl <= 1e10:  # NaN fails both
        raise ValueError(
            f"ttl {ttl!r} is not a time to live: expected seconds above 0 and at most 1e10, or None"
        )


def check_version(version: object) -> None:
    """Refuse what is no version: taken for "any", it would overwrite what someone else wrote.

    >>> check_version(None)
    Traceback (most recent call last):
    ValueError: None is no version: expected that of a read, or ABSENT for a key that is missing
    """
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError(
            f"{version!r} is no version: expected that of a read, or ABSENT for a key that is "
            "missing"
        )


def check_codec(codec: Codec | None) -> Codec:
    """Return the codec, MessagePack for None, or refuse what is none.

    >>> check_codec("pickle")
    Traceback (most recent call last):
    TypeError: 'pickle' is no codec: expected an object such as PickleCodec()
    """
    if codec is None:
        return MsgpackCodec()
    if isinstance(codec, type) or not isinstance(codec, Codec):
        raise TypeError(f"{codec!r} is no codec: expected an object such as PickleCodec()")
    return codec


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
