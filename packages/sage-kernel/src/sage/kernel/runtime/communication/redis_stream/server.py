"""A Redis server, called with explicit time-outs, and again only where that is safe."""

import os
import re
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, TypeVar

from sage.common.errors import MissingExtra
from sage.platform.queue import QueueClosed, QueueUnavailable

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError as error:  # the one place that needs it; named so that pip finds it
    raise MissingExtra("sage-kernel", "redis", "redis") from error

__all__ = ["SLICE_SECONDS", "RedisServer"]

T = TypeVar("T")

PASSWORD_VARIABLE = "SAGE_REDIS_PASSWORD"
SLICE_SECONDS = 1.0  # a caller that waits looks around at least so often
CONNECTIONS = 1 << 31  # one for each caller that waits; redis-py's own bound is 100
PAUSE_SECONDS = 0.05  # between two tries to reach a server that is away

# What redis-py and Redis put around the reason: whose command it was, and in which script.
NOISE = re.compile(
    r"^Command # \d+ \(.*\) of pipeline caused error: | script: [0-9a-f]{40}\b.*$", re.S
)

# A cut or a time-out after WATCH comes as a WatchError, so it counts against the time left too.
_AGAIN = (
    redis.BusyLoadingError,
    redis.ConnectionError,
    redis.TimeoutError,
    redis.WatchError,
)


class RedisServer:
    """Scripts and commands of one queue on one server; safe to share by threads.

    redis-py's own retries are off: it cannot know which commands may be repeated. Our calls may,
    since puts are numbered and what a take was lent comes back when its lease ends.
    """

    def __init__(self, name: str, url: str, password: str | None, *, timeout: float) -> None:
        self.name = name
        self.timeout = timeout
        self.last_error: str | None = None
        self._url = url
        self._password = password or os.environ.get(PASSWORD_VARIABLE)
        self._closed = threading.Event()
        self._scripts: dict[str, Any] = {}
        self._redis = self._client(timeout)
        # Waiting in Redis must not look like silence.
        self._waiting = self._client(timeout + SLICE_SECONDS)

    def _client(self, timeout: float) -> Any:
        try:
            return redis.Redis.from_url(
                self._url,
                password=self._password,
                socket_timeout=timeout,
                socket_connect_timeout=self.timeout,
                retry=Retry(NoBackoff(), 0),
                max_connections=CONNECTIONS,
                protocol=2,
            )
        except ValueError as error:
            raise ValueError(f"{self._url} is no Redis URL: {error}") from error

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[object]) -> Any:
        """Run a script, again while the connection breaks and time is left."""
        return self.attempt(lambda: self._script(script)(keys, arguments))

    def run_all(self, script: str, keys: Sequence[str], batches: Sequence[list[object]]) -> Any:
        """Run a script several times in one round trip, in order; the answers of all."""

        def call() -> Any:
            prepared = self._script(script)
            with self._redis.pipeline(transaction=False) as pipeline:
                for arguments in batches:
                    prepared(keys, arguments, client=pipeline)
                return pipeline.execute()

        return self.attempt(call)

    def append(self, stream: str, producer: str, first: int, items: list[bytes]) -> None:
        """Append items to a stream in one transaction, unless this producer has done it.

        The producer's key is watched, so that of two transactions with the same items, one of
        them sent over a connection that broke, only one happens.
        """

        self.attempt(lambda: self._append_once(stream, producer, first, items))

    def _append_once(self, stream: str, producer: str, first: int, items: list[bytes]) -> None:
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.watch(producer)
            known = int(pipeline.get(producer) or -1)
            rest = items[max(0, known + 1 - first) :]
            if not rest:
                return
            pipeline.multi()
            pipeline.execute_command("XGROUP", "CREATE", stream, "sage", "0", "MKSTREAM")
            for item in rest:
                pipeline.execute_command("XADD", stream, "*", "d", item)
            pipeline.set(producer, first + len(items) - 1, ex=3600)
            _, *answers = pipeline.execute(raise_on_error=False)  # the group is there, as a rule
        for answer in answers:
            if isinstance(answer, redis.RedisError):
                raise answer

    def do(self, *command: object) -> Any:
        """Run one command, again while the connection breaks and time is left."""
        return self.attempt(lambda: self._redis.execute_command(*command))

    def wait(self, *command: object) -> Any:
        """Run one command that waits in Redis, up to `SLICE_SECONDS`."""
        return self.attempt(lambda: self._waiting.execute_command(*command))

    def attempt(self, call: Callable[[], T]) -> T:
        """Make a call, again while the connection breaks and time is left.

        Raises:
            QueueClosed: The queue was closed, or deleted while this waited.
            QueueUnavailable: The server cannot be reached, does not answer, or refuses us.
        """
        end = monotonic() + self.timeout
        while True:
            if self._closed.is_set():
                raise QueueClosed(self.name)
            try:
                return call()
            except redis.AuthenticationError as error:
                raise self._unavailable(error) from error
            except _AGAIN as error:
                self.last_error = str(error)
                if self._closed.wait(PAUSE_SECONDS):
                    raise QueueClosed(self.name) from error
                if monotonic() >= end:
                    raise self._unavailable(error) from error
            except redis.ResponseError as error:
                raise self._refused(error) from error
            except (AttributeError, OSError, ValueError) as error:  # a socket closed underneath
                if self._closed.is_set():
                    raise QueueClosed(self.name) from error
                raise

    def close(self) -> None:
        """Close all connections; calls under way raise QueueClosed."""
        self._closed.set()
        for client in (self._redis, self._waiting):
            client.connection_pool.disconnect(inuse_connections=True)
            client.close()

    def _script(self, text: str) -> Any:
        script = self._scripts.get(text)
        if script is None:
            script = self._scripts[text] = self._redis.register_script(text)
        return script

    def _refused(self, error: Exception) -> Exception:
        # What a caller that waits is told when the stream goes.
        if str(error).startswith(("UNBLOCKED", "NOGROUP")):
            return QueueClosed(self.name)
        return self._unavailable(error)

    def _unavailable(self, error: Exception) -> QueueUnavailable:
        said = NOISE.sub("", str(error)).strip().rstrip(".")
        return QueueUnavailable(self.name, self._url, said)
