"""What a queue is, as a value; the live queue is reached by its name (ADR-0006)."""

import json
import time
import uuid
from abc import ABC
from collections.abc import Iterable, Mapping
from typing import ClassVar, NoReturn, Self, cast

from sage.common.forks import ForkedLock
from sage.platform.queue._batches import get_many, put_many
from sage.platform.queue.checks import check_delay, check_text
from sage.platform.queue.errors import QueueUnsupported
from sage.platform.queue.registry import Queue, queue_factories, queue_types

__all__ = ["BaseQueueDescriptor", "resolve_descriptor"]


class BaseQueueDescriptor(ABC):
    """The name, type and options of a queue: a value that compares, hashes, pickles and prints.

    Descriptors of one type, name and address reach the same live queue. It is opened at first
    use, by whichever of `put`, `get`, `qsize`, `empty`, `full` or `queue_instance` comes first;
    that never changes the value. A subclass names its `queue_type` and the attributes that make
    up its `metadata`, sets them, and calls `super().__init__` last, which seals it.

    Args:
        queue_id: The queue's name; None makes one up that nobody else has.
        reaches: The name of the live queue, where it is not `queue_id`: so a clone reaches its
            original's queue under a name of its own.

    Attributes:
        queue_type: The type's name in the registry.
        options: The names of the attributes that `metadata` holds and the factory is given.
        secrets: The names of those that only the factory is given: never in `to_dict`, pickle
            or repr.
        queue_id: The queue's name.
        reaches: The name of the live queue, or None when that is `queue_id`.
        created_timestamp: Seconds since 1970 when the descriptor was made; no part of equality.

    Raises:
        ValueError: A name is empty, no string, or has no UTF-8 form.

    >>> from sage.platform.queue import PythonQueueDescriptor
    >>> jobs = PythonQueueDescriptor(maxsize=2, queue_id="resizes")
    >>> jobs.put("resize")
    >>> jobs == BaseQueueDescriptor.from_dict(jobs.to_dict())
    True
    >>> jobs.clone().get()
    'resize'
    >>> jobs.delete()
    """

    queue_type: ClassVar[str] = ""
    options: ClassVar[tuple[str, ...]] = ()
    secrets: ClassVar[tuple[str, ...]] = ()

    queue_id: str
    reaches: str | None
    created_timestamp: float

    def __init__(self, queue_id: str | None = None, *, reaches: str | None = None) -> None:
        if not self.queue_type:
            raise TypeError(f"{type(self).__name__} names no queue_type; set it in the class")
        for what, name in (("queue_id", queue_id), ("reaches", reaches)):
            if name is not None:
                check_text(what, name)
        self.queue_id = queue_id or f"{self.queue_type}_{uuid.uuid4().hex}"
        self.reaches = reaches if reaches != self.queue_id else None
        self.created_timestamp = time.time()
        self._live: Queue | None = None
        self._opening = ForkedLock()
        object.__setattr__(self, "_sealed", True)

    # ---- the value ----

    @property
    def name(self) -> str:
        """The name of the live queue."""
        return self.reaches or self.queue_id

    @property
    def can_serialize(self) -> bool:
        """True: a descriptor is a value, before and after use."""
        return True

    @property
    def metadata(self) -> dict[str, object]:
        """The options as plain data, without secrets; a new dict each time."""
        options = {name: getattr(self, name) for name in self.options}
        return {**options, "reaches": self.reaches} if self.reaches else options

    def to_dict(self) -> dict[str, object]:
        """Return the value as plain data that `resolve_descriptor` takes; no secrets in it."""
        return {
            "queue_id": self.queue_id,
            "queue_type": self.queue_type,
            "class_name": type(self).__name__,
            "metadata": self.metadata,
            "can_serialize": self.can_serialize,
            "created_timestamp": self.created_timestamp,
        }

    def to_json(self) -> str:
        """Return the value as one JSON object; no secrets in it."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return the descriptor that `to_dict` was asked of.

        Args:
            data: Needs `queue_id`; `metadata` and `created_timestamp` may be missing.

        Raises:
            TypeError: The data is no mapping.
            ValueError: A key is missing, unknown or of another type of queue.
        """
        if not cls.queue_type:
            return cast(Self, resolve_descriptor(data))
        _refuse_unless_mapping(data)
        given = data.get("queue_type", cls.queue_type)
        if given != cls.queue_type:
            raise ValueError(f"expected a descriptor of type {cls.queue_type!r}, got {given!r}")
        if not isinstance(data.get("queue_id"), str):
            raise ValueError(f"a descriptor needs a queue_id, got {data.get('queue_id')!r}")
        metadata = data.get("metadata", {})
        if not isinstance(metadata, Mapping):
            raise ValueError(f"metadata must be a mapping, got {metadata!r}")
        unknown = sorted(set(metadata) - {*cls.options, "reaches"})
        if unknown:
            raise ValueError(f"{cls.__name__} knows no {', '.join(map(str, unknown))} in metadata")
        made = cls(queue_id=data["queue_id"], **metadata)  # type: ignore[arg-type]
        stamp = data.get("created_timestamp", made.created_timestamp)
        object.__setattr__(made, "created_timestamp", check_delay("created_timestamp", stamp))
        return made

    def to_serializable_descriptor(self) -> Self:
        """Return the descriptor itself: it always serialises."""
        return self

    def clone(self, new_queue_id: str | None = None) -> Self:
        """Return a descriptor that reaches the same live queue, whenever it is called.

        Args:
            new_queue_id: The clone's own name; None makes it equal to its original.
        """
        values = {name: getattr(self, name) for name in (*self.options, *self.secrets)}
        reaches = self.name if new_queue_id else self.reaches
        return type(self)(queue_id=new_queue_id or self.queue_id, reaches=reaches, **values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseQueueDescriptor):
            return NotImplemented
        mine = (self.queue_id, self.queue_type, self.metadata)
        return mine == (other.queue_id, other.queue_type, other.metadata)

    def __hash__(self) -> int:
        return hash((self.queue_id, self.queue_type))

    def __repr__(self) -> str:
        shown = {"queue_id": self.queue_id, **self.metadata}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in shown.items())})"

    def __str__(self) -> str:
        return f"Queue[{self.queue_type}]({self.queue_id})"

    def __copy__(self) -> Self:
        return self.clone()  # within this process, so that secrets come along

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self.clone()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).from_dict, (self.to_dict(),)

    def __setattr__(self, name: str, value: object) -> None:
        if not self.__dict__.get("_sealed"):
            object.__setattr__(self, name, value)
            return
        self._refuse_change(name)

    def __delattr__(self, name: str) -> None:
        self._refuse_change(name)

    # ---- the live queue ----

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item at the end.

        Args:
            item: Any value that the queue's codec takes.
            block: Wait for room; False raises at once when there is none.
            timeout: Seconds to wait for room; None waits for ever.

        Raises:
            queue.Full: There was no room in time.
            QueueClosed: The queue was closed, before or while this waited.
        """
        live = self._live
        (self._open() if live is None else live).put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item.

        Args:
            block: Wait for an item; False raises at once when there is none.
            timeout: Seconds to wait; None waits for ever.

        Raises:
            queue.Empty: No item came in time.
            QueueClosed: The queue was closed, before or while this waited.
        """
        live = self._live
        return (self._open() if live is None else live).get(block, timeout)

    def put_nowait(self, item: object) -> None:
        """Put an item, or raise `queue.Full` at once."""
        self.put(item, False)

    def get_nowait(self) -> object:
        """Take the first item, or raise `queue.Empty` at once."""
        return self.get(False)

    def put_many(self, items: Iterable[object], timeout: float | None = None) -> None:
        """Put many items in order; far faster than one by one where there is a network between.

        An error that the items raise, and one for an item that the queue's codec does not take,
        comes when those before it are stored.

        Args:
            items: What to put; it may be longer than the queue has room.
            timeout: Seconds for all of them together; None waits for ever.

        Raises:
            BatchFull: There was no room in time; `stored` says how many went in. A `queue.Full`.
            QueueClosed: The queue was closed, before or while this waited.
        """
        put_many(self.queue_instance, self.name, items, timeout)

    def get_many(self, max_items: int, timeout: float | None = None) -> list[object]:
        """Take up to `max_items` that are there; wait only for the first.

        Args:
            max_items: At least 1.
            timeout: Seconds to wait for the first item; None waits for ever.

        Raises:
            queue.Empty: No item came in time.
            QueueClosed: The queue was closed, before or while this waited.
        """
        return get_many(self.queue_instance, max_items, timeout)

    def qsize(self) -> int:
        """Count the items that wait; leased ones do not count."""
        return self.queue_instance.qsize()

    def empty(self) -> bool:
        """Tell whether no item waits."""
        return self.queue_instance.empty()

    def full(self) -> bool:
        """Tell whether a put would wait."""
        return self.queue_instance.full()

    @property
    def queue_instance(self) -> Queue:
        """The live queue, opened now if it was not; the one property that may (a kept name).

        Raises:
            FactoryMissing: Nothing opens queues of this type; the message says what to do.
        """
        live = self._live
        return self._open() if live is None else live

    def get_queue(self) -> Queue:
        """Return `queue_instance`."""
        return self.queue_instance

    def is_initialized(self) -> bool:
        """Tell whether this descriptor has opened its way to the live queue."""
        return self._live is not None

    def clear_cache(self) -> None:
        """Let go of this descriptor's way to the live queue; the next use opens one again.

        The live queue and its items stay, and so do other descriptors' ways to it.
        """
        with self._opening:
            live = self._live
            object.__setattr__(self, "_live", None)
        close = getattr(live, "close", None)
        if close is not None:
            close()

    def trim(self) -> None:
        """Do what `clear_cache` does."""
        self.clear_cache()

    def close(self) -> None:
        """Do what `clear_cache` does.

        Where the queue lies behind a connection, callers that wait through this descriptor are
        woken with QueueClosed; those in memory end their waits with `delete`. Closing a clone
        leaves its original open, and the other way round.
        """
        self.clear_cache()

    def delete(self) -> None:
        """End the live queue for everyone, with all that is in it; blocked callers are woken.

        Raises:
            QueueUnsupported: Queues of this type cannot be ended so.
        """
        delete = getattr(self.queue_instance, "delete", None)
        if delete is None:
            raise QueueUnsupported(self.queue_type, "delete")
        delete()
        self.clear_cache()

    def open_queue(self) -> Queue:
        """Open and return a way to the live queue; a subclass may open it in its own way.

        Raises:
            FactoryMissing: No factory is registered for this type.
        """
        factory = queue_factories.get(self.queue_type)
        values = {name: getattr(self, name) for name in (*self.options, *self.secrets)}
        return factory(queue_id=self.name, **values)

    def _open(self) -> Queue:
        with self._opening:
            if self._live is None:
                object.__setattr__(self, "_live", self.open_queue())
            live: Queue | None = self._live
            assert live is not None
            return live

    def _refuse_change(self, name: str) -> NoReturn:
        raise AttributeError(
            f"{type(self).__name__} is a value: {name!r} cannot change; make a new descriptor"
        )


def resolve_descriptor(data: Mapping[str, object]) -> BaseQueueDescriptor:
    """Return the descriptor that a `to_dict` of any registered type was asked of.

    Args:
        data: Plain data with at least `queue_type` and `queue_id`.

    Raises:
        UnknownQueueType: Nothing is registered as that `queue_type`.
        TypeError: The data is no mapping.
        ValueError: The data is no descriptor of that type.

    >>> resolve_descriptor({"queue_type": "python", "queue_id": "jobs", "metadata": {"maxsize": 3}})
    PythonQueueDescriptor(queue_id='jobs', maxsize=3, use_multiprocessing=False)
    """
    _refuse_unless_mapping(data)
    queue_type = data.get("queue_type")
    if not isinstance(queue_type, str):
        raise ValueError(f"a descriptor needs a queue_type, got {queue_type!r}")
    return queue_types.get(queue_type).from_dict(data)


def _refuse_unless_mapping(data: object) -> None:
    if not isinstance(data, Mapping):
        raise TypeError(f"expected a mapping as to_dict() returns, got {type(data).__name__}")
