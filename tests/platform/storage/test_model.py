"""Random programs: each store against a model, and all stores against each other."""

import itertools

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from sage.common.codec import CodecError
from sage.platform.storage import ABSENT, KeyValueStore, MemoryByteStore
from sage.platform.storage.clock import SteadyClock
from sage.platform.storage.rocksdb import RocksByteStore

KEYS = st.sampled_from([b"", b"a", b"a:1", b"a:2", b"b", b"\x00", b"\xff", b"a*"])
VALUES = st.binary(max_size=12)
BATCHES = st.dictionaries(KEYS, VALUES, max_size=4)


class Model:
    """What a store should be: a dict of value, version name and deadline."""

    def __init__(self):
        self.now = 0.0
        self.slots = {}

    def live(self):
        return {key: slot for key, slot in self.slots.items() if slot[2] > self.now}

    def put(self, key, value, version, ttl):
        deadline = float("inf") if ttl is None else self.now + ttl
        self.slots[key] = (value, version, deadline)


class StoreMachine(RuleBasedStateMachine):
    """Every call on the store is made on the model too; the answers must agree."""

    versions = Bundle("versions")
    expires = True

    def open(self):
        raise NotImplementedError

    def pass_time(self, seconds):
        raise NotImplementedError

    @initialize()
    def begin(self):
        self.model = Model()
        self.store = self.open()

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()

    @rule(target=versions, key=KEYS, value=VALUES, ttl=st.none() | st.sampled_from([5, 50]))
    def set(self, key, value, ttl):
        ttl = ttl if self.expires else None
        version = self.store.set(key, value, ttl=ttl)
        assert version not in (None, ABSENT)
        self.model.put(key, value, version, ttl)
        return key, version

    @rule(target=versions, key=KEYS, value=VALUES)
    def set_if_absent(self, key, value):
        absent = key not in self.model.live()
        version = self.store.set(key, value, if_version=ABSENT)
        assert (version is not None) is absent
        if version is None:
            return multiple()
        self.model.put(key, value, version, None)
        return key, version

    @rule(target=versions, seen=consumes(versions), value=VALUES)
    def set_if_version(self, seen, value):
        key, expected = seen
        slot = self.model.live().get(key)
        version = self.store.set(key, value, if_version=expected)
        assert (version is not None) is (slot is not None and slot[1] == expected)
        if version is None:
            return multiple()
        self.model.put(key, value, version, None)
        return key, version

    @rule(items=BATCHES, ttl=st.none() | st.just(5))
    def set_many(self, items, ttl):
        ttl = ttl if self.expires else None
        self.store.set_many(items, ttl=ttl)
        for key, value in items.items():
            self.model.put(key, value, self.store.read(key).version, ttl)

    @rule(key=KEYS)
    def delete(self, key):
        assert self.store.delete(key) is (key in self.model.live())
        self.model.slots.pop(key, None)

    @rule(keys=st.lists(KEYS, max_size=4))
    def delete_many(self, keys):
        assert self.store.delete_many(keys) == len(set(keys) & set(self.model.live()))
        for key in keys:
            self.model.slots.pop(key, None)

    @rule(seconds=st.sampled_from([1, 10]))
    def wait(self, seconds):
        if self.expires:
            self.pass_time(seconds)
            self.model.now += seconds

    @rule(prefix=KEYS, limit=st.integers(1, 5))
    def scan(self, prefix, limit):
        met, cursor = set(), None
        while True:
            page = self.store.scan(prefix, cursor=cursor, limit=limit)
            met.update(page.keys)
            cursor = page.cursor
            if cursor is None:
                break
        assert met == {key for key in self.model.live() if key.startswith(prefix)}

    @invariant()
    def every_key_reads_as_in_the_model(self):
        live = self.model.live()
        keys = [b"", b"a", b"a:1", b"a:2", b"b", b"\x00", b"\xff", b"a*"]
        assert self.store.get_many(keys) == {key: slot[0] for key, slot in live.items()}
        for key in keys:
            entry = self.store.read(key)
            assert (entry and (entry.value, entry.version)) == live.get(key, (None,))[:2] or (
                entry is None and key not in live
            )
            assert self.store.has(key) is (key in live)
            assert self.store.get(key) == live.get(key, (None,))[0]


class Time:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class MemoryMachine(StoreMachine):
    def open(self):
        self.time = Time()
        return MemoryByteStore(clock=self.time)

    def pass_time(self, seconds):
        self.time.now += seconds


SMALL = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_memory_agrees_with_the_model():
    run_state_machine_as_test(MemoryMachine, settings=settings(SMALL, max_examples=60))


def test_rocksdb_agrees_with_the_model_and_survives_reopening(tmp_path):
    numbers = itertools.count()

    class RocksMachine(StoreMachine):
        def open(self):
            self.time = Time()
            self.path = tmp_path / str(next(numbers))
            return self.reopened()

        def reopened(self):
            return RocksByteStore(self.path, clock=self.clock)

        def clock(self, floor):
            return SteadyClock(wall=self.time, steady=self.time, floor=floor)

        def pass_time(self, seconds):
            self.time.now += seconds

        @rule()
        def reopen(self):
            self.store.close()
            self.store = self.reopened()

    run_state_machine_as_test(RocksMachine, settings=settings(SMALL, max_examples=15))


@pytest.mark.redis
def test_redis_agrees_with_the_model(redis_server, fresh_db):
    class RedisMachine(StoreMachine):
        expires = False  # by the server's own clock: see the contract suite

        def open(self):
            return redis_server.open(db=fresh_db())

        def pass_time(self, seconds):
            raise NotImplementedError

    run_state_machine_as_test(RedisMachine, settings=settings(SMALL, max_examples=15))


class Stale(MemoryByteStore):
    """Keeps the deadline of an earlier write."""

    def set_many(self, items, *, ttl=None):
        for key, value in items.items():
            before = self.read(key)
            super().set_many({key: value}, ttl=ttl if before is None else before.ttl)


def test_the_machine_finds_a_store_that_is_wrong():
    class StaleMachine(MemoryMachine):
        def open(self):
            self.time = Time()
            return Stale(clock=self.time)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            StaleMachine, settings=settings(SMALL, max_examples=300, phases=[Phase.generate])
        )


# One program, three backends: what changes with the URL is nothing else.

TEXT_KEYS = st.sampled_from(["", "a", "a/1", "a/2", "b", "状态", "*"])
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=5)
PLAIN = PLAIN | st.binary(max_size=5) | st.lists(PLAIN, max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("set"), TEXT_KEYS, PLAIN),
    st.tuples(st.just("get"), TEXT_KEYS),
    st.tuples(st.just("has"), TEXT_KEYS),
    st.tuples(st.just("delete"), TEXT_KEYS),
    st.tuples(st.just("set_if_absent"), TEXT_KEYS, PLAIN),
    st.tuples(st.just("change"), TEXT_KEYS, PLAIN),
    st.tuples(st.just("set_many"), st.dictionaries(TEXT_KEYS, PLAIN, max_size=3)),
    st.tuples(st.just("get_many"), st.lists(TEXT_KEYS, max_size=3)),
    st.tuples(st.just("delete_many"), st.lists(TEXT_KEYS, max_size=3)),
    st.tuples(st.just("keys"), TEXT_KEYS),
    st.tuples(st.just("bad"), st.sampled_from([object(), {1: object()}, 2**64])),
    st.tuples(st.just("clear")),
)


def carry_out(store, step):
    """Do one step and return all that a program can see of it."""
    verb, *args = step
    if verb == "keys":
        return sorted(store.iter_keys(args[0]))
    if verb == "change":
        entry = store.read(args[0])
        version = ABSENT if entry is None else entry.version
        written = store.set_if(args[0], args[1], version)
        again = store.set_if(args[0], args[1], version)
        return (entry and entry.value), written is not None, again
    if verb == "bad":
        with pytest.raises(CodecError, match="msgpack cannot encode"):
            store.set("bad", args[0])
        return store.has("bad")
    return getattr(store, verb)(*args)


def test_one_program_sees_the_same_on_every_backend(opener):
    engines = {backend: opener(backend) for backend in ("memory", "redis", "rocksdb")}
    numbers = itertools.count()

    @settings(SMALL, max_examples=150)
    @given(st.lists(STEPS, max_size=20))
    def run(program):
        namespace = f"n{next(numbers)}"
        seen = {}
        for backend, engine in engines.items():
            store = KeyValueStore(engine, namespace=namespace)
            seen[backend] = [carry_out(store, step) for step in program]
        assert seen["memory"] == seen["redis"] == seen["rocksdb"]

    try:
        run()
    finally:
        for engine in engines.values():
            engine.close()
