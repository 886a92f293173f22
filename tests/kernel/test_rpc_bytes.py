"""A server holds no more bytes than it was told to, and what leaves it makes room again."""

import asyncio
import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import sage.kernel
from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.budget import ITEM_OVERHEAD
from sage.kernel.runtime.communication.rpc.codec import PICKLED
from sage.kernel.runtime.communication.rpc.table import Limits, QueueTable
from sage.platform.queue import RPCQueueDescriptor

assert sage.kernel

MiB = 1024 * 1024


def test_a_server_full_of_bytes_stops_the_producers_of_all_its_queues(serve: Any) -> None:
    with serve("--max-bytes", str(20 * MiB)) as server, ThreadPoolExecutor(2) as threads:
        one, other = (RPCQueueDescriptor(port=server.port, queue_id=name) for name in "ab")
        read = 0

        def endless() -> Iterator[bytes]:
            nonlocal read
            while True:
                read += 1
                yield bytes(MiB)

        with pytest.raises(queue.Full) as full:
            one.put_many(endless(), timeout=1.0)
        assert full.value.stored == one.qsize() == 19  # type: ignore[attr-defined]
        assert read < 100
        assert other.empty()
        with pytest.raises(queue.Full):
            other.put(bytes(MiB), timeout=0.1)
        assert resident(server.process.pid) < 400 * MiB
        stored = threads.submit(other.put_many, [bytes(MiB)] * 30)
        got = [one.get(timeout=20) for _ in range(19)]
        assert [len(item) for item in got] == [MiB] * 19  # type: ignore[arg-type]
        taken = [other.get(timeout=20) for _ in range(30)]
        stored.result(20)
        assert len(taken) == 30
        assert other.empty()
        one.close()
        other.close()


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def payloads(loans: "list[Any]") -> list[bytes]:
    return [lent.payload for _, lent in loans]


def test_bytes_that_one_queue_frees_go_to_the_putters_of_another_in_their_order() -> None:
    async def play() -> None:
        table = QueueTable(Limits(max_item_bytes=1000, max_bytes=3 * (1000 + ITEM_OVERHEAD)))
        full, other = table.queue("full", 0), table.queue("other", 0)
        assert await full.put("p", 0, [bytes(1000)] * 4, 0) == 3
        assert full.full
        assert other.full
        puts = [
            asyncio.create_task(other.put(f"p{n}", 0, [bytes([n]) * size], -1))
            for n, size in enumerate((900, 1000, 10, 10))
        ]
        await asyncio.sleep(0)
        lent = await full.get("s", 9, 0)
        assert not any(put.done() for put in puts)  # what is lent is held too
        assert full.ack("s", lent[0][0])
        assert await puts[0] == 1
        assert not any(put.done() for put in puts[1:])
        assert full.ack("s", lent[1][0])
        assert await puts[1] == 1
        assert await puts[2] == 1
        assert payloads(await other.get("s", 9, 0)) == [b"\0" * 900, b"\1" * 1000, b"\2" * 10]
        assert full.nack("s", lent[2][0], 0, "")
        assert table._budget.left < 2 * (10 + ITEM_OVERHEAD)
        puts[3].cancel()
        table.queue("full", 0).end()
        table.queue("other", 0).end()
        assert table._budget.left == 3 * (1000 + ITEM_OVERHEAD)

    asyncio.run(play())


def test_a_putter_that_gives_up_its_bytes_lets_the_smaller_ones_behind_it_pass() -> None:
    async def play() -> None:
        table = QueueTable(Limits(max_item_bytes=1000, max_bytes=1500))
        queue = table.queue("q", 0)
        assert await queue.put("p", 0, [bytes(1000)], 0) == 1
        large = asyncio.create_task(queue.put("p1", 0, [bytes(1000)], -1))
        await asyncio.sleep(0)
        small = asyncio.create_task(queue.put("p2", 0, [b"small"], -1))
        timed = asyncio.create_task(queue.put("p3", 0, [bytes(1000)], 0.05))
        last = asyncio.create_task(queue.put("p4", 0, [b"last"], -1))
        await asyncio.sleep(0)
        assert not small.done()
        large.cancel()
        assert await small == 1
        assert not last.done()
        assert await timed == 0
        assert await last == 1
        assert payloads(await queue.get("s", 9, 0)) == [bytes(1000), b"small", b"last"]

    asyncio.run(play())


def test_every_way_out_of_the_server_gives_its_bytes_back() -> None:
    async def play() -> None:
        limits = Limits(max_deliveries=1)
        table = QueueTable(limits)

        def left() -> int:
            return limits.max_bytes - table._budget.left

        queue = table.queue("q", 0)
        await queue.put("p", 0, [b"12345"] * 4, 0)
        assert left() == 4 * (5 + ITEM_OVERHEAD)
        lent = await queue.get("s", 9, 0)
        for (delivery, _), end in zip(lent, (queue.ack, queue.nack), strict=False):
            assert end("s", delivery) if end == queue.ack else end("s", delivery, 0, "bad")
        assert left() == 3 * (5 + ITEM_OVERHEAD)  # the dead letter is held
        dead = table.queue("q.dead", 0)
        assert dead.ack("s", (await dead.get("s", 1, 0))[0][0])
        assert left() == 2 * (5 + ITEM_OVERHEAD)
        await table.answer(wire.Delete("q"))
        assert left() == 0

    asyncio.run(play())


@pytest.mark.parametrize("more", [b"", bytes(5000)])
def test_a_pickled_item_is_refused_wherever_it_stands_in_its_batch(more: bytes) -> None:
    async def play() -> None:
        table = QueueTable(Limits())
        head = wire.PutMany("q", 0, "p", 0)
        for items in ([b"\x01", b"\x02", PICKLED + b"any"], [PICKLED + b"any", b"\x01"]):
            batch = wire.Batch(0, [item + more for item in items])
            reply = await table.put_batch(head, batch, wire.encode(batch), 0)
            assert reply == wire.Refused("pickle")
        assert len(table.queue("q", 0)) == 0
        inside = wire.Batch(0, [b"\xc4\x01" + PICKLED + more, more])  # that byte is elsewhere in it
        assert await table.put_batch(head, inside, wire.encode(inside), 0) == wire.Done(2)

    asyncio.run(play())
