"""Queues between threads and between processes keep the contract."""

from sage.platform.queue import PythonQueueDescriptor
from sage.platform.queue.contract import QueueContract


class TestBetweenThreads(QueueContract):
    def make(self, *, maxsize: int = 0) -> PythonQueueDescriptor:
        return PythonQueueDescriptor(maxsize=maxsize)


class TestBetweenProcesses(QueueContract):
    def make(self, *, maxsize: int = 0) -> PythonQueueDescriptor:
        return PythonQueueDescriptor(maxsize=maxsize, use_multiprocessing=True)
