"""What every queue must do, as tests that a queue of your own can inherit; run by pytest.

    class TestMyQueue(QueueContract):
        def make(self, *, maxsize=0):
            return MyQueueDescriptor(maxsize=maxsize)

Each test makes queues of its own and deletes them. A queue that lends its items inherits
`LeasingQueueContract` instead, which adds to this.
"""

import json
import pickle
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from time import monotonic

from sage.platform.queue.descriptor import BaseQueueDescriptor, resolve_descriptor
from sage.platform.queue.errors import BatchFull, LeaseLost, QueueClosed, QueueUnsupported
from sage.platform.queue.leasing import LeasingQueueDescriptor

__all__ = ["LeasingQueueContract", "QueueContract"]

SOON = 10.0  # seconds within which what must happen happens, on a busy machine too
VALUES: tuple[object, ...] = (None, False, 0, "", b"", -1, 2**40, 1.5, "层", b"\x00\xff", [1, [2]])


class QueueContract:
    """Inherit it in a test class and say how a queue is made."""

    def make(self, *, maxsize: int = 0) -> BaseQueueDescriptor:
        """Return a descriptor of a queue that nobody else uses; 0 for no bound that matters."""
        raise NotImplementedError

    @contextmanager
    def queue(self, *, maxsize: int = 0) -> Iterator[BaseQueueDescriptor]:
        """Make a queue for one test, and delete it after."""
        made = self.make(maxsize=maxsize)
        try:
            yield made
        finally:
            made.clear_cache()
            with suppress(QueueUnsupported):  # told by the tests of `delete` alone
                made.delete()

    # ---- order, bounds, time ----

    def test_items_come_out_in_the_order_they_went_in(self) -> None:
        with self.queue() as made:
            for number in range(20):
                made.put(number)
            assert [made.get(timeout=SOON) for _ in range(20)] == list(range(20))

    def test_plain_values_come_out_as_they_went_in(self) -> None:
        with self.queue() as made:
            for value in VALUES:
                made.put(value)
            assert [made.get(timeout=SOON) for _ in VALUES] == list(VALUES)

    def test_get_from_an_empty_queue_raises_empty_at_once_or_in_time(self) -> None:
        with self.queue() as made:
            assert refuses(queue.Empty, made.get_nowait) < SOON
            assert refuses(queue.Empty, lambda: made.get(block=False)) < SOON
            assert 0.1 <= refuses(queue.Empty, lambda: made.get(timeout=0.1)) < SOON

    def test_put_into_a_full_queue_raises_full_at_once_or_in_time_and_stores_nothing(self) -> None:
        with self.queue(maxsize=1) as made:
            made.put("first")
            assert refuses(queue.Full, lambda: made.put_nowait("second")) < SOON
            assert refuses(queue.Full, lambda: made.put("second", block=False)) < SOON
            assert 0.1 <= refuses(queue.Full, lambda: made.put("second", timeout=0.1)) < SOON
            assert made.get_nowait() == "first"
            refuses(queue.Empty, made.get_nowait)

    def test_a_negative_timeout_is_refused(self) -> None:
        with self.queue(maxsize=1) as made:
            refuses(ValueError, lambda: made.get(timeout=-1))
            made.put(1)
            refuses(ValueError, lambda: made.put(2, timeout=-1))

    def test_size_empty_and_full_tell_what_waits(self) -> None:
        with self.queue(maxsize=2) as made:
            assert (made.qsize(), made.empty(), made.full()) == (0, True, False)
            made.put("a")
            assert (made.qsize(), made.empty(), made.full()) == (1, False, False)
            made.put("b")
            assert (made.qsize(), made.empty(), made.full()) == (2, False, True)
            made.get(timeout=SOON)
            assert (made.qsize(), made.empty(), made.full()) == (1, False, False)

    def test_a_get_that_waits_is_served_by_a_later_put(self) -> None:
        with self.queue() as made, waiting(made.get) as got:
            made.put("late")
            assert got.result(SOON) == "late"

    def test_a_put_that_waits_goes_on_when_there_is_room(self) -> None:
        with self.queue(maxsize=1) as made:
            made.put("first")
            with waiting(lambda: made.put("second")) as stored:
                assert made.get(timeout=SOON) == "first"
                stored.result(SOON)
                assert made.get(timeout=SOON) == "second"

    def test_each_item_reaches_exactly_one_of_many_consumers(self) -> None:
        with self.queue(maxsize=10) as made, ThreadPoolExecutor(8) as threads:
            takers = [threads.submit(take_until_none, made) for _ in range(4)]
            givers = [
                threads.submit(put_all, made, range(start, start + 50)) for start in (0, 50, 100)
            ]
            for giver in givers:
                giver.result(3 * SOON)
            for _ in takers:
                made.put(None)
            taken = [item for taker in takers for item in taker.result(3 * SOON)]
            assert sorted(taken) == list(range(150))

    # ---- many at once ----

    def test_put_many_and_get_many_keep_the_order(self) -> None:
        with self.queue() as made:
            made.put_many(range(700), timeout=SOON)
            taken: list[object] = []
            while len(taken) < 700:
                taken += made.get_many(300, timeout=SOON)
            assert taken == list(range(700))
            refuses(queue.Empty, lambda: made.get_many(5, timeout=0.01))

    def test_put_many_says_how_many_went_in_before_the_queue_was_full(self) -> None:
        with self.queue(maxsize=3) as made:
            stored = -1
            try:
                made.put_many("abcde", timeout=0.1)
            except BatchFull as full:
                stored = full.stored
            assert stored == 3
            assert made.get_many(9, timeout=SOON) == ["a", "b", "c"]

    def test_put_many_waits_for_room(self) -> None:
        with self.queue(maxsize=2) as made, waiting(lambda: made.put_many(range(6))) as stored:
            assert [made.get(timeout=SOON) for _ in range(6)] == list(range(6))
            stored.result(SOON)

    def test_an_error_of_the_callers_own_items_comes_when_those_before_it_are_stored(self) -> None:
        def items() -> Iterator[int]:
            yield from range(40)
            raise ZeroDivisionError

        with self.queue() as made:
            refuses(ZeroDivisionError, lambda: made.put_many(items(), timeout=SOON))
            taken: list[object] = []
            while len(taken) < 40:
                taken += made.get_many(40, timeout=SOON)
            assert taken == list(range(40))
            assert made.empty()

    # ---- the descriptor is a value ----

    def test_use_changes_neither_equality_nor_hash_nor_any_serialised_form(self) -> None:
        with self.queue() as made:
            before = (made.to_dict(), made.to_json(), hash(made), repr(made), pickle.dumps(made))
            made.put(1)
            assert made.is_initialized()
            after = (made.to_dict(), made.to_json(), hash(made), repr(made), pickle.dumps(made))
            assert before == after
            assert made == resolve_descriptor(made.to_dict())

    def test_every_serialised_form_reaches_the_same_queue(self) -> None:
        with self.queue() as made:
            made.put_many([1, 2, 3])
            forms = [
                resolve_descriptor(json.loads(made.to_json())),
                pickle.loads(pickle.dumps(made)),
                made.to_serializable_descriptor(),
            ]
            assert forms == [made, made, made]
            assert [form.get(timeout=SOON) for form in forms] == [1, 2, 3]
            close_others(made, forms)

    def test_a_clone_reaches_its_originals_queue_whenever_it_is_made(self) -> None:
        with self.queue() as made:
            before = made.clone()
            made.put(1)
            after = made.clone("another name")
            assert before == made
            assert after != made
            assert before.get(timeout=SOON) == 1
            after.put(2)
            assert made.get(timeout=SOON) == 2
            close_others(made, [before, after])

    def test_closing_a_clone_leaves_its_original_open(self) -> None:
        with self.queue() as made:
            clone = made.clone()
            made.put(1)
            clone.put(2)
            clone.close()
            assert made.get_many(2, timeout=SOON)
            made.put(3)
            made.clear_cache()
            assert not made.is_initialized()
            assert made.get(timeout=SOON) in (2, 3)  # open again, and it is the same queue

    def test_delete_ends_the_queue_with_all_that_is_in_it(self) -> None:
        made = self.make()
        again = made.clone()
        made.put("old")
        made.delete()
        assert again.empty()
        again.delete()

    def test_delete_wakes_those_who_wait(self) -> None:
        made = self.make()
        made.qsize()
        with waiting(made.clone().get) as got:
            made.delete()
            assert isinstance(got.exception(SOON), QueueClosed)


class LeasingQueueContract(QueueContract):
    """For queues that lend their items: at-least-once delivery."""

    def make(self, *, maxsize: int = 0) -> LeasingQueueDescriptor:
        """Return a descriptor of a queue that nobody else uses, with at most 3 deliveries."""
        raise NotImplementedError

    @contextmanager
    def lending(self) -> Iterator[LeasingQueueDescriptor]:
        """Make a queue for one test, and delete it and its dead letters after."""
        with self.queue() as made:
            assert isinstance(made, LeasingQueueDescriptor)
            yield made
            made.dead_letters().delete()

    def test_an_acknowledged_item_is_gone(self) -> None:
        with self.lending() as made:
            made.put("work")
            with made.lease(timeout=SOON) as lease:
                assert (lease.value, lease.deliveries, lease.reason) == ("work", 1, "")
                assert made.empty()
            made.close()
            refuses(queue.Empty, lambda: made.lease(timeout=0.05))

    def test_lease_of_an_empty_queue_raises_empty_in_time(self) -> None:
        with self.lending() as made:
            refuses(queue.Empty, lambda: made.lease(block=False))
            assert 0.1 <= refuses(queue.Empty, lambda: made.lease(timeout=0.1)) < SOON

    def test_an_item_given_back_is_delivered_again_before_the_others(self) -> None:
        with self.lending() as made:
            made.put_many(["first", "second"])
            made.lease(timeout=SOON).nack()
            with made.lease(timeout=SOON) as again:
                assert (again.value, again.deliveries) == ("first", 2)

    def test_an_item_given_back_with_a_delay_comes_after_it(self) -> None:
        with self.lending() as made:
            made.put("later")
            made.lease(timeout=SOON).nack(delay=0.3)
            given_back = monotonic()
            refuses(queue.Empty, lambda: made.lease(block=False))
            with made.lease(timeout=SOON) as again:
                assert again.value == "later"
                assert monotonic() - given_back >= 0.25

    def test_a_block_that_raises_gives_its_item_back(self) -> None:
        with self.lending() as made:
            made.put("work")

            def fail() -> None:
                with made.lease(timeout=SOON):
                    raise ZeroDivisionError("by zero")

            refuses(ZeroDivisionError, fail)
            with made.lease(timeout=SOON) as again:
                assert (again.value, again.deliveries) == ("work", 2)
                assert again.reason == "ZeroDivisionError: by zero"

    def test_closing_gives_back_what_is_lent(self) -> None:
        with self.lending() as made:
            made.put("work")
            other = made.clone()
            lease = made.lease(timeout=SOON)
            made.close()
            with other.lease(timeout=SOON) as again:
                assert (again.value, again.deliveries) == ("work", 2)
            refuses(LeaseLost, lease.ack)
            other.close()

    def test_a_lease_settles_once(self) -> None:
        with self.lending() as made:
            made.put("work")
            lease = made.lease(timeout=SOON)
            lease.ack()
            refuses(LeaseLost, lease.ack)
            refuses(LeaseLost, lease.nack)

    def test_a_late_acknowledgement_leaves_the_next_delivery_alone(self) -> None:
        with self.lending() as made:
            made.put("work")
            late = made.lease(timeout=SOON)
            late.nack()
            second = made.lease(timeout=SOON)
            refuses(LeaseLost, late.ack)
            second.nack()  # still ours: the late one did not settle it
            with made.lease(timeout=SOON) as third:
                assert third.deliveries == 3

    def test_an_item_delivered_too_often_is_a_dead_letter_with_its_reason(self) -> None:
        with self.lending() as made:
            made.put_many(["poison", "good"])
            for attempt in (1, 2, 3):
                lease = made.lease(timeout=SOON)
                assert (lease.value, lease.deliveries) == ("poison", attempt)
                lease.nack(reason=f"failed {attempt}")
            assert made.get(timeout=SOON) == "good"
            assert made.empty()
            with made.dead_letters().lease(timeout=SOON) as letter:
                assert (letter.value, letter.reason) == ("poison", "failed 3")


# ---- what the tests say with ----


def refuses(kind: type[Exception], call: Callable[[], object]) -> float:
    """Assert that a call raises; return the seconds it took."""
    start = monotonic()
    try:
        got = call()
    except kind:
        return monotonic() - start
    raise AssertionError(f"expected {kind.__name__}, got {got!r}")


@contextmanager
def waiting(call: Callable[[], object]) -> "Iterator[Future[object]]":
    """Run a call in a thread that does not end within a moment; give its future."""
    future: Future[object] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        future.exception(0.2)
    except TimeoutError:
        pass
    else:
        raise AssertionError(f"expected the call to wait, it ended: {future}")
    yield future
    thread.join(SOON)
    assert not thread.is_alive(), "the call still waits"


def put_all(made: BaseQueueDescriptor, items: range) -> None:
    """Put each item by itself."""
    for item in items:
        made.put(item, timeout=SOON)


def take_until_none(made: BaseQueueDescriptor) -> list[int]:
    """Take items until a None comes."""
    taken: list[int] = []
    while isinstance(item := made.get(timeout=SOON), int):
        taken.append(item)
    return taken


def close_others(made: BaseQueueDescriptor, others: list[BaseQueueDescriptor]) -> None:
    """Close all but the queue of the test, which closes itself."""
    for other in others:
        if other is not made:
            other.close()
