"""No item of a Redis Streams queue is lost, doubled or overtaken: by a freeze, a fork, a close."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import sage.kernel
from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor, scripts
from sage.kernel.runtime.communication.redis_stream.client import BATCH_BYTES

assert sage.kernel
pytestmark = pytest.mark.redis

SOON = 20.0

FORKED = """
import os, sys
import sage.kernel
from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor

jobs = RedisStreamQueueDescriptor(sys.argv[1], queue_id=sys.argv[2])
jobs.put("parent before")
child = os.fork()
if child == 0:
    jobs.put("child")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
jobs.put("parent after")
"""


class Standing:
    """A codec that stands still while it decodes its first item, as a frozen process does."""

    def __init__(self, codec: object) -> None:
        self._codec = codec
        self.began, self.goes_on = threading.Event(), threading.Event()

    def decode(self, data: bytes) -> object:
        self.began.set()
        assert self.goes_on.wait(SOON)
        return self._codec.decode(data)


def test_a_late_get_leaves_its_item_to_who_has_it_and_takes_the_next(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = RedisStreamQueueDescriptor(redis_url, lease_seconds=1)
    other = late.clone()
    assert late.queue_instance is not other.queue_instance
    standing = Standing(late.queue_instance._codec)
    monkeypatch.setattr(late.queue_instance, "_codec", standing)
    with ThreadPoolExecutor() as pool:
        other.put("first")
        got = pool.submit(late.get, timeout=SOON)
        assert standing.began.wait(SOON)
        assert other.get(timeout=SOON) == "first"
        other.put("second")
        standing.goes_on.set()
        assert got.result(SOON) == "second"
    assert other.empty()
    late.close()
    other.delete()


def test_a_forked_child_puts_as_a_producer_of_its_own(redis_url: str) -> None:
    jobs = RedisStreamQueueDescriptor(redis_url)
    command = [sys.executable, "-c", FORKED, redis_url, jobs.queue_id]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert jobs.get_many(9, timeout=SOON) == ["parent before", "child", "parent after"]
    jobs.delete()


def test_closing_gives_back_what_is_lent_long_before_the_lease_ends(redis_url: str) -> None:
    jobs = RedisStreamQueueDescriptor(redis_url, lease_seconds=600)
    other = jobs.clone()
    jobs.put("lent")
    assert jobs.lease(timeout=SOON).value == "lent"
    jobs.close()
    lease = other.lease(timeout=SOON)
    assert (lease.value, lease.deliveries) == ("lent", 2)
    assert lease.reason == "its consumer closed the queue"
    lease.ack()
    other.delete()


def test_room_that_comes_up_between_two_round_trips_lets_nobody_overtake(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = RedisStreamQueueDescriptor(redis_url, maxsize=1)
    other = jobs.clone()
    items = [bytes([number]) * BATCH_BYTES for number in range(4)]  # each a round trip
    taken = []
    run = jobs.queue_instance._server.run

    def run_and_take(script: str, *arguments: object) -> object:
        answer = run(script, *arguments)
        if script is scripts.PUT and answer == 0:  # there was no room, and now there is
            taken.append(other.get(timeout=SOON))
        return answer

    monkeypatch.setattr(jobs.queue_instance._server, "run", run_and_take)
    jobs.put_many(items, timeout=SOON)
    taken.append(other.get(timeout=SOON))
    assert taken == items
    other.close()
    jobs.delete()
