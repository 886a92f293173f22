"""Measure the queues of the platform beside bare peers, all in one run.

    python benchmarks/queues.py [--quick] [--without-ray]

Prints a table of rates and a table of ratios with what each must reach, and writes both with the
date and the kind of machine to `benchmarks/results/queues.json`. Only ratios within one run mean
anything: the two of a pair are measured in turns, who begins changes from turn to turn, and the
ratio is that of their median rates, so that what else the machine does falls on both. Both are
timed until every item is confirmed and forgotten again. Exit 1 when a ratio falls short.
"""

import argparse
import datetime
import json
import os
import platform
import queue
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import grpc
import measured
import msgspec
import redis
from rich.console import Console
from rich.table import Table

import sage.kernel
from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor
from sage.platform.queue import (
    BaseQueueDescriptor,
    PythonQueueDescriptor,
    RayQueueDescriptor,
    RPCQueueDescriptor,
)

assert sage.kernel

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
SMALL, LARGE = bytes(100), bytes(10 * 1024)
BATCH = 1024  # items to a frame, for the bare peers as for ours, up to
BATCH_BYTES = 1024 * 1024
WINDOW = 8  # frames under way
encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Pair:
    """What is ours, what it is measured beside, and what their ratio must be."""

    name: str
    ours: str
    peer: str
    at_least: float


@dataclass
class Measured:
    """A pair and its rates, in items a second."""

    name: str
    ours: str
    peer: str
    ours_rate: float
    peer_rate: float
    ratio: float
    must: float
    ok: bool


Put = Callable[[int], None]


class Bench:
    """Runs the pairs and keeps what came out."""

    def __init__(self, *, quick: bool) -> None:
        self.scale = 0.2 if quick else 1.0
        self.turns = 3 if quick else 15
        self.results: list[Measured] = []
        self.console = Console()

    def pair(
        self, pair: Pair, ours: Put, peer: Put, *, ours_n: int, peer_n: int, turns: int = 1
    ) -> None:
        """Measure the two in turns, `turns` times as many as usual, and note the median rates."""
        rates: list[list[float]] = [[], []]
        runs = [
            (put, max(1, round(n * self.scale)), into)
            for put, n, into in zip((ours, peer), (ours_n, peer_n), rates, strict=True)
        ]
        for put, count, _ in runs:
            put(max(1, count // 10))
        for _ in range(self.turns * turns):
            for put, count, into in runs:
                start = time.perf_counter()
                put(count)
                into.append(count / (time.perf_counter() - start))
            runs.reverse()
        mine, theirs = map(statistics.median, rates)
        ratio = mine / theirs
        done = Measured(
            pair.name,
            pair.ours,
            pair.peer,
            round(mine),
            round(theirs),
            round(ratio, 3),
            pair.at_least,
            ratio >= pair.at_least,
        )
        self.results.append(done)
        self.console.print(
            f"{done.name}: {done.ratio:.2f} x {done.peer} (must reach {done.must})",
            style="green" if done.ok else "red",
            highlight=False,
        )


# ---- peers ----


@contextmanager
def process(*command: object) -> Iterator[int]:
    """Start a server that prints its port last on its first line; give the port."""
    started = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, cwd=HERE.parent
    )
    assert started.stdout is not None
    try:
        yield int(started.stdout.readline().rsplit(":", 1)[-1])
    finally:
        started.kill()
        started.communicate()


@contextmanager
def redis_server() -> Iterator[int]:
    """A Redis without persistence: what is measured is the way to it."""
    with socket.socket() as taken, tempfile.TemporaryDirectory() as directory:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.close()
        options = ["--port", str(port), "--save", "", "--appendonly", "no", "--dir", directory]
        server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        try:
            client = redis.Redis(port=port)
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    threading.Event().wait(0.05)
            yield port
        finally:
            server.kill()
            server.wait()


def tcp_batches(port: int, item: bytes) -> Put:
    """Put into the bare TCP server, with a window of frames under way."""
    batch = min(BATCH, BATCH_BYTES // len(item))

    def put(count: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            under_way = 0
            for start in range(0, count, batch):
                frame = encode([encode(item) for _ in range(min(batch, count - start))])
                raw.sendall(struct.pack("!I", len(frame)) + frame)
                under_way += 1
                if under_way == WINDOW:
                    under_way -= len(raw.recv(4)) // 4
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(4096):  # to the end: the server has forgotten them
                pass

    return put


def grpc_batches(port: int, item: bytes) -> Put:
    """Put into the bare grpc.aio server by a stream of batches."""
    batch = min(BATCH, BATCH_BYTES // len(item))
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    method: Any = channel.stream_stream("/bare/Many")

    def put(count: int) -> None:
        outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        replies = method(iter(outbox.get, None))
        under_way = 0
        for start in range(0, count, batch):
            outbox.put(encode([encode(item) for _ in range(min(batch, count - start))]))
            under_way += 1
            if under_way == WINDOW:
                next(replies)
                under_way -= 1
        outbox.put(None)
        for _ in replies:  # to the end: the server has forgotten them
            pass

    return put


def grpc_one_by_one(port: int) -> Put:
    """Put into the bare grpc.aio server, one confirmed call an item."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    method: Any = channel.unary_unary("/bare/One")

    def put(count: int) -> None:
        for _ in range(count):
            method(encode(SMALL))

    return put


def redis_pipelined(port: int, kind: str, item: bytes) -> Put:
    """Put with bare redis-py, as many commands to a round trip as our frames hold."""
    client = redis.Redis(port=port)

    def put(count: int) -> None:
        client.delete("bare")
        for start in range(0, count, BATCH * WINDOW):
            with client.pipeline(transaction=False) as pipeline:
                for _ in range(min(BATCH * WINDOW, count - start)):
                    if kind == "stream":
                        pipeline.xadd("bare", {"d": encode(item)})
                    else:
                        pipeline.rpush("bare", encode(item))
                pipeline.execute()

    return put


# ---- ours ----


def many(made: BaseQueueDescriptor, item: object, drain: Callable[[], object]) -> Put:
    """Put by `put_many`, into an empty queue each time."""

    def put(count: int) -> None:
        made.put_many(repeat(item, count))
        drain()

    return put


def one_by_one(made: BaseQueueDescriptor, drain: Callable[[], object]) -> Put:
    """Put one confirmed item at a time."""

    def put(count: int) -> None:
        for _ in range(count):
            made.put(SMALL)
        drain()

    return put


def emptied(made: BaseQueueDescriptor) -> Callable[[], object]:
    """Empty the queue in one call and keep the connection, as the bare peers do."""

    def drain() -> None:
        live: Any = made.queue_instance
        live.delete()

    return drain


def put_and_get(made: Any) -> Put:
    """Put and get in turns, in one thread."""

    def run(count: int) -> None:
        for _ in range(count):
            made.put(SMALL)
            made.get()

    return run


def rpc_at(port: int, name: str, **options: Any) -> RPCQueueDescriptor:
    return RPCQueueDescriptor("127.0.0.1", port, queue_id=name, maxsize=10_000_000, **options)


# ---- the run ----


def measure_rpc(bench: Bench, stack: ExitStack) -> None:
    ours = stack.enter_context(process(BIN / "sage-kernel", "rpc-serve", "--port", 0))
    peer = stack.enter_context(process(sys.executable, HERE / "queue_peers.py", "grpc"))
    tcp = stack.enter_context(process(sys.executable, HERE / "queue_peers.py", "tcp"))
    jobs = rpc_at(ours, "bench")
    drain = emptied(jobs)
    # 200 MB move in a third of a second: one such turn tells more of the machine than of the pair.
    for size, item, n, turns in (("100 B", SMALL, 400_000, 1), ("10 KiB", LARGE, 20_000, 3)):
        bench.pair(
            Pair(f"RPC, batched, {size}", "put_many", "bare grpc.aio stream of batches", 0.8),
            many(jobs, item, drain),
            grpc_batches(peer, item),
            ours_n=n,
            peer_n=n,
            turns=turns,
        )
        bench.pair(
            Pair(f"RPC, batched, {size}", "put_many", "raw TCP + MessagePack asyncio", 0.0),
            many(jobs, item, drain),
            tcp_batches(tcp, item),
            ours_n=n,
            peer_n=n,
        )
    bench.pair(
        Pair("RPC, one confirmed put at a time", "put", "unary call on a grpc.aio server", 0.8),
        one_by_one(jobs, drain),
        grpc_one_by_one(peer),
        ours_n=1000,
        peer_n=1000,
        turns=4,
    )
    jobs.close()


def measure_tls(bench: Bench, stack: ExitStack, directory: Path) -> None:
    cert, key = certificate(directory)
    plain = stack.enter_context(process(BIN / "sage-kernel", "rpc-serve", "--port", 0))
    (directory / "token").write_text("token")
    secure = stack.enter_context(
        process(
            BIN / "sage-kernel",
            *("rpc-serve", "--port", 0, "--tls-cert", cert, "--tls-key", key),
            *("--token-file", directory / "token"),
        )
    )
    with_tls = rpc_at(secure, "bench", tls=str(cert), token="token")
    without = rpc_at(plain, "bench")
    for size, item, n in (("100 B", SMALL, 400_000), ("10 KiB", LARGE, 20_000)):
        bench.pair(
            Pair(f"RPC over TLS with a token, {size}", "put_many", "ours in plain text", 0.6),
            many(with_tls, item, emptied(with_tls)),
            many(without, item, emptied(without)),
            ours_n=n,
            peer_n=n,
        )
    with_tls.close()
    without.close()


def certificate(directory: Path) -> tuple[Path, Path]:
    """Make a certificate for loopback with the openssl command."""
    cert, key = directory / "cert.pem", directory / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", str(key)),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def measure_redis(bench: Bench, stack: ExitStack) -> None:
    port = stack.enter_context(redis_server())
    jobs = RedisStreamQueueDescriptor(f"redis://127.0.0.1:{port}/0", "bench")
    for size, item, n in (("100 B", SMALL, 50_000), ("10 KiB", LARGE, 10_000)):
        for kind, least in (("stream", 0.7), ("list", 0.0)):
            bench.pair(
                Pair(
                    f"Redis Streams queue, {size}",
                    "put_many",
                    f"raw redis-py, pipelined {kind}s",
                    least,
                ),
                many(jobs, item, emptied(jobs)),
                redis_pipelined(port, kind, item),
                ours_n=n,
                peer_n=n,
            )
    jobs.close()


def measure_python(bench: Bench) -> None:
    made = PythonQueueDescriptor()
    bench.pair(
        Pair("Python queue, threads", "put and get", "queue.Queue", 0.8),
        put_and_get(made),
        put_and_get(queue.Queue()),
        ours_n=200_000,
        peer_n=200_000,
    )
    made.delete()


def measure_ray(bench: Bench, stack: ExitStack) -> None:
    import ray
    from ray.util.queue import Queue as RayUtilQueue

    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray.init(
        num_cpus=1,
        include_dashboard=False,
        object_store_memory=80 * 1024 * 1024,
        log_to_driver=False,
        logging_level="ERROR",
        _node_ip_address="127.0.0.1",
    )
    stack.callback(ray.shutdown)
    port = stack.enter_context(process(BIN / "sage-kernel", "rpc-serve", "--port", 0))
    jobs = rpc_at(port, "bench")
    peer = RayUtilQueue()
    ours = RayQueueDescriptor(0)

    def put_into_peer(count: int) -> None:
        for _ in range(count):
            peer.put(SMALL)

    bench.pair(
        Pair("RPC, 100 B", "put_many", "ray.util.queue, one by one", 50.0),
        many(jobs, SMALL, emptied(jobs)),
        put_into_peer,
        ours_n=200_000,
        peer_n=500,
    )
    bench.pair(
        Pair("Ray queue, 100 B, one by one", "put", "ray.util.queue, one by one", 0.0),
        one_by_one(ours, lambda: None),
        put_into_peer,
        ours_n=500,
        peer_n=500,
    )
    bench.pair(
        Pair("Ray queue, 100 B", "put_many", "ray.util.queue, put_nowait_batch", 0.0),
        many(ours, SMALL, lambda: None),
        lambda count: [peer.put_nowait_batch([SMALL] * BATCH) for _ in range(count // BATCH)],
        ours_n=20_000,
        peer_n=20_000,
    )
    jobs.close()
    ours.delete()
    peer.shutdown()


def measure_memory(bench: Bench) -> dict[str, Any]:
    """Bytes of memory that the server has for each byte of a million items that wait."""
    count = round(1_000_000 * bench.scale)
    command = [BIN / "sage-kernel", "rpc-serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        jobs = rpc_at(int(server.stdout.readline().rsplit(":", 1)[1]), "memory")
        jobs.put_many([SMALL] * 1000)
        before = resident(server.pid)
        jobs.put_many(repeat(SMALL, count))
        grown = resident(server.pid) - before
        jobs.close()
    finally:
        server.kill()
        server.communicate()
    ratio = grown / (count * len(SMALL))
    result = {"items": count, "bytes": grown, "ratio": round(ratio, 2), "must": 3.0}
    bench.console.print(
        f"server memory, {count:,} items of 100 B: {ratio:.2f} x the payload (at most 3)",
        style="green" if ratio <= 3 else "red",
        highlight=False,
    )
    return result


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def machine() -> dict[str, Any]:
    """What was measured on, as far as it matters to a reader."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {
            "grpcio": grpc.__version__,
            "redis-py": redis.__version__,
            "msgspec": msgspec.__version__,
        },
    }


def show(bench: Bench) -> None:
    table = Table(title="Items a second, and their ratio, in one run")
    for column in ("queue", "ours", "beside", "ours/s", "peer/s", "ratio", "must"):
        table.add_column(
            column, justify="right" if column[-1] in "sot" and "/" in column else "left"
        )
    for each in bench.results:
        must = f">= {each.must:g}" if each.must else "-"
        colour = "green" if each.ok else "red"
        rates = (f"{each.ours_rate:,.0f}", f"{each.peer_rate:,.0f}")
        ratio = f"[{colour}]{each.ratio:.2f}[/]"
        table.add_row(each.name, each.ours, each.peer, *rates, ratio, must)
    Console(width=140).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the items, fewer turns")
    parser.add_argument(
        "--without-ray", action="store_true", help="leave Ray out: it starts slowly"
    )
    options = parser.parse_args()
    if shutil.which("redis-server") is None:
        print("redis-server is not installed; run: apt-get install redis-server", file=sys.stderr)
        return 2
    bench = Bench(quick=options.quick)
    measure_python(bench)
    for measure in (measure_rpc, measure_redis, *([] if options.without_ray else [measure_ray])):
        with ExitStack() as stack:
            measure(bench, stack)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as directory:
        measure_tls(bench, stack, Path(directory))
    memory = measure_memory(bench)
    show(bench)
    result = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "results": [asdict(each) for each in bench.results],
        "memory": memory,
    }
    if not options.quick and not options.without_ray:
        path = HERE / "results" / "queues.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        print(f"wrote {path.relative_to(HERE.parent)}")
        measured.main()
    met = all(each.ok for each in bench.results) and memory["ratio"] <= memory["must"]
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
