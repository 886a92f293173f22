"""The durable queue: a stream of a Redis server, reached like every other queue (ADR-0007).

    import sage.kernel
    from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor

    orders = RedisStreamQueueDescriptor("redis://localhost:6379/0", queue_id="orders")
    orders.put({"order": 17})
    with orders.lease(timeout=5) as lease:
        handle(lease.value)

What was put survives a crash of Redis where its append-only file is on. redis-py comes with
`pip install 'sage-kernel[redis]'` and is imported when the first queue is opened.

>>> RedisStreamQueueDescriptor(queue_id="orders").url
'redis://localhost:6379/0'
"""

from sage.kernel.runtime.communication.redis_stream.descriptor import RedisStreamQueueDescriptor

__all__ = ["RedisStreamQueueDescriptor"]
