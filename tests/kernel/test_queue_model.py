"""Whatever is done to a queue that lends, a small model says what must come out."""

import itertools
import queue
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import sage.kernel
from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor
from sage.kernel.runtime.communication.rpc import Limits, RPCQueueServer
from sage.platform.queue import (
    BatchFull,
    Lease,
    LeaseLost,
    LeasingQueueDescriptor,
    RPCQueueDescriptor,
)

assert sage.kernel

MAXSIZE = 5
MAX_DELIVERIES = 3
NUMBER = itertools.count()


class Model(RuleBasedStateMachine):
    """`waiting` is what the queue holds, `lent` what each of two consumers holds."""

    make: Callable[[str], LeasingQueueDescriptor]

    def __init__(self) -> None:
        super().__init__()
        name = f"model {next(NUMBER)}"
        self.consumers = [type(self).make(name) for _ in range(2)]
        self.waiting: list[tuple[int, int]] = []  # item, deliveries so far
        self.lent: list[tuple[int, int, Lease]] = []  # item, consumer, lease
        self.settled: list[Lease] = []
        self.dead: list[int] = []
        self.next_item = itertools.count()

    @rule()
    def put(self) -> None:
        item = next(self.next_item)
        if len(self.waiting) >= MAXSIZE:
            with pytest.raises(queue.Full):
                self.consumers[0].put_nowait(item)
        else:
            self.consumers[0].put_nowait(item)
            self.waiting.append((item, 0))

    @rule(count=st.integers(0, 7))
    def put_many(self, count: int) -> None:
        items = [next(self.next_item) for _ in range(count)]
        room = max(0, MAXSIZE - len(self.waiting))
        if count > room:
            with pytest.raises(BatchFull) as full:
                self.consumers[0].put_many(items, timeout=0)
            assert full.value.stored == room
        else:
            self.consumers[0].put_many(items, timeout=0)
        self.waiting += [(item, 0) for item in items[:room]]

    @rule(consumer=st.integers(0, 1))
    def get(self, consumer: int) -> None:
        if not self.waiting:
            with pytest.raises(queue.Empty):
                self.consumers[consumer].get_nowait()
        else:
            assert self.consumers[consumer].get_nowait() == self.waiting.pop(0)[0]

    @rule(consumer=st.integers(0, 1), most=st.integers(1, 4))
    @precondition(lambda self: self.waiting)
    def get_many(self, consumer: int, most: int) -> None:
        expected = [item for item, _ in self.waiting[:most]]
        del self.waiting[:most]
        assert self.consumers[consumer].get_many(most, timeout=0) == expected

    @rule(consumer=st.integers(0, 1))
    @precondition(lambda self: self.waiting)
    def lease(self, consumer: int) -> None:
        item, deliveries = self.waiting.pop(0)
        lease = self.consumers[consumer].lease(block=False)
        assert (lease.value, lease.deliveries) == (item, deliveries + 1)
        self.lent.append((item, consumer, lease))

    @rule(data=st.data())
    @precondition(lambda self: self.lent)
    def ack(self, data: st.DataObject) -> None:
        _, _, lease = self.lent.pop(data.draw(st.integers(0, len(self.lent) - 1)))
        lease.ack()
        self.settled.append(lease)

    @rule(data=st.data())
    @precondition(lambda self: self.lent)
    def nack(self, data: st.DataObject) -> None:
        item, _, lease = self.lent.pop(data.draw(st.integers(0, len(self.lent) - 1)))
        lease.nack()
        self.settled.append(lease)
        self._back([(item, lease)])

    @rule(data=st.data())
    @precondition(lambda self: self.settled)
    def settle_again(self, data: st.DataObject) -> None:
        with pytest.raises(LeaseLost):
            data.draw(st.sampled_from(self.settled)).ack()

    @rule(consumer=st.integers(0, 1))
    def close(self, consumer: int) -> None:
        self.consumers[consumer].close()
        gone = [(item, lease) for item, holder, lease in self.lent if holder == consumer]
        self.lent = [each for each in self.lent if each[1] != consumer]
        self.settled += [lease for _, lease in gone]
        self._back(gone)

    def _back(self, items: list[tuple[int, Lease]]) -> None:
        returned = [(item, lease) for item, lease in items if lease.deliveries < MAX_DELIVERIES]
        self.dead += [item for item, lease in items if lease.deliveries >= MAX_DELIVERIES]
        self.waiting[:0] = [(item, lease.deliveries) for item, lease in returned]

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        assert self.consumers[0].qsize() == len(self.waiting)
        assert self.consumers[0].full() == (len(self.waiting) >= MAXSIZE)

    def teardown(self) -> None:
        letters = self.consumers[0].dead_letters()
        dead = letters.get_many(999, timeout=0) if self.dead else []
        assert sorted(dead) == sorted(self.dead)  # type: ignore[type-var]
        for each in (*self.consumers, letters):
            each.delete()


def play(make: Callable[[str], LeasingQueueDescriptor], examples: int) -> None:
    class Case(Model):
        pass

    Case.make = staticmethod(make)
    case = Case.TestCase()
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    case.runTest()


def test_an_rpc_queue_does_what_the_model_says() -> None:
    with RPCQueueServer(port=0, limits=Limits(max_deliveries=MAX_DELIVERIES)) as server:
        play(lambda name: RPCQueueDescriptor(port=server.port, queue_id=name, maxsize=MAXSIZE), 40)


@pytest.mark.redis
def test_a_redis_streams_queue_does_what_the_model_says(redis_url: str) -> None:
    play(
        lambda name: RedisStreamQueueDescriptor(
            redis_url, name, maxsize=MAXSIZE, max_deliveries=MAX_DELIVERIES
        ),
        40,
    )
