"""Turn values into bytes and back: MessagePack, raw bytes, or pickle for those who ask for it.

>>> codec = MsgpackCodec()
>>> codec.decode(codec.encode({"name": "sage", "layer": 2}))
{'name': 'sage', 'layer': 2}
"""

import pickle
from typing import Protocol, runtime_checkable

import msgspec

from sage.common.errors import SageError

__all__ = ["Codec", "CodecError", "MsgpackCodec", "PickleCodec", "RawCodec"]


class CodecError(SageError, ValueError):
    """A value has no form in this codec, or the bytes are not of it.

    >>> RawCodec().encode(3)
    Traceback (most recent call last):
    sage.common.codec.CodecError: raw cannot encode int: expected bytes; choose another codec
    """

    def __init__(self, codec: str, verb: str, what: str, why: str) -> None:
        super().__init__(f"{codec} cannot {verb} {what}: {why}")


@runtime_checkable
class Codec(Protocol):
    """Two inverse functions between values and bytes. Never blocks; safe to share by threads.

    Attributes:
        name: Short stable word for messages and for what is stored beside the data.

    >>> isinstance(MsgpackCodec(), Codec)
    True
    """

    @property
    def name(self) -> str:
        """The codec's stable word, such as `"msgpack"`."""

    def encode(self, value: object) -> bytes:
        """Return the value as bytes.

        Raises:
            CodecError: The value has no form in this codec.
        """

    def decode(self, data: bytes) -> object:
        """Return the value that `encode` was given.

        Raises:
            CodecError: The bytes were not written by this codec.
        """


class MsgpackCodec:
    """MessagePack by msgspec: plain data, dataclasses, dates and UUIDs; never runs code.

    Without a type, decoding gives plain data: tuples and sets come back as lists, dataclasses
    as dicts. With a type, msgspec checks the data against it and gives it back.

    Args:
        type: What `decode` returns and validates against; None for plain data.

    >>> MsgpackCodec().decode(MsgpackCodec().encode((1, "two", b"three", None)))
    [1, 'two', b'three', None]
    >>> MsgpackCodec(type=tuple[int, ...]).decode(MsgpackCodec().encode((1, 2)))
    (1, 2)
    """

    name = "msgpack"

    def __init__(self, *, type: type[object] | None = None) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        decoder = msgspec.msgpack.Decoder() if type is None else msgspec.msgpack.Decoder(type)
        self._decode = decoder.decode

    def encode(self, value: object) -> bytes:
        """Return the value as MessagePack.

        Raises:
            CodecError: The value holds something MessagePack has no form for.
        """
        try:
            return self._encode(value)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise CodecError("msgpack", "encode", type(value).__name__, str(error)) from error

    def decode(self, data: bytes) -> object:
        """Return the value that these MessagePack bytes hold.

        Raises:
            CodecError: The bytes are cut short, followed by others, or not of the given type.
        """
        try:
            return self._decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise CodecError("msgpack", "decode", f"{len(data)} bytes", str(error)) from error


class RawCodec:
    """Bytes as they are: for those who encode themselves.

    >>> RawCodec().decode(RawCodec().encode(b"as it is"))
    b'as it is'
    """

    name = "raw"

    def encode(self, value: object) -> bytes:
        """Return the bytes given; a bytearray or memoryview is copied.

        Raises:
            CodecError: The value is not bytes-like.
        """
        if isinstance(value, bytes):
            return value
        if isinstance(value, bytearray | memoryview):
            return bytes(value)
        why = "expected bytes; choose another codec"
        raise CodecError("raw", "encode", type(value).__name__, why)

    def decode(self, data: bytes) -> object:
        """Return the bytes given."""
        return data


class PickleCodec:
    """Python's pickle: any Python object, and any code of whoever wrote the bytes.

    Decoding runs what the bytes say. Use it only where every writer is trusted as much as this
    process; nothing in this project chooses it unless told to.

    >>> PickleCodec().decode(PickleCodec().encode({1, 2, 3})) == {1, 2, 3}
    True
    """

    name = "pickle"

    def encode(self, value: object) -> bytes:
        """Return the value pickled with the highest protocol.

        Raises:
            CodecError: The value does not pickle.
        """
        try:
            return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
            raise CodecError("pickle", "encode", type(value).__name__, str(error)) from error

    def decode(self, data: bytes) -> object:
        """Return the object that was pickled; runs the code that the bytes ask for.

        Raises:
            CodecError: The bytes do not unpickle here.
        """
        try:
            return pickle.loads(data)
        except Exception as error:  # unpickling runs foreign code, which may raise anything
            raise CodecError("pickle", "decode", f"{len(data)} bytes", str(error)) from error
