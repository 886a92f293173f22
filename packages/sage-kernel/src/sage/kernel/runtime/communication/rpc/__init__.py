"""The RPC queue: named queues in the memory of one server, for processes that trust each other.

>>> import sage.kernel
>>> from sage.platform.queue import RPCQueueDescriptor
>>> with RPCQueueServer(port=0) as server:
...     letters = RPCQueueDescriptor(port=server.port, queue_id="letters", maxsize=10)
...     letters.put("a", timeout=1)
...     print(letters.get(timeout=1))
...     letters.close()
a

A server of its own process starts with `sage-kernel rpc-serve`.
"""

from sage.kernel.runtime.communication.rpc import forks  # loads gRPC: before all others
from sage.kernel.runtime.communication.rpc.channels import ChannelPool
from sage.kernel.runtime.communication.rpc.client import RPCQueue
from sage.kernel.runtime.communication.rpc.codec import PickleRefused
from sage.kernel.runtime.communication.rpc.server import CannotServe, RPCQueueServer
from sage.kernel.runtime.communication.rpc.table import Limits

assert forks

__all__ = ["CannotServe", "ChannelPool", "Limits", "PickleRefused", "RPCQueue", "RPCQueueServer"]
