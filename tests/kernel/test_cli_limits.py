"""A limit that the command is given is one that its server keeps."""

import queue
from typing import Any

import pytest

import sage.kernel
from sage.platform.queue import RPCQueueDescriptor

assert sage.kernel

SOON = 20.0


def test_a_queue_without_a_bound_of_its_own_holds_what_max_items_says(serve: Any) -> None:
    with serve("--max-items", "2") as server:
        jobs = RPCQueueDescriptor(port=server.port, queue_id="jobs", connection_timeout=SOON)
        jobs.put(1, timeout=SOON)
        jobs.put(2, timeout=SOON)
        with pytest.raises(queue.Full):
            jobs.put(3, block=False)
        assert jobs.full()
        jobs.close()
