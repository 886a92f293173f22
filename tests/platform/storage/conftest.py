"""A real Redis server for the session, and fresh stores of every backend."""

import itertools
import platform
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sage.platform.storage import MemoryByteStore, open_store
from sage.platform.storage.redis import RedisByteStore
from sage.platform.storage.rocksdb import RocksByteStore

BACKENDS = ["memory", "redis", "rocksdb"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@dataclass
class RedisServer:
    """One redis-server of our own, on a free port of loopback, in a folder of its own."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.folder), "--save", "", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not self.answers():
            assert self.process.poll() is None, "redis-server ended"
            assert time.monotonic() < end, "redis-server did not answer"
            time.sleep(0.01)  # there is nothing to wait on but the port
        return self

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(7) in (b"+PONG\r\n", b"-NOAUTH")
        except OSError:
            return False

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(20)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(20)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def open(self, *, db=0, timeout=5.0):
        return RedisByteStore("127.0.0.1", self.port, db=db, timeout=timeout)


# A program that begins with this can make every later fsync of its main thread fail.
FAIL_FSYNC = """
import ctypes, platform, struct

def fail_fsync():
    numbers = {"x86_64": (74, 75), "aarch64": (82, 83)}[platform.machine()]
    rows = [(0x20, 0, 0, 0)]  # load the number of the system call
    rows += [(0x15, len(numbers) - place, 0, one) for place, one in enumerate(numbers)]
    rows += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050005)]  # allow; fail with EIO
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
    assert libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) == 0  # seccomp filter
"""


@pytest.fixture(scope="session")
def fail_fsync():
    """The beginning of a program whose disk can be made to fail (seccomp, Linux only)."""
    if platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip(f"the numbers of system calls on {platform.machine()} are not known here")
    return FAIL_FSYNC


@pytest.fixture(scope="session")
def redis_binary():
    found = shutil.which("redis-server")
    if found is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    return found


@pytest.fixture(scope="session")
def redis_server(redis_binary, tmp_path_factory):
    """The server that tests share; each takes a database of its own with `fresh_db`."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), ("--databases", "10000")).start()
    yield server
    server.stop()


@pytest.fixture
def own_redis(redis_binary, tmp_path):
    """Make servers that a test may freeze or kill."""
    made = []

    def make(*options):
        folder = tmp_path / f"redis{len(made)}"
        folder.mkdir()
        made.append(RedisServer(folder, options))
        return made[-1].start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="session")
def fresh_db():
    """The number of a database that no test has used."""
    return itertools.count(1).__next__


@pytest.fixture
def opener(request, tmp_path, fresh_db):
    """Open an empty `ByteStore` of the backend that the test is parametrised with."""
    numbers = itertools.count()

    def make(backend):
        if backend == "memory":
            return MemoryByteStore()
        if backend == "redis":
            server = request.getfixturevalue("redis_server")
            return server.open(db=fresh_db())
        return RocksByteStore(tmp_path / f"rocks{next(numbers)}")

    return make


@pytest.fixture
def urls(request, tmp_path, fresh_db):
    """The URL of an empty store of each backend."""
    server = request.getfixturevalue("redis_server")
    return {
        "memory": "memory://",
        "redis": f"redis://127.0.0.1:{server.port}/{fresh_db()}",
        "rocksdb": f"rocksdb://{tmp_path}/store",
    }


@pytest.fixture(params=BACKENDS)
def store(request, urls):
    """An empty store on each backend in turn."""
    with open_store(urls[request.param]) as store:
        yield store
