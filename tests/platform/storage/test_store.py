import pickle
import threading
from dataclasses import dataclass

import pytest

from sage.common.codec import CodecError, MsgpackCodec, PickleCodec, RawCodec
from sage.platform.storage import (
    ABSENT,
    DictKVBackend,
    InvalidKey,
    KeyValueStore,
    MemoryByteStore,
    Page,
    StoreClosed,
    StoreCorrupted,
    UnknownStore,
    open_store,
)


@dataclass
class Document:
    text: str
    score: float


@pytest.fixture
def engine():
    return MemoryByteStore()


@pytest.fixture
def store(engine):  # on memory; what every backend promises is in test_contract.py
    return KeyValueStore(engine)


def test_values_are_copies(store):
    value = ["a"]
    store.set("key", value)
    value.append("b")
    assert store.get("key") == ["a"]
    store.get("key").append("c")
    assert store.get("key") == ["a"]


def test_a_value_without_a_form_is_refused_and_changes_nothing(store):
    store.set("key", 1)
    with pytest.raises(CodecError, match="msgpack cannot encode lock"):
        store.set("key", threading.Lock())
    with pytest.raises(CodecError):
        store.set_many({"other": 1, "key": threading.Lock()})
    assert (store.get("key"), store.get_all_keys()) == (1, ["key"])


def test_a_typed_codec_gives_the_type_back(engine):
    store = KeyValueStore(engine, codec=MsgpackCodec(type=Document))
    store.set("doc", Document("L2", 0.5))
    assert store.get("doc") == Document("L2", 0.5)


def test_raw_and_pickle_are_asked_for_by_name(engine):
    raw = KeyValueStore(engine, codec=RawCodec(), namespace="raw")
    raw.set("key", b"\x00")
    assert raw.get("key") == b"\x00"
    pickled = KeyValueStore(engine, codec=PickleCodec(), namespace="pickled")
    pickled.set("key", {1, 2})
    assert pickled.get("key") == {1, 2}


def test_bytes_of_another_codec_are_refused_with_the_key_and_left_alone(engine, store):
    KeyValueStore(engine, codec=PickleCodec()).set("key", {1, 2})
    with pytest.raises(StoreCorrupted, match=r"key 'key' in KeyValueStore\(memory://"):
        store.get("key")
    with pytest.raises(StoreCorrupted):
        store.get_many(["key"])
    with pytest.raises(StoreCorrupted):
        store.read("key")
    assert pickle.loads(engine.get(b"default:key")) == {1, 2}


def test_namespaces_neither_see_nor_touch_each_other(store):
    jobs, cache = store.namespace("jobs"), store.namespace("jobs/cache")
    for one in (store, jobs, cache):
        one.set("key", repr(one))
    jobs.clear()
    assert jobs.get_all_keys() == []
    assert (store.get("key"), cache.get("key")) == (repr(store), repr(cache))


def test_a_key_cannot_reach_into_another_namespace(store):
    store.namespace("jobs").set("secret", 1)
    for key in ("jobs:secret", ":secret", "../jobs:secret", "default:secret"):
        assert store.get(key) is None
        store.set(key, 0)
    assert store.namespace("jobs").get("secret") == 1
    assert store.namespace("jobs").get_all_keys() == ["secret"]


@pytest.mark.parametrize("name", ["", "a:b", " ", "ä", "a\x00", "x" * 201, "/a", None])
def test_a_namespace_that_could_be_part_of_a_key_is_refused(store, name):
    with pytest.raises(InvalidKey, match="namespace"):
        store.namespace(name)


@pytest.mark.parametrize("key", [1, None, b"bytes", "\ud800"])
def test_a_key_that_is_not_text_is_refused_everywhere(store, key):
    calls = [
        lambda: store.get(key),
        lambda: store.has(key),
        lambda: store.set(key, 1),
        lambda: store.read(key),
        lambda: store.delete(key),
        lambda: store.set_if(key, 1, ABSENT),
        lambda: store.get_many([key]),
        lambda: store.set_many({key: 1}),
        lambda: store.delete_many([key]),
        lambda: store.scan(key),
    ]
    for call in calls:
        with pytest.raises(InvalidKey, match="key"):
            call()


def test_set_if_lets_the_first_writer_through(store):
    version = store.set_if("leader", "a", ABSENT)
    assert store.set_if("leader", "b", ABSENT) is None
    assert store.read("leader").version == version
    newer = store.set_if("leader", "c", version)
    assert newer not in (None, version)
    assert store.set_if("leader", "late", version) is None
    assert store.get("leader") == "c"


def test_set_if_absent_says_whether_it_wrote(store):
    assert store.set_if_absent("lease", "node-1", ttl=60) is True
    assert store.set_if_absent("lease", "node-2", ttl=60) is False
    entry = store.read("lease")
    assert (entry.value, 59 < entry.ttl <= 60) == ("node-1", True)


def test_set_many_may_expire(store):
    store.set_many({"a": 1, "b": 2}, ttl=60)
    assert 59 < store.read("b").ttl <= 60


def test_scan_goes_page_by_page(store):
    store.set_many({f"job/{number}": number for number in range(5)})
    store.set("other", 0)
    first = store.scan("job/", limit=2)
    second = store.scan("job/", cursor=first.cursor, limit=3)
    assert first.keys == ("job/0", "job/1")
    assert (second.keys, second.cursor) == (("job/2", "job/3", "job/4"), None)


def test_keys_that_a_backend_meets_twice_are_told_once():
    class Repeats(MemoryByteStore):
        """Meets each page's last key again on the next, as Redis may."""

        def scan(self, prefix=b"", *, cursor=None, limit=1000):
            page = super().scan(prefix, cursor=cursor, limit=2)
            return Page((cursor, *page.keys) if cursor else page.keys, page.cursor)

    store = KeyValueStore(Repeats())
    store.set_many(dict.fromkeys("abcde", 1))
    assert sorted(store.iter_keys()) == list("abcde")
    assert len(store.view()) == 5


def test_clear_takes_more_than_one_batch(store):
    store.set_many({str(number): number for number in range(2500)})
    store.clear()
    assert store.get_all_keys() == []


def test_a_view_is_a_mapping(store):
    view = store.view()
    view["a"] = 1
    view.update(b=2, c=None)
    assert dict(view) == {"a": 1, "b": 2, "c": None}
    assert len(view) == 3
    assert "c" in view
    assert 3 not in view
    assert view["c"] is None
    assert view.setdefault("a", 9) == 1
    del view["a"]
    with pytest.raises(KeyError):
        del view["a"]
    with pytest.raises(KeyError):
        view["a"]
    view.clear()
    assert store.get_all_keys() == []


def test_closing_any_namespace_closes_the_backend(store):
    store.namespace("jobs").close()
    with pytest.raises(StoreClosed, match=r"memory:// is closed; open it again with open_store"):
        store.get("key")
    store.close()


def test_with_closes_when_the_body_raises():
    with pytest.raises(KeyError, match="mine"), open_store("memory://") as store:
        raise KeyError("mine")
    with pytest.raises(StoreClosed):
        store.set("a", 1)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "its scheme is ''"),
        ("mysql://host", "its scheme is 'mysql'"),
        ("memory", "its scheme is ''"),
        ("memory://host", "memory has no host"),
        ("memory:///path", "memory has no host and no path"),
        ("memory://?sync=always", "unknown option 'sync' \\(options: none\\)"),
        ("rocksdb://relative/path", "a path has three slashes"),
        ("rocksdb:///", "the path is missing"),
        ("rocksdb:///x?sync=sometimes", "sync=sometimes is neither always nor never"),
        ("rocksdb:///x?snyc=always", "unknown option 'snyc' \\(options: sync\\)"),
        ("redis://localhost/0?timeout=soon", "timeout=soon is not a number"),
        ("redis://localhost/0?timeout=0", "timeout=0 is not a number"),
        ("redis://localhost/0?decode_responses=1", "unknown option 'decode_responses'"),
        ("redis://localhost/zero", "'zero' is no database number"),
        ("redis://localhost:port/0", "port"),
        ("redis://[::1/0", "Invalid IPv6 URL"),
        ("redis://localhost/0?timeout=1&timeout=2", "option 'timeout' is given twice"),
        ("rocksdb:///x#y", "what follows # would be ignored; write %23"),
        ("rocksdb:///x%00y", "its path holds a NUL byte"),
        (None, "it is no text but NoneType"),
        (b"memory://", "it is no text but bytes"),
    ],
)
def test_a_url_that_names_no_store_says_why_and_what_would(url, why):
    with pytest.raises(UnknownStore, match=why) as caught:
        open_store(url)
    assert "expected memory://, rocksdb:///path or redis://host:port/0" in str(caught.value)


def test_the_password_of_a_url_that_names_no_store_is_not_told():
    for url in ("mysql://ada:hunter2@host/0", "redis://:hunter2@host/zero"):
        with pytest.raises(UnknownStore, match=r"//\*\*\*@host") as caught:
            open_store(url)
        assert "hunter2" not in str(caught.value)


def test_a_hash_in_a_path_is_written_with_a_percent(tmp_path):
    with open_store(f"rocksdb://{tmp_path}/a%23b") as store:
        store.set("key", 1)
    assert (tmp_path / "a#b" / "CURRENT").exists()


@pytest.mark.parametrize("codec", ["pickle", 3, PickleCodec])
def test_what_is_no_codec_is_refused_before_anything_is_opened(codec, engine, tmp_path):
    for make in (
        lambda: open_store(f"rocksdb://{tmp_path}/x", codec=codec),
        lambda: KeyValueStore(engine, codec=codec),
        lambda: DictKVBackend(codec=codec),
    ):
        with pytest.raises(TypeError, match=r"is no codec: expected an object such as Pickle"):
            make()
    assert not (tmp_path / "x").exists()


def test_a_bad_namespace_leaves_no_store_open(tmp_path):
    with pytest.raises(InvalidKey):
        open_store(f"rocksdb://{tmp_path}/x", namespace="*")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("version", [None, "", b"1", 1.0, True])
def test_what_is_no_version_overwrites_nothing(store, version):
    store.set("key", "first")
    with pytest.raises(ValueError, match="is no version: expected that of a read, or ABSENT"):
        store.set_if("key", "second", version)
    assert store.get("key") == "first"


@pytest.mark.parametrize("ttl", ["1", 0, float("nan"), float("inf")])
def test_a_ttl_that_is_no_time_is_refused(store, ttl):
    with pytest.raises(ValueError, match="is not a time to live: expected seconds above 0"):
        store.set("key", 1, ttl=ttl)
