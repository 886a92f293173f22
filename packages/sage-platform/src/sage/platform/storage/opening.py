"""One call from a URL to an open store."""

from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from sage.common.codec import Codec
from sage.platform.storage.engine import ByteStore
from sage.platform.storage.errors import UnknownStore
from sage.platform.storage.limits import check_codec, check_namespace
from sage.platform.storage.memory import MemoryByteStore
from sage.platform.storage.store import KeyValueStore

__all__ = ["open_store"]


def open_store(
    url: str, *, codec: Codec | None = None, namespace: str = "default"
) -> KeyValueStore:
    """Open a store; the caller closes it, best with `with`.

    Values are encoded on every backend, so that changing the URL changes nothing else (ADR-0008).

    Args:
        url: `memory://`, a store of this process that ends with `close`;
            `rocksdb:///absolute/path` or `rocksdb:relative/path`, a folder that is made if missing
            (`?sync=always` waits for the disk on every write);
            `redis://host:port/0`, or `rediss://` with TLS
            (`?timeout=5` in seconds, `?ca=file` for an authority of your own).
        codec: How values become bytes; MessagePack when None.
        namespace: Which keys of the backend are seen.

    Raises:
        UnknownStore: The URL names no store, or an option it does not have.
        TypeError: The codec is none.
        InvalidKey: The namespace is none.
        MissingExtra: The backend's library is not installed.
        StoreUnavailable: The server cannot be reached.
        StoreLocked: Another process or store holds the folder.
        StoreCorrupted: The folder holds damaged or foreign data.

    >>> with open_store("memory://") as store:
    ...     store.set("answer", 42)
    ...     store.get("answer")
    42
    """
    check_codec(codec)  # both before anything is opened
    check_namespace(namespace)
    parts = _split(url)
    opener = _OPENERS.get(parts.scheme)
    if opener is None:
        raise UnknownStore(url, f"its scheme is {parts.scheme!r}")
    return KeyValueStore(opener(url, parts), codec=codec, namespace=namespace)


def _split(url: str) -> SplitResult:
    if not isinstance(url, str):
        raise UnknownStore(url, f"it is no text but {type(url).__name__}")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UnknownStore(url, str(error)) from None
    if parts.fragment:
        raise UnknownStore(url, "what follows # would be ignored; write %23 for a # in a path")
    if "\0" in unquote(parts.path):
        raise UnknownStore(url, "its path holds a NUL byte")
    return parts


def _open_memory(url: str, parts: SplitResult) -> ByteStore:
    if parts.netloc or parts.path.strip("/"):
        raise UnknownStore(url, "memory has no host and no path")
    _options(url, parts, set())
    return MemoryByteStore()


def _open_rocksdb(url: str, parts: SplitResult) -> ByteStore:
    if parts.netloc:
        raise UnknownStore(url, "a path has three slashes: rocksdb:///path")
    if not parts.path.strip("/"):
        raise UnknownStore(url, "the path is missing")
    sync = _options(url, parts, {"sync"}).get("sync", "never")
    if sync not in ("always", "never"):
        raise UnknownStore(url, f"sync={sync} is neither always nor never")

    from sage.platform.storage.rocksdb import RocksByteStore

    return RocksByteStore(unquote(parts.path), sync_always=sync == "always")


def _open_redis(url: str, parts: SplitResult) -> ByteStore:
    options = _options(url, parts, {"ca", "timeout"})
    timeout = _seconds(url, options.get("timeout", "5"))
    db = parts.path.strip("/") or "0"
    if not db.isascii() or not db.isdigit():
        raise UnknownStore(url, f"{db!r} is no database number")
    try:
        port = parts.port or 6379
    except ValueError as error:
        raise UnknownStore(url, str(error)) from None

    from sage.platform.storage.redis import RedisByteStore

    return RedisByteStore(
        parts.hostname or "localhost",
        port,
        db=int(db),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "rediss",
        tls_ca=options.get("ca"),
        timeout=timeout,
    )


def _seconds(url: str, given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise UnknownStore(url, f"timeout={given} is not a number of seconds above 0")
    return seconds


def _options(url: str, parts: SplitResult, known: set[str]) -> dict[str, str]:
    given = parse_qs(parts.query, keep_blank_values=True)
    unknown = sorted(set(given) - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        raise UnknownStore(url, f"unknown option {unknown[0]!r} (options: {allowed})")
    twice = [name for name, values in given.items() if len(values) > 1]
    if twice:
        raise UnknownStore(url, f"option {twice[0]!r} is given twice")
    return {name: value for name, (value,) in given.items()}


_OPENERS: dict[str, Callable[[str, SplitResult], ByteStore]] = {
    "memory": _open_memory,
    "redis": _open_redis,
    "rediss": _open_redis,
    "rocksdb": _open_rocksdb,
}
