"""The name, server and options of a durable queue, as a value."""

from urllib.parse import parse_qs, urlsplit

from sage.platform.queue import LeasingQueueDescriptor, Queue
from sage.platform.queue.checks import check_count, check_seconds, check_text

__all__ = ["RedisStreamQueueDescriptor", "open_redis_stream_queue"]


class RedisStreamQueueDescriptor(LeasingQueueDescriptor):
    """A queue in a stream of a Redis server; what was put outlives every process.

    Args:
        url: The server and database: `redis://host:port/db`, `rediss://` for TLS, or
            `unix:///path`; without a password. `?ssl_ca_certs=file` names an authority of your
            own, `?db=1` the database behind a socket.
        queue_id: The queue's name; None makes one up.
        maxsize: Items that may wait; 0 for no bound, or for that of the live queue.
        lease_seconds: A consumer that was silent for so long is taken for dead, and what it
            was lent is delivered again. All consumers of a queue should agree.
        max_deliveries: What comes back after so many deliveries is a dead letter; 0 for never.
        connection_timeout: Seconds for a connection, an answer, and a broken connection to
            come back.
        password: The server's password; None takes it from the environment variable
            `SAGE_REDIS_PASSWORD` when the queue is opened, if that is set. Never in `to_dict`,
            pickle or repr.
        reaches: The name of the live queue, where it is not `queue_id`.

    Raises:
        ValueError: An argument is out of its range, or the URL holds a password or names no Redis.

    >>> RedisStreamQueueDescriptor("redis://:hunter2@db/0")
    Traceback (most recent call last):
    ValueError: the URL holds a password, and a URL is serialised; give it as password=
    """

    queue_type = "redis_stream"
    options = ("url", "maxsize", "lease_seconds", "max_deliveries", "connection_timeout")
    secrets = ("password",)

    def __init__(
        self,
        url: str = "redis://localhost:6379/0",
        queue_id: str | None = None,
        *,
        maxsize: int = 0,
        lease_seconds: float = 30.0,
        max_deliveries: int = 16,
        connection_timeout: float = 10.0,
        password: str | None = None,
        reaches: str | None = None,
    ) -> None:
        self.url = _check_url(url)
        self.maxsize = check_count("maxsize", maxsize)
        self.lease_seconds = check_seconds("lease_seconds", lease_seconds)
        self.max_deliveries = check_count("max_deliveries", max_deliveries)
        self.connection_timeout = check_seconds("connection_timeout", connection_timeout)
        self.password = password if password is None else check_text("password", password)
        super().__init__(queue_id, reaches=reaches)


def _check_url(url: object) -> str:
    text = check_text("url", url)
    try:
        parts = urlsplit(text)
        given = parse_qs(parts.query, keep_blank_values=True)
        db = parts.path.strip("/") if parts.scheme in ("redis", "rediss") else "0"
        parts.port  # noqa: B018 (it raises where it is no number)
    except ValueError as error:
        raise ValueError(f"{text!r} is no Redis URL: {error}") from None
    if parts.password is not None or "password" in given:
        raise ValueError("the URL holds a password, and a URL is serialised; give it as password=")
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError(
            f"{text!r} is no Redis URL; expected redis://host:port/0, rediss:// or unix:///path"
        )
    unknown = sorted(set(given) - {"db", "ssl_ca_certs"})
    if unknown:
        raise ValueError(f"{text!r} has an unknown option {unknown[0]!r}; it may name ssl_ca_certs")
    for number in (db or "0", *given.get("db", ())):
        if not number.isascii() or not number.isdigit():
            raise ValueError(f"{text!r} names database {number!r}; expected a number such as 0")
    return text


def open_redis_stream_queue(
    queue_id: str,
    url: str,
    maxsize: int,
    lease_seconds: float,
    max_deliveries: int,
    connection_timeout: float,
    password: str | None,
) -> Queue:
    """Open the live queue of that name; what the registry calls.

    Raises:
        MissingExtra: redis-py is not installed.
        QueueConflict: The queue is live with another `maxsize`.
        QueueUnavailable: The server cannot be reached.
    """
    from sage.kernel.runtime.communication.redis_stream.client import RedisStreamQueue
    from sage.kernel.runtime.communication.redis_stream.server import RedisServer

    server = RedisServer(queue_id, url, password, timeout=connection_timeout)
    return RedisStreamQueue(
        queue_id,
        server,
        maxsize=maxsize,
        lease_seconds=lease_seconds,
        max_deliveries=max_deliveries,
    )
