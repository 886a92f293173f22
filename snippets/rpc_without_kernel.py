"""Open an RPC queue where the kernel was never imported."""

# --8<-- [start:main]
import sys

from sage.common.errors import NotRegistered
from sage.platform.queue import RPCQueueDescriptor, resolve_descriptor


def main() -> None:
    orders = RPCQueueDescriptor(
        host="127.0.0.1", port=7411, queue_id="orders"
    )
    received = resolve_descriptor(orders.to_dict())  # anywhere
    print("the descriptor travels:", received == orders)
    try:
        orders.put("tea")
    except NotRegistered as error:
        print(error)
    print("the kernel was loaded:", "sage.kernel" in sys.modules)


# --8<-- [end:main]


def fresh_interpreter() -> str:
    """What `main` prints in a process that has imported nothing yet."""
    import subprocess

    run = [sys.executable, __file__, "main"]
    return subprocess.run(
        run, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["main"]:
        main()
    else:
        print(fresh_interpreter(), end="")
