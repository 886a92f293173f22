"""One RPC queue server in a process of its own, for the tests that only need one."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

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
