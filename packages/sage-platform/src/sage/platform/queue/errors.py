"""What can go wrong with a queue, apart from `queue.Full` and `queue.Empty`.

>>> print(QueueClosed("jobs"))
queue 'jobs' is closed; open it again with clear_cache(), or use another queue
"""

import queue

from sage.common.errors import NotRegistered, SageError

__all__ = [
    "BatchFull",
    "FactoryMissing",
    "ItemTooLarge",
    "LeaseLost",
    "QueueClosed",
    "QueueConflict",
    "QueueError",
    "QueueForked",
    "QueueNotInherited",
    "QueueUnavailable",
    "QueueUnsupported",
    "UnknownQueueType",
]


class QueueError(SageError):
    """The root of the errors of queues; a full or empty queue is no error of this kind.

    >>> issubclass(QueueClosed, QueueError), issubclass(BatchFull, queue.Full)
    (True, True)
    """


class FactoryMissing(QueueError, NotRegistered, RuntimeError):
    """Nothing is registered that opens queues of this type; the message says what to do.

    >>> from sage.platform.queue import queue_factories
    >>> try:
    ...     queue_factories.get("carrier_pigeon")
    ... except FactoryMissing as error:
    ...     print(error.name)
    carrier_pigeon
    """


class UnknownQueueType(QueueError, NotRegistered, ValueError):
    """No descriptor class is registered, or declared by an entry point, as this type.

    >>> from sage.platform.queue import resolve_descriptor
    >>> try:
    ...     resolve_descriptor({"queue_type": "carrier_pigeon", "queue_id": "post"})
    ... except UnknownQueueType as error:
    ...     print(error.name)
    carrier_pigeon
    """


class QueueClosed(QueueError, ValueError):
    """The queue, or this way to it, was closed; blocked callers are woken with this too.

    >>> from sage.platform.queue import PythonQueueDescriptor
    >>> jobs = PythonQueueDescriptor(queue_id="closed")
    >>> jobs.put("work")
    >>> jobs.clone().delete()
    >>> try:
    ...     jobs.get()
    ... except QueueClosed as error:
    ...     print(error.name)
    closed
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"queue {name!r} is closed; open it again with clear_cache(), or use another queue"
        )
        self.name = name


class QueueConflict(QueueError, ValueError):
    """Two descriptors of one live queue disagree about what it is.

    >>> print(QueueConflict("jobs", "maxsize", live=10, wanted=5))
    queue 'jobs' is live with maxsize=10, this descriptor says maxsize=5; let them agree, or pass 0
    """

    def __init__(self, name: str, what: str, *, live: object, wanted: object) -> None:
        super().__init__(
            f"queue {name!r} is live with {what}={live!r}, this descriptor says {what}={wanted!r}; "
            "let them agree, or pass 0"
        )
        self.name = name


class QueueNotInherited(QueueError, LookupError):
    """A child process names a process queue that it was not given.

    >>> print(QueueNotInherited("jobs"))
    this process did not inherit queue 'jobs'; pass its descriptor to the child as an argument, \
or use queue_instance in the parent before the child starts
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"this process did not inherit queue {name!r}; pass its descriptor to the child as "
            "an argument, or use queue_instance in the parent before the child starts"
        )
        self.name = name


class QueueForked(QueueError, RuntimeError):
    """A queue that no fork carries over is used in a forked child; nothing was sent.

    >>> print(QueueForked("jobs"))
    queue 'jobs' cannot be used in a process forked after a queue of its type was opened, for the \
threads behind it stay in the parent; start processes with the spawn method, or before the first \
use
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"queue {name!r} cannot be used in a process forked after a queue of its type was "
            "opened, for the threads behind it stay in the parent; start processes with the "
            "spawn method, or before the first use"
        )
        self.name = name


class QueueUnavailable(QueueError, ConnectionError):
    """The other side cannot be reached, does not answer, or does not let us in.

    Attributes:
        name: The queue.
        address: Where it was looked for.

    >>> print(QueueUnavailable("jobs", "localhost:50051", "no answer within 30 s"))
    queue 'jobs' at localhost:50051 is not available: no answer within 30 s
    """

    def __init__(self, name: str, address: str, why: str) -> None:
        super().__init__(f"queue {name!r} at {address} is not available: {why}")
        self.name = name
        self.address = address


class QueueUnsupported(QueueError, NotImplementedError):
    """This kind of queue has no such operation.

    >>> print(QueueUnsupported("python", "lease"))
    queues of type 'python' have no lease(); use a type that has
    """

    def __init__(self, queue_type: str, operation: str) -> None:
        super().__init__(
            f"queues of type {queue_type!r} have no {operation}(); use a type that has"
        )


class ItemTooLarge(QueueError, ValueError):
    """An item is larger than its queue takes; it was not stored.

    >>> print(ItemTooLarge("jobs", size=9, limit=8))
    item of 9 bytes is larger than the 8 bytes that queue 'jobs' takes; store it and put its key
    """

    def __init__(self, name: str, *, size: int, limit: int) -> None:
        super().__init__(
            f"item of {size} bytes is larger than the {limit} bytes that queue {name!r} takes; "
            "store it and put its key"
        )
        self.size = size
        self.limit = limit


class BatchFull(QueueError, queue.Full):
    """A `put_many` found no room for all; the first `stored` items are in the queue.

    >>> print(BatchFull("jobs", stored=2))
    queue 'jobs' became full after 2 items; put the rest again
    """

    def __init__(self, name: str, *, stored: int) -> None:
        super().__init__(f"queue {name!r} became full after {stored} items; put the rest again")
        self.stored = stored


class LeaseLost(QueueError, LookupError):
    """An acknowledgement came too late: the item has gone back, or to someone else.

    >>> print(LeaseLost("jobs", delivery=7))
    delivery 7 of queue 'jobs' is no longer leased to this consumer; the item went back to the \
queue and will be, or was, delivered again
    """

    def __init__(self, name: str, *, delivery: object) -> None:
        super().__init__(
            f"delivery {delivery} of queue {name!r} is no longer leased to this consumer; "
            "the item went back to the queue and will be, or was, delivered again"
        )
        self.delivery = delivery
