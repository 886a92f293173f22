"""Queues on a server, for processes that share a trust domain; the layer above opens them."""

from typing import Protocol, cast

from sage.platform.queue.checks import (
    check_count,
    check_flag,
    check_seconds,
    check_text,
    check_token,
)
from sage.platform.queue.errors import QueueUnsupported
from sage.platform.queue.leasing import LeasingQueueDescriptor

__all__ = ["DEFAULT_RPC_PORT", "RPCQueueDescriptor"]

DEFAULT_RPC_PORT = 50051
"""Port of a queue server, unless told otherwise.

>>> RPCQueueDescriptor(queue_id="orders").port == DEFAULT_RPC_PORT
True
"""
"""The port that gRPC's own examples use, and `sage-kernel rpc-serve` listens on by default."""


class _Connected(Protocol):
    def get_connection_status(self) -> dict[str, object]: ...

    def reconnect(self) -> None: ...


class RPCQueueDescriptor(LeasingQueueDescriptor):
    """A named queue on an RPC server: any process that reaches the server reaches the queue.

    This layer knows the name and the address; what opens the queue is registered by the layer
    above (ADR-0002): install `sage-kernel` and `import sage.kernel`.

    Args:
        host: Where the server listens.
        port: Its TCP port, 1 to 65535.
        connection_timeout: Seconds to wait for a connection, and for an answer beyond the time
            that an operation itself may take.
        retry_count: How often an operation is tried again after the connection broke; a put
            tried again is stored once.
        enable_pooling: Share one connection with the other descriptors of this process that
            have the same address, tls and token; False opens one of its own.
        queue_id: The queue's name; None makes one up.
        maxsize: Items the queue holds; 0 for the server's own bound, or that of the live queue.
        tls: False for plain text, True for TLS with the system's authorities, or the path of a
            PEM file with the authorities to trust.
        token: The bearer token; None takes it from the environment variable `SAGE_RPC_TOKEN`
            when the queue is opened, if that is set. Never in `to_dict`, pickle or repr.
        codec: `"msgpack"`, or `"pickle"` where the server allows it too: unpickling runs
            whatever code the sender likes.
        reaches: The name of the live queue, where it is not `queue_id`.

    Raises:
        ValueError: An argument is out of its range.

    >>> jobs = RPCQueueDescriptor(port=7001, queue_id="jobs", token="secret")
    >>> jobs.to_dict()["metadata"]["port"]
    7001
    >>> "secret" in repr(jobs) + jobs.to_json()
    False
    """

    queue_type = "rpc_queue"
    options = (
        "host",
        "port",
        "connection_timeout",
        "retry_count",
        "enable_pooling",
        "maxsize",
        "tls",
        "codec",
    )
    secrets = ("token",)

    def __init__(
        self,
        host: str = "localhost",
        port: int = DEFAULT_RPC_PORT,
        connection_timeout: float = 30.0,
        retry_count: int = 3,
        enable_pooling: bool = True,
        queue_id: str | None = None,
        *,
        maxsize: int = 0,
        tls: bool | str = False,
        token: str | None = None,
        codec: str = "msgpack",
        reaches: str | None = None,
    ) -> None:
        self.host = _check_host(host)
        self.port = check_count("port", port, least=1, most=65535)
        self.connection_timeout = check_seconds("connection_timeout", connection_timeout)
        self.retry_count = check_count("retry_count", retry_count)
        self.enable_pooling = check_flag("enable_pooling", enable_pooling)
        self.maxsize = check_count("maxsize", maxsize)
        self.tls = tls if isinstance(tls, bool) else check_text("a tls that is no bool", tls)
        self.token = token if token is None else check_token("token", token)
        self.codec = check_text("codec", codec)
        super().__init__(queue_id, reaches=reaches)

    def get_connection_status(self) -> dict[str, object]:
        """Tell how the connection stands, without opening one.

        Returns:
            `connected`: whether the last call got through; once opened also `address`, `state`
            (`"idle"` before the first call, `"ready"`, `"broken"` or `"closed"`), `shared_by` (how
            many queues use the connection) and `last_error` (a sentence, or None).
        """
        live = self._live
        if not hasattr(live, "get_connection_status"):
            return {"connected": False}
        return cast(_Connected, live).get_connection_status()

    def reconnect(self) -> None:
        """Drop the connection, if there is one, and make a new one now.

        Raises:
            QueueUnavailable: No connection within `connection_timeout` seconds.
        """
        live = self.queue_instance
        if not hasattr(live, "reconnect"):
            raise QueueUnsupported(self.queue_type, "reconnect")
        cast(_Connected, live).reconnect()


def _check_host(host: object) -> str:
    name = check_text("host", host)
    if any(mark in name for mark in "/[]@ "):
        raise ValueError(
            f"host must be a bare name or address, without scheme, brackets or port, got {name!r}"
        )
    return name
