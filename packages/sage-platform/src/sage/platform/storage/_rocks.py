"""A folder of RocksDB: what it must hold to be opened, how it is closed, what its errors mean."""

import threading
from contextlib import suppress
from pathlib import Path

from sage.common.errors import MissingExtra
from sage.platform.storage.errors import (
    StoreClosed,
    StoreCorrupted,
    StoreError,
    StoreLocked,
    StoreUnavailable,
)
from sage.platform.storage.snapshot import replace_file

try:
    from rocksdict import DbClosedError, DBRecoveryMode, Options, Rdict, WriteBatch, WriteOptions
except ImportError as error:
    raise MissingExtra("sage-platform", "rocksdb", "rocksdict") from error

__all__ = [
    "CLOCK",
    "Rdict",
    "WriteBatch",
    "WriteOptions",
    "close",
    "fault",
    "note_synced",
    "open_folder",
]

META = b"m"  # first byte of the keys of our own notes
CLOCK = META + b"clock"
FORMAT = META + b"format"
THIS_FORMAT = b"sage-kv 1"
SYNCED = "SAGE-SYNCED"


def open_folder(name: str, path: Path) -> tuple[Rdict, int]:
    """Return the database in a folder, and the milliseconds that its clock had reached.

    Args:
        name: The store's, for messages.
        path: The folder; made when missing.

    Raises:
        StoreLocked: It is open elsewhere.
        StoreCorrupted: It is damaged, or was not written by this library.
        StoreUnavailable: It cannot be made or read.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        files = {entry.name for entry in path.iterdir()}
    except OSError as error:
        raise StoreUnavailable(name, "open", error) from error
    # RocksDB would make a new, empty database beside the remains of one.
    if files and "CURRENT" not in files:
        raise StoreCorrupted(name, f"the folder holds {sorted(files)[0]!r} and no CURRENT file")
    try:
        db = Rdict(str(path), _options(create=not files))
    except Exception as error:  # rocksdict raises bare Exception
        raise fault(name, "open", error) from error
    try:
        _check_synced(name, path, db)
        return db, _check_format(name, db)
    except BaseException as error:
        db.close()
        if isinstance(error, Exception) and not isinstance(error, StoreError):
            raise fault(name, "open", error) from error
        raise


def note_synced(path: Path, number: int) -> None:
    """Note beside the database that writes up to this number are on the disk.

    RocksDB takes a log that lost its end, or is gone, for one that was never longer. Where the
    note cannot be written, the one before stays, and is right too.
    """
    with suppress(OSError):
        replace_file(path / SYNCED, b"%d\n" % number)


def close(db: Rdict) -> None:
    """Close as soon as no other thread is inside; none can come in any more."""
    for _ in range(5000):
        try:
            return db.close()
        except RuntimeError as error:
            if "borrowed" not in str(error):
                raise
        threading.Event().wait(0.002)
    raise TimeoutError("another thread has been inside a call for 10 s")


def fault(name: str, verb: str, error: Exception) -> StoreError:
    """Return what an error of rocksdict, met in doing `verb`, means to the caller."""
    if isinstance(error, StoreError):
        return error
    said = str(error)
    if isinstance(error, DbClosedError) or "borrowed" in said:  # closed, or being closed now
        return StoreClosed(name)
    if "LOCK" in said and verb == "open":
        return StoreLocked(name, said)
    if said.startswith("Corruption") or "Corruption:" in said:
        return StoreCorrupted(name, said)
    # What could not be synced is in the log and may be found there after all.
    in_doubt = verb in ("set", "set_many", "delete") and "sync" in said
    return StoreUnavailable(name, verb, said, in_doubt=in_doubt)


def _options(*, create: bool) -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(create)
    options.set_paranoid_checks(True)
    # The default opens silently with what stands before the damage (ADR-0008).
    options.set_wal_recovery_mode(DBRecoveryMode.tolerate_corrupted_tail_records())
    options.set_keep_log_file_num(2)
    return options


def _check_synced(name: str, path: Path, db: Rdict) -> None:
    """Refuse a database that ends before what was synced."""
    try:
        noted = int((path / SYNCED).read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        raise StoreCorrupted(
            name, f"{SYNCED} holds no number; restore a copy, or delete it"
        ) from None
    there = db.latest_sequence_number()
    if there < noted:
        raise StoreCorrupted(
            name,
            f"it ends with write {there}, and {noted} were synced: a log was cut short or removed; "
            f"restore a copy, or delete {SYNCED} there to open what is left",
        )


def _check_format(name: str, db: Rdict) -> int:
    """Refuse what this library did not write, and return the milliseconds it had reached."""
    found = db.get(FORMAT)
    if found is None:
        if any(True for _ in db.keys()):  # noqa: SIM118 - a Rdict is no dict
            raise StoreCorrupted(name, "it holds keys and no format")
        db.put(FORMAT, THIS_FORMAT)
    elif found != THIS_FORMAT:
        raise StoreCorrupted(
            name, f"its format is {found!r}, and this version reads {THIS_FORMAT!r}"
        )
    mark = db.get(CLOCK)
    return 0 if mark is None else int.from_bytes(mark, "big")
