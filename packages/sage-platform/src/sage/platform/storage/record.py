"""How one value lies in RocksDB and Redis: a kind, a version, perhaps a deadline, the bytes.

    1 | version, 8 bytes | value
    2 | version, 8 bytes | deadline in ms, 8 bytes | value

>>> unpack(pack(7, b"value"))
Record(version=7, deadline=None, value=b'value')
"""

from dataclasses import dataclass

__all__ = ["EXPIRING", "PLAIN", "PLAIN_SIZE", "Record", "pack", "unpack"]

PLAIN = 1
"""The first byte of a value that stays."""

EXPIRING = 2
"""The first byte of a value with a deadline."""

PLAIN_SIZE = 9
"""Where the bytes of a value that stays begin."""

_EXPIRING_SIZE = 17


@dataclass(frozen=True, slots=True)
class Record:
    """One value as it is stored.

    Attributes:
        version: Above 0.
        deadline: Milliseconds on the store's clock; None when it stays.
        value: The bytes.
    """

    version: int
    deadline: int | None
    value: bytes


def pack(version: int, value: bytes, deadline: int | None = None) -> bytes:
    """Return the bytes to store."""
    head = version.to_bytes(8, "big")
    if deadline is None:
        return b"\x01" + head + value
    return b"\x02" + head + deadline.to_bytes(8, "big") + value


def unpack(data: bytes) -> Record:
    """Return what `pack` was given.

    Raises:
        ValueError: The bytes are not of this form.
    """
    if len(data) >= PLAIN_SIZE and data[0] == PLAIN:
        return Record(int.from_bytes(data[1:9], "big"), None, data[PLAIN_SIZE:])
    if len(data) >= _EXPIRING_SIZE and data[0] == EXPIRING:
        version, deadline = int.from_bytes(data[1:9], "big"), int.from_bytes(data[9:17], "big")
        return Record(version, deadline, data[_EXPIRING_SIZE:])
    raise ValueError(f"{len(data)} bytes that start with {data[:1]!r} are no record")
