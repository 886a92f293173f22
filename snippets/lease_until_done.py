"""Borrow an item until its work is done: what fails is delivered again."""

# --8<-- [start:main]
import sage.kernel  # noqa: F401  registers what opens RPC queues (ADR-0002)
from sage.kernel.runtime.communication.rpc import RPCQueueServer
from sage.platform.queue import RPCQueueDescriptor


def work(picture: object, attempt: int) -> None:
    if attempt == 1:
        raise OSError("the disk is full")
    print("resized", picture)


def main() -> None:
    with RPCQueueServer(port=0) as server:
        pictures = RPCQueueDescriptor(port=server.port, queue_id="pictures")
        pictures.put("cat.png")
        for _ in range(2):
            try:
                with pictures.lease(timeout=5) as lease:
                    print("delivery", lease.deliveries)
                    work(lease.value, lease.deliveries)
            except OSError as error:
                print("given back:", error)
        print("waiting:", pictures.qsize())
        pictures.close()


# --8<-- [end:main]


if __name__ == "__main__":
    main()
