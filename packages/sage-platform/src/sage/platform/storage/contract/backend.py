"""What every `BaseKVBackend` promises, as tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sage.platform.storage.backend import BaseKVBackend
from sage.platform.storage.contract.tools import raises, run_all
from sage.platform.storage.errors import InvalidKey, StoreCorrupted

__all__ = ["KVBackendContract", "check_kv_backend"]

_PLAIN: list[object] = [
    None,
    True,
    0,
    -1,
    2**63,
    1.5,
    "",
    "状态",
    b"\x00\xff",
    [1, [2]],
    {"a": {"b": []}},
]


class KVBackendContract:
    """What every `BaseKVBackend` promises; each test opens one that holds nothing.

    >>> class TestMine(KVBackendContract):
    ...     def open(self):
    ...         from sage.platform.storage import DictKVBackend
    ...         return DictKVBackend()
    >>> TestMine().test_delete_and_clear_remove()
    """

    def open(self) -> BaseKVBackend:
        """Return a new backend that holds nothing; `shut` is called with it afterwards."""
        raise NotImplementedError

    def shut(self, backend: BaseKVBackend) -> None:
        """Release what `open` returned; for backends that need it."""

    @contextmanager
    def _opened(self) -> Iterator[BaseKVBackend]:
        backend = self.open()
        try:
            yield backend
        finally:
            self.shut(backend)

    def test_a_missing_key_reads_as_none_and_is_no_error_to_delete(self) -> None:
        with self._opened() as backend:
            assert backend.get("missing") is None
            assert backend.has("missing") is False
            backend.delete("missing")

    def test_plain_data_is_read_as_it_was_set(self) -> None:
        with self._opened() as backend:
            for number, value in enumerate(_PLAIN):
                backend.set(f"key {number}", value)
            for number, value in enumerate(_PLAIN):
                assert backend.get(f"key {number}") == value

    def test_has_tells_a_stored_none_from_nothing(self) -> None:
        with self._opened() as backend:
            backend.set("none", None)
            assert backend.has("none") is True
            assert backend.get("none") is None

    def test_any_text_is_a_key_and_anything_else_is_refused(self) -> None:
        names = ["", " ", ":", "a:b", "状态/1", "\x00", "*", "🙂"]
        with self._opened() as backend:
            for name in names:
                backend.set(name, name)
            assert sorted(backend.get_all_keys()) == sorted(names)
            assert [backend.get(name) for name in names] == names
            for bad in ("\ud800", 3, b"bytes", None):
                with raises(InvalidKey):
                    backend.set(bad, 1)  # type: ignore[arg-type]

    def test_delete_and_clear_remove(self) -> None:
        with self._opened() as backend:
            for name in "abc":
                backend.set(name, name)
            backend.delete("a")
            assert sorted(backend.get_all_keys()) == ["b", "c"]
            backend.clear()
            assert backend.get_all_keys() == []
            assert backend.has("b") is False

    def test_the_list_of_keys_is_the_callers_own(self) -> None:
        with self._opened() as backend:
            backend.set("a", 1)
            backend.get_all_keys().clear()
            assert backend.get_all_keys() == ["a"]

    def test_a_file_gives_back_exactly_what_was_stored(self) -> None:
        with self._opened() as backend, TemporaryDirectory() as folder:
            path = Path(folder) / "kv"
            backend.set("kept", {"text": "状态", "data": b"\xff"})
            backend.store_data_to_disk(path)
            backend.set("kept", "changed")
            backend.set("new", 1)
            backend.load_data_to_memory(str(path))
            assert backend.get("kept") == {"text": "状态", "data": b"\xff"}
            assert backend.get_all_keys() == ["kept"]
            backend.clear_disk_data(path)
            backend.clear_disk_data(path)
            assert list(Path(folder).iterdir()) == []

    def test_a_missing_file_is_an_error_and_changes_nothing(self) -> None:
        with self._opened() as backend, TemporaryDirectory() as folder:
            backend.set("a", 1)
            with raises(FileNotFoundError):
                backend.load_data_to_memory(Path(folder) / "missing")
            assert backend.get("a") == 1

    def test_a_damaged_file_is_an_error_and_changes_nothing(self) -> None:
        with self._opened() as backend, TemporaryDirectory() as folder:
            path = Path(folder) / "kv"
            backend.set("a", "a long enough value to be cut")
            backend.store_data_to_disk(path)
            whole = path.read_bytes()
            flipped = bytearray(whole)
            flipped[-3] ^= 1
            for damaged in (b"", whole[:-1], bytes(flipped), whole + b"x", b"junk", b"[1]"):
                path.write_bytes(damaged)
                with raises(StoreCorrupted):
                    backend.load_data_to_memory(path)
                assert backend.get("a") == "a long enough value to be cut"

    def test_a_value_without_a_form_leaves_the_old_file(self) -> None:
        with self._opened() as backend, TemporaryDirectory() as folder:
            path = Path(folder) / "kv"
            backend.set("a", 1)
            backend.store_data_to_disk(path)
            with raises(ValueError):  # an encoding backend refuses at set, a live one on saving
                backend.set("b", threading.Lock())
                backend.store_data_to_disk(path)
            backend.load_data_to_memory(path)
            assert backend.get_all_keys() == ["a"]
            assert [entry.name for entry in Path(folder).iterdir()] == ["kv"]


def check_kv_backend(open_one: Callable[[], BaseKVBackend]) -> int:
    """Run `KVBackendContract` on what the function opens and return how many tests ran.

    Raises:
        AssertionError: A promise is broken.

    >>> from sage.platform.storage import DictKVBackend
    >>> check_kv_backend(DictKVBackend) > 8
    True
    """

    class Suite(KVBackendContract):
        def open(self) -> BaseKVBackend:
            return open_one()

    return run_all(Suite())
