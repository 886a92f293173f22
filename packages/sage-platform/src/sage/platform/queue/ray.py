"""Queues on Ray, the way past one machine: one asynchronous actor holds each queue."""

from sage.platform.queue.checks import check_count
from sage.platform.queue.descriptor import BaseQueueDescriptor
from sage.platform.queue.registry import Queue

__all__ = ["RayQueueDescriptor", "open_ray_queue"]


class RayQueueDescriptor(BaseQueueDescriptor):
    """A queue that an actor of a Ray cluster holds, reached by name from anywhere in it.

    Ray must run in this process (`ray.init(address=...)`) before the queue is opened. The queue
    outlives the process that opened it, until `delete()` or the end of the cluster.

    Args:
        maxsize: Items it holds; 0 for no bound.
        queue_id: The queue's name; None makes one up.
        reaches: The name of the live queue, where it is not `queue_id`.

    Raises:
        ValueError: `maxsize` is negative or no number, or a name is empty.

    >>> RayQueueDescriptor(queue_id="frames")
    RayQueueDescriptor(queue_id='frames', maxsize=1048576)
    """

    queue_type = "ray_queue"
    options = ("maxsize",)

    def __init__(
        self,
        maxsize: int = 1024 * 1024,
        queue_id: str | None = None,
        *,
        reaches: str | None = None,
    ) -> None:
        self.maxsize = check_count("maxsize", maxsize)
        super().__init__(queue_id, reaches=reaches)


def open_ray_queue(queue_id: str, maxsize: int) -> Queue:
    """Open the live queue of that name; what the registry calls.

    Raises:
        MissingExtra: Ray is not installed.
        QueueConflict: The queue is live with another `maxsize`.
        QueueUnavailable: Ray does not run in this process.
    """
    from sage.platform.queue._ray_actor import RayQueue

    return RayQueue(queue_id, maxsize)
