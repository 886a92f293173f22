"""Whatever is done to a Python queue, a list says what must come out."""

import queue
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sage.platform.queue import BatchFull, PythonQueueDescriptor

MAXSIZE = 4


class Model(RuleBasedStateMachine):
    """Every rule goes through one of three descriptors of one queue."""

    make: Callable[[], PythonQueueDescriptor]

    def __init__(self) -> None:
        super().__init__()
        first = type(self).make()
        self.ways = [first, first.clone(), first.clone("another name")]
        self.model: list[int] = []
        self.next_item = 0

    def take_numbers(self, count: int) -> list[int]:
        self.next_item += count
        return list(range(self.next_item - count, self.next_item))

    @rule(way=st.integers(0, 2))
    def put(self, way: int) -> None:
        [item] = self.take_numbers(1)
        if len(self.model) == MAXSIZE:
            with pytest.raises(queue.Full):
                self.ways[way].put_nowait(item)
        else:
            self.ways[way].put(item, timeout=1)
            self.model.append(item)

    @rule(way=st.integers(0, 2))
    def get(self, way: int) -> None:
        if not self.model:
            with pytest.raises(queue.Empty):
                self.ways[way].get_nowait()
        else:
            assert self.ways[way].get_nowait() == self.model.pop(0)

    @rule(way=st.integers(0, 2), count=st.integers(0, 6))
    def put_many(self, way: int, count: int) -> None:
        items = self.take_numbers(count)
        room = MAXSIZE - len(self.model)
        if count > room:
            with pytest.raises(BatchFull) as full:
                self.ways[way].put_many(items, timeout=0)
            assert full.value.stored == room
        else:
            self.ways[way].put_many(items, timeout=0)
        self.model += items[:room]

    @rule(way=st.integers(0, 2), most=st.integers(1, 6))
    def get_many(self, way: int, most: int) -> None:
        if not self.model:
            with pytest.raises(queue.Empty):
                self.ways[way].get_many(most, timeout=0)
        else:
            taken = self.ways[way].get_many(most, timeout=1)
            assert taken == self.model[: len(taken)]
            assert taken
            del self.model[: len(taken)]

    @rule(way=st.integers(0, 2))
    def let_go(self, way: int) -> None:
        self.ways[way].clear_cache()

    @invariant()
    def size_is_that_of_the_model(self) -> None:
        for way in self.ways:
            assert way.qsize() == len(self.model)
            assert way.full() == (len(self.model) == MAXSIZE)
            assert way.empty() == (not self.model)

    def teardown(self) -> None:
        self.ways[0].delete()


@pytest.mark.parametrize("between_processes", [False, True])
def test_a_python_queue_does_what_the_model_says(between_processes: bool) -> None:
    class Case(Model):
        make = staticmethod(lambda: PythonQueueDescriptor(MAXSIZE, between_processes))

    case = Case.TestCase()
    case.settings = settings(
        max_examples=40, stateful_step_count=30, deadline=None, derandomize=True
    )
    case.runTest()
