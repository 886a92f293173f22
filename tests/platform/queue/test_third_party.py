"""A queue type of a third party is registered, found, and held to the contract."""

import queue
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sage.platform.queue import BaseQueueDescriptor, Queue, QueueUnsupported, register_queue_type
from sage.platform.queue.contract import QueueContract
from sage.platform.storage.contract import ByteStoreContract, KVBackendContract

MODULE = """
from sage.platform.queue import BaseQueueDescriptor, PythonQueueDescriptor

class PigeonDescriptor(BaseQueueDescriptor):
    queue_type = "pigeon"
    options = ("maxsize",)

    def __init__(self, maxsize=0, queue_id=None, *, reaches=None):
        self.maxsize = maxsize
        super().__init__(queue_id, reaches=reaches)

def open_loft(queue_id, maxsize):
    return PythonQueueDescriptor(maxsize, queue_id=f"loft {queue_id}").queue_instance
"""

PROGRAM = """
import sys
from sage.platform.queue import queue_factories, queue_types, resolve_descriptor

print("pigeon" in queue_types, "pigeon" in queue_factories, "pigeons" in sys.modules)
data = {"queue_type": "pigeon", "queue_id": "post", "metadata": {"maxsize": 1}}
made = resolve_descriptor(data)
made.put("letter")
print(made.full(), resolve_descriptor(data).get(), type(made).__module__)
"""


def test_a_type_declared_by_entry_points_is_found_when_it_is_asked_for(tmp_path: Path) -> None:
    lay_out(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout.splitlines() == ["True True False", "True letter pigeons"], done.stderr


THEIR_TESTS = """
import uuid
from sage.common.codec import MsgpackCodec
from sage.platform.queue import resolve_descriptor
from sage.platform.queue.contract import QueueContract
from sage.platform.storage import KeyValueStore, MemoryByteStore
from sage.platform.storage.contract import ByteStoreContract, KVBackendContract


class TestPigeons(QueueContract):
    def make(self, *, maxsize=0):
        data = {"queue_type": "pigeon", "queue_id": uuid.uuid4().hex}
        return resolve_descriptor({**data, "metadata": {"maxsize": maxsize}})


class Drawers(MemoryByteStore):
    \"\"\"Theirs.\"\"\"


class TestDrawers(ByteStoreContract):
    def open(self):
        return Drawers()


class TestDrawersWithValues(KVBackendContract):
    def open(self):
        return KeyValueStore(Drawers(), codec=MsgpackCodec())
"""


def lay_out(directory: Path) -> None:
    """What pip leaves of a distribution that declares a queue type."""
    (directory / "pigeons.py").write_text(MODULE)
    info = directory / "pigeons-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[sage.queue_types]\npigeon = pigeons:PigeonDescriptor\n"
        "[sage.queue_factories]\npigeon = pigeons:open_loft\n"
    )


def test_another_project_runs_every_test_of_the_shipped_contracts(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nfilterwarnings = "error"\n'
    )
    (tmp_path / "test_pigeons.py").write_text(THEIR_TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pigeons.py"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
    )
    suites = (QueueContract, ByteStoreContract, KVBackendContract)
    tests = sum(name.startswith("test_") for suite in suites for name in dir(suite))
    assert f"{tests} passed" in done.stdout, done.stdout
    assert tests > 55


class SomeDescriptor(BaseQueueDescriptor):
    queue_type = "some"
    options = ("maxsize",)

    def __init__(
        self, maxsize: int = 0, queue_id: str | None = None, *, reaches: str | None = None
    ) -> None:
        self.maxsize = maxsize
        super().__init__(queue_id, reaches=reaches)


class Sound(queue.Queue[object]):
    """The standard library's queue, found by name and ended with its items."""

    live: dict[str, "Sound"]

    def __init__(self, name: str, maxsize: int) -> None:
        super().__init__(maxsize)
        self.name = name

    def delete(self) -> None:
        type(self).live.pop(self.name, None)


class Backwards(Sound):
    def _get(self) -> object:
        return self.queue.pop()


class Unbounded(Sound):
    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        self.maxsize = 0
        super().put(item, block, timeout)


class Impatient(Sound):
    def get(self, block: bool = True, timeout: float | None = None) -> object:
        return super().get(False)


class Doubling(Sound):
    def _put(self, item: object) -> None:
        self.queue.extend([item, item])


class Lonely(Sound):
    """Every way to it is a queue of its own."""

    def __new__(cls, name: str, maxsize: int) -> "Lonely":
        cls.live.pop(name, None)
        return super().__new__(cls)


def contract_of(kind: type[Sound]) -> tuple[QueueContract, Any]:
    kind.live = {}

    def open_some(queue_id: str, maxsize: int) -> Queue:
        if kind is Lonely:
            return kind(queue_id, maxsize)
        if queue_id not in kind.live:
            kind.live[queue_id] = kind(queue_id, maxsize)
        return kind.live[queue_id]

    class Contract(QueueContract):
        def make(self, *, maxsize: int = 0) -> SomeDescriptor:
            return SomeDescriptor(maxsize)

    return Contract(), register_queue_type(SomeDescriptor, open_some)


def failures(kind: type[Sound], names: list[str]) -> list[str]:
    contract, registered = contract_of(kind)
    failed = []
    with registered:
        for name in names:
            check: Callable[[], None] = getattr(contract, name)
            try:
                check()
            except (AssertionError, queue.Empty, queue.Full):
                failed.append(name)
    return failed


ORDER = "test_items_come_out_in_the_order_they_went_in"
FULL = "test_put_into_a_full_queue_raises_full_at_once_or_in_time_and_stores_nothing"
EMPTY = "test_get_from_an_empty_queue_raises_empty_at_once_or_in_time"
SIZE = "test_size_empty_and_full_tell_what_waits"
CLONE = "test_a_clone_reaches_its_originals_queue_whenever_it_is_made"
QUICK = [ORDER, FULL, EMPTY, SIZE, CLONE]


def test_only_the_tests_of_delete_ask_a_queue_for_delete() -> None:
    live: dict[str, Queue] = {}

    def open_plain(queue_id: str, maxsize: int) -> Queue:
        return live.setdefault(queue_id, queue.Queue(maxsize))

    class Contract(QueueContract):
        def make(self, *, maxsize: int = 0) -> SomeDescriptor:
            return SomeDescriptor(maxsize)

    contract = Contract()
    with register_queue_type(SomeDescriptor, open_plain):
        contract.test_items_come_out_in_the_order_they_went_in()
        with pytest.raises(QueueUnsupported):
            contract.test_delete_ends_the_queue_with_all_that_is_in_it()


def test_the_contract_passes_a_sound_queue() -> None:
    assert failures(Sound, QUICK) == []


@pytest.mark.parametrize(
    ("kind", "found_by"),
    [
        (Backwards, ORDER),
        (Unbounded, FULL),
        (Impatient, EMPTY),
        (Doubling, SIZE),
        (Lonely, CLONE),
    ],
)
def test_the_contract_fails_a_queue_with_a_planted_fault(
    kind: type[Sound], found_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sage.platform.queue.contract.SOON", 0.5)  # what is lost never comes
    assert found_by in failures(kind, QUICK)
