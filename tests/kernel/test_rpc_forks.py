"""A process that uses the RPC queue may be forked: the parent goes on, the child is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

import sage.kernel
from sage.platform.queue import RPCQueueDescriptor

assert sage.kernel

HEAD = """
import gc, multiprocessing, os, queue, signal, sys, threading, time
import sage.kernel
from sage.platform.queue import QueueClosed, QueueForked, RPCQueueDescriptor

port = int(sys.argv[1])

def queue_at(name):
    return RPCQueueDescriptor(port=port, queue_id=name, connection_timeout=20)

def exit_code(child):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"
"""

UNDER_LOAD = """
from sage.kernel.runtime.communication.rpc import RPCQueueServer

busy, idle, batches = queue_at("busy"), queue_at("idle"), queue_at("batches")
stop = threading.Event()
taken, put = [], []

def produce(worker):
    number = 0
    while not stop.is_set():
        busy.put([worker, number])
        put.append((worker, number))
        number += 1

def consume():
    while not (stop.is_set() and len(taken) == len(put)):
        try:
            taken.append(tuple(busy.get(timeout=0.2)))
        except queue.Empty:
            pass

def stream():
    while not stop.is_set():
        batches.put_many(range(500))
        for _ in range(500):
            batches.get(timeout=20)

def wait():
    try:
        idle.get()
    except QueueClosed:
        pass

def untouched():
    os._exit(0)

def whole_end():
    sys.exit(0)  # ends as any program does, with every destructor

def let_go():
    global busy
    busy.close()
    idle.clear_cache()
    del busy
    gc.collect()
    os._exit(0)

def refused():
    try:
        busy.get(timeout=20)
    except QueueForked:
        os._exit(0)

with RPCQueueServer(port=0) as own:
    near = RPCQueueDescriptor(port=own.port, queue_id="near", connection_timeout=20)
    near.put("ours")
    threads = [threading.Thread(target=produce, args=(n,)) for n in range(3)]
    threads += [threading.Thread(target=each) for each in (consume, stream, wait, wait, wait)]
    for thread in threads:
        thread.start()
    while len(taken) < 20:
        time.sleep(0.01)
    codes = []
    for turn in range(32):
        before = len(taken)
        if turn % 8 == 7:
            child = multiprocessing.get_context("fork").Process(target=abs, args=(1,))
            child.start()
            child.join(20)
            codes.append(child.exitcode)
        else:
            pid = os.fork()
            if pid == 0:
                (untouched, whole_end, let_go, refused)[turn % 4]()
            codes.append(exit_code(pid))
        while len(taken) == before:
            time.sleep(0.001)
    stop.set()
    idle.close()
    for thread in threads:
        thread.join()
    print(codes == [0] * 32 or codes)
    print(near.get(timeout=20), len(put) > 100, len(taken) == len(put), set(taken) == set(put))
    near.close()
for each in (busy, batches):
    print(each.empty())
    each.close()
"""

REFUSED = """
from sage.kernel.runtime.communication.rpc import CannotServe, RPCQueueServer

jobs = queue_at("refused")
jobs.put_many(["leased", "waiting"])
lease = jobs.lease(timeout=20)
child = os.fork()
if child == 0:
    uses = (lambda: jobs.put(1), lambda: jobs.put_many([1]), lambda: jobs.get(timeout=20),
            lambda: jobs.get_many(2), lambda: jobs.lease(timeout=20), jobs.qsize, jobs.empty,
            jobs.full, jobs.reconnect, jobs.delete, lease.ack, lease.nack,
            queue_at("another").qsize, jobs.clone().qsize)
    refused = []
    for use in uses:
        try:
            use()
        except QueueForked as error:
            refused.append(str(error))
    print(len(uses) - len(refused), refused[0])
    try:
        RPCQueueServer(port=0).start()
    except CannotServe as error:
        print(error)
    jobs.close()
    jobs.close()
    sys.stdout.flush()
    sys.exit(0)
print("child", exit_code(child))
lease.ack()  # the child settled nothing
print(jobs.get(timeout=20), jobs.empty())
jobs.close()
"""

BEFORE = """
jobs = queue_at("before")
child = os.fork()
if child == 0:
    jobs.put("the child's")
    jobs.close()
    os._exit(0)
print(exit_code(child), jobs.get(timeout=20), jobs.empty())
jobs.close()
"""

SPAWNED = """
def work(jobs):
    jobs.put(["the child had", jobs.get(timeout=20)])
    jobs.close()

if __name__ == "__main__":
    jobs = queue_at("spawned")
    jobs.put("work")
    child = multiprocessing.get_context("spawn").Process(target=work, args=(jobs,))
    child.start()
    child.join(30)
    print(child.exitcode, jobs.get(timeout=20), jobs.empty())
    jobs.close()
"""

LOADED_FIRST = """
import logging
import grpc
logging.basicConfig(format="%(levelname)s %(message)s")
jobs = queue_at("loaded first")
jobs.put(1)
jobs.delete()
child = os.fork()
if child == 0:
    os._exit(0)
exit_code(child)
"""


LEFT_BEHIND = """
jobs = queue_at("left behind")
lease = jobs.lease(timeout=20)
if os.fork() == 0:
    sys.stdin.readline()  # lives on, with its parent's connection open
    os._exit(0)
print("holds", lease.value, flush=True)
signal.pause()
"""


@pytest.fixture
def run(rpc_port: int, tmp_path: Path):
    def run(program: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        path = tmp_path / "program.py"
        path.write_text(HEAD + program)
        return subprocess.run(
            [sys.executable, str(path), str(rpc_port)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**environment},
        )

    return run


def test_forks_under_load_hang_and_crash_no_child_and_lose_no_item(run) -> None:
    done = run(UNDER_LOAD)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["True", "ours True True True", "True", "True"]


def test_a_forked_child_is_refused_by_every_operation_and_the_parent_goes_on(run) -> None:
    done = run(REFUSED)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "0 queue 'refused' cannot be used in a process forked after a queue of its type was "
        "opened, for the threads behind it stay in the parent; start processes with the spawn "
        "method, or before the first use",
        "this process was forked from one that used gRPC, whose threads stay there; "
        "start it with the spawn method",
        "child 0",
        "waiting True",
    ]


def test_a_child_forked_before_the_first_use_has_a_connection_of_its_own(run) -> None:
    done = run(BEFORE)
    assert (done.stdout, done.stderr) == ("0 the child's True\n", "")


def test_a_spawned_child_has_a_connection_of_its_own(run) -> None:
    done = run(SPAWNED)
    assert (done.stdout, done.stderr) == ("0 ['the child had', 'work'] True\n", "")


@pytest.mark.parametrize(("environment", "warned"), [({}, True), ("0", False)])
def test_a_fork_with_grpcs_own_handlers_on_is_warned_of(run, environment, warned) -> None:
    done = run(LOADED_FIRST, **({"GRPC_ENABLE_FORK_SUPPORT": environment} if environment else {}))
    assert ("set GRPC_ENABLE_FORK_SUPPORT=0, or import" in done.stderr) is warned
    assert done.returncode == 0


def test_loading_the_client_leaves_the_environment_alone(run) -> None:
    program = "import sage.kernel.runtime.communication.rpc\nprint(sorted(os.environ))\n"
    assert "GRPC" not in run(program).stdout


def test_a_killed_consumer_whose_forked_child_lives_on_loses_its_lease_when_it_ends(
    serve, tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_text(HEAD + LEFT_BEHIND)
    with serve("--lease-seconds", "1") as server:
        jobs = RPCQueueDescriptor(port=server.port, queue_id="left behind")
        jobs.put("work")
        parent = subprocess.Popen(
            [sys.executable, str(path), str(server.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert parent.stdout is not None
        assert parent.stdout.readline() == "holds work\n"
        parent.kill()
        parent.wait()
        with jobs.lease(timeout=20) as again:
            assert (again.value, again.deliveries) == ("work", 2)
            assert again.reason == "its consumer was silent for 1 s"
        parent.communicate("\n")  # the child ends
        jobs.close()
