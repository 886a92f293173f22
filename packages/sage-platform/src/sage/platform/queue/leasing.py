"""At-least-once delivery: an item is lent, and gone only when its consumer says so."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, cast

from sage.platform.queue.checks import check_delay
from sage.platform.queue.descriptor import BaseQueueDescriptor
from sage.platform.queue.errors import QueueUnsupported
from sage.platform.queue.registry import Queue

__all__ = ["Lease", "LeasingQueue", "LeasingQueueDescriptor", "Settler"]


class Settler(Protocol):
    """What a queue gives its leases to be settled with.

    >>> class Ledger:
    ...     def ack(self, delivery):
    ...         print("done:", delivery)
    ...     def nack(self, delivery, delay, reason):
    ...         print("again:", delivery, reason)
    >>> ledger: Settler = Ledger()
    >>> Lease("work", 1, "", 7, ledger).ack()
    done: 7
    """

    def ack(self, delivery: object) -> None:
        """Forget the item; raise LeaseLost when it is no longer lent under this number."""

    def nack(self, delivery: object, delay: float, reason: str) -> None:
        """Take the item back; raise LeaseLost when it is no longer lent under this number."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One item, lent: acknowledge it, or give it back; a consumer that dies gives it back too.

    As a `with` block it acknowledges at the end, and gives the item back when the block raises.
    The lease is renewed for as long as its consumer lives and the queue is open, however long
    the work takes.

    Attributes:
        value: The item.
        deliveries: How often it has been delivered, this time included; more than 1 says that a
            consumer before gave it back or died.
        reason: Why it lies in a dead-letter queue; empty elsewhere.
        delivery: The number of this delivery: an acknowledgement is of a delivery, so that one
            which comes late cannot acknowledge the next.

    >>> class Ledger:
    ...     def ack(self, delivery):
    ...         print("done:", delivery)
    ...     def nack(self, delivery, delay, reason):
    ...         print("again:", delivery, reason)
    >>> with Lease("work", 1, "", 7, Ledger()) as lease:
    ...     print(lease.value)
    work
    done: 7
    >>> try:
    ...     with Lease("work", 1, "", 8, Ledger()) as lease:
    ...         raise OSError("disk full")
    ... except OSError:
    ...     pass
    again: 8 OSError: disk full
    """

    value: object
    deliveries: int
    reason: str
    delivery: object
    _settler: Settler = field(repr=False, compare=False)

    def ack(self) -> None:
        """Say that the work is done; the item is gone.

        Raises:
            LeaseLost: The item went back to the queue before this.
        """
        self._settler.ack(self.delivery)

    def nack(self, delay: float = 0.0, reason: str = "given back") -> None:
        """Give the item back, to the head of the queue.

        Args:
            delay: Seconds from now until it is delivered again.
            reason: One sentence that it carries when it ends in the dead-letter queue.

        Raises:
            ValueError: `delay` is negative, infinite or no number.
            LeaseLost: The item went back to the queue before this.
        """
        self._settler.nack(self.delivery, check_delay("delay", delay), reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.ack()
        else:
            self.nack(reason=f"{type(error).__name__}: {error}")


class LeasingQueue(Queue, Protocol):
    """A live queue that lends: what a factory for a `LeasingQueueDescriptor` returns.

    >>> from sage.platform.queue import Queue
    >>> hasattr(LeasingQueue, "lease"), hasattr(Queue, "lease")
    (True, False)
    """

    def lease(self, block: bool = True, timeout: float | None = None) -> Lease:
        """Lend the first item; raise `queue.Empty` after `timeout` seconds (None: for ever)."""


class LeasingQueueDescriptor(BaseQueueDescriptor):
    """A descriptor of queues that lend their items.

    >>> from sage.platform.queue import RPCQueueDescriptor
    >>> jobs = RPCQueueDescriptor(queue_id="jobs")
    >>> isinstance(jobs, LeasingQueueDescriptor), jobs.dead_letters().queue_id
    (True, 'jobs.dead')
    """

    def lease(self, block: bool = True, timeout: float | None = None) -> Lease:
        """Borrow the first item until it is acknowledged, given back, or this consumer dies.

        Args:
            block: Wait for an item; False raises at once when there is none.
            timeout: Seconds to wait; None waits for ever.

        Raises:
            queue.Empty: No item came in time.
            QueueClosed: The queue was closed, before or while this waited.
        """
        live = self.queue_instance
        if not hasattr(live, "lease"):
            raise QueueUnsupported(self.queue_type, "lease")
        return cast(LeasingQueue, live).lease(block, timeout)

    def dead_letters(self) -> Self:
        """Return the descriptor of the queue where items end that were delivered too often.

        Lease from it to see each item's `reason`.
        """
        values = {name: getattr(self, name) for name in (*self.options, *self.secrets)}
        return type(self)(**{**values, "maxsize": 0}, queue_id=f"{self.name}.dead")
