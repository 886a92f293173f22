"""Whoever waits at a Python queue is let go: by the batch's one deadline, or by the queue's end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import count
from queue import Empty
from time import monotonic
from typing import Any

import pytest

from sage.platform.queue import BatchFull, PythonQueueDescriptor, QueueClosed
from sage.platform.queue.contract import SOON, waiting


@pytest.mark.parametrize("between_processes", [False, True])
def test_put_many_has_one_deadline_for_the_whole_batch(between_processes: bool) -> None:
    made = PythonQueueDescriptor(1, between_processes)
    over = threading.Event()

    def consume() -> bool:
        """Make room again and again; say whether the batch was over before patience was."""
        end = monotonic() + SOON
        while not over.is_set() and monotonic() < end:
            with suppress(Empty):
                made.get(timeout=0.1)
        return over.is_set()

    made.qsize()
    with ThreadPoolExecutor() as pool:
        in_time = pool.submit(consume)
        # There is room again at once each time, so that no single item is ever late.
        with pytest.raises(BatchFull):
            made.put_many(count(), timeout=0.5)
        over.set()
        assert in_time.result()
    made.delete()


@pytest.mark.parametrize("between_processes", [False, True])
def test_the_end_of_a_queue_wakes_each_getter_and_each_putter(between_processes: bool) -> None:
    empty = PythonQueueDescriptor(1, between_processes)
    full = PythonQueueDescriptor(1, between_processes)
    empty.qsize()
    full.put("the only one")
    with ExitStack() as all_wait:
        getters = [all_wait.enter_context(waiting(empty.clone().get)) for _ in range(3)]
        putters = [
            all_wait.enter_context(waiting(lambda: full.clone().put("more"))) for _ in range(3)
        ]
        empty.delete()
        full.delete()
        woken = [type(each.exception(SOON)) for each in (*getters, *putters)]
    assert woken == [QueueClosed] * 6


@pytest.mark.parametrize("between_processes", [False, True])
@pytest.mark.parametrize("timeout", [-1, float("nan"), float("-inf"), "1", True])
def test_a_timeout_that_is_no_time_is_refused(between_processes: bool, timeout: Any) -> None:
    made = PythonQueueDescriptor(1, between_processes)
    said = "timeout must be a number of seconds from 0 up, got"
    for wait in (made.get, lambda timeout: made.get_many(1, timeout)):
        with pytest.raises(ValueError, match=said):
            wait(timeout=timeout)
    made.put("the only one")
    for wait in (lambda timeout: made.put(2, True, timeout), lambda t: made.put_many([2], t)):
        with pytest.raises(ValueError, match=said):
            wait(timeout)
    assert made.get() == "the only one"
    made.delete()


@pytest.mark.parametrize("between_processes", [False, True])
@pytest.mark.parametrize("timeout", [float("inf"), 1e300, 30 * 24 * 3600])
def test_a_timeout_longer_than_a_clock_counts_waits(
    between_processes: bool, timeout: float
) -> None:
    made = PythonQueueDescriptor(1, between_processes)
    made.qsize()
    with waiting(lambda: made.get(timeout=timeout)) as got:
        made.put("first", timeout=timeout)
        assert got.result(SOON) == "first"
    made.put("second")
    with waiting(lambda: made.put("third", timeout=timeout)) as stored:
        assert made.get() == "second"
        stored.result(SOON)
    made.delete()
