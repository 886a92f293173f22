"""Use all three parts of L2, and show which layers that loaded."""

# --8<-- [start:main]
import sys

from sage.platform.queue import PythonQueueDescriptor
from sage.platform.service import BaseService
from sage.platform.storage import open_store


class Greeter(BaseService):
    """Anything that is set up, started, stopped and cleaned up."""


def main() -> None:
    PythonQueueDescriptor(queue_id="jobs").put("compile")
    open_store("memory://").set("state", "ready")
    Greeter().setup()

    layers = {
        ".".join(name.split(".")[:2])
        for name in sys.modules
        if name.startswith("sage.")
    }
    extras = {"grpc", "ray", "redis", "rocksdict"} & set(sys.modules)
    print("layers loaded:", ", ".join(sorted(layers)))
    print("optional backends loaded:", ", ".join(sorted(extras)) or "none")


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
