"""Queues by name: describe one as a value, use it like `queue.Queue`, wherever it lives.

>>> from sage.platform.queue import PythonQueueDescriptor, resolve_descriptor
>>> jobs = PythonQueueDescriptor(maxsize=100, queue_id="jobs")
>>> jobs.put({"resize": "cat.png"}, timeout=1)
>>> same = resolve_descriptor(jobs.to_dict())
>>> same.get(timeout=1)
{'resize': 'cat.png'}
>>> jobs.delete()

| to reach a queue | take |
|---|---|
| from the threads of this process, or from its children | `PythonQueueDescriptor` |
| from processes that reach one server | `RPCQueueDescriptor`; `import sage.kernel` opens it |
| from anywhere in a Ray cluster | `RayQueueDescriptor` |
| even after a crash | `RedisStreamQueueDescriptor` of `sage.kernel`, type `redis_stream` |
| in your own way | a subclass of `BaseQueueDescriptor`, given to `register_queue_type` |

A descriptor is a value: opening the queue, which its first use does, never changes it.
"""

from sage.platform.queue.descriptor import BaseQueueDescriptor, resolve_descriptor
from sage.platform.queue.errors import (
    BatchFull,
    FactoryMissing,
    ItemTooLarge,
    LeaseLost,
    QueueClosed,
    QueueConflict,
    QueueError,
    QueueForked,
    QueueNotInherited,
    QueueUnavailable,
    QueueUnsupported,
    UnknownQueueType,
)
from sage.platform.queue.leasing import Lease, LeasingQueue, LeasingQueueDescriptor, Settler
from sage.platform.queue.python import PythonQueueDescriptor, live_python_queues
from sage.platform.queue.ray import RayQueueDescriptor, open_ray_queue
from sage.platform.queue.registry import (
    Queue,
    QueueFactory,
    queue_factories,
    queue_types,
    register_queue_factory,
    register_queue_type,
    register_rpc_queue_factory,
)
from sage.platform.queue.rpc import DEFAULT_RPC_PORT, RPCQueueDescriptor

__all__ = [
    "DEFAULT_RPC_PORT",
    "BaseQueueDescriptor",
    "BatchFull",
    "FactoryMissing",
    "ItemTooLarge",
    "Lease",
    "LeaseLost",
    "LeasingQueue",
    "LeasingQueueDescriptor",
    "PythonQueueDescriptor",
    "Queue",
    "QueueClosed",
    "QueueConflict",
    "QueueError",
    "QueueFactory",
    "QueueForked",
    "QueueNotInherited",
    "QueueUnavailable",
    "QueueUnsupported",
    "RPCQueueDescriptor",
    "RayQueueDescriptor",
    "Settler",
    "UnknownQueueType",
    "queue_factories",
    "queue_types",
    "register_queue_factory",
    "register_queue_type",
    "register_rpc_queue_factory",
    "resolve_descriptor",
]

# This layer's own types go through the same registry as everybody else's (ADR-0002). What opens
# RPC queues is not here: the layer above registers it.
register_queue_type(PythonQueueDescriptor, live_python_queues)
register_queue_type(RayQueueDescriptor, open_ray_queue)
register_queue_type(RPCQueueDescriptor)
