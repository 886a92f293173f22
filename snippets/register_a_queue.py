"""A queue type of your own: the most urgent item first."""

# --8<-- [start:descriptor]
import queue
import threading
from typing import Any

from sage.platform.queue import (
    BaseQueueDescriptor,
    Queue,
    register_queue_type,
    resolve_descriptor,
)


class UrgentQueueDescriptor(BaseQueueDescriptor):
    """Names a queue that hands out its most urgent item first."""

    queue_type = "urgent"
    options = ("maxsize",)

    def __init__(
        self,
        maxsize: int = 0,
        queue_id: str | None = None,
        *,
        reaches: str | None = None,
    ) -> None:
        self.maxsize = maxsize
        super().__init__(queue_id, reaches=reaches)


# --8<-- [end:descriptor]


# --8<-- [start:factory]
class UrgentQueues:
    """The live queues of this process, by name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, Queue] = {}

    def open(self, *, queue_id: str, maxsize: int) -> Queue:
        with self._lock:
            made: Queue = queue.PriorityQueue[Any](maxsize)
            return self._queues.setdefault(queue_id, made)


register_queue_type(UrgentQueueDescriptor, UrgentQueues().open)
# --8<-- [end:factory]


# --8<-- [start:main]
def main() -> None:
    alarms = UrgentQueueDescriptor(queue_id="alarms")
    alarms.put((3, "disk is filling up"))
    alarms.put((1, "fire"))

    # Another part of the program has only the plain data.
    data = {"queue_type": "urgent", "queue_id": "alarms"}
    found = resolve_descriptor(data)
    print(type(found).__name__)
    print(found.get(timeout=1))
    print(found.get(timeout=1))


# --8<-- [end:main]


if __name__ == "__main__":
    main()
