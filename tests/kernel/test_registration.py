"""Importing sage.kernel registers and does nothing else (ADR-0002)."""

import subprocess
import sys
import textwrap
from typing import Any

import pytest

import sage.kernel
from sage.common.errors import AlreadyRegistered
from sage.platform.queue import (
    FactoryMissing,
    RPCQueueDescriptor,
    queue_factories,
    register_rpc_queue_factory,
)

assert sage.kernel


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_import_of_the_kernel_imports_no_grpc_and_starts_no_thread() -> None:
    seen = run(
        """
        import sys, threading
        import sage.kernel
        print([name for name in ("grpc", "redis", "ray", "google") if name in sys.modules])
        print(threading.active_count())
        """
    )
    assert seen == "[]\n1"


def test_import_of_the_platform_needs_no_optional_library() -> None:
    seen = run(
        """
        import sys
        sys.modules.update(dict.fromkeys(("grpc", "redis", "ray", "rocksdict", "msgspec")))
        import sage.platform.queue
        print("imported")
        """
    )
    assert seen == "imported"


def test_without_the_kernel_the_error_says_what_to_do_and_doing_it_works() -> None:
    seen = run(
        """
        from sage.platform.queue import RPCQueueDescriptor
        jobs = RPCQueueDescriptor(queue_id="jobs")
        try:
            jobs.queue_instance
        except RuntimeError as error:
            print(error)
        import sage.kernel
        print(type(jobs.queue_instance).__name__)
        """
    )
    assert seen.splitlines() == [
        "no queue factory is registered as 'rpc_queue'; registered are: python, ray_queue. "
        "In a clone of SAGE run `pip install packages/sage-kernel`, "
        "then `import sage.kernel` registers it",
        "RPCQueue",
    ]


def test_a_second_factory_is_refused_unless_it_replaces() -> None:
    def other(**options: Any) -> Any:
        return options

    with pytest.raises(AlreadyRegistered, match="replace=True"):
        register_rpc_queue_factory(other)
    before = queue_factories.get("rpc_queue")
    with register_rpc_queue_factory(other, replace=True):
        opened: Any = RPCQueueDescriptor(queue_id="jobs", token="t", maxsize=3).queue_instance
        assert opened == {
            "queue_id": "jobs",
            "host": "localhost",
            "port": 50051,
            "connection_timeout": 30.0,
            "retry_count": 3,
            "enable_pooling": True,
            "maxsize": 3,
            "tls": False,
            "codec": "msgpack",
            "token": "t",
        }
    assert queue_factories.get("rpc_queue") is before


@pytest.mark.parametrize("factory", [None, "sage.kernel", 3])
def test_what_is_not_callable_is_refused(factory: Any) -> None:
    with pytest.raises(TypeError):
        register_rpc_queue_factory(factory, replace=True)


def test_undo_of_the_last_factory_brings_the_error_back() -> None:
    before = queue_factories.unregister("rpc_queue")
    try:
        with pytest.raises(FactoryMissing, match=r"import sage\.kernel"):
            RPCQueueDescriptor().put(1)
    finally:
        register_rpc_queue_factory(before)
