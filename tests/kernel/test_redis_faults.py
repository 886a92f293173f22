"""What the durable queue promises holds when Redis or a consumer is killed or frozen."""

import gc
import pickle
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

import sage.kernel
from sage.common.codec import CodecError
from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor
from sage.platform.queue import (
    LeaseLost,
    QueueClosed,
    QueueConflict,
    QueueUnavailable,
    queue_types,
    resolve_descriptor,
)

assert sage.kernel
pytestmark = pytest.mark.redis

SOON = 20.0

CONSUMER = """
import sys
import sage.kernel
from sage.platform.queue import resolve_descriptor

jobs = resolve_descriptor(eval(sys.argv[1]))
lease = jobs.lease(timeout=20)
print("holds", lease.value, flush=True)
sys.stdin.readline()
try:
    lease.ack()
    print("acknowledged", flush=True)
except LookupError as error:
    print(type(error).__name__, flush=True)
"""


@contextmanager
def consumer(jobs: RedisStreamQueueDescriptor) -> "Iterator[subprocess.Popen[str]]":
    """A consumer in another process that holds one lease."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONSUMER, repr(jobs.to_dict())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("holds")
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


@pytest.fixture
def jobs(redis_url: str) -> Iterator[RedisStreamQueueDescriptor]:
    made = RedisStreamQueueDescriptor(redis_url, lease_seconds=1, max_deliveries=2)
    yield made
    made.clear_cache()
    for each in (made, made.dead_letters()):
        each.delete()


def test_confirmed_puts_survive_kills_of_redis_and_none_is_doubled(own_redis: Any) -> None:
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", connection_timeout=SOON)
    stop = threading.Event()
    confirmed: list[int] = []

    def produce() -> None:
        number = 0
        while not stop.is_set():
            jobs.put(number)  # goes on trying while Redis is away
            confirmed.append(number)
            number += 1

    with ThreadPoolExecutor(1) as threads:
        producer = threads.submit(produce)
        for _ in range(3):
            seen = len(confirmed)
            wait_until(lambda seen=seen: len(confirmed) > seen + 50)
            own_redis.kill()
            own_redis.start()
        stop.set()
        producer.result(SOON)
    taken: list[object] = []
    while not jobs.empty():
        taken += jobs.get_many(500, timeout=SOON)
    assert taken == list(range(len(confirmed)))
    jobs.close()


@pytest.mark.parametrize(("count", "padding"), [(40_000, 0), (4_000, 6_000)])
def test_a_batch_under_way_at_a_kill_of_redis_is_stored_once(
    own_redis: Any, count: int, padding: int
) -> None:
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", connection_timeout=SOON)
    items = [[number, bytes(padding)] for number in range(count)]
    other = jobs.clone()
    assert other.empty()
    with ThreadPoolExecutor(1) as threads:
        stored = threads.submit(jobs.put_many, items)
        wait_until(lambda: other.qsize() > count / 20)
        own_redis.kill()
        own_redis.start()
        stored.result(3 * SOON)
    taken: list[Any] = []
    while not jobs.empty():
        taken += jobs.get_many(2000, timeout=SOON)
    assert [number for number, _ in taken] == list(range(count))
    jobs.close()
    other.close()


def test_what_was_put_and_lent_is_there_after_redis_was_killed(own_redis: Any) -> None:
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", lease_seconds=1)
    jobs.put_many(["lent", "waiting"])
    lease = jobs.lease(timeout=SOON)
    own_redis.kill()
    own_redis.start()
    lease.ack()  # the lease is as durable as the item
    assert jobs.get(timeout=SOON) == "waiting"
    assert jobs.empty()
    jobs.close()


def test_a_redis_that_is_gone_is_a_clear_error_within_the_connection_timeout(
    own_redis: Any,
) -> None:
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", connection_timeout=0.5)
    jobs.put(1)
    own_redis.kill()
    start = time.monotonic()
    with pytest.raises(QueueUnavailable, match=r"'q' at redis://127.*is not available"):
        jobs.put(2)
    assert time.monotonic() - start < 5
    jobs.close()


def test_two_hundred_blocked_getters_do_not_delay_a_put(redis_url: str) -> None:
    idle, busy = (RedisStreamQueueDescriptor(redis_url, name) for name in ("idle", "busy"))
    busy.put(0)
    with ThreadPoolExecutor(200) as threads:
        getters = [threads.submit(idle.get, timeout=60) for _ in range(200)]
        probe = redis.Redis.from_url(redis_url)
        # A getter waits in slices, so that some are between two of them.
        wait_until(lambda: probe.info("clients")["blocked_clients"] > 150)
        slowest = 0.0
        for number in range(20):
            start = time.monotonic()
            busy.put(number)
            slowest = max(slowest, time.monotonic() - start)
        assert slowest < 1.0
        assert not any(getter.done() for getter in getters)
        idle.put_many(range(200))
        assert sorted(getter.result(SOON) for getter in getters) == list(range(200))  # type: ignore[type-var]
        probe.close()
    idle.delete()
    busy.delete()


def test_close_without_redis_ends_in_time_and_leaves_the_lease_to_its_end(own_redis: Any) -> None:
    jobs = RedisStreamQueueDescriptor(
        own_redis.url, queue_id="q", lease_seconds=1, connection_timeout=0.5
    )
    jobs.put("work")
    assert jobs.lease(timeout=SOON).deliveries == 1
    own_redis.kill()
    start = time.monotonic()
    jobs.close()
    assert time.monotonic() - start < 5
    own_redis.start()
    assert jobs.lease(timeout=SOON).deliveries == 2
    jobs.close()


def test_a_frozen_redis_is_a_clear_error_within_the_connection_timeout(own_redis: Any) -> None:
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", connection_timeout=0.5)
    jobs.put(1)
    own_redis.process.send_signal(signal.SIGSTOP)
    start = time.monotonic()
    with pytest.raises(QueueUnavailable):
        jobs.put(2)
    assert time.monotonic() - start < 5
    own_redis.process.send_signal(signal.SIGCONT)
    # The put that we gave up may have arrived; nothing else may.
    assert jobs.get_many(9, timeout=SOON) in ([1], [1, 2])
    jobs.close()


def test_a_large_batch_that_redis_does_not_store_ends_within_the_connection_timeout(
    own_redis: Any,
) -> None:
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", connection_timeout=0.5)
    jobs.put(0)
    with redis.Redis.from_url(own_redis.url) as client:
        client.client_pause(10_000, all=False)  # reads and WATCH are answered, EXEC is not
        with ThreadPoolExecutor(1) as threads:
            stored = threads.submit(jobs.put_many, [bytes(6_000)] * 400)
            error = stored.exception(SOON)
        assert isinstance(error, QueueUnavailable)
        client.client_unpause()
    jobs.close()


def test_a_killed_consumers_item_is_delivered_again_when_its_lease_ends(
    jobs: RedisStreamQueueDescriptor,
) -> None:
    jobs.put_many(["first", "second"])
    with consumer(jobs) as process:
        process.kill()
        assert jobs.get(timeout=SOON) == "second"
        with jobs.lease(timeout=SOON) as again:
            assert (again.value, again.deliveries) == ("first", 2)


def test_a_frozen_consumers_late_acknowledgement_is_refused(
    jobs: RedisStreamQueueDescriptor,
) -> None:
    jobs.put("work")
    with consumer(jobs) as process:
        process.send_signal(signal.SIGSTOP)
        again = jobs.lease(timeout=SOON)
        assert again.deliveries == 2
        process.send_signal(signal.SIGCONT)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "LeaseLost"
        again.ack()


def test_a_lease_is_renewed_for_as_long_as_its_consumer_lives(
    jobs: RedisStreamQueueDescriptor,
) -> None:
    jobs.put("long work")
    other = jobs.clone()
    lease = jobs.lease(timeout=SOON)
    with pytest.raises(queue.Empty):
        other.lease(timeout=2.5)
    lease.ack()
    assert other.empty()
    other.close()


def test_an_item_that_kills_its_consumers_becomes_a_dead_letter(
    jobs: RedisStreamQueueDescriptor,
) -> None:
    jobs.put("poison")
    for _ in range(2):
        with consumer(jobs) as process:
            process.kill()
    with pytest.raises(queue.Empty):
        jobs.get(timeout=2.0)
    with jobs.dead_letters().lease(timeout=SOON) as letter:
        assert (letter.value, letter.deliveries) == ("poison", 3)
        assert letter.reason == "its consumer was silent for too long"


def test_an_item_without_a_form_is_refused_and_those_before_it_are_stored(
    jobs: RedisStreamQueueDescriptor,
) -> None:
    with pytest.raises(CodecError):
        jobs.put(object())
    with pytest.raises(CodecError):
        jobs.put_many([1, 2, object(), 3])
    assert jobs.get_many(9, timeout=SOON) == [1, 2]
    assert jobs.empty()


def test_close_wakes_those_who_wait(jobs: RedisStreamQueueDescriptor) -> None:
    waiting = jobs.clone()
    assert waiting.empty()
    with ThreadPoolExecutor(1) as threads:
        got = threads.submit(waiting.get)
        with pytest.raises(TimeoutError):
            got.result(0.3)
        waiting.close()
        assert isinstance(got.exception(SOON), QueueClosed)


def test_waiting_longer_than_the_connection_timeout_is_no_error(redis_url: str) -> None:
    made = RedisStreamQueueDescriptor(redis_url, maxsize=1, connection_timeout=0.4)
    with pytest.raises(queue.Empty):
        made.get(timeout=1.0)
    made.put(1)
    with pytest.raises(queue.Full):
        made.put(2, timeout=1.0)
    made.delete()


def test_a_deleted_queue_loses_its_leases(jobs: RedisStreamQueueDescriptor) -> None:
    jobs.put("work")
    lease = jobs.lease(timeout=SOON)
    other = jobs.clone()
    other.delete()
    with pytest.raises(LeaseLost, match=r"delivery \d+-0/1 of queue"):
        lease.ack()


def test_descriptors_that_disagree_about_maxsize_are_refused(redis_url: str) -> None:
    first = RedisStreamQueueDescriptor(redis_url, "disputed", maxsize=2)
    first.put(1)
    with pytest.raises(QueueConflict, match="maxsize=2, this descriptor says maxsize=3"):
        RedisStreamQueueDescriptor(redis_url, "disputed", maxsize=3).put(1)
    agreeing = RedisStreamQueueDescriptor(redis_url, "disputed")
    agreeing.put(2)
    assert agreeing.full()
    agreeing.close()
    first.delete()


def test_a_forked_child_is_a_consumer_of_its_own(redis_url: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, sage.kernel\n"
        "from sage.platform.queue import resolve_descriptor\n"
        f"jobs = resolve_descriptor({{'queue_type': 'redis_stream', 'queue_id': 'forked', "
        f"'metadata': {{'url': {redis_url!r}}}}})\n"
        "jobs.put('for the child')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    jobs.put(['the child had', jobs.get(timeout=10)])\n"
        "    os._exit(0)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "print(jobs.get(timeout=10), jobs.empty())\n"
        "jobs.delete()\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["0", "['the child had', 'for the child'] True"], done.stderr


def test_a_hundred_open_and_close_leave_no_thread_and_no_descriptor(redis_url: str) -> None:
    def cycle() -> None:
        made = RedisStreamQueueDescriptor(redis_url, "cycles")
        made.put(1)
        with made.lease(timeout=SOON):
            pass
        made.close()

    cycle()
    gc.collect()
    before = (threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir()))
    for _ in range(100):
        cycle()
    gc.collect()
    after = (threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir()))
    assert after[0] <= before[0]
    assert after[1] <= before[1]


# ---- a type of its own ----


def test_no_line_of_the_layer_below_knows_this_type(root: Path) -> None:
    below = root / "packages/sage-platform/src/sage/platform/queue"
    code = [path for path in below.rglob("*.py") if path.name != "__init__.py"]
    assert len(code) > 8
    assert [path.name for path in code if "redis" in path.read_text().lower()] == []
    assert "redis_stream" in queue_types


def test_the_descriptor_resolves_by_its_type(redis_url: str) -> None:
    made = RedisStreamQueueDescriptor(redis_url, "orders", maxsize=7, password="hunter2")
    assert resolve_descriptor(made.to_dict()) == made
    assert pickle.loads(pickle.dumps(made)) == made
    assert "hunter2" not in made.to_json() + repr(made)
    assert b"hunter2" not in pickle.dumps(made)


def test_without_redis_py_the_error_names_the_extra() -> None:
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "import sage.kernel\n"
        "from sage.platform.queue import resolve_descriptor\n"
        "made = resolve_descriptor({'queue_type': 'redis_stream', 'queue_id': 'q'})\n"
        "try:\n    made.put(1)\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "redis is not installed; run: pip install 'sage-kernel[redis]'\n"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:6379", "is no Redis URL; expected redis://"),
        ("http://localhost", "is no Redis URL; expected redis://"),
        ("redis://localhost:99999/0", "is no Redis URL: Port out of range"),
        ("redis://[::1/0", "is no Redis URL: Invalid IPv6"),
        ("redis://localhost/first", "names database 'first'; expected a number"),
        ("redis://localhost/0?db=x", "names database 'x'; expected a number"),
        ("redis://localhost/0?timeout=3", "unknown option 'timeout'"),
        ("redis://localhost/0?password=hunter2", "the URL holds a password"),
        ("redis://:hunter2@localhost/0", "the URL holds a password"),
    ],
)
def test_what_is_no_redis_url_is_refused_where_it_is_given(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        RedisStreamQueueDescriptor(url)
    assert "hunter2" not in str(refused.value)


def test_a_refusal_of_redis_is_told_in_its_own_words(own_redis: Any) -> None:
    client = redis.Redis(port=own_redis.port)
    jobs = RedisStreamQueueDescriptor(own_redis.url, queue_id="q", connection_timeout=1)
    jobs.put(1)
    client.config_set("maxmemory", 1)
    with pytest.raises(QueueUnavailable) as full:
        jobs.put(2)
    client.config_set("maxmemory", 0)
    client.delete("sage:queue:q")
    client.set("sage:queue:q", "another program's")
    with pytest.raises(QueueUnavailable) as foreign:
        jobs.put(3)
    begin = f"queue 'q' at {own_redis.url} is not available: "
    assert [str(each.value) for each in (full, foreign)] == [
        begin + "command not allowed when used memory > 'maxmemory'",
        begin + "WRONGTYPE Operation against a key holding the wrong kind of value",
    ]
    jobs.close()


@pytest.mark.parametrize("timeout", [float("nan"), "1", -1])
def test_a_timeout_that_is_no_time_is_refused(redis_url: str, timeout: Any) -> None:
    made = RedisStreamQueueDescriptor(redis_url)
    for wait in (made.get, made.lease, lambda timeout: made.put_many([1], timeout)):
        with pytest.raises(ValueError, match="timeout must be a number of seconds from 0 up"):
            wait(timeout=timeout)
    made.delete()


def test_leases_that_cannot_be_renewed_are_told_in_one_line(
    own_redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = RedisStreamQueueDescriptor(
        own_redis.url, queue_id="q", lease_seconds=0.3, connection_timeout=0.2
    )
    jobs.put(1)
    jobs.lease(timeout=SOON)
    own_redis.kill()
    wait_until(lambda: caplog.records)
    assert caplog.records[0].getMessage().startswith("leases could not be renewed: queue 'q' at")
    assert caplog.records[0].exc_info is None
    jobs.close()


def wait_until(condition: Any) -> None:
    """Poll until a condition holds; fail when it does not soon."""
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "the condition did not come to hold"
        threading.Event().wait(0.005)
