"""What the stores cost beside what they stand on: a dict, rocksdict, redis-py, in one run.

    python benchmarks/stores.py            # about a minute; --save keeps the result

Each of ours is measured in turns with its peer, ten rounds of each, so that what else the machine
does falls on both. A figure is the median time of one call in microseconds; read the ratios, the
figures themselves are comparable within one run only. Exit 1 when a target is missed.
"""

import argparse
import json
import os
import platform
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import measured
import redis
from rocksdict import Options, Rdict

from sage.common.codec import RawCodec
from sage.platform.storage import DictKVBackend, KeyValueStore, open_store
from sage.platform.storage.redis import RedisByteStore
from sage.platform.storage.rocksdb import RocksByteStore

RESULT = Path(__file__).resolve().parent / "results" / "stores.json"
KEYS = 10_000
ROUNDS = 10
SIZES = (100, 1024)

Call = Callable[[str], object]


@dataclass(frozen=True)
class Row:
    """One of ours beside its peer: medians of a call in microseconds."""

    name: str
    peer: str
    size: int
    peer_us: float
    ours_us: float
    ratio: float
    must: float | None
    """What the ratio may be at most; None when nothing is asked of it."""

    @property
    def ok(self) -> bool:
        """Whether the ratio is what it must be."""
        return self.must is None or self.ratio <= self.must


def main() -> int:
    """Measure, print the table and, with `--save`, keep it beside this script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("--save", action="store_true", help=f"write {RESULT.name} in results/")
    parser.add_argument("--calls", type=int, default=3000, help="calls a round (default 3000)")
    options = parser.parse_args()
    rows = [row for size in SIZES for row in measure_all(size, options.calls)]
    print_table(rows)
    if options.save:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(as_result(rows), indent=1) + "\n")
        print(f"\nwrote {RESULT.name}")
        measured.main()
    missed = [row for row in rows if not row.ok]
    for row in missed:
        print(f"missed: {row.name}, {row.size} B: {row.ratio:.2f} > {row.must}", file=sys.stderr)
    return 1 if missed else 0


class _Raw(argparse.RawDescriptionHelpFormatter):
    """Keeps the description's lines."""


def measure_all(size: int, calls: int) -> Iterator[Row]:
    """Yield one row after the other for values of about this many bytes."""
    names = [f"key:{number:06d}" for number in range(KEYS)]
    asked = random.Random(7).choices(names, k=calls)
    blob = os.urandom(size)
    value = {"id": 7, "text": "x" * (size - 30), "score": 0.5}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))

        lock, plain = threading.Lock(), dict.fromkeys(names, blob)
        live = DictKVBackend()
        for name in names:
            live.set(name, blob)

        def locked(name: str) -> object:
            with lock:
                return plain[name]

        def locked_set(name: str) -> object:
            with lock:
                plain[name] = blob
            return None

        memory = stack.enter_context(open_store("memory://"))
        memory.set_many(dict.fromkeys(names, value))
        yield compare(
            "Dict, live objects, get", "dict with a lock", size, asked, locked, live.get, 3
        )
        yield compare(
            "Dict, live objects, set",
            "dict with a lock",
            size,
            asked,
            locked_set,
            lambda name: live.set(name, blob),
            3,
        )
        yield compare(
            "memory://, encoded, get", "dict with a lock", size, asked, locked, memory.get
        )

        db = Rdict(str(folder / "raw"), Options(raw_mode=True))
        stack.callback(db.close)
        for name in names:
            db[name.encode()] = blob
        engine = stack.enter_context(RocksByteStore(folder / "ours"))
        raw = KeyValueStore(engine, codec=RawCodec(), namespace="raw")
        encoded = KeyValueStore(engine, namespace="encoded")
        raw.set_many(dict.fromkeys(names, blob))
        encoded.set_many(dict.fromkeys(names, value))

        def rocks_get(name: str) -> object:
            return db[name.encode()]

        def rocks_set(name: str) -> None:
            db[name.encode()] = blob

        yield compare("RocksDB, encoded, get", "rocksdict", size, asked, rocks_get, encoded.get, 3)
        yield compare("RocksDB, raw bytes, get", "rocksdict", size, asked, rocks_get, raw.get, 2)
        yield compare(
            "RocksDB, raw bytes, set",
            "rocksdict",
            size,
            asked,
            rocks_set,
            lambda name: raw.set(name, blob),
            2,
        )

        port = stack.enter_context(redis_server(folder))
        client = stack.enter_context(redis.Redis("127.0.0.1", port, protocol=2))
        store = KeyValueStore(stack.enter_context(RedisByteStore("127.0.0.1", port)))
        for name in names[:1000]:
            client.set(name, blob)
        store.set_many(dict.fromkeys(names[:1000], value))
        some = random.Random(7).choices(names[:1000], k=max(200, calls // 5))
        yield compare("Redis, encoded, get", "redis-py", size, some, client.get, store.get, 1.15)
        yield compare(
            "Redis, encoded, set",
            "redis-py",
            size,
            some,
            lambda name: client.set(name, blob),
            lambda name: store.set(name, value),
            1.15,
        )


def compare(
    name: str,
    peer: str,
    size: int,
    names: Sequence[str],
    theirs: Call,
    ours: Call,
    must: float | None = None,
) -> Row:
    """Measure both in turns and return their medians, less what the clock itself costs."""
    times: dict[Call, list[int]] = {theirs: [], ours: []}
    for _ in range(ROUNDS):
        for call, taken in times.items():
            taken += time_each(call, names)
    empty = median(time_each(lambda name: None, names))
    one, other = (max(median(taken) - empty, 1) / 1000 for taken in times.values())
    row = Row(name, peer, size, round(one, 2), round(other, 2), round(other / one, 2), must)
    print(f"  {row.name}, {row.size} B: {row.ratio:.2f} x {row.peer}", file=sys.stderr, flush=True)
    return row


def time_each(call: Call, names: Sequence[str]) -> list[int]:
    """Return the nanoseconds of each call."""
    clock = time.perf_counter_ns
    taken = []
    for name in names:
        began = clock()
        call(name)
        taken.append(clock() - began)
    return taken


def median(taken: list[int]) -> int:
    """Return the middle one, which no rare pause can move."""
    return sorted(taken)[len(taken) // 2]


@contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """A server of our own on a free port; the figures are of loopback."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise SystemExit("redis-server is not installed; run: apt-get install redis-server")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        with redis.Redis("127.0.0.1", port, protocol=2) as client:
            for _ in range(1000):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait()


def print_table(rows: Sequence[Row]) -> None:
    """Print the table for people."""
    print(f"\n{'':30} {'bytes':>6} {'peer':18} {'peer us':>8} {'ours us':>8} {'ratio':>6} must")
    for row in rows:
        must = "" if row.must is None else f"<= {row.must:g}" + " MISSED" * (not row.ok)
        print(
            f"{row.name:30} {row.size:6} {row.peer:18} {row.peer_us:8.2f} {row.ours_us:8.2f}"
            f" {row.ratio:6.2f} {must}"
        )


def as_result(rows: Sequence[Row]) -> dict[str, object]:
    """Return what is kept: figures with their day, machine and versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    machine = {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("msgspec", "redis", "rocksdict")},
    }
    results = [{**asdict(row), "ok": row.ok} for row in rows]
    return {"date": datetime.now(UTC).date().isoformat(), "machine": machine, "results": results}


if __name__ == "__main__":
    sys.exit(main())
