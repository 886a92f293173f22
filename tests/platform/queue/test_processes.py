"""A process queue is reached by the children that inherit it, by every start method."""

import subprocess
import sys
from pathlib import Path

import pytest

ECHO = """
import multiprocessing
import sys

from sage.platform.queue import PythonQueueDescriptor


def echo(inbox, outbox):
    outbox.put(("child got", inbox.get(timeout=20)))


if __name__ == "__main__":
    inbox = PythonQueueDescriptor(use_multiprocessing=True, queue_id="inbox")
    outbox = PythonQueueDescriptor(use_multiprocessing=True, queue_id="outbox")
    child = multiprocessing.get_context(sys.argv[1]).Process(target=echo, args=(inbox, outbox))
    child.start()
    inbox.put({"n": 1})
    print(outbox.get(timeout=20))
    child.join(20)
    print(child.exitcode, inbox.qsize(), outbox.qsize())
    inbox.delete()
    outbox.delete()
"""

NOT_GIVEN = """
import multiprocessing

from sage.platform.queue import PythonQueueDescriptor, QueueNotInherited, resolve_descriptor


def use(data):
    try:
        resolve_descriptor(data).put(1)
    except QueueNotInherited as error:
        print(error, flush=True)
    own = PythonQueueDescriptor(use_multiprocessing=True)
    own.put("a queue of its own")
    print(own.get(timeout=20), flush=True)


if __name__ == "__main__":
    data = PythonQueueDescriptor(use_multiprocessing=True, queue_id="jobs").to_dict()
    child = multiprocessing.get_context("spawn").Process(target=use, args=(data,))
    child.start()
    child.join(20)
"""


KILLED = """
import multiprocessing
import time
from pathlib import Path

from sage.platform.queue import PythonQueueDescriptor


def take(jobs, ready):
    ready.set()
    jobs.get()


def rests(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S"


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    jobs = PythonQueueDescriptor(use_multiprocessing=True, queue_id="jobs")
    for _ in range(3):
        ready = context.Event()
        child = context.Process(target=take, args=(jobs, ready))
        child.start()
        ready.wait(30)
        calm = 0
        while calm < 20:  # it waits in its get
            calm = calm + 1 if rests(child.pid) else 0
            time.sleep(0.005)
        child.kill()
        child.join()
    jobs.put_many(range(3))
    print([jobs.get(timeout=20) for _ in range(3)], jobs.qsize())
    jobs.delete()
"""

FORKED = """
import os
import sys

from sage.platform.queue import PythonQueueDescriptor

inbox = PythonQueueDescriptor(use_multiprocessing=True, queue_id="inbox")
outbox = PythonQueueDescriptor(use_multiprocessing=True, queue_id="outbox")
inbox.put("the parent's")  # from here on a thread of the parent sends
outbox.put("the first")
child = os.fork()
if child == 0:
    outbox.put(["the child had", inbox.get(timeout=20)])
    sys.exit(0)  # waits until all is sent
got = [outbox.get(timeout=20), outbox.get(timeout=20)]
print(*got, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), inbox.empty(), outbox.empty())
"""

DELETED = """
import os

from sage.platform.queue import PythonQueueDescriptor

made = PythonQueueDescriptor(use_multiprocessing=True)
clone = made.clone("clone")
made.put(1)
made.delete()
child = os.fork()
if child == 0:
    os._exit(0)
ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(made.is_initialized(), clone.is_initialized(), ended)
"""


def run(directory: Path, program: str, *arguments: str) -> list[str]:
    path = directory / "program.py"
    path.write_text(program)
    done = subprocess.run(
        [sys.executable, str(path), *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_reaches_the_queues_among_its_arguments(tmp_path: Path, method: str) -> None:
    assert run(tmp_path, ECHO, method) == ["('child got', {'n': 1})", "0 0 0"]


def test_a_child_that_was_not_given_a_process_queue_is_told_what_to_do(tmp_path: Path) -> None:
    assert run(tmp_path, NOT_GIVEN) == [
        "this process did not inherit queue 'jobs'; pass its descriptor to the child as an "
        "argument, or use queue_instance in the parent before the child starts",
        "a queue of its own",
    ]


def test_a_consumer_killed_while_it_waits_leaves_the_queue_to_the_others(tmp_path: Path) -> None:
    assert run(tmp_path, KILLED) == ["[0, 1, 2] 0"]


def test_a_bare_fork_gets_and_puts_too(tmp_path: Path) -> None:
    assert run(tmp_path, FORKED) == ["the first ['the child had', \"the parent's\"] 0 True True"]


def test_a_fork_opens_no_queue_that_was_deleted(tmp_path: Path) -> None:
    assert run(tmp_path, DELETED) == ["False False 0"]
