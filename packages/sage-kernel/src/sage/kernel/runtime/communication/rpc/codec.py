"""How an item becomes bytes: MessagePack, or pickle where everyone has opted in."""

from contextlib import suppress

import msgspec

from sage.common.codec import CodecError, MsgpackCodec, PickleCodec
from sage.platform.queue import QueueError

__all__ = ["PICKLED", "ItemCodec", "PickleRefused"]

PICKLED = b"\xc1"  # the one first byte that no MessagePack has


class PickleRefused(QueueError, ValueError):
    """An item is pickled, and not everyone has opted in to that.

    >>> print(PickleRefused("jobs", "the server"))
    queue 'jobs': the server does not take pickled items, since unpickling runs any code; start \
the server with --allow-pickle and give every descriptor codec='pickle', or use msgpack
    """

    def __init__(self, name: str, who: str) -> None:
        super().__init__(
            f"queue {name!r}: {who} does not take pickled items, since unpickling runs any code; "
            "start the server with --allow-pickle and give every descriptor codec='pickle', "
            "or use msgpack"
        )


class ItemCodec:
    """Encodes in one way, and tells by the first byte how to decode.

    Args:
        name: The queue's name, for messages.
        pickle: Encode by pickle, and decode what is pickled.
    """

    def __init__(self, name: str, *, pickle: bool) -> None:
        self._name = name
        self._plain = MsgpackCodec()
        self._pickle = PickleCodec() if pickle else None
        self._fast = msgspec.msgpack.Encoder().encode

    def encode(self, item: object) -> bytes:
        """Return an item's bytes.

        Raises:
            CodecError: The item has no form in this codec.
        """
        if self._pickle is not None:
            return PICKLED + self._pickle.encode(item)
        try:
            return self._fast(item)
        except Exception:
            return self._plain.encode(item)  # says it in our words

    def encode_many(self, items: list[object]) -> tuple[list[bytes], CodecError | None]:
        """Return the bytes of the items before the first that has no form, and its error."""
        if self._pickle is None:
            with suppress(Exception):  # told below, in our words
                return list(map(self._fast, items)), None
        encoded: list[bytes] = []
        for item in items:
            try:
                encoded.append(self.encode(item))
            except CodecError as error:
                return encoded, error
        return encoded, None

    def decode(self, data: bytes) -> object:
        """Return the item.

        Raises:
            PickleRefused: It is pickled, and we have not opted in.
            CodecError: The bytes are no item.
        """
        if not data.startswith(PICKLED):
            return self._plain.decode(data)
        if self._pickle is None:
            raise PickleRefused(self._name, "this descriptor")
        return self._pickle.decode(data[1:])
