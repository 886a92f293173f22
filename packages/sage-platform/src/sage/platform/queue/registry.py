"""Where layers above put the queue types that this layer reaches by name (ADR-0002).

Two registries, both read by name: `queue_types` says which descriptor class a serialised
descriptor becomes, `queue_factories` says what opens the live queue. Both are module state, one
of the two exceptions that ADR-0002 makes.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from sage.common.registry import Registration, Registry
from sage.platform.queue.errors import FactoryMissing, UnknownQueueType

if TYPE_CHECKING:
    from sage.platform.queue.descriptor import BaseQueueDescriptor

__all__ = [
    "Queue",
    "QueueFactory",
    "queue_factories",
    "queue_types",
    "register_queue_factory",
    "register_queue_type",
    "register_rpc_queue_factory",
]


class Queue(Protocol):
    """A live queue: what a factory returns. `queue.Queue` is one.

    A live queue may also have `put_many`, `get_many`, `lease`, `close` (let go of this way to the
    queue) and `delete` (end the queue for everyone); a descriptor uses those that are there.

    >>> import queue
    >>> from sage.platform.queue import PythonQueueDescriptor
    >>> live: list[Queue] = [queue.Queue(), PythonQueueDescriptor().queue_instance]
    >>> for each in live:
    ...     each.put("item")
    ...     print(each.get(timeout=1), each.empty())
    item True
    item True
    """

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; raise `queue.Full` after `timeout` seconds (None: wait for ever)."""

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the next item; raise `queue.Empty` after `timeout` seconds (None: for ever)."""

    def qsize(self) -> int:
        """Count the items that wait."""

    def empty(self) -> bool:
        """Tell whether no item waits."""

    def full(self) -> bool:
        """Tell whether a put would wait."""


# --8<-- [start:factory]
QueueFactory: TypeAlias = Callable[..., Queue]
"""Opens a live queue: called with `queue_id` and the descriptor's options, all by keyword."""
# --8<-- [end:factory]


def _check_factory(factory: object) -> None:
    if not callable(factory):
        raise TypeError(f"a queue factory must be callable, got {factory!r}")


def _check_type(descriptor: object) -> None:
    if not isinstance(descriptor, type) or not hasattr(descriptor, "from_dict"):
        raise TypeError(
            f"a queue type must be a subclass of BaseQueueDescriptor, got {descriptor!r}"
        )


_IN_KERNEL = (
    "In a clone of SAGE run `pip install packages/sage-kernel`, "
    "then `import sage.kernel` registers it"
)


def _how_to_register(queue_type: str) -> str:
    if queue_type == "rpc_queue":
        return _IN_KERNEL
    return "Import the package that registers it, or call register_queue_factory"


queue_types: "Registry[type[BaseQueueDescriptor]]" = Registry(
    "queue type",
    entry_point_group="sage.queue_types",
    check=_check_type,
    error=UnknownQueueType,
)
"""Descriptor classes by the name of their queue type; what opens them is in `queue_factories`.

>>> from sage.platform.queue import queue_factories, queue_types
>>> queue_types.get("rpc_queue").__name__
'RPCQueueDescriptor'
>>> def open_list(queue_id, **options):
...     raise NotImplementedError
>>> factory: "sage.platform.queue.QueueFactory" = open_list
>>> with queue_factories.register("list_queue", factory):
...     "list_queue" in queue_factories
True
"""
queue_factories: Registry[QueueFactory] = Registry(
    "queue factory",
    entry_point_group="sage.queue_factories",
    check=_check_factory,
    hint=_how_to_register,
    error=FactoryMissing,
)


def register_queue_type(
    descriptor: "type[BaseQueueDescriptor]",
    factory: QueueFactory | None = None,
    *,
    replace: bool = False,
) -> Registration:
    """Make a new type of queue known, so that `resolve_descriptor` finds it.

    A third party may declare both parts as entry points instead, in the groups
    `sage.queue_types` and `sage.queue_factories`, named after the queue type; they are read when
    the type is first asked for.

    Args:
        descriptor: The descriptor class; its `queue_type` is the name.
        factory: What opens its live queues; None when that is registered apart, or when the
            class opens them itself.
        replace: Put them in the place of others of that name.

    Returns:
        A registration that undoes both.

    Raises:
        AlreadyRegistered: The name has a different class or factory and `replace` is False.
        TypeError: The class is no descriptor class, or the factory is not callable.

    >>> import queue
    >>> from sage.platform.queue import BaseQueueDescriptor, resolve_descriptor
    >>> class StackDescriptor(BaseQueueDescriptor):
    ...     queue_type = "stack"
    >>> def open_stack(queue_id):
    ...     return queue.LifoQueue()
    >>> with register_queue_type(StackDescriptor, open_stack):
    ...     stack = resolve_descriptor({"queue_type": "stack", "queue_id": "plates"})
    ...     stack.put("first")
    ...     stack.put("second")
    ...     stack.get()
    'second'
    """
    registered = queue_types.register(descriptor.queue_type, descriptor, replace=replace)
    if factory is None:
        return registered
    try:
        opened_by = queue_factories.register(descriptor.queue_type, factory, replace=replace)
    except Exception:
        registered.undo()
        raise

    def undo() -> None:
        opened_by.undo()
        registered.undo()

    return Registration(undo)


def register_queue_factory(
    queue_type: str, factory: QueueFactory, *, replace: bool = False
) -> Registration:
    """Say what opens the live queues of a type.

    Args:
        queue_type: The type's name, such as `"rpc_queue"`.
        factory: Called with `queue_id` and the descriptor's options, all by keyword; returns
            the live queue.
        replace: Put it in the place of a different factory.

    Returns:
        A registration: `undo()` it, or use it as a `with` block.

    Raises:
        AlreadyRegistered: The type has a different factory and `replace` is False.
        TypeError: The factory is not callable.

    >>> import queue
    >>> with register_queue_factory("lifo", lambda queue_id: queue.LifoQueue()):
    ...     print("lifo" in queue_factories)
    True
    >>> "lifo" in queue_factories
    False
    """
    return queue_factories.register(queue_type, factory, replace=replace)


# --8<-- [start:register]
def register_rpc_queue_factory(factory: QueueFactory, *, replace: bool = False) -> Registration:
    """Say what opens the queues of `RPCQueueDescriptor`; `import sage.kernel` does it.

    Args:
        factory: Called with `queue_id`, `host`, `port`, `connection_timeout`, `retry_count`,
            `enable_pooling`, `maxsize`, `tls` and `token`, all by keyword; returns the live
            queue. A factory takes `**options` for what later releases add.
        replace: Put it in the place of a different factory.

    Returns:
        A registration: `undo()` it, or use it as a `with` block.

    Raises:
        AlreadyRegistered: A different factory is registered and `replace` is False.
        TypeError: The factory is not callable.

    >>> import queue
    >>> from sage.platform.queue import RPCQueueDescriptor
    >>> def open_in_memory(queue_id, maxsize, **options):
    ...     return queue.Queue(maxsize)
    >>> with register_rpc_queue_factory(open_in_memory, replace=True):
    ...     jobs = RPCQueueDescriptor(queue_id="jobs", maxsize=2)
    ...     jobs.put("resize")
    ...     jobs.get(timeout=1)
    'resize'
    """
    return register_queue_factory("rpc_queue", factory, replace=replace)


# --8<-- [end:register]
