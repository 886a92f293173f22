"""What RocksDB stores promise under faults, each with real files and real processes."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rocksdict import Options, Rdict

from sage.platform.storage import (
    StoreClosed,
    StoreCorrupted,
    StoreLocked,
    StoreUnavailable,
    open_store,
)
from sage.platform.storage.clock import SteadyClock
from sage.platform.storage.rocksdb import RocksByteStore


def run(program, *args, check=True):
    """Run a program in a process of its own and return what it printed."""
    command = [sys.executable, "-c", program, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if check:
        assert done.returncode == 0, done.stderr
    return done.stdout


def fill_and_die(path, count=200):
    """Write keys in a process that is then killed, so that they are in the log only."""
    program = """
import os, signal, sys
from sage.platform.storage.rocksdb import RocksByteStore
store = RocksByteStore(sys.argv[1])
for number in range(int(sys.argv[2])):
    store.set(b"key%04d" % number, b"value%04d" % number * 10)
print(number + 1, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert run(program, path, count, check=False) == f"{count}\n"


def values(count):
    return {b"key%04d" % number: b"value%04d" % number * 10 for number in range(count)}


def only(path, pattern):
    (found,) = path.glob(pattern)
    return found


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


def read_every(path, count):
    with RocksByteStore(path) as store:
        return {key: store.get(key) for key in values(count)}


def scan_every(path):
    with RocksByteStore(path) as store:
        page = store.scan()
        while page.cursor is not None:
            page = store.scan(cursor=page.cursor)


def test_what_was_written_is_there_after_closing_and_opening(tmp_path):
    with RocksByteStore(tmp_path / "db") as store:
        version = store.set(b"a", b"1")
        store.set_many({b"b": b"2", b"c": b"3"}, ttl=1000)
    with RocksByteStore(tmp_path / "db") as store:
        assert store.get_many([b"a", b"b", b"c"]) == {b"a": b"1", b"b": b"2", b"c": b"3"}
        assert store.read(b"a").version == version
        assert 990 < store.read(b"b").ttl <= 1000


def test_a_version_never_comes_twice_not_even_after_delete_and_reopening(tmp_path):
    versions = []
    for _ in range(3):
        with RocksByteStore(tmp_path / "db") as store:
            for _ in range(10):
                versions.append(store.set(b"key", b"same"))
                store.delete(b"key")
    assert len(set(versions)) == 30


def test_kill_9_loses_no_write_that_returned(tmp_path):
    fill_and_die(tmp_path / "db")
    with RocksByteStore(tmp_path / "db") as store:
        assert store.get_many(list(values(200))) == values(200)


def test_a_torn_tail_drops_the_cut_write_and_nothing_else(tmp_path):
    fill_and_die(tmp_path / "db")
    log = only(tmp_path / "db", "*.log")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 5)
    with RocksByteStore(tmp_path / "db") as store:
        assert store.get_many(list(values(200))) == values(199)


@pytest.mark.parametrize("what", ["cut", "removed"])
def test_a_log_that_lost_what_was_synced_refuses_to_open_and_says_the_way_out(tmp_path, what):
    program = f"""
import os, signal
from sage.platform.storage.rocksdb import RocksByteStore
store = RocksByteStore({str(tmp_path / "db")!r})
store.set_many({{b"key%04d" % number: b"value" for number in range(200)}})
store.set(b"last", b"synced")
store.sync()
store.set(b"later", b"not synced")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    log = only(tmp_path / "db", "*.log")
    whole = log.read_bytes()
    with log.open("r+b") as file:
        file.truncate(len(whole) - 5)  # not synced: dropped, as a crash drops it
    shutil.copytree(tmp_path / "db", tmp_path / "torn")
    with RocksByteStore(tmp_path / "torn") as store:
        assert (store.get(b"last"), store.get(b"later")) == (b"synced", None)
    if what == "cut":
        log.write_bytes(whole[: len(whole) - 60])
    else:
        log.unlink()
    for _ in range(2):
        with pytest.raises(StoreCorrupted, match=r"were synced: a log was cut short or removed"):
            RocksByteStore(tmp_path / "db")
    (tmp_path / "db" / "SAGE-SYNCED").unlink()  # the way out that it names
    with RocksByteStore(tmp_path / "db") as store:
        assert store.get(b"last") is None


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_bit_flip_in_the_log_refuses_to_open_and_changes_nothing(tmp_path, part):
    fill_and_die(tmp_path / "db")
    log = only(tmp_path / "db", "*.log")
    flip(log, int(log.stat().st_size * part))
    damaged = log.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreCorrupted, match=r"rocksdb:.*db is damaged"):
            RocksByteStore(tmp_path / "db")
    assert log.read_bytes() == damaged


def test_rocksdb_itself_would_have_opened_with_half_of_the_keys(tmp_path):
    """The reason for the recovery mode: should this change, the choice can be dropped."""
    fill_and_die(tmp_path / "db")
    log = only(tmp_path / "db", "*.log")
    flip(log, log.stat().st_size // 2)
    db = Rdict(str(tmp_path / "db"), Options(raw_mode=True))
    there = sum(1 for key in values(200) if db.get(b"k" + key) is not None)
    db.close()
    assert 0 < there < 200


def test_a_bit_flip_in_a_table_refuses_to_read_and_changes_nothing(tmp_path):
    with RocksByteStore(tmp_path / "db") as store:
        store.set_many(values(2000))
    table = max((tmp_path / "db").glob("*.sst"), key=lambda path: path.stat().st_size)
    flip(table, 1000)
    damaged = table.read_bytes()
    with pytest.raises(StoreCorrupted, match="damaged"):
        read_every(tmp_path / "db", 2000)
    with pytest.raises(StoreCorrupted):  # not an end of the scan that looks like any other
        scan_every(tmp_path / "db")
    assert table.read_bytes() == damaged


@pytest.mark.parametrize("pattern", ["CURRENT", "MANIFEST-*", "*.sst"])
def test_a_missing_file_refuses_to_open(tmp_path, pattern):
    with RocksByteStore(tmp_path / "db") as store:
        store.set_many(values(10))
    for path in (tmp_path / "db").glob(pattern):
        path.unlink()
    with pytest.raises((StoreCorrupted, StoreUnavailable)), RocksByteStore(tmp_path / "db"):
        pass
    assert not [path for path in (tmp_path / "db").glob("CURRENT") if pattern == "CURRENT"]


def test_a_second_opener_is_refused_and_the_first_goes_on(tmp_path):
    other = """
import sys
from sage.platform.storage import StoreLocked, open_store
try:
    open_store("rocksdb://" + sys.argv[1])
except StoreLocked as error:
    print("locked:", error)
"""
    with RocksByteStore(tmp_path / "db") as store:
        store.set(b"a", b"1")
        with pytest.raises(StoreLocked, match="is open elsewhere"):
            RocksByteStore(tmp_path / "db")
        assert run(other, tmp_path / "db").startswith("locked: rocksdb:")
        store.set(b"b", b"2")
    with RocksByteStore(tmp_path / "db") as store:
        assert store.get_many([b"a", b"b"]) == {b"a": b"1", b"b": b"2"}


FULL_DISK = """
import resource, signal, sys
from sage.platform.storage import StoreError, StoreUnavailable
from sage.platform.storage.rocksdb import RocksByteStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = RocksByteStore(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
number = 0
try:
    while number < 10_000:
        store.set(b"key%04d" % number, b"value%04d" % number * 10)
        number += 1
except StoreUnavailable as error:
    assert "could not set" in str(error), error
    assert not error.in_doubt
print(number, store.get(b"key0000") == b"value0000" * 10, flush=True)
try:
    store.set_many({b"x": b"1", b"y": b"2"})
    print("wrote")
except StoreUnavailable:
    print("refused", flush=True)
try:
    store.close()
except StoreError as error:
    print(type(error).__name__)
"""


def test_a_full_disk_refuses_writes_and_loses_none_that_returned(tmp_path):
    lines = run(FULL_DISK, tmp_path / "db").split()
    count = int(lines[0])
    assert 1000 < count < 10_000
    assert lines[1:3] == ["True", "refused"]
    with RocksByteStore(tmp_path / "db") as store:
        assert store.get_many(list(values(count))) == values(count)
        assert store.get_many([b"x", b"y"]) == {}


class Wall:
    """Two clocks that a test moves: one that may be set, and one that only goes on."""

    def __init__(self):
        self.wall = 1_000_000.0
        self.steady = 50.0

    def go_on(self, seconds):
        self.wall += seconds
        self.steady += seconds

    def make(self, floor):
        return SteadyClock(wall=lambda: self.wall, steady=lambda: self.steady, floor=floor)


def test_a_clock_set_back_while_open_neither_revives_nor_keeps_keys(tmp_path):
    wall = Wall()
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        store.set(b"short", b"1", ttl=10)
        store.set(b"long", b"2", ttl=100)
        wall.go_on(20)
        wall.wall -= 3600
        assert (store.get(b"short"), store.get(b"long")) == (None, b"2")
        wall.go_on(81)
        assert store.get(b"long") is None


def test_a_clock_set_back_between_two_openings_revives_nothing(tmp_path):
    wall = Wall()
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        store.set(b"short", b"1", ttl=10)
        store.set(b"long", b"2", ttl=100)
        wall.go_on(20)
    wall.wall -= 3600
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        assert (store.get(b"short"), store.get(b"long")) == (None, b"2")
        wall.go_on(81)
        assert store.get(b"long") is None


def test_a_crash_and_a_clock_set_back_revive_nothing_older_than_the_last_ttl(tmp_path):
    wall = Wall()
    store = RocksByteStore(tmp_path / "db", clock=wall.make)
    short = [b"short%d" % number for number in range(60)]  # more than one write removes
    store.set_many(dict.fromkeys(short, b"1"), ttl=10)
    wall.go_on(20)
    store.set(b"later", b"2", ttl=10)
    store._db.close()  # as if the process had died: nothing is noted on closing
    wall.wall -= 3600
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        assert store.get_many(short) == {}
        assert store.get(b"later") == b"2"


def test_a_key_set_again_outlives_its_first_deadline(tmp_path):
    wall = Wall()
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        store.set(b"key", b"one", ttl=1)
        store.set(b"key", b"two", ttl=100)
        wall.go_on(10)
        store.set(b"other", b"", ttl=1)  # removes what is past its time
        assert store.get(b"key") == b"two"


def test_no_write_comes_between_comparing_and_writing(tmp_path):
    with RocksByteStore(tmp_path / "db") as store:
        version = store.set(b"key", b"one")
        find, reading, go_on = store._find, threading.Event(), threading.Event()

        def slow(key):
            found = find(key)
            reading.set()
            go_on.wait(10)
            return found

        store._find = slow
        compare = threading.Thread(
            target=store.set, args=(b"key", b"two"), kwargs={"if_version": version}
        )
        compare.start()
        assert reading.wait(10)
        other = threading.Thread(target=store.set, args=(b"key", b"three"))
        other.start()
        other.join(0.1)
        assert other.is_alive()  # it waits for the one that compares
        go_on.set()
        compare.join(10)
        other.join(10)
        store._find = find
        assert store.get(b"key") == b"three"


def test_keys_expire_while_the_store_is_closed(tmp_path):
    wall = Wall()
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        store.set(b"key", b"1", ttl=10)
    wall.go_on(11)
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        assert store.get(b"key") is None
        assert store.scan().keys == ()


def test_expired_keys_do_not_pile_up_on_disk(tmp_path):
    wall = Wall()
    with RocksByteStore(tmp_path / "db", clock=wall.make) as store:
        for number in range(500):
            store.set(b"%d" % number, b"x", ttl=1)
            wall.go_on(0.1)
        store.set(b"0", b"stays")
        wall.go_on(10)
        store.set(b"last", b"x", ttl=1)
        left = [key for key in store._db.keys() if not key.startswith(b"m")]  # noqa: SIM118
        assert len(left) <= 2 + 2 * 12
        assert store.get(b"0") == b"stays"


FORKED = """
import os, sys
from sage.platform.storage import StoreForked
from sage.platform.storage.rocksdb import RocksByteStore
store = RocksByteStore(sys.argv[1])
store.set(b"before", b"1")
child = os.fork()
if child == 0:
    refused = 0
    for use in (lambda: store.get(b"before"), lambda: store.set(b"child", b"1"), store.scan,
                lambda: store.set_many({b"child": b"1"}), lambda: store.delete(b"before"),
                lambda: store.get_many([b"before"]), store.sync, lambda: store.read(b"before")):
        try:
            use()
        except StoreForked as error:
            refused += 1
            assert "start processes with the spawn method" in str(error)
    store.close()
    print("child", refused, flush=True)
    sys.exit(0)  # ends as any program does, with every destructor
_, status = os.waitpid(child, 0)
store.set(b"after", b"2")
print("parent", status, store.get(b"before"), store.get(b"child"), flush=True)
store.close()
with RocksByteStore(sys.argv[1]) as store:
    print("again", sorted(store.scan().keys))
"""


def test_a_forked_child_is_refused_and_the_parent_goes_on(tmp_path):
    assert run(FORKED, tmp_path / "db").splitlines() == [
        "child 8",
        "parent 0 b'1' None",
        "again [b'after', b'before']",
    ]


OWN = """
import os, sys
from sage.platform.storage import StoreForked, open_store
if sys.argv[2] == "opened":
    open_store(f"rocksdb://{sys.argv[1]}/parent").close()
child = os.fork()
if child == 0:
    try:
        with open_store(f"rocksdb://{sys.argv[1]}/child") as store:
            store.set("a", 1)
            print("child wrote", store.get("a"), flush=True)
    except StoreForked:
        print("child was refused", flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_child_of_a_process_that_opened_a_store_is_refused_its_own_too(tmp_path):
    """RocksDB shares threads between databases; in such a child they are missing and it hangs."""
    assert run(OWN, tmp_path, "opened") == "child was refused\n"


def test_a_child_forked_before_any_store_was_opened_may_open_one(tmp_path):
    assert run(OWN, tmp_path, "not opened") == "child wrote 1\n"
    with open_store(f"rocksdb://{tmp_path}/child") as store:
        assert store.get("a") == 1


def test_nothing_is_left_after_a_hundred_openings(tmp_path):
    def left():
        return [len(list(Path(f"/proc/self/{kind}").iterdir())) for kind in ("fd", "task")]

    with RocksByteStore(tmp_path / "db") as store:
        store.set(b"a", b"1")
    before = left()
    for _ in range(100):
        with RocksByteStore(tmp_path / "db") as store:
            assert store.get(b"a") == b"1"
            store.scan()
    assert left() == before
    assert len(list((tmp_path / "db").iterdir())) < 20  # old logs are removed too


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    db = Rdict(str(tmp_path / "db"), Options(raw_mode=True))
    db[b"theirs"] = b"1"
    db.close()
    with pytest.raises(StoreCorrupted, match="it holds keys and no format"):
        RocksByteStore(tmp_path / "db")
    db = Rdict(str(tmp_path / "db"), Options(raw_mode=True))
    assert list(db.items()) == [(b"theirs", b"1")]
    db.close()


def test_a_later_format_is_refused_by_name(tmp_path):
    RocksByteStore(tmp_path / "db").close()
    db = Rdict(str(tmp_path / "db"), Options(raw_mode=True))
    db[b"mformat"] = b"sage-kv 2"
    db.close()
    with pytest.raises(StoreCorrupted, match="its format is b'sage-kv 2', and this version reads"):
        RocksByteStore(tmp_path / "db")


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreCorrupted, match=r"holds 'notes.txt' and no CURRENT file"):
        RocksByteStore(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("path", ["/proc/nowhere", "/dev/null/db"])
def test_a_folder_that_cannot_be_made_says_why(path):
    with pytest.raises(StoreUnavailable, match=f"rocksdb:{path} could not open"):
        RocksByteStore(path)


def test_damage_inside_a_record_is_named_by_key(tmp_path):
    with RocksByteStore(tmp_path / "db") as store:
        for junk in (b"\x07junk", b"", b"\x01short", b"\x02" + b"x" * 10):
            store._db.put(b"kbad", junk)
            for use in (lambda: store.get(b"bad"), lambda: store.read(b"bad"), store.scan):
                with pytest.raises(StoreCorrupted, match="key b'bad'"):
                    use()


def test_closing_while_others_work_ends_them_with_a_clear_error(tmp_path):
    store = RocksByteStore(tmp_path / "db")
    store.set_many(values(100))
    errors = []
    started = threading.Barrier(5)

    def read():
        started.wait(10)
        try:
            while True:
                for key in values(100):
                    store.get(key)
                    store.set(key, b"new")
        except Exception as error:
            errors.append(type(error))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait(10)
    store.close()
    for thread in threads:
        thread.join(20)
    assert errors == [StoreClosed] * 4


FAILING_DISK = """
import sys
from sage.platform.storage import StoreUnavailable, open_store
plain = open_store(f"rocksdb://{sys.argv[1]}/plain")
always = open_store(f"rocksdb://{sys.argv[1]}/always?sync=always")
always.set("before", 1)
fail_fsync()
plain.set("a", 1)
print("plain wrote", plain.get("a"))
for use in (plain.sync, lambda: always.set("a", 1), lambda: always.set_many({"b": 1}),
            lambda: always.set_if_absent("c", 1)):
    try:
        use()
        print("returned")
    except StoreUnavailable as error:
        print("refused", error.in_doubt)
print(always.get("before"))
for store in (plain, always):
    try:
        store.close()
    except StoreUnavailable:
        print("close said so")
"""


def test_sync_and_sync_always_write_through(tmp_path, fail_fsync):
    """On a disk that fails to sync they raise, so they do sync; a plain write does not wait."""
    assert run(fail_fsync + FAILING_DISK, tmp_path).splitlines() == [
        "plain wrote 1",
        "refused False",
        "refused True",
        "refused True",
        "refused True",
        "1",
        "close said so",
        "close said so",
    ]
    with open_store(f"rocksdb://{tmp_path}/always") as store:
        assert store.get("before") == 1
    with open_store(f"rocksdb://{tmp_path}/plain") as store:
        store.sync()
        assert store.get("a") == 1


def test_a_relative_path_and_one_with_spaces_are_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_store("rocksdb:my%20store") as store:
        store.set("a", 1)
    with open_store(f"rocksdb://{tmp_path}/my%20store") as store:
        assert store.get("a") == 1
