"""What client and server say to each other: MessagePack arrays, one struct a message (ADR-0005).

Times are seconds. A `wait` below 0 waits for ever, 0 does not wait.
"""

from typing import Annotated, Final, TypeAlias

import msgspec

__all__ = [
    "CALL",
    "FOREVER",
    "PUT_MANY",
    "SESSION",
    "Ack",
    "Acks",
    "Batch",
    "Beat",
    "Count",
    "Delete",
    "Done",
    "Full",
    "Get",
    "Hello",
    "Items",
    "Nack",
    "Put",
    "PutMany",
    "Refused",
    "Reply",
    "Request",
    "SessionFrame",
    "Size",
    "Welcome",
    "decode_batch",
    "decode_put_many",
    "decode_reply",
    "decode_request",
    "decode_session",
    "encode",
    "frame_limit",
    "item_limit",
]

SERVICE: Final = "sage.queue.v1.Queues"
CALL: Final = f"/{SERVICE}/Call"  # one request, one reply
PUT_MANY: Final = f"/{SERVICE}/PutMany"  # batches up, one reply each down, several under way
SESSION: Final = f"/{SERVICE}/Session"  # a consumer's life: beats and acknowledgements up
FOREVER: Final = -1.0

# No NaN, which would upset the order of the server's timers, and nothing that they cannot count.
Wait: TypeAlias = Annotated[float, msgspec.Meta(ge=FOREVER, le=1e9)]
Delay: TypeAlias = Annotated[float, msgspec.Meta(ge=0.0, le=1e9)]


FRAME_BYTES: Final = 2 * 1024 * 1024  # beyond the largest item: a batch's rest and its envelope


def frame_limit(item_bytes: int) -> int:
    """Return the bytes that a server takes in one message, from those of its largest item."""
    return 2 * item_bytes + FRAME_BYTES


def item_limit(frame_bytes: int) -> int:
    """Return the bytes of a server's largest item, from those that it takes in one message."""
    return (frame_bytes - FRAME_BYTES) // 2


class _Message(msgspec.Struct, array_like=True, frozen=True):
    pass


class Put(_Message, frozen=True, tag="put"):
    """Store one item; `sequence` grows by item within `producer`, so that a retry is seen."""

    queue: str
    maxsize: int
    producer: str
    sequence: int
    item: bytes
    wait: Wait


class Hello(_Message, frozen=True, tag="hello"):
    """Open a consumer's session on a queue."""

    queue: str
    maxsize: int


class Get(_Message, frozen=True, tag="get"):
    """Lend up to `most` items to a session."""

    session: str
    most: int
    wait: Wait


class Ack(_Message, frozen=True, tag="ack"):
    """Forget an item lent under this delivery number, and say whether it was."""

    session: str
    delivery: int


class Nack(_Message, frozen=True, tag="nack"):
    """Take an item back."""

    session: str
    delivery: int
    delay: Delay
    reason: str


class Size(_Message, frozen=True, tag="size"):
    """Count what waits."""

    queue: str
    maxsize: int


class Delete(_Message, frozen=True, tag="delete"):
    """End a queue with all that is in it."""

    queue: str


class PutMany(_Message, frozen=True, tag="put-many"):
    """The first frame of a stream of batches; `wait` is for all of them together."""

    queue: str
    maxsize: int
    producer: str
    wait: Wait


class Batch(_Message, frozen=True):
    """Items in order, numbered from `sequence`."""

    sequence: int
    items: list[bytes]


class Beat(_Message, frozen=True, tag="beat"):
    """The consumer lives; the first frame of a session names it."""

    session: str


class Acks(_Message, frozen=True, tag="acks"):
    """Forget these items; nobody waits for an answer."""

    deliveries: list[int]


class Done(_Message, frozen=True, tag="done"):
    """It is done; `count` items were stored."""

    count: int


class Full(_Message, frozen=True, tag="full"):
    """There was no room in time; `stored` items of the batch went in."""

    stored: int


class Welcome(_Message, frozen=True, tag="welcome"):
    """A session; it ends when the server has not heard of it for `lease_seconds`."""

    session: str
    lease_seconds: float


class Items(_Message, frozen=True, tag="items"):
    """What is lent: delivery number, count of deliveries, reason, payload; may be empty."""

    lent: list[tuple[int, int, str, bytes]]


class Count(_Message, frozen=True, tag="count"):
    """How many items wait, and whether a put would."""

    size: int
    full: bool


class Refused(_Message, frozen=True, tag="refused"):
    """Why not; `numbers` are what the client's error tells."""

    why: str
    numbers: tuple[int, int] = (0, 0)


Request: TypeAlias = Put | Hello | Get | Ack | Nack | Size | Delete
SessionFrame: TypeAlias = Beat | Acks
Reply: TypeAlias = Done | Full | Welcome | Items | Count | Refused

# What the decoders raise; the second for a text that is no UTF-8.
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError)

encode = msgspec.msgpack.Encoder().encode
_request_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
decode_request = _request_decoder.decode
decode_put_many = msgspec.msgpack.Decoder(PutMany).decode
decode_batch = msgspec.msgpack.Decoder(Batch).decode
_session_decoder: msgspec.msgpack.Decoder[SessionFrame] = msgspec.msgpack.Decoder(SessionFrame)
decode_session = _session_decoder.decode
_reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
decode_reply = _reply_decoder.decode
