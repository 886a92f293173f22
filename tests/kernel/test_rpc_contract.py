"""RPC queues keep the contract of queues that lend, against a server in another process."""

import pytest

import sage.kernel
from sage.platform.queue import RPCQueueDescriptor
from sage.platform.queue.contract import LeasingQueueContract

assert sage.kernel


class TestOverPlainText(LeasingQueueContract):
    @pytest.fixture(autouse=True)
    def _server(self, rpc_port: int) -> None:
        self.port = rpc_port

    def make(self, *, maxsize: int = 0) -> RPCQueueDescriptor:
        return RPCQueueDescriptor(port=self.port, maxsize=maxsize, connection_timeout=10)
