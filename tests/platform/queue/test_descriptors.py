"""A descriptor is a value; each measured fault of the original has the test that it is gone."""

import copy
import gc
import json
import os
import pickle
import queue
import re
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sage.platform.queue import (
    BaseQueueDescriptor,
    Lease,
    PythonQueueDescriptor,
    QueueClosed,
    QueueConflict,
    QueueUnsupported,
    RayQueueDescriptor,
    RPCQueueDescriptor,
    UnknownQueueType,
    queue_types,
    register_queue_type,
    resolve_descriptor,
)

DESCRIPTORS: list[Callable[[], BaseQueueDescriptor]] = [
    lambda: PythonQueueDescriptor(7, True, "a"),
    lambda: RayQueueDescriptor(7, "a"),
    lambda: RPCQueueDescriptor("h", 1, 2.0, 3, False, "a", maxsize=7, tls="ca.pem", token="t"),
]


@pytest.mark.parametrize("make", DESCRIPTORS)
def test_every_serialised_form_gives_an_equal_descriptor(
    make: Callable[[], BaseQueueDescriptor],
) -> None:
    made = make()
    forms = [
        type(made).from_dict(made.to_dict()),
        BaseQueueDescriptor.from_dict(made.to_dict()),
        resolve_descriptor(json.loads(made.to_json())),
        pickle.loads(pickle.dumps(made)),
        made.clone(),
        made.to_serializable_descriptor(),
    ]
    assert forms == [made] * 6
    assert {hash(form) for form in forms} == {hash(made)}
    assert [form.metadata["maxsize"] for form in forms] == [7] * 6
    assert made.can_serialize
    assert not made.is_initialized()


def test_positional_arguments_and_defaults_are_those_of_the_original() -> None:
    assert PythonQueueDescriptor().metadata == {"maxsize": 0, "use_multiprocessing": False}
    assert RayQueueDescriptor().metadata == {"maxsize": 1024 * 1024}
    rpc = RPCQueueDescriptor("host", 9, 1.5, 2, False, "id")
    assert (rpc.host, rpc.port, rpc.connection_timeout) == ("host", 9, 1.5)
    assert (rpc.retry_count, rpc.enable_pooling, rpc.queue_id) == (2, False, "id")
    assert RPCQueueDescriptor().host == "localhost"
    assert [kind.queue_type for kind in (PythonQueueDescriptor, RayQueueDescriptor)] == [
        "python",
        "ray_queue",
    ]


@pytest.mark.parametrize("make", DESCRIPTORS)
def test_a_descriptor_never_changes(make: Callable[[], BaseQueueDescriptor]) -> None:
    made = make()
    with pytest.raises(AttributeError, match="is a value: 'maxsize' cannot change"):
        made.maxsize = 8  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="is a value"):
        del made.queue_id


def test_names_that_nobody_gave_are_all_different() -> None:
    assert len({PythonQueueDescriptor().queue_id for _ in range(100)}) == 100


def test_equality_is_by_name_type_and_metadata() -> None:
    one = PythonQueueDescriptor(1, queue_id="a")
    assert one == PythonQueueDescriptor(1, queue_id="a")
    assert one != PythonQueueDescriptor(2, queue_id="a")
    assert one != PythonQueueDescriptor(1, queue_id="b")
    assert one != RayQueueDescriptor(1, queue_id="a")
    assert one != "a"


def test_a_token_is_in_no_serialised_form() -> None:
    made = RPCQueueDescriptor(queue_id="a", token="hunter2")
    forms = [made.to_json(), repr(made), str(made), repr(made.to_dict())]
    assert "hunter2" not in "".join(forms)
    assert b"hunter2" not in pickle.dumps(made)
    assert pickle.loads(pickle.dumps(made)) == made
    assert made.clone().token == "hunter2"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: PythonQueueDescriptor(-1), "maxsize must be a whole number from 0 up, got -1"),
        (lambda: PythonQueueDescriptor(queue_id=""), "queue_id must be a non-empty string"),
        (lambda: RayQueueDescriptor(1.5), "maxsize must be a whole number"),  # type: ignore[arg-type]
        (lambda: RPCQueueDescriptor(port=0), "port must be a whole number from 1 to 65535, got 0"),
        (lambda: RPCQueueDescriptor(host=""), "host must be a non-empty string, got ''"),
        (lambda: RPCQueueDescriptor(connection_timeout=0), "connection_timeout must be a number"),
        (lambda: RPCQueueDescriptor(retry_count=-1), "retry_count must be a whole number"),
    ],
)
def test_an_argument_out_of_range_is_refused_where_it_is_given(
    make: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        ("python", TypeError, "expected a mapping"),
        ({}, ValueError, "needs a queue_type, got None"),
        ({"queue_type": "pigeon", "queue_id": "a"}, UnknownQueueType, "registered are: "),
        ({"queue_type": "python"}, ValueError, "needs a queue_id, got None"),
        ({"queue_type": "python", "queue_id": "a", "metadata": 3}, ValueError, "a mapping, got 3"),
        (
            {"queue_type": "python", "queue_id": "a", "metadata": {"size": 1}},
            ValueError,
            "PythonQueueDescriptor knows no size in metadata",
        ),
    ],
)
def test_what_is_no_descriptor_is_refused_with_the_reason(
    data: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        resolve_descriptor(data)


def test_from_dict_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a descriptor of type 'ray_queue', got 'python'"):
        RayQueueDescriptor.from_dict(PythonQueueDescriptor().to_dict())


# ---- the live queue by name ----


def test_descriptors_of_one_name_reach_one_queue_in_the_process() -> None:
    PythonQueueDescriptor(queue_id="shared").put(1)
    again = PythonQueueDescriptor(queue_id="shared")
    assert again.get(timeout=5) == 1
    again.delete()


def test_descriptors_that_disagree_about_a_live_queue_are_refused() -> None:
    first = PythonQueueDescriptor(2, queue_id="disputed")
    first.put(1)
    with pytest.raises(QueueConflict, match="maxsize=2, this descriptor says maxsize=3"):
        PythonQueueDescriptor(3, queue_id="disputed").put(1)
    with pytest.raises(QueueConflict, match="use_multiprocessing"):
        PythonQueueDescriptor(2, True, queue_id="disputed").put(1)
    assert PythonQueueDescriptor(queue_id="disputed").full() is False
    first.delete()


def test_a_deleted_queue_refuses_put_until_it_is_opened_again() -> None:
    held = PythonQueueDescriptor(queue_id="ended")
    held.put(1)
    held.clone().delete()
    with pytest.raises(QueueClosed, match="clear_cache"):
        held.put(2)
    held.clear_cache()
    assert held.empty()
    held.delete()


def test_a_live_queue_with_a_length_works_while_empty() -> None:
    class Sized(queue.Queue[object]):
        def __len__(self) -> int:
            return self.qsize()

    class SizedDescriptor(BaseQueueDescriptor):
        queue_type = "sized"

    live = Sized()
    with register_queue_type(SizedDescriptor, lambda queue_id: live):
        made = SizedDescriptor()
        assert made.empty()
        made.put(1)
        assert made.get_nowait() == 1
        assert made.queue_instance is live
        with pytest.raises(QueueUnsupported, match=r"no delete\(\)"):
            made.delete()
    assert "sized" not in queue_types


def test_a_live_queue_that_knows_one_item_at_a_time_still_takes_many() -> None:
    class PlainDescriptor(BaseQueueDescriptor):
        queue_type = "plain"

    with register_queue_type(PlainDescriptor, lambda queue_id: queue.Queue(3)):
        made = PlainDescriptor()
        with pytest.raises(queue.Full) as full:
            made.put_many(range(9), timeout=0.01)
        assert full.value.stored == 3  # type: ignore[attr-defined]
        assert made.get_many(2) == [0, 1]
        assert made.get_many(9) == [2]
        with pytest.raises(ValueError, match="max_items must be a whole number from 1 up"):
            made.get_many(0)


def test_many_threads_that_open_one_descriptor_open_it_once() -> None:
    opened: list[object] = []

    class CountedDescriptor(BaseQueueDescriptor):
        queue_type = "counted"

    def open_counted(queue_id: str) -> "queue.Queue[object]":
        opened.append(queue_id)
        return queue.Queue()

    with register_queue_type(CountedDescriptor, open_counted):
        made = CountedDescriptor()
        barrier = threading.Barrier(8)

        def use() -> None:
            barrier.wait()
            made.put(1)

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(opened) == 1
        assert made.qsize() == 8


def test_two_hundred_blocked_getters_do_not_delay_a_put() -> None:
    made = PythonQueueDescriptor(queue_id="crowded")
    busy = PythonQueueDescriptor(queue_id="busy")
    with ThreadPoolExecutor(200) as threads:
        getters = [threads.submit(made.get, timeout=60) for _ in range(200)]
        while not all(getter.running() for getter in getters):
            time.sleep(0.001)
        start = time.monotonic()
        busy.put_many(range(1000))
        assert time.monotonic() - start < 1.0
        assert not any(getter.done() for getter in getters)
        made.put_many(range(200))
        taken = [getter.result(10) for getter in getters]
    assert sorted(taken) == list(range(200))  # type: ignore[type-var]
    assert made.empty()
    made.delete()
    busy.delete()


def test_a_failing_registration_of_both_parts_leaves_neither() -> None:
    class HalfDescriptor(BaseQueueDescriptor):
        queue_type = "half"

    with pytest.raises(TypeError, match="must be callable"):
        register_queue_type(HalfDescriptor, "no factory")  # type: ignore[arg-type]
    assert "half" not in queue_types
    with pytest.raises(TypeError, match="must be a subclass of BaseQueueDescriptor"):
        queue_types.register("half", "no class")  # type: ignore[arg-type]


# ---- between processes ----


def test_an_item_that_does_not_pickle_is_refused_where_it_is_put() -> None:
    made = PythonQueueDescriptor(use_multiprocessing=True)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        made.put(lambda: None)
    assert made.empty()
    made.delete()


def test_a_forked_child_has_no_claim_on_the_items_of_its_parents_threads() -> None:
    made = PythonQueueDescriptor(queue_id="threads only")
    made.put("mine")
    child = os.fork()
    if child == 0:
        os._exit(0 if made.empty() else 1)  # no test may run on in the child
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert made.get_nowait() == "mine"
    made.delete()


@pytest.mark.parametrize("between_processes", [False, True])
def test_a_hundred_queues_leave_no_thread_and_no_descriptor(between_processes: bool) -> None:
    def held() -> tuple[int, int]:
        return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir())

    def cycle() -> None:
        made = PythonQueueDescriptor(1, between_processes)
        made.put(1)
        assert made.get(timeout=5) == 1
        made.delete()

    cycle()
    gc.collect()
    before = held()
    for _ in range(100):
        cycle()
    gc.collect()
    after = held()
    assert after[0] <= before[0]
    assert after[1] <= before[1]


def test_a_copy_within_the_process_keeps_the_secret_and_has_a_way_of_its_own() -> None:
    made = RPCQueueDescriptor(queue_id="a", token="secret")
    for same in (copy.copy(made), copy.deepcopy(made), copy.deepcopy([made])[0]):
        assert (same, same.token) == (made, "secret")
        assert same is not made
    assert pickle.loads(pickle.dumps(made)).token is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"queue_id": "\ud800"}, "queue_id must be text that has a UTF-8 form"),
        ({"host": "http://localhost"}, "host must be a bare name or address"),
        ({"host": "[::1]"}, "host must be a bare name or address"),
        ({"host": "local host"}, "host must be a bare name or address"),
        ({"token": "a\nb"}, "token must be printable ASCII on one line"),
        ({"token": "ключ"}, "token must be printable ASCII on one line"),
        ({"tls": 1}, "a tls that is no bool must be a non-empty string, got 1"),
    ],
)
def test_an_option_that_could_never_work_is_refused_where_it_is_given(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        RPCQueueDescriptor(**options)
    assert "ключ" not in str(refused.value)


@pytest.mark.parametrize("flag", [None, 1, "no"])
def test_a_flag_is_true_or_false(flag: Any) -> None:
    with pytest.raises(ValueError, match="use_multiprocessing must be True or False, got"):
        PythonQueueDescriptor(use_multiprocessing=flag)


@pytest.mark.parametrize("cls", [BaseQueueDescriptor, PythonQueueDescriptor])
@pytest.mark.parametrize("data", ["{}", None, 3, ["queue_id"]])
def test_what_is_no_mapping_is_no_descriptor(cls: type[BaseQueueDescriptor], data: Any) -> None:
    with pytest.raises(TypeError, match="expected a mapping as to_dict"):
        cls.from_dict(data)


def test_a_timestamp_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="created_timestamp must be a number of seconds"):
        PythonQueueDescriptor.from_dict({"queue_id": "a", "created_timestamp": "yesterday"})


@pytest.mark.parametrize("most", [0, -1, 1.5, True, "2"])
def test_get_many_takes_a_whole_number_from_1_up(most: Any) -> None:
    made = PythonQueueDescriptor()
    made.put(1)
    with pytest.raises(ValueError, match="max_items must be a whole number from 1 up, got"):
        made.get_many(most)
    assert made.get_many(10**30) == [1]
    made.delete()


@pytest.mark.parametrize("delay", [-1, float("nan"), float("inf"), "1", None])
def test_a_lease_is_given_back_for_a_time_that_ends(delay: Any) -> None:
    class Untouched:
        def ack(self, delivery: object) -> None:
            raise AssertionError

        def nack(self, delivery: object, delay: float, reason: str) -> None:
            raise AssertionError

    with pytest.raises(ValueError, match="delay must be a number of seconds from 0 up, got"):
        Lease("work", 1, "", 7, Untouched()).nack(delay)


@pytest.mark.parametrize("between_processes", [False, True])
def test_a_deleted_queue_is_freed(between_processes: bool) -> None:
    made = PythonQueueDescriptor(use_multiprocessing=between_processes)
    live = weakref.ref(made.queue_instance)
    made.delete()
    gc.collect()
    assert live() is None
