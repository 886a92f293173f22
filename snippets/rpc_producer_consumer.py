"""A producer and a consumer in two processes, by the registered factory."""

# --8<-- [start:main]
import subprocess
import sys

import sage.kernel  # noqa: F401  registers what opens RPC queues (ADR-0002)
from sage.kernel.runtime.communication.rpc import RPCQueueServer
from sage.platform.queue import RPCQueueDescriptor


def produce(port: int) -> None:
    orders = RPCQueueDescriptor(port=port, queue_id="orders")
    for order in ("tea", "rice", "ink", "that is all"):
        orders.put(order, timeout=5)
    orders.close()


def consume(port: int) -> None:
    orders = RPCQueueDescriptor(port=port, queue_id="orders")
    while (order := orders.get(timeout=5)) != "that is all":
        print("got", order)
    orders.close()


def main() -> None:
    with RPCQueueServer(port=0) as server:
        producer = subprocess.Popen(
            [sys.executable, __file__, "produce", str(server.port)]
        )
        consume(server.port)
        print("the producer ended with", producer.wait())


# --8<-- [end:main]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["produce", port]:
            produce(int(port))
        case _:
            main()
