"""Queues on Ray keep the contract, against a real local Ray, and are found by name from afar."""

import gc
import operator
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sage.platform.queue import QueueConflict, RayQueueDescriptor
from sage.platform.queue.contract import QueueContract

pytestmark = [
    pytest.mark.ray,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's own sockets and processes
]

SOON = 30.0


@pytest.fixture(autouse=True)
def address(ray_address: str) -> str:
    return ray_address


class TestOnRay(QueueContract):
    def make(self, *, maxsize: int = 0) -> RayQueueDescriptor:
        return RayQueueDescriptor(maxsize)


def test_another_process_finds_the_queue_by_name(address: str) -> None:
    made = RayQueueDescriptor(10, "found by name")
    made.put({"from": "here"})
    program = (
        "import ray, sys\n"
        "from sage.platform.queue import resolve_descriptor\n"
        f"ray.init({address!r}, log_to_driver=False, logging_level='ERROR')\n"
        f"there = resolve_descriptor({made.to_dict()!r})\n"
        "there.put([there.get(timeout=20), 'seen there'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert made.get(timeout=SOON) == [{"from": "here"}, "seen there"]
    made.delete()


def test_the_queue_outlives_the_process_that_made_it(address: str) -> None:
    program = (
        "import ray\n"
        "from sage.platform.queue import RayQueueDescriptor\n"
        f"ray.init({address!r}, log_to_driver=False, logging_level='ERROR')\n"
        "RayQueueDescriptor(10, 'outlives').put('left here')\n"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    made = RayQueueDescriptor(10, "outlives")
    assert made.get(timeout=SOON) == "left here"
    made.delete()


def test_descriptors_that_disagree_about_maxsize_are_refused() -> None:
    first = RayQueueDescriptor(2, "disputed on ray")
    first.put(1)
    with pytest.raises(QueueConflict, match="maxsize=2, this descriptor says maxsize=3"):
        RayQueueDescriptor(3, "disputed on ray").put(1)
    assert RayQueueDescriptor(0, "disputed on ray").qsize() == 1
    first.delete()


def test_two_hundred_blocked_getters_do_not_delay_a_put() -> None:
    made = RayQueueDescriptor(0)
    made.put("warm")
    assert made.get(timeout=SOON) == "warm"
    started = threading.Semaphore(0)

    def take() -> Any:
        started.release()
        return made.get(timeout=60)

    with ThreadPoolExecutor(200) as threads:
        getters = [threads.submit(take) for _ in range(200)]
        for _ in getters:
            assert started.acquire(timeout=SOON)
        start = time.monotonic()
        made.put(0)
        assert time.monotonic() - start < 5
        made.put_many(range(1, 200))
        assert sorted(getter.result(SOON) for getter in getters) == list(range(200))
    with pytest.raises(queue.Empty):
        made.get_nowait()
    made.delete()


def test_a_hundred_openings_leave_no_thread_and_no_descriptor() -> None:
    def held() -> tuple[int, int]:
        return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir())

    def cycle() -> None:
        made = RayQueueDescriptor(0, "cycles on ray")
        made.put(1)
        assert made.get(timeout=SOON) == 1
        made.close()

    for _ in range(3):
        cycle()
    gc.collect()
    before = held()
    for _ in range(100):
        cycle()
    gc.collect()
    assert not any(map(operator.gt, held(), before))
    RayQueueDescriptor(0, "cycles on ray").delete()


def test_any_python_value_passes() -> None:
    made = RayQueueDescriptor()
    made.put({1, 2})
    made.put((3, ValueError("four")))
    assert made.get(timeout=SOON) == {1, 2}
    three, four = made.get(timeout=SOON)  # type: ignore[misc]
    assert (three, str(four)) == (3, "four")
    made.delete()


def test_a_queue_whose_ray_was_shut_down_says_so_and_starts_no_other(address: str) -> None:
    program = (
        "import ray\n"
        "from sage.platform.queue import QueueUnavailable, RayQueueDescriptor\n"
        f"ray.init({address!r}, log_to_driver=False, logging_level='ERROR')\n"
        "made = RayQueueDescriptor(10, 'shut down')\n"
        "made.put(1)\n"
        "made.clone().delete()\n"
        "ray.shutdown()\n"
        "calls = [made.get, made.qsize, made.delete, lambda: made.put_many([1])]\n"
        "for call in calls:\n"
        "    try:\n"
        "        call()\n"
        "    except QueueUnavailable as error:\n"
        "        print(error, ray.is_initialized())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    said = "Ray does not run in this process; call ray.init(address=...) first False"
    assert done.stdout.splitlines() == [f"queue 'shut down' at ray is not available: {said}"] * 4
