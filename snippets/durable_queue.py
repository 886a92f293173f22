"""Kill the Redis server that holds a queue, and find what was put."""

# requires: redis-server

import atexit
import subprocess
import tempfile
import time
from pathlib import Path

# --8<-- [start:main]
from sage.kernel.runtime.communication.redis_stream import (
    RedisStreamQueueDescriptor,
)


def main(folder: Path) -> None:
    server = start_redis(folder)
    orders = RedisStreamQueueDescriptor(
        f"unix://{folder}/redis.sock", queue_id="orders"
    )
    orders.put("tea", timeout=5)
    orders.put("rice", timeout=5)

    server.kill()  # no chance to say goodbye
    server.wait()
    server = start_redis(folder)
    while not orders.empty():
        with orders.lease(timeout=5) as lease:
            print("still there:", lease.value)
    orders.close()
    server.terminate()
    server.wait()


def start_redis(folder: Path) -> "subprocess.Popen[bytes]":
    """A server that confirms a write when it is on the disk."""
    where = f"--port 0 --unixsocket {folder}/redis.sock --dir {folder}"
    log = "--logfile redis.log"
    durable = "--appendonly yes --appendfsync always"
    options = f"{where} {log} {durable}".split()
    server = subprocess.Popen(["redis-server", *options])
    atexit.register(server.kill)  # whatever happens here, it does not stay
    wait_until_it_answers(folder / "redis.sock")
    return server


# --8<-- [end:main]


def wait_until_it_answers(socket: Path) -> None:
    import redis

    deadline = time.monotonic() + 10
    while True:
        try:
            with redis.Redis(unix_socket_path=str(socket)) as client:
                client.ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
