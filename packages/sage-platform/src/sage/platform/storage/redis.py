"""Bytes in a Redis server, through redis-py. Importing this needs the extra `redis`."""

import os
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from sage.common.errors import MissingExtra
from sage.platform.storage.engine import ABSENT, Entry, Page
from sage.platform.storage.errors import (
    StoreClosed,
    StoreCorrupted,
    StoreError,
    StoreTimeout,
    StoreUnavailable,
)
from sage.platform.storage.limits import check_limit, check_ttl
from sage.platform.storage.record import PLAIN, PLAIN_SIZE, Record, pack, unpack

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError as error:
    raise MissingExtra("sage-platform", "redis", "redis") from error

__all__ = ["RedisByteStore"]

_T = TypeVar("_T")
_CONNECTIONS = 1 << 31  # one for each thread that calls; redis-py's own bound is 100

# Compares and writes in one step. A missing key has the version "", which no caller can have.
_SET_IF_VERSION = """
if redis.call('GETRANGE', KEYS[1], 1, 8) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""


class RedisByteStore:
    """A `ByteStore` on a Redis server. Every call waits at most `timeout` seconds for an answer.

    No write is ever sent twice. A read that finds its connection cut is sent once more. Keys expire
    by the server's clock; what survives a restart of the server is for its `appendonly` and
    `appendfsync` to say. After a fork, child and parent use connections of their own.

    Args:
        host: Where the server listens.
        port: Its port.
        db: The number of the database; its other keys are left alone.
        username: For servers with access lists.
        password: Never shown in messages.
        tls: Encrypt, and check the server's certificate.
        tls_ca: A file with the authority to trust instead of the system's.
        timeout: Seconds to wait for a connection, and then for an answer; above 0.

    Raises:
        StoreUnavailable: The server cannot be reached, or refuses.
        StoreTimeout: It does not answer.

    >>> from sage.platform.storage import StoreUnavailable
    >>> try:
    ...     RedisByteStore("127.0.0.1", 1, timeout=0.5)
    ... except StoreUnavailable as error:
    ...     print("no server there; a write in doubt:", error.in_doubt)
    no server there; a write in doubt: False
    """

    def __init__(
        self,
        host: str = "localhost",
        port: int = 6379,
        *,
        db: int = 0,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        tls_ca: str | None = None,
        timeout: float = 5.0,
    ) -> None:
        self._name = f"{'rediss' if tls else 'redis'}://{host}:{port}/{db}"
        secure: dict[str, Any] = {"ssl_ca_certs": tls_ca} if tls else {}
        pool = _Pool(
            redis.SSLConnection if tls else redis.Connection,
            _CONNECTIONS,
            host=host,
            port=port,
            db=db,
            username=username,
            password=password,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            socket_keepalive=True,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            **secure,
        )
        self._client = redis.Redis.from_pool(pool)
        self._closed = False
        self._set_if_version = self._client.register_script(_SET_IF_VERSION)
        try:
            self._read("connect", self._client.ping)
        except BaseException:
            self._client.close()
            raise

    def __repr__(self) -> str:
        return self._name

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None when the key is missing or has expired."""
        data = cast("bytes | None", self._read("get", lambda: self._client.get(key)))
        return None if data is None else self._unpack(key, data).value

    def read(self, key: bytes) -> Entry | None:
        """Return value, version and remaining seconds at one instant; None when missing."""
        data, left = self._read("read", lambda: self._data_and_wait(key))
        if data is None:
            return None
        record = self._unpack(key, data)
        return Entry(record.value, record.version, None if left < 0 else left / 1000)

    def has(self, key: bytes) -> bool:
        """Say whether the key holds a value that has not expired."""
        return bool(self._read("has", lambda: self._client.exists(key)))

    def set(
        self,
        key: bytes,
        value: bytes,
        *,
        ttl: float | None = None,
        if_version: int | None = None,
    ) -> int | None:
        """Store a value; see `ByteStore.set`."""
        check_ttl(ttl)
        version = _new_version()
        data, wait = pack(version, value), _milliseconds(ttl)
        done = self._write("set", lambda: self._send(key, data, wait, if_version))
        return version if done else None

    def delete(self, key: bytes) -> bool:
        """Remove a key and say whether it was there."""
        return self.delete_many([key]) == 1

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return those of the keys that hold a value, in one round trip."""
        self._check_open()
        if not keys:
            return {}
        found = cast("list[bytes | None]", self._read("get_many", lambda: self._client.mget(keys)))
        pairs = zip(keys, found, strict=True)
        return {key: self._unpack(key, data).value for key, data in pairs if data is not None}

    def set_many(self, items: Mapping[bytes, bytes], *, ttl: float | None = None) -> None:
        """Store all of the items in one transaction and one round trip."""
        check_ttl(ttl)
        self._check_open()
        if not items:
            return
        wait = _milliseconds(ttl)
        with self._client.pipeline(transaction=True) as batch:
            for key, value in items.items():
                batch.set(key, pack(_new_version(), value), px=wait)
            self._write("set_many", batch.execute)

    def delete_many(self, keys: Sequence[bytes]) -> int:
        """Remove the keys in one step and return how many were there."""
        self._check_open()
        if not keys:
            return 0
        return self._write("delete", lambda: self._client.delete(*keys))

    def scan(self, prefix: bytes = b"", *, cursor: bytes | None = None, limit: int = 1000) -> Page:
        """Return the next page; Redis walks all its keys for it, whatever the prefix."""
        check_limit(limit)
        match, place = _escape(prefix) + b"*", int(cursor or 0)
        following, keys = self._read("scan", lambda: self._client.scan(place, match, limit))
        return Page(
            tuple(cast("list[bytes]", keys)), str(following).encode() if following else None
        )

    def sync(self) -> None:
        """Redis decides by `appendfsync` when it writes to its disk, and confirms nothing.

        Raises:
            StoreUnavailable: Always.
        """
        self._check_open()
        why = "its appendfsync setting says when it writes to disk; set it to always"
        raise StoreUnavailable(self._name, "sync", why)

    def close(self) -> None:
        """Close every connection."""
        if not self._closed:
            self._closed = True
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, key: bytes, data: bytes, wait: int | None, if_version: int | None) -> bool:
        if if_version is None or if_version == ABSENT:
            return bool(self._client.set(key, data, px=wait, nx=if_version is not None))
        if not 0 < if_version < 1 << 64:
            return False
        args = [if_version.to_bytes(8, "big"), data, "" if wait is None else wait]
        return bool(self._set_if_version([key], args))

    def _data_and_wait(self, key: bytes) -> tuple[bytes | None, int]:
        # A pipeline forgets its commands when it has run: each try needs one of its own.
        with self._client.pipeline(transaction=True) as both:
            both.get(key)
            both.pttl(key)
            data, left = both.execute()
        return data, left

    def _unpack(self, key: bytes, data: bytes) -> Record:
        if len(data) < PLAIN_SIZE or data[0] != PLAIN:
            raise StoreCorrupted(f"key {key!r} in {self._name}", "it has no version in front")
        return unpack(data)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed(self._name)

    def _read(self, verb: str, ask: Callable[[], _T]) -> _T:
        self._check_open()
        try:
            return ask()
        except redis.RedisError as error:
            if not isinstance(_cause(error), redis.ConnectionError):
                raise self._fault(verb, error, wrote=False) from error
        try:  # the connection was cut, by a restart perhaps: a read may be sent again
            return ask()
        except redis.RedisError as error:
            raise self._fault(verb, error, wrote=False) from error

    def _write(self, verb: str, ask: Callable[[], _T]) -> _T:
        self._check_open()
        try:
            return ask()
        except redis.RedisError as error:
            raise self._fault(verb, error, wrote=True) from error

    def _fault(self, verb: str, error: redis.RedisError, *, wrote: bool) -> StoreError:
        in_doubt, error = wrote and not isinstance(error, _NeverSent), _cause(error)
        if isinstance(error, redis.TimeoutError):
            return StoreTimeout(self._name, verb, error, wrote=in_doubt)
        if isinstance(error, redis.ResponseError):
            if str(error).startswith("WRONGTYPE"):
                return StoreCorrupted(f"a key in {self._name}", "it holds no string")
            return StoreUnavailable(self._name, verb, error)
        cut = isinstance(error, redis.ConnectionError)
        refused = isinstance(error, (redis.AuthenticationError, redis.BusyLoadingError))
        return StoreUnavailable(self._name, verb, error, in_doubt=in_doubt and cut and not refused)


class _NeverSent(redis.RedisError):
    """There was no connection to send a command over."""

    def __init__(self, cause: redis.RedisError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Pool(redis.ConnectionPool):
    """Tells "no connection" from "cut after sending", which are of one type in redis-py."""

    def get_connection(self, *args: Any, **options: Any) -> Any:
        try:
            return super().get_connection(*args, **options)
        except redis.RedisError as error:
            raise _NeverSent(error) from error


def _cause(error: redis.RedisError) -> redis.RedisError:
    return error.cause if isinstance(error, _NeverSent) else error


def _new_version() -> int:
    # Random, so that no read is needed to make one, and two clients never make the same.
    return int.from_bytes(os.urandom(8), "big") or 1


def _milliseconds(ttl: float | None) -> int | None:
    return None if ttl is None else max(1, round(ttl * 1000))


def _escape(prefix: bytes) -> bytes:
    special = b"*?[]\\"
    return b"".join(b"\\" + bytes([one]) if one in special else bytes([one]) for one in prefix)
