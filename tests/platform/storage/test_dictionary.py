import json
import os
import stat
import subprocess
import sys
import threading

import pytest

from sage.common.codec import CodecError, PickleCodec
from sage.platform.storage import DictKVBackend, StoreCorrupted


def test_values_are_the_objects_themselves():
    backend = DictKVBackend()
    lock = threading.Lock()
    backend.set("lock", lock)
    assert backend.get("lock") is lock


def test_keys_come_oldest_first():
    backend = DictKVBackend()
    for name in ("b", "a", "c"):
        backend.set(name, 0)
    assert backend.get_all_keys() == ["b", "a", "c"]


def test_a_file_of_the_original_library_is_read(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"plan": ["检索"], "n": 1}, ensure_ascii=False, indent=2), "utf-8")
    backend = DictKVBackend()
    backend.load_data_to_memory(str(path))
    assert (backend.get("plan"), backend.get("n")) == (["检索"], 1)


def test_a_file_written_with_another_codec_is_refused_by_name(tmp_path):
    writer = DictKVBackend(codec=PickleCodec())
    writer.set("a", {1, 2})
    writer.store_data_to_disk(tmp_path / "kv")
    with pytest.raises(StoreCorrupted, match="written with the codec 'pickle', and 'msgpack'"):
        DictKVBackend().load_data_to_memory(tmp_path / "kv")
    reader = DictKVBackend(codec=PickleCodec())
    reader.load_data_to_memory(tmp_path / "kv")
    assert reader.get("a") == {1, 2}


def test_a_failing_save_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "kv"
    backend = DictKVBackend()
    backend.set("kept", "old")
    backend.store_data_to_disk(path)
    old = path.read_bytes()
    backend.set("bad", threading.Lock())
    with pytest.raises(CodecError, match="msgpack cannot encode lock"):
        backend.store_data_to_disk(path)
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir()] == ["kv"]


FULL_DISK = """
import resource, signal, sys
from sage.platform.storage import DictKVBackend
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = sys.argv[1]
backend = DictKVBackend()
backend.set("kept", "old")
backend.store_data_to_disk(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
backend.set("big", "x" * 100_000)
try:
    backend.store_data_to_disk(path)
except OSError as error:
    print(type(error).__name__, error.errno)
"""


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "kv"
    run = [sys.executable, "-c", FULL_DISK, str(path)]
    result = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "OSError 27\n"  # EFBIG: the limit stands for a full disk
    backend = DictKVBackend()
    backend.load_data_to_memory(path)
    assert (backend.get_all_keys(), backend.get("kept")) == (["kept"], "old")
    assert [entry.name for entry in tmp_path.iterdir()] == ["kv"]


def test_saving_into_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        DictKVBackend().store_data_to_disk(tmp_path / "missing" / "kv")


def test_saving_through_a_link_replaces_the_file_and_keeps_the_link(tmp_path):
    backend = DictKVBackend()
    backend.store_data_to_disk(tmp_path / "kv")
    (tmp_path / "link").symlink_to("kv")
    backend.set("a", 1)
    backend.store_data_to_disk(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    backend.load_data_to_memory(tmp_path / "kv")
    assert backend.get("a") == 1


def test_a_reader_sees_the_old_or_the_new_while_a_file_is_loaded(tmp_path):
    backend = DictKVBackend()
    for number in range(2000):
        backend.set(str(number), number)
    backend.store_data_to_disk(tmp_path / "kv")
    ended = threading.Event()
    missing = []

    def read():
        while not ended.is_set():
            if backend.get("1999") is None or not backend.has("0"):
                missing.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(50):
            backend.load_data_to_memory(tmp_path / "kv")
    finally:
        ended.set()
        reader.join(10)
    assert missing == []


FAILING_DISK = """
import sys
from sage.platform.storage import DictKVBackend
backend = DictKVBackend()
backend.set("kept", "old")
backend.store_data_to_disk(sys.argv[1])
backend.set("kept", "new")
fail_fsync()
try:
    backend.store_data_to_disk(sys.argv[1])
except OSError as error:
    print(error)
"""


def test_a_disk_that_fails_to_sync_leaves_the_old_file(tmp_path, fail_fsync):
    """It also shows that saving does sync before it renames."""
    path = tmp_path / "kv"
    run = [sys.executable, "-c", fail_fsync + FAILING_DISK, str(path)]
    result = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "[Errno 5] Input/output error\n"
    backend = DictKVBackend()
    backend.load_data_to_memory(path)
    assert backend.get("kept") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kv"]


def test_saving_syncs_the_file_and_then_the_folder_that_names_it(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def spy(handle):
        fsync(handle)
        synced.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

    monkeypatch.setattr(os, "fsync", spy)
    DictKVBackend().store_data_to_disk(tmp_path / "kv")
    assert synced == ["file", "folder"]


KILLED = """
import os, signal, sys
from sage.platform.storage import DictKVBackend
backend = DictKVBackend()
backend.load_data_to_memory(sys.argv[1])
backend.set("kept", "new")
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
backend.store_data_to_disk(sys.argv[1])
"""


def test_a_process_killed_while_it_saves_leaves_the_old_file(tmp_path):
    path = tmp_path / "kv"
    backend = DictKVBackend()
    backend.set("kept", "old")
    backend.store_data_to_disk(path)
    run = subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=60, check=False)
    assert run.returncode == -9
    backend.load_data_to_memory(path)
    assert backend.get("kept") == "old"


def test_saving_keeps_the_rights_of_the_file(tmp_path):
    path = tmp_path / "kv"
    backend = DictKVBackend()
    backend.store_data_to_disk(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    backend.store_data_to_disk(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_saving_while_others_write_gives_one_moment(tmp_path):
    """Both keys are always written one after the other, so a file never holds them far apart."""
    backend = DictKVBackend()
    ended = threading.Event()

    def write():
        number = 0
        while not ended.is_set():
            number += 1
            backend.set(f"k{number % 500}", number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(30):
            backend.store_data_to_disk(tmp_path / "kv")
            DictKVBackend().load_data_to_memory(tmp_path / "kv")
            assert len(backend.get_all_keys()) <= 500
    finally:
        ended.set()
        writer.join(10)
    assert not writer.is_alive()


def test_nothing_is_left_open_after_saving(tmp_path):
    backend = DictKVBackend()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(100):
        backend.store_data_to_disk(tmp_path / "kv")
        backend.load_data_to_memory(tmp_path / "kv")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
