"""What the kernel registers to open queues: light to import, the libraries come at first use."""

import threading
from typing import TYPE_CHECKING, Any

from sage.platform.queue import Queue

if TYPE_CHECKING:
    from sage.kernel.runtime.communication.rpc import ChannelPool

__all__ = ["RPCQueues", "open_rpc_queue"]


class RPCQueues:
    """Opens RPC queues, and holds the connections that they share in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ChannelPool | None = None

    # --8<-- [start:factory]
    def __call__(self, **options: Any) -> Queue:
        """Open a queue; the options are those of `RPCQueueDescriptor`, all by keyword.

        Raises:
            ValueError: An option is out of its range.
        """
        from sage.kernel.runtime.communication.rpc import RPCQueue

        return RPCQueue(pool=self._shared(), **options)

    # --8<-- [end:factory]

    def _shared(self) -> "ChannelPool":
        from sage.kernel.runtime.communication.rpc import ChannelPool

        with self._lock:
            if self._pool is None:
                self._pool = ChannelPool()
            return self._pool


open_rpc_queue = RPCQueues()
"""What `import sage.kernel` registers."""
