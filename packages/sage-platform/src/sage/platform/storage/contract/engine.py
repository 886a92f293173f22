"""What every `ByteStore` promises, as tests."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from sage.platform.storage.contract.tools import (
    increment,
    list_all,
    race,
    raises,
    run_all,
    wait_until,
)
from sage.platform.storage.engine import ABSENT, ByteStore
from sage.platform.storage.errors import StoreClosed, StoreUnavailable

__all__ = ["ByteStoreContract", "check_byte_store"]

_AWKWARD = [
    b"",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    "状态".encode(),
    b"*",
    b"a*",
    b"[a]",
    b"a?",
    b"\\",
]


class ByteStoreContract:
    """What every `ByteStore` promises; each test opens one empty store and closes it.

    >>> class TestMine(ByteStoreContract):
    ...     def open(self):
    ...         from sage.platform.storage import MemoryByteStore
    ...         return MemoryByteStore()
    >>> TestMine().test_what_was_set_is_read()
    """

    def open(self) -> ByteStore:
        """Return a new store that holds nothing; the test closes it."""
        raise NotImplementedError

    def test_a_missing_key_reads_as_none(self) -> None:
        with self.open() as store:
            assert store.get(b"missing") is None
            assert store.read(b"missing") is None
            assert store.has(b"missing") is False
            assert store.delete(b"missing") is False

    def test_what_was_set_is_read(self) -> None:
        with self.open() as store:
            store.set(b"key", b"value")
            assert store.get(b"key") == b"value"
            assert store.has(b"key") is True

    def test_any_bytes_are_keys_and_values(self) -> None:
        with self.open() as store:
            for number, key in enumerate(_AWKWARD):
                store.set(key, key * number)
            for number, key in enumerate(_AWKWARD):
                assert store.get(key) == key * number
            assert sorted(list_all(store)) == sorted(_AWKWARD)

    def test_an_empty_value_is_a_value(self) -> None:
        with self.open() as store:
            store.set(b"key", b"")
            assert store.get(b"key") == b""
            assert store.has(b"key") is True

    def test_a_megabyte_is_a_value(self) -> None:
        with self.open() as store:
            store.set(b"key", bytes(range(256)) * 4096)
            assert store.get(b"key") == bytes(range(256)) * 4096

    def test_set_replaces(self) -> None:
        with self.open() as store:
            store.set(b"key", b"one")
            store.set(b"key", b"two")
            assert store.get(b"key") == b"two"
            assert list_all(store) == [b"key"]

    def test_delete_removes_and_says_so(self) -> None:
        with self.open() as store:
            store.set(b"key", b"value")
            assert store.delete(b"key") is True
            assert store.delete(b"key") is False
            assert store.get(b"key") is None
            assert list_all(store) == []

    def test_read_tells_the_version_that_set_returned(self) -> None:
        with self.open() as store:
            version = store.set(b"key", b"value")
            entry = store.read(b"key")
            assert entry is not None
            assert (entry.value, entry.version, entry.ttl) == (b"value", version, None)
            assert entry.version > ABSENT

    def test_every_write_has_a_version_of_its_own(self) -> None:
        with self.open() as store:
            versions = [store.set(b"key", b"same") for _ in range(50)]
            store.delete(b"key")
            versions += [store.set(b"key", b"same")]
            store.set_many({b"key": b"same"})
            entry = store.read(b"key")
            assert entry is not None
            assert len({*versions, entry.version}) == 52

    def test_if_absent_writes_only_where_nothing_is(self) -> None:
        with self.open() as store:
            assert store.set(b"key", b"first", if_version=ABSENT) is not None
            assert store.set(b"key", b"second", if_version=ABSENT) is None
            assert store.get(b"key") == b"first"
            store.delete(b"key")
            assert store.set(b"key", b"third", if_version=ABSENT) is not None

    def test_if_version_writes_only_over_that_version(self) -> None:
        with self.open() as store:
            first = store.set(b"key", b"one")
            second = store.set(b"key", b"two", if_version=first)
            assert second is not None
            assert store.set(b"key", b"late", if_version=first) is None
            assert store.get(b"key") == b"two"
            store.delete(b"key")
            assert store.set(b"key", b"gone", if_version=second) is None
            assert store.get(b"key") is None

    def test_of_many_writers_at_once_if_version_lets_one_through(self) -> None:
        with self.open() as store:
            for round_ in range(10):
                entry = store.read(b"key")
                version = ABSENT if entry is None else entry.version
                assert sum(race(8, partial(_try_to_write, store, version))) == 1, round_

    def test_a_counter_by_if_version_loses_no_step(self) -> None:
        with self.open() as store:
            store.set(b"count", b"0")

            def step(_: int) -> None:
                for _ in range(10):
                    while not increment(store, b"count"):
                        pass

            race(4, step)
            assert store.get(b"count") == b"40"

    def test_a_key_expires(self) -> None:
        with self.open() as store:
            store.set(b"key", b"value", ttl=0.02)
            wait_until(lambda: store.get(b"key") is None)
            assert store.has(b"key") is False
            assert store.read(b"key") is None
            assert store.delete(b"key") is False
            assert store.get_many([b"key"]) == {}
            assert list_all(store) == []
            assert store.set(b"key", b"new", if_version=ABSENT) is not None

    def test_read_tells_the_seconds_left(self) -> None:
        with self.open() as store:
            store.set(b"key", b"value", ttl=1000)
            entry = store.read(b"key")
            assert entry is not None
            assert entry.ttl is not None
            assert 990 < entry.ttl <= 1000.01

    def test_a_later_set_ends_an_earlier_ttl(self) -> None:
        with self.open() as store:
            store.set(b"key", b"value", ttl=0.05)
            store.set(b"key", b"stays")
            store.set(b"other", b"goes", ttl=0.06)
            wait_until(lambda: store.get(b"other") is None)
            assert store.get(b"key") == b"stays"

    def test_a_condition_and_a_ttl_go_together(self) -> None:
        with self.open() as store:
            first = store.set(b"key", b"one", ttl=1000, if_version=ABSENT)
            entry = store.read(b"key")
            assert entry is not None
            assert entry.ttl is not None
            store.set(b"key", b"two", ttl=2000, if_version=first)
            entry = store.read(b"key")
            assert entry is not None
            assert entry.ttl is not None
            assert 1990 < entry.ttl <= 2000.01
            store.set(b"key", b"three", if_version=entry.version)
            entry = store.read(b"key")
            assert entry is not None
            assert entry.ttl is None

    def test_a_ttl_that_is_none_at_all_is_refused_and_nothing_written(self) -> None:
        with self.open() as store:
            for ttl in (0, -1, float("nan"), float("inf")):
                with raises(ValueError):
                    store.set(b"key", b"value", ttl=ttl)
                with raises(ValueError):
                    store.set_many({b"key": b"value"}, ttl=ttl)
            assert store.has(b"key") is False

    def test_many_are_read_written_and_removed_together(self) -> None:
        with self.open() as store:
            items = {b"%03d" % number: b"v%d" % number for number in range(500)}
            store.set_many(items)
            assert store.get_many([*items, b"missing"]) == items
            assert store.delete_many([*list(items)[:499], b"missing", b"000"]) == 499
            assert list_all(store) == [b"499"]

    def test_none_of_many_is_no_error(self) -> None:
        with self.open() as store:
            store.set_many({})
            assert store.get_many([]) == {}
            assert store.delete_many([]) == 0

    def test_many_expire_together(self) -> None:
        with self.open() as store:
            store.set_many({b"a": b"1", b"b": b"2"}, ttl=0.02)
            wait_until(lambda: store.get_many([b"a", b"b"]) == {})

    def test_a_scan_meets_every_key_of_the_prefix_and_no_other(self) -> None:
        with self.open() as store:
            wanted = {b"job:%d" % number for number in range(250)}
            store.set_many(dict.fromkeys([*wanted, b"job", b"joc", b"other", b"\xff"], b""))
            for limit in (1, 7, 250, 1000):
                assert set(list_all(store, b"job:", limit)) == wanted
            assert list_all(store, b"nothing") == []

    def test_a_prefix_is_taken_letter_by_letter(self) -> None:
        with self.open() as store:
            for key in _AWKWARD:
                store.set(key, b"")
            for prefix in _AWKWARD:
                expected = sorted(key for key in _AWKWARD if key.startswith(prefix))
                assert sorted(list_all(store, prefix)) == expected

    def test_a_scan_meets_what_stays_while_others_come_and_go(self) -> None:
        with self.open() as store:
            stays = {b"k%04d" % number for number in range(0, 400, 2)}
            store.set_many(dict.fromkeys([*stays, *(b"k%04d" % n for n in range(1, 400, 2))], b""))
            met: set[bytes] = set()
            cursor, number = None, 1
            while True:
                page = store.scan(b"k", cursor=cursor, limit=20)
                met.update(page.keys)
                store.delete(b"k%04d" % number)
                store.set(b"k%04d" % (number + 1000), b"")
                number, cursor = number + 2, page.cursor
                if cursor is None:
                    break
            assert stays <= met

    def test_a_page_without_room_is_refused(self) -> None:
        with self.open() as store, raises(ValueError):
            store.scan(limit=0)

    def test_threads_share_a_store(self) -> None:
        with self.open() as store:

            def work(who: int) -> None:
                for number in range(30):
                    key = b"%d:%d" % (who, number)
                    store.set(key, key)
                    assert store.get(key) == key
                    if number % 3 == 0:
                        assert store.delete(key) is True
                    store.scan(b"%d:" % who, limit=5)

            race(4, work)
            assert len(list_all(store)) == 4 * 20

    def test_sync_returns_or_says_that_it_cannot(self) -> None:
        with self.open() as store:
            store.set(b"key", b"value")
            with suppress(StoreUnavailable):
                store.sync()
            assert store.get(b"key") == b"value"

    def test_a_closed_store_refuses_everything(self) -> None:
        store = self.open()
        store.set(b"key", b"value")
        store.close()
        store.close()
        calls: list[Callable[[], object]] = [
            lambda: store.get(b"key"),
            lambda: store.read(b"key"),
            lambda: store.has(b"key"),
            lambda: store.set(b"key", b"value"),
            lambda: store.set(b"key", b"value", if_version=ABSENT),
            lambda: store.delete(b"key"),
            lambda: store.get_many([b"key"]),
            lambda: store.set_many({b"key": b"value"}),
            lambda: store.delete_many([b"key"]),
            lambda: store.scan(),
            lambda: store.sync(),
        ]
        for call in calls:
            with raises(StoreClosed):
                call()

    def test_a_store_obeys_the_protocol(self) -> None:
        with self.open() as store:
            assert isinstance(store, ByteStore)


def _try_to_write(store: ByteStore, version: int, who: int) -> bool:
    return store.set(b"key", b"%d" % who, if_version=version) is not None


def check_byte_store(open_one: Callable[[], ByteStore]) -> int:
    """Run `ByteStoreContract` on what the function opens and return how many tests ran.

    Raises:
        AssertionError: A promise is broken.

    >>> from sage.platform.storage import MemoryByteStore
    >>> class Forgetful(MemoryByteStore):
    ...     def has(self, key):
    ...         return False
    >>> check_byte_store(Forgetful)
    Traceback (most recent call last):
    AssertionError: expected StoreClosed, and nothing was raised
    """

    class Suite(ByteStoreContract):
        def open(self) -> ByteStore:
            return open_one()

    return run_all(Suite())
