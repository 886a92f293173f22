"""What a server remembers of producers is bounded, and the latest are those it remembers."""

import asyncio

import pytest

from sage.kernel.runtime.communication.rpc import stored
from sage.kernel.runtime.communication.rpc.table import Limits, QueueTable


def test_a_queue_remembers_its_latest_producers_and_forgets_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stored, "PRODUCERS_REMEMBERED", 2)

    async def play() -> None:
        queue = QueueTable(Limits()).queue("q", 0)
        for producer in ("first", "second", "third"):
            assert await queue.put(producer, 0, [b"0"], 0) == 1
        assert len(queue) == 3
        for producer in ("second", "third"):  # put again after an unknown outcome
            assert await queue.put(producer, 0, [b"0"], 0) == 1
        assert len(queue) == 3
        assert await queue.put("first", 0, [b"0"], 0) == 1
        assert len(queue) == 4

    asyncio.run(play())
