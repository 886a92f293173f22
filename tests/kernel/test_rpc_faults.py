"""What the RPC queue promises holds when a process is killed or frozen, or a connection cut."""

import gc
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import sage.kernel
from sage.kernel.runtime.communication.rpc import RPCQueueServer
from sage.platform.queue import LeaseLost, QueueClosed, QueueUnavailable, RPCQueueDescriptor

assert sage.kernel

SOON = 20.0

CONSUMER = """
import sys
import sage.kernel
from sage.platform.queue import RPCQueueDescriptor

jobs = RPCQueueDescriptor(port=int(sys.argv[1]), queue_id=sys.argv[2])
leases = [jobs.lease(timeout=20) for _ in range(int(sys.argv[3]))]
print("holds", [lease.value for lease in leases], flush=True)
sys.stdin.readline()
for lease in leases:
    try:
        lease.ack()
        print("acknowledged", flush=True)
    except LookupError as error:
        print(type(error).__name__, flush=True)
jobs.close()
"""


@contextmanager
def consumer(port: int, name: str, leases: int) -> "Iterator[subprocess.Popen[str]]":
    """A consumer in another process that holds so many leases."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONSUMER, str(port), name, str(leases)],
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


def jobs_at(port: int, name: str, **options: Any) -> RPCQueueDescriptor:
    return RPCQueueDescriptor("127.0.0.1", port, 10.0, queue_id=name, **options)


# ---- consumers ----


def test_a_killed_consumers_items_return_at_once_and_to_the_head(serve: Any) -> None:
    with serve("--lease-seconds", "60") as server:
        jobs = jobs_at(server.port, "killed")
        jobs.put_many(["a", "b", "c"])
        with consumer(server.port, "killed", 2) as process:
            assert jobs.qsize() == 1
            process.kill()
            wait_until(lambda: jobs.qsize() == 3)  # long before the lease of 60 s ends
        leases = [jobs.lease(timeout=SOON) for _ in range(3)]
        assert [lease.value for lease in leases] == ["a", "b", "c"]
        assert [lease.deliveries for lease in leases] == [2, 2, 1]
        for lease in leases:
            lease.ack()
        assert jobs.empty()
        jobs.close()


def test_a_frozen_consumers_items_return_and_its_late_acknowledgement_is_refused(
    serve: Any,
) -> None:
    with serve("--lease-seconds", "1") as server:
        jobs = jobs_at(server.port, "frozen")
        jobs.put("work")
        with consumer(server.port, "frozen", 1) as process:
            process.send_signal(signal.SIGSTOP)
            again = jobs.lease(timeout=SOON)
            assert (again.value, again.deliveries) == ("work", 2)
            process.send_signal(signal.SIGCONT)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline().strip() == "LeaseLost"
            again.ack()  # ours was not touched by the late one
        jobs.close()


def test_a_lease_is_renewed_for_as_long_as_its_consumer_lives(serve: Any) -> None:
    with serve("--lease-seconds", "0.6") as server:
        jobs = jobs_at(server.port, "long")
        other = jobs_at(server.port, "long", enable_pooling=False)
        jobs.put("long work")
        lease = jobs.lease(timeout=SOON)
        with pytest.raises(queue.Empty):
            other.lease(timeout=2.0)  # more than three times the lease
        lease.ack()
        assert other.empty()
        jobs.close()
        other.close()


def test_an_item_that_kills_its_consumers_becomes_a_dead_letter(serve: Any) -> None:
    with serve("--max-deliveries", "2") as server:
        jobs = jobs_at(server.port, "poison")
        jobs.put_many(["poison", "good"])
        for _ in range(2):
            with consumer(server.port, "poison", 1) as process:
                process.kill()
        assert jobs.get(timeout=SOON) == "good"
        with jobs.dead_letters().lease(timeout=SOON) as letter:
            assert (letter.value, letter.deliveries) == ("poison", 3)
            assert letter.reason == "its consumer went away"
        jobs.close()


def test_a_slow_consumer_stops_its_producer_and_the_server_keeps_its_memory(serve: Any) -> None:
    with serve() as server:
        jobs = jobs_at(server.port, "slow", maxsize=50)
        jobs.put("warm")
        before = resident(server.process.pid)
        read = 0

        def endless() -> Iterator[bytes]:
            nonlocal read
            while True:
                read += 1
                yield bytes(10_000)

        with pytest.raises(queue.Full) as full:
            jobs.put_many(endless(), timeout=1.0)
        assert full.value.stored == 49  # type: ignore[attr-defined]
        assert jobs.qsize() == 50
        assert read < 10_000  # back-pressure reached the producer's own iterator
        assert resident(server.process.pid) - before < 50 * 1024 * 1024
        jobs.close()


def test_two_hundred_blocked_getters_do_not_delay_a_put(serve: Any) -> None:
    with serve() as server, ThreadPoolExecutor(200) as threads:
        idle = jobs_at(server.port, "idle")
        busy = jobs_at(server.port, "busy")
        busy.put(0)
        getters = [threads.submit(idle.get, timeout=60) for _ in range(200)]
        wait_until(lambda: blocked(getters, server.process.pid))
        slowest = 0.0
        for number in range(20):
            start = time.monotonic()
            busy.put(number)
            slowest = max(slowest, time.monotonic() - start)
        assert slowest < 1.0
        assert not any(getter.done() for getter in getters)
        idle.put_many(range(200))
        assert sorted(getter.result(SOON) for getter in getters) == list(range(200))  # type: ignore[type-var]
        idle.close()
        busy.close()


# ---- the server ----


def test_a_killed_server_is_a_clear_error_and_its_return_is_found(serve: Any) -> None:
    with serve() as server:
        jobs = RPCQueueDescriptor("127.0.0.1", server.port, 1.0, 1, queue_id="q")
        jobs.put("lost with the server")
        server.end()
        with pytest.raises(QueueUnavailable, match=r"queue 'q' at 127.0.0.1:\d+ is not available"):
            jobs.put("nobody there")
        status = jobs.get_connection_status()
        assert status["connected"] is False
        assert status["state"] == "broken"
        assert status["last_error"]
        with serve("--port", str(server.port)):
            jobs.put("found again")
            assert jobs.get(timeout=SOON) == "found again"
            assert jobs.get_connection_status()["connected"] is True
        jobs.close()


def test_a_get_that_waits_goes_on_when_the_server_is_back(serve: Any) -> None:
    with serve() as server, ThreadPoolExecutor(1) as threads:
        jobs = jobs_at(server.port, "q")
        assert jobs.empty()
        got = threads.submit(jobs.get, timeout=60)
        wait_until(lambda: blocked([got], server.process.pid))
        server.end()
        with serve("--port", str(server.port)):
            jobs.put("after")
            assert got.result(SOON) == "after"
            jobs.close()


def test_a_frozen_server_is_a_clear_error_within_the_connection_timeout(serve: Any) -> None:
    with serve() as server:
        jobs = RPCQueueDescriptor("127.0.0.1", server.port, 0.5, queue_id="q")
        jobs.put(1)
        server.process.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(QueueUnavailable, match=r"no answer within 0\.5 s"):
            jobs.put(2)
        assert time.monotonic() - start < 5
        server.process.send_signal(signal.SIGCONT)
        assert jobs.get(timeout=SOON) == 1
        jobs.close()


def test_stopping_a_server_of_this_process_wakes_its_callers() -> None:
    with ThreadPoolExecutor(1) as threads:
        with RPCQueueServer(port=0) as server:
            jobs = RPCQueueDescriptor("localhost", server.port, 0.5, 0, queue_id="q")
            assert jobs.empty()
            got = threads.submit(jobs.get)
            with pytest.raises(TimeoutError):
                got.result(0.3)
        assert isinstance(got.exception(SOON), QueueUnavailable)
        jobs.close()


# ---- the connection ----


class Cutter:
    """A way to a server that can cut the connection after a request, before its answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_next_answer = threading.Event()
        self.cuts = 0
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = [self._listener]
        self._spawn(self._accept)

    def close(self) -> None:
        for each in self._sockets:
            with_shutdown(each)
        for thread in self._threads:
            thread.join(SOON)

    def _spawn(self, target: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            self._sockets += [client, server]
            self._spawn(self._pump, client, server, False)
            self._spawn(self._pump, server, client, True)

    def _pump(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(65536):
                # An answer's payload; the frames of HTTP/2 itself are short.
                if answers and self.cut_next_answer.is_set() and b"done" in data:
                    self.cut_next_answer.clear()
                    self.cuts += 1
                    break
                target.sendall(data)
        except OSError:
            pass
        finally:
            with_shutdown(source)
            with_shutdown(target)


def with_shutdown(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@pytest.mark.parametrize("many", [False, True])
def test_a_put_whose_answer_was_cut_off_is_stored_once(serve: Any, many: bool) -> None:
    with serve() as server, closing(Cutter(server.port)) as cutter:
        jobs = jobs_at(cutter.port, "q")
        direct = jobs_at(server.port, "q")
        jobs.put(0)
        for number in range(1, 4):
            cutter.cut_next_answer.set()
            if many:
                jobs.put_many([(number, part) for part in range(600)])
            else:
                jobs.put(number)
        assert cutter.cuts == 3
        expected = (
            [0, *[[number, part] for number in range(1, 4) for part in range(600)]]
            if many
            else [0, 1, 2, 3]
        )
        assert [direct.get_nowait() for _ in range(direct.qsize())] == expected
        jobs.close()
        direct.close()


def test_without_retries_a_cut_connection_is_an_error(serve: Any) -> None:
    with serve() as server, closing(Cutter(server.port)) as cutter:
        jobs = RPCQueueDescriptor("127.0.0.1", cutter.port, 5.0, 0, queue_id="q")
        jobs.put(0)
        cutter.cut_next_answer.set()
        with pytest.raises(QueueUnavailable, match="the connection broke"):
            jobs.put(1)
        jobs.close()


def test_close_wakes_those_who_wait_and_the_next_use_opens_again(rpc_port: int) -> None:
    jobs = jobs_at(rpc_port, "close wakes", maxsize=1)
    jobs.put(1)
    waiting = jobs.clone()
    with ThreadPoolExecutor(2) as threads:
        put = threads.submit(waiting.put, 2)
        empty = jobs_at(rpc_port, "close wakes, empty")
        got = threads.submit(empty.get)
        for future in (put, got):
            with pytest.raises(TimeoutError):
                future.result(0.3)
        waiting.close()
        empty.close()
        assert isinstance(put.exception(SOON), QueueClosed)
        assert isinstance(got.exception(SOON), QueueClosed)
    assert jobs.get_nowait() == 1
    assert waiting.empty()
    for each in (jobs, waiting):
        each.close()


def test_pooling_shares_one_connection_and_no_pooling_has_its_own(rpc_port: int) -> None:
    shared = [jobs_at(rpc_port, f"shared {n}") for n in range(3)]
    own = jobs_at(rpc_port, "own", enable_pooling=False)
    for each in (*shared, own):
        assert each.empty()
    assert [each.get_connection_status()["shared_by"] for each in (*shared, own)] == [3, 3, 3, 1]
    shared[0].close()
    assert shared[1].get_connection_status()["shared_by"] == 2
    assert shared[1].empty()
    for each in (*shared, own):
        each.close()
    assert shared[1].get_connection_status() == {"connected": False}


def test_reconnect_makes_a_new_connection_and_gives_back_what_was_leased(rpc_port: int) -> None:
    jobs = jobs_at(rpc_port, "reconnect")
    jobs.put("work")
    lease = jobs.lease(timeout=SOON)
    jobs.reconnect()
    assert jobs.get_connection_status()["connected"] is True
    with pytest.raises(LeaseLost):
        lease.ack()
    with jobs.lease(timeout=SOON) as again:
        assert again.deliveries == 2
    jobs.close()


def test_the_last_acknowledgements_arrive_when_a_process_just_ends(rpc_port: int) -> None:
    jobs = jobs_at(rpc_port, "ends")
    jobs.put_many(range(100))
    program = (
        "import sys, sage.kernel\n"
        "from sage.platform.queue import RPCQueueDescriptor\n"
        f"jobs = RPCQueueDescriptor(port={rpc_port}, queue_id='ends')\n"
        "print([jobs.get() for _ in range(100)] == list(range(100)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert jobs.empty()
    jobs.close()


def test_a_hundred_open_and_close_leave_no_thread_and_no_descriptor(rpc_port: int) -> None:
    def cycle() -> None:
        jobs = jobs_at(rpc_port, "cycles", enable_pooling=False)
        jobs.put(1)
        assert jobs.get(timeout=SOON) == 1
        jobs.close()

    for _ in range(3):  # what gRPC keeps for the process, once
        cycle()
    gc.collect()
    before = held()
    for _ in range(100):
        cycle()
    gc.collect()
    wait_until(lambda: no_more_than(before))


def test_a_hundred_servers_of_this_process_leave_no_thread_and_no_descriptor() -> None:
    def cycle() -> None:
        with RPCQueueServer(port=0) as server:
            assert server.port

    for _ in range(3):
        cycle()
    gc.collect()
    before = held()
    for _ in range(100):
        cycle()
    gc.collect()
    wait_until(lambda: no_more_than(before))


# ---- what the tests say with ----


def held() -> tuple[int, int]:
    """Count the threads and the descriptors of this process."""
    return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir())


def no_more_than(before: tuple[int, int]) -> bool:
    """Tell whether it holds no more threads and descriptors than before."""
    return all(now <= then for now, then in zip(held(), before, strict=True))


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def blocked(futures: list[Any], pid: int) -> bool:
    """Tell whether all calls run, and the server they wait on has come to rest."""
    if not all(future.running() for future in futures):
        return False

    def used() -> str:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return f"{fields[11]} {fields[12]}"

    before = used()
    threading.Event().wait(0.3)
    return used() == before


def wait_until(condition: Any) -> None:
    """Poll until a condition holds; fail when it does not soon."""
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "the condition did not come to hold"
        threading.Event().wait(0.02)


def test_queues_that_were_dropped_unclosed_leave_no_thread_and_no_descriptor(rpc_port: int) -> None:
    def use(pooled: bool) -> None:
        made = RPCQueueDescriptor(port=rpc_port, queue_id="dropped", enable_pooling=pooled)
        made.put(1)
        made.get(timeout=SOON)

    def sessions() -> int:
        gc.collect()
        RPCQueueDescriptor(port=rpc_port).get_queue()  # the next one closes those before it
        return threading.active_count()

    use(True)
    before, files = sessions(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        use(True)
        use(False)
    assert sessions() <= before + 2
    assert len(list(Path("/proc/self/fd").iterdir())) <= files + 4


def test_a_lease_keeps_its_dropped_queue(rpc_port: int) -> None:
    made = RPCQueueDescriptor(port=rpc_port, queue_id="kept")
    made.put("work")
    lease = made.lease(timeout=SOON)
    del made
    gc.collect()
    other = RPCQueueDescriptor(port=rpc_port, queue_id="kept")
    assert other.empty()
    lease.ack()
    other.delete()
