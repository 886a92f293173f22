"""Whoever waits at a Python queue is let go: by the batch's one deadline, or by the queue's end."""

import threading
from contextlib import ExitStack
from queue import Empty

import pytest

from sage.platform.queue import BatchFull, PythonQueueDescriptor, QueueClosed
from sage.platform.queue.contract import SOON, waiting


@pytest.mark.parametrize("between_processes", [False, True])
def test_put_many_has_one_deadline_for_the_whole_batch(between_processes: bool) -> None:
    made = PythonQueueDescriptor(1, between_processes)
    over = threading.Event()

    def consume() -> None:
        while not over.is_set():
            try:
                made.get(timeout=0.05)
            except Empty:
                continue

    made.qsize()
    consumer = threading.Thread(target=consume)
    consumer.start()
    try:
        # There is room again at once each time, so that no single item is ever late.
        with pytest.raises(BatchFull):
            made.put_many(range(50_000), timeout=0.05)
    finally:
        over.set()
        consumer.join(SOON)
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
