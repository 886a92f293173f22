"""Each limit that the command is given is one that its server keeps."""

import queue
from collections.abc import Iterator
from typing import Any

import pytest

import sage.kernel
from sage.platform.queue import ItemTooLarge, RPCQueueDescriptor

assert sage.kernel

SOON = 20.0


@pytest.fixture
def jobs(serve: Any) -> Iterator[RPCQueueDescriptor]:
    """A queue of a server with limits that are soon reached."""
    limits = ["--max-items", "2", "--max-item-bytes", "100", "--max-deliveries", "1"]
    with serve(*limits) as server:
        made = RPCQueueDescriptor(port=server.port, queue_id="jobs", connection_timeout=SOON)
        yield made
        made.close()


def test_a_queue_holds_as_many_items_as_max_items_says(jobs: RPCQueueDescriptor) -> None:
    jobs.put(1, timeout=SOON)
    jobs.put(2, timeout=SOON)
    with pytest.raises(queue.Full):
        jobs.put(3, block=False)


def test_an_item_is_as_large_as_max_item_bytes_says(jobs: RPCQueueDescriptor) -> None:
    jobs.put(b"x" * 90)
    with pytest.raises(ItemTooLarge, match="100"):
        jobs.put(b"x" * 110)


def test_an_item_is_delivered_as_often_as_max_deliveries_says(jobs: RPCQueueDescriptor) -> None:
    jobs.put("poison")
    jobs.lease(timeout=SOON).nack(reason="once is enough")
    with jobs.dead_letters().lease(timeout=SOON) as letter:
        assert (letter.value, letter.reason) == ("poison", "once is enough")
    assert jobs.empty()
