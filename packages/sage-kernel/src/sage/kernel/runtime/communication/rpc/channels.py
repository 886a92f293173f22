"""Connections of this process to RPC queue servers, shared by queues or not."""

import os
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from sage.common.forks import keep_for_ever
from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.forks import grpc_forks
from sage.platform.queue.checks import check_token

__all__ = ["Address", "Channel", "ChannelPool"]

TOKEN_VARIABLE = "SAGE_RPC_TOKEN"

OPTIONS: list[tuple[str, int]] = [
    ("grpc.use_local_subchannel_pool", 1),  # a channel of one's own has its own connection
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_receive_message_length", -1),  # the server bounds what there is to receive
    ("grpc.max_send_message_length", -1),
    # A frozen server still acknowledges at TCP; only a ping that HTTP/2 must answer tells.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
]


@dataclass(frozen=True, slots=True)
class Address:
    """Whom to talk to, and how; equal ones may share a connection."""

    host: str
    port: int
    tls: bool | str = False
    token: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def with_token(self) -> "Address":
        """Return it with the token of the environment, where none was given."""
        if self.token is not None:
            return self
        token = os.environ.get(TOKEN_VARIABLE)
        if token:
            check_token(f"the token in {TOKEN_VARIABLE}", token)
        return Address(self.host, self.port, self.tls, token or None)


class CannotTrust(Exception):
    """The file with the authorities is missing, or holds none."""


class Channel:
    """One connection and its three methods; gRPC makes it again after it broke.

    Attributes:
        state: `"idle"` before the first call, then `"ready"` or `"broken"` as the last call
            found it; `"closed"` in the end.
        users: How many queues share it.
    """

    def __init__(self, address: Address) -> None:
        grpc_forks.add(self)
        self.address = address
        self.users = 0
        self.closed = False
        self.state = "idle"  # as the last call found it; asking gRPC would cost a polling thread
        self._grpc = _dial(address)
        self.metadata = (
            None if address.token is None else (("authorization", f"Bearer {address.token}"),)
        )
        self.call: Any = self._grpc.unary_unary(wire.CALL)
        self.put_many: Any = self._grpc.stream_stream(wire.PUT_MANY)
        self.session: Any = self._grpc.stream_stream(wire.SESSION)

    def close(self) -> None:
        """Close it; calls under way end."""
        self.closed = True
        self.state = "closed"
        self._grpc.close()

    def become_child(self) -> None:
        """Never end: in a forked child that would wait for gRPC's threads."""
        keep_for_ever(self)


class ChannelPool:
    """Channels by address, each closed when its last user lets go of it.

    >>> pool = ChannelPool()
    >>> one, same = (pool.take(Address("localhost", 50051)) for _ in range(2))
    >>> one is same, one.users
    (True, 2)
    >>> pool.give_back(one)
    >>> pool.give_back(same)
    >>> one.state
    'closed'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[Address, Channel] = {}

    def take(self, address: Address) -> Channel:
        """Return the channel to an address, made now if there was none."""
        with self._lock:
            channel = self._channels.get(address)
            if channel is None or channel.closed:
                channel = self._channels[address] = Channel(address)
            channel.users += 1
            return channel

    def give_back(self, channel: Channel) -> None:
        """Let go of a channel that `take` returned."""
        with self._lock:
            channel.users -= 1
            if channel.users:
                return
            if self._channels.get(channel.address) is channel:
                del self._channels[channel.address]
        channel.close()

    def retire(self, channel: Channel) -> None:
        """Give the next one who takes this address a new channel."""
        with self._lock:
            if self._channels.get(channel.address) is channel:
                del self._channels[channel.address]


def _dial(address: Address) -> grpc.Channel:
    if address.tls is False:
        return grpc.insecure_channel(str(address), OPTIONS)
    return grpc.secure_channel(str(address), _credentials(address), OPTIONS)


def _credentials(address: Address) -> grpc.ChannelCredentials:
    if address.tls is True:
        return grpc.ssl_channel_credentials()
    path = str(address.tls)
    try:
        pem = Path(path).read_bytes()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pem.decode("ascii", "replace"))  # gRPC only logs it
    except (OSError, ValueError) as error:
        found = isinstance(error, ssl.SSLError | ValueError)
        why = "it holds no certificate" if found else getattr(error, "strerror", "")
        raise CannotTrust(
            f"cannot read the authorities in {path}: {why}; give a PEM file"
        ) from error
    return grpc.ssl_channel_credentials(pem)
