"""The kernel layer: importing it registers what opens RPC queues and Redis Streams queues.

It registers and does nothing else; gRPC is imported when the first queue is opened.

>>> import sage.kernel
>>> from sage.platform.queue import queue_factories
>>> "rpc_queue" in queue_factories
True
"""

# --8<-- [start:register]
from sage.kernel.runtime.communication.opening import open_rpc_queue
from sage.kernel.runtime.communication.redis_stream.descriptor import (
    RedisStreamQueueDescriptor,
    open_redis_stream_queue,
)
from sage.platform.queue import register_queue_type, register_rpc_queue_factory

register_rpc_queue_factory(open_rpc_queue)  # ADR-0002: the upper layer hands its part down
register_queue_type(RedisStreamQueueDescriptor, open_redis_stream_queue)  # ADR-0007
# --8<-- [end:register]

__all__: list[str] = []
