"""A store in one file: written beside, flushed, renamed, so that a failure leaves the old file."""

import os
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from sage.common.codec import Codec, CodecError
from sage.platform.storage.backend import PathType
from sage.platform.storage.errors import StoreCorrupted

__all__ = ["read_snapshot", "remove_snapshot", "replace_file", "write_snapshot"]

_MAGIC = b"sage-kv 1\n"


class _Body(msgspec.Struct, array_like=True):
    codec: str
    items: dict[str, bytes]


def write_snapshot(path: PathType, values: Mapping[str, object], codec: Codec) -> None:
    """Write the values to the path, whole or not at all; blocks until they are on disk.

    Raises:
        CodecError: A value has no form in the codec; the old file is as it was.
        OSError: The disk is full or the folder missing; the old file is as it was.
    """
    items = {key: codec.encode(value) for key, value in values.items()}
    body = msgspec.msgpack.encode(_Body(codec.name, items))
    target = Path(path).resolve()  # through a link: the file is replaced, not the link
    replace_file(target, _MAGIC + zlib.crc32(body).to_bytes(4, "big") + body)


def read_snapshot(path: PathType, codec: Codec) -> dict[str, object]:
    """Return the values that `write_snapshot` wrote; also reads a JSON object.

    Raises:
        FileNotFoundError: There is no such file.
        StoreCorrupted: The file is cut short, changed, or written with another codec.
    """
    data = Path(path).read_bytes()
    if not data.startswith(_MAGIC):
        return _read_json(path, data)
    start = len(_MAGIC) + 4
    checksum, body = data[len(_MAGIC) : start], data[start:]
    if zlib.crc32(body).to_bytes(4, "big") != checksum:
        raise StoreCorrupted(str(path), "its checksum does not match its content")
    found = msgspec.msgpack.decode(body, type=_Body)
    if found.codec != codec.name:
        why = f"it was written with the codec {found.codec!r}, and {codec.name!r} was asked to read"
        raise StoreCorrupted(str(path), why)
    try:
        return {key: codec.decode(value) for key, value in found.items.items()}
    except CodecError as error:
        raise StoreCorrupted(str(path), error) from error


def remove_snapshot(path: PathType) -> None:
    """Remove the file if it is there."""
    Path(path).unlink(missing_ok=True)


def _read_json(path: PathType, data: bytes) -> dict[str, object]:
    # The original library wrote a JSON object: its files stay readable (ADR-0008).
    try:
        return msgspec.json.decode(data, type=dict[str, object])
    except msgspec.MsgspecError as error:
        raise StoreCorrupted(str(path), f"neither a snapshot nor JSON: {error}") from error


def replace_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; blocks until it is on disk.

    Raises:
        OSError: The disk is full or the folder missing; the old file is as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
