"""One RPC queue server in a process of its own, for the tests that only need one."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sage.kernel.runtime.communication import rpc

assert rpc  # before any test imports grpc, which it loads so that forks do no harm
REDIS = shutil.which("redis-server")
COMMAND = Path(sys.executable).with_name("sage-kernel")


@dataclass
class Server:
    process: "subprocess.Popen[str]"
    port: int

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def start(*options: str) -> Server:
    process = subprocess.Popen(
        [str(COMMAND), "rpc-serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if "listening on" not in line:
        raise AssertionError(f"the server did not start: {line}{process.communicate()[1]}")
    return Server(process, int(line.rsplit(":", 1)[1]))


@pytest.fixture(scope="session")
def rpc_port() -> Iterator[int]:
    """The port of a server that runs for the whole session."""
    server = start("--max-deliveries", "3", "--lease-seconds", "2")
    yield server.port
    server.end()


@pytest.fixture
def serve() -> "Callable[..., object]":
    """A block with a server of one's own: `with serve("--option") as server`."""

    @contextmanager
    def block(*options: str) -> Iterator[Server]:
        server = start(*options)
        try:
            yield server
        finally:
            server.end()

    return block


@dataclass
class Redis:
    """A Redis server with its append-only file on, that can be killed and started again."""

    directory: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        assert REDIS is not None
        options = {
            "--port": str(self.port),
            "--bind": "127.0.0.1",
            "--dir": str(self.directory),
            "--appendonly": "yes",
            "--appendfsync": "always",
            "--save": "",
        }
        arguments = [part for option in options.items() for part in option]
        self.process = subprocess.Popen([REDIS, *arguments], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as raw:
                    raw.sendall(b"PING\r\n")
                    if raw.recv(64).startswith(b"+PONG"):
                        return
            except OSError:
                pass
            assert time.monotonic() < end, "redis-server did not start"
            threading.Event().wait(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis server that runs for the whole session."""
    if REDIS is None:
        pytest.skip("redis-server is not installed; run: apt-get install redis-server")
    server = Redis(tmp_path_factory.mktemp("redis"), free_port())
    server.start()
    yield server.url
    server.kill()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis server of one's own, to kill."""
    if REDIS is None:
        pytest.skip("redis-server is not installed; run: apt-get install redis-server")
    server = Redis(tmp_path, free_port())
    server.start()
    yield server
    server.kill()
