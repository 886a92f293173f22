"""Leases end by a clock that tests can move; the wall clock plays no part."""

import asyncio
import time

import pytest

from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.table import Limits, QueueTable


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def lend_one(table: QueueTable) -> str:
    welcome = await table.answer(wire.Hello("q", 0))
    assert isinstance(welcome, wire.Welcome)
    assert isinstance(await table.answer(wire.Put("q", 0, "p", 0, b"mwork", 0)), wire.Done)
    lent = await table.answer(wire.Get(welcome.session, 1, 0))
    assert lent == wire.Items([(1, 1, "", b"mwork")])
    return welcome.session


def test_a_silent_consumer_loses_its_leases_when_the_clock_says_so() -> None:
    async def play() -> None:
        clock = Clock()
        table = QueueTable(Limits(lease_seconds=30), clock)
        session = await lend_one(table)
        clock.now += 29
        assert table.end_silent_sessions() == []
        assert table.hear(session, wire.Beat(session))
        clock.now += 29
        assert table.end_silent_sessions() == []
        clock.now += 2
        assert table.end_silent_sessions() == [session]
        assert not table.hear(session, wire.Beat(session))
        assert await table.answer(wire.Ack(session, 1)) == wire.Refused("no-session")
        assert await table.answer(wire.Size("q", 0)) == wire.Count(1, False)

    asyncio.run(play())


def test_a_wall_clock_that_is_set_ends_no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        table = QueueTable(Limits(lease_seconds=30))
        session = await lend_one(table)
        real = time.time()
        for moved in (-86_400.0, 86_400.0):
            monkeypatch.setattr(time, "time", lambda moved=moved: real + moved)
            assert table.end_silent_sessions() == []
        assert await table.answer(wire.Ack(session, 1)) == wire.Done(1)

    asyncio.run(play())


def test_a_late_acknowledgement_is_refused_by_its_delivery_number() -> None:
    async def play() -> None:
        table = QueueTable(Limits())
        session = await lend_one(table)
        assert await table.answer(wire.Nack(session, 1, 0, "again")) == wire.Done(1)
        lent = await table.answer(wire.Get(session, 1, 0))
        assert lent == wire.Items([(2, 2, "again", b"mwork")])
        assert await table.answer(wire.Ack(session, 1)) == wire.Refused("lost")
        assert await table.answer(wire.Ack("another", 2)) == wire.Refused("no-session")
        assert await table.answer(wire.Ack(session, 2)) == wire.Done(1)

    asyncio.run(play())


def test_a_get_that_was_cancelled_loses_nothing_and_counts_nothing() -> None:
    async def play() -> None:
        table = QueueTable(Limits())
        welcome = await table.answer(wire.Hello("q", 0))
        assert isinstance(welcome, wire.Welcome)
        waiting = asyncio.create_task(table.answer(wire.Get(welcome.session, 1, -1)))
        await asyncio.sleep(0)
        await table.answer(wire.Put("q", 0, "p", 0, b"mwork", 0))  # it is given the item
        waiting.cancel()  # and its caller has gone before it could take it
        with pytest.raises(asyncio.CancelledError):
            await waiting
        lent = await table.answer(wire.Get(welcome.session, 1, 0))
        assert isinstance(lent, wire.Items)
        assert [(count, data) for _, count, _, data in lent.lent] == [(1, b"mwork")]

    asyncio.run(play())


def test_a_put_that_was_cancelled_gives_its_room_to_the_next() -> None:
    async def play() -> None:
        table = QueueTable(Limits())
        queue = table.queue("q", 1)
        await queue.put("p", 0, [b"m1"], 0)
        first = asyncio.create_task(queue.put("p1", 0, [b"m2"], -1))
        second = asyncio.create_task(queue.put("p2", 0, [b"m3"], -1))
        await asyncio.sleep(0)
        await queue.get("s", 1, 0)  # wakes the first
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second == 1
        assert [lent.payload for _, lent in await queue.get("s", 9, 0)] == [b"m3"]

    asyncio.run(play())


def test_who_was_cancelled_and_has_not_run_yet_is_passed_over() -> None:
    async def play() -> None:
        queue = QueueTable(Limits()).queue("q", 1)
        gets = [asyncio.create_task(queue.get("s", 1, -1)) for _ in range(2)]
        await asyncio.sleep(0)
        gets[0].cancel()
        assert await queue.put("p", 0, [b"m1"], 0) == 1  # in the same turn of the loop
        assert [lent.payload for _, lent in await gets[1]] == [b"m1"]
        assert await queue.put("p", 1, [b"m2"], 0) == 1
        puts = [asyncio.create_task(queue.put(f"p{n}", 0, [b"m3"], -1)) for n in range(2)]
        await asyncio.sleep(0)
        puts[0].cancel()
        assert [lent.payload for _, lent in await queue.get("s", 1, 0)] == [b"m2"]
        assert await puts[1] == 1
        last = asyncio.create_task(queue.put("p2", 0, [b"m4"], -1))
        await asyncio.sleep(0)
        last.cancel()
        queue.end()
        ended = await asyncio.gather(*gets, *puts, last, return_exceptions=True)
        cancelled = [isinstance(each, asyncio.CancelledError) for each in ended]
        assert cancelled == [True, False, True, False, True]

    asyncio.run(play())


def test_a_batch_put_again_stores_only_what_was_not_stored() -> None:
    async def play() -> None:
        queue = QueueTable(Limits()).queue("q", 0)
        assert await queue.put("p", 0, [b"0", b"1", b"2"], 0) == 3
        assert await queue.put("p", 1, [b"1", b"2", b"3", b"4"], 0) == 4
        assert await queue.put("p", 3, [b"3"], 0) == 1
        assert await queue.put("other", 0, [b"0"], 0) == 1
        lent = await queue.get("s", 99, 0)
        assert [item.payload for _, item in lent] == [b"0", b"1", b"2", b"3", b"4", b"0"]

    asyncio.run(play())
