"""The server: gRPC on asyncio, methods that take and give bytes (ADR-0005)."""

import asyncio
import errno
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health

from sage.common.forks import keep_for_ever
from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.forks import grpc_forks
from sage.kernel.runtime.communication.rpc.handlers import Handlers
from sage.kernel.runtime.communication.rpc.table import Limits, QueueTable
from sage.platform.queue import DEFAULT_RPC_PORT, QueueError
from sage.platform.queue.checks import check_count, check_token

__all__ = ["CannotServe", "RPCQueueServer", "ServerOptions", "serve"]

log = logging.getLogger(__name__)

STOP_SECONDS = 2.0  # how long a stop waits for calls that it has cancelled


class CannotServe(QueueError, ValueError):
    """The server cannot start as asked; the message says what to change.

    >>> try:
    ...     RPCQueueServer(tls_cert="cert.pem")
    ... except CannotServe as error:
    ...     print(error)
    a certificate and its key go together; give both or neither
    """


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where and how a server listens.

    Attributes:
        host: Name or address to listen on; anything beyond loopback needs TLS and a token.
        port: TCP port; 0 takes a free one.
        tls_cert: PEM file with the certificate chain; None for plain text.
        tls_key: PEM file with its private key.
        token: The bearer token that every call must bring; None for none.
        limits: What the queues allow.
    """

    host: str = "localhost"
    port: int = DEFAULT_RPC_PORT
    tls_cert: str | None = None
    tls_key: str | None = None
    token: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)

    def check(self) -> None:
        """Raise CannotServe when a part is out of its range, or they do not fit together."""
        try:
            check_count("port", self.port, most=65535)
            self.limits.check()
            if self.token:
                check_token("the token", self.token)
        except ValueError as error:
            raise CannotServe(str(error)) from error
        if (self.tls_cert is None) != (self.tls_key is None):
            raise CannotServe("a certificate and its key go together; give both or neither")
        if not _is_loopback(self.host) and (self.tls_cert is None or not self.token):
            raise CannotServe(
                f"{self.host} is reachable from other machines: give a TLS certificate, its key "
                "and a token, or listen on localhost"
            )


async def serve(
    options: ServerOptions,
    started: Callable[[int], None],
    stop: asyncio.Event,
    *,
    table: QueueTable | None = None,
) -> None:
    """Serve until `stop` is set.

    Args:
        options: Where and how.
        started: Called with the port once the server listens.
        stop: Ends the server when it is set.
        table: The queues; None makes new ones.

    Raises:
        CannotServe: The options do not fit together, a file cannot be read, or the port is taken.
    """
    options.check()
    if grpc_forks.inherited:
        raise CannotServe(
            "this process was forked from one that used gRPC, whose threads stay there; "
            "start it with the spawn method"
        )
    others = asyncio.all_tasks()
    queues = table or QueueTable(options.limits)
    server = grpc.aio.server(options=_channel_options(options.limits))
    server.add_generic_rpc_handlers([Handlers(queues, options.token)])
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = _listen(server, options)
    watch = asyncio.create_task(queues.watch())
    await server.start()
    for service in ("", wire.SERVICE):
        await servicer.set(service, health_pb2.HealthCheckResponse.SERVING)
    try:
        started(port)
        await stop.wait()
    finally:
        watch.cancel()
        await servicer.enter_graceful_shutdown()
        await server.stop(grace=None)
        # Its calls are cancelled, not over: a loop that closes first would print each one's trace.
        calls = asyncio.all_tasks() - others - {watch}
        if calls:
            await asyncio.wait(calls, timeout=STOP_SECONDS)


class RPCQueueServer:
    """A server in a thread of this process; as a `with` block it starts and stops.

    Args:
        host: Name or address to listen on; anything beyond loopback needs TLS and a token.
        port: TCP port; 0 takes a free one, which `port` then tells.
        tls_cert: PEM file with the certificate chain; None for plain text.
        tls_key: PEM file with its private key.
        token: The bearer token that every call must bring; None for none.
        limits: What the queues allow.

    Raises:
        CannotServe: The options do not fit together; raised by `start` also when the port is
            taken or a file cannot be read.

    >>> import sage.kernel
    >>> from sage.platform.queue import RPCQueueDescriptor
    >>> with RPCQueueServer(port=0) as server:
    ...     jobs = RPCQueueDescriptor(port=server.port, queue_id="jobs")
    ...     jobs.put({"resize": "cat.png"})
    ...     with jobs.lease(timeout=5) as lease:
    ...         print(lease.value, lease.deliveries)
    ...     jobs.close()
    {'resize': 'cat.png'} 1
    """

    def __init__(
        self,
        host: str = "localhost",
        port: int = DEFAULT_RPC_PORT,
        *,
        tls_cert: str | None = None,
        tls_key: str | None = None,
        token: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._options = ServerOptions(host, port, tls_cert, tls_key, token, limits or Limits())
        self._options.check()
        self._port: int | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @property
    def port(self) -> int:
        """The port it listens on; the one asked for until it was started."""
        return self._port or self._options.port

    def start(self) -> Self:
        """Start and return the server; blocks until it listens.

        Raises:
            CannotServe: The port is taken, or a file cannot be read.
        """
        if self._thread is not None:
            raise CannotServe("this server was started already; make a new one")
        grpc_forks.add(self)
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(ready,), name="sage-rpc-server", daemon=True
        )
        self._thread.start()
        ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Stop, and wait until its thread has ended; callers get a clear error. Idempotent."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()

    def become_child(self) -> None:
        """Stop nothing: in a forked child the server is its parent's."""
        keep_for_ever(self._loop)
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, ready: threading.Event) -> None:
        def started(port: int) -> None:
            self._port = port
            ready.set()

        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._stop = asyncio.Event()
            await serve(self._options, started, self._stop)

        try:
            asyncio.run(main())
        except BaseException as error:  # the thread's edge: `start` raises it
            self._failure = error
            if ready.is_set():
                log.exception("the RPC queue server ended")
        finally:
            ready.set()


def _listen(server: Any, options: ServerOptions) -> int:
    address = _address(options.host, options.port)
    _refuse_a_taken_port(options.host, options.port)
    try:
        if options.tls_cert is None or options.tls_key is None:
            port: int = server.add_insecure_port(address)
        else:
            credentials = _credentials(options.tls_cert, options.tls_key)
            port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        why = "the address is not of this machine, or the port was taken just now"
        raise CannotServe(f"cannot listen on {address}: {why}") from error
    return port


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Refuse it where any address of the host has it taken: gRPC is content with one of them."""
    with suppress(socket.gaierror):  # gRPC tells what is no host
        for family, kind, protocol, _, place in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(place)
                except OSError as error:
                    if error.errno == errno.EADDRINUSE:
                        where = _address(str(place[0]), port)
                        raise CannotServe(f"{where} is taken; choose another port") from error


def _credentials(cert: str, key: str) -> grpc.ServerCredentials:
    pair = (_read(key), _read(cert))
    try:  # gRPC would only log what is wrong with them
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise CannotServe(
            f"{cert} and {key} are no certificate and its key: {error}; give two PEM files that "
            "belong together, the key without a password"
        ) from error
    return grpc.ssl_server_credentials([pair])


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CannotServe(f"cannot read {path}: {error.strerror}; give a PEM file") from error


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _channel_options(limits: Limits) -> list[tuple[str, int]]:
    largest = wire.frame_limit(limits.max_item_bytes)
    return [
        ("grpc.so_reuseport", 0),  # a second server on one port is a mistake, not a way to scale
        ("grpc.max_receive_message_length", largest),
        ("grpc.max_send_message_length", largest),
        # Clients send pings to tell a frozen server from a quiet one; do not take it for abuse.
        ("grpc.http2.min_ping_interval_without_data_ms", 1000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
    ]
