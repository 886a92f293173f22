"""What every service is: four hooks that do nothing until you write them, and a way to call."""

import logging
from collections.abc import Awaitable, Sequence
from concurrent.futures import Future
from typing import Protocol

from sage.platform.service.errors import ServiceNotBound
from sage.platform.service.health import Check
from sage.platform.service.state import Deadlines

__all__ = ["BaseService", "ServiceContext"]


class ServiceContext(Protocol):
    """What a runner gives each of its services as `ctx`.

    Attributes:
        name: The name the service has in its runner.
        logger: Where it logs.

    >>> from sage.platform.service import ServiceRunner
    >>> cache = BaseService()
    >>> _ = ServiceRunner({"cache": cache})
    >>> cache.ctx.name, cache.logger.name
    ('cache', 'sage.service.cache')
    """

    @property
    def name(self) -> str: ...

    @property
    def logger(self) -> logging.Logger: ...

    def call_service(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> object:
        """Call a method of another service and return what it returns."""

    def call_service_async(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> Future[object]:
        """Call a method of another service and return at once."""


class BaseService:
    """The base of every service: write the hooks you need, as `def` or as `async def`.

    A runner calls `setup`, `start`, then `stop`, `cleanup`. `stop` runs when `start` returned;
    `cleanup` runs whenever `setup` was begun, so it must cope with a set-up that failed half-way.
    A plain hook runs in a thread of its own, an `async` one on the runner's event loop.

    Attributes:
        ctx: Set by the runner; None before.
        needs: Names of the services that must run before this one starts.
        deadlines: Seconds for each hook of this service; None for the runner's.

    >>> from sage.platform.service import ServiceRunner
    >>> class Cache(BaseService):
    ...     def setup(self):
    ...         self.data = {"answer": 42}
    ...     def process(self, key):
    ...         return self.data[key]
    >>> class Gateway(BaseService):
    ...     needs = ("cache",)
    ...     def process(self, key):
    ...         return f"{key} is {self.call_service('cache', key)}"
    >>> with ServiceRunner({"gateway": Gateway(), "cache": Cache()}) as runner:
    ...     runner.call_service("gateway", "answer")
    'answer is 42'
    """

    ctx: ServiceContext | None = None
    needs: Sequence[str] = ()
    deadlines: Deadlines | None = None

    @property
    def name(self) -> str:
        """The name in the runner, or the class's name before there is one."""
        return type(self).__name__ if self.ctx is None else self.ctx.name

    @property
    def logger(self) -> logging.Logger:
        """The runner's logger for this service, or one named after the class."""
        return logging.getLogger(type(self).__name__) if self.ctx is None else self.ctx.logger

    # --8<-- [start:hooks]
    def setup(self) -> Awaitable[None] | None:
        """Acquire what the service holds; the first hook."""

    def start(self) -> Awaitable[None] | None:
        """Begin to serve; when this returns, others may call the service."""

    def stop(self) -> Awaitable[None] | None:
        """Stop serving; no call is in flight any more."""

    def cleanup(self) -> Awaitable[None] | None:
        """Release what `setup` acquired; the last hook."""

    # --8<-- [end:hooks]

    def checks(self) -> Sequence[Check]:
        """Return the health checks of this service; asked once, when it has started."""
        return ()

    def call_service(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> object:
        """Call a method of another service of the same runner; blocks until it returns.

        Args:
            service_name: The other's name in the runner.
            *args: Given to the method.
            timeout: Seconds to wait; None waits as long as it takes.
            method: A public method; `process` when None.
            **kwargs: Given to the method.

        Raises:
            ServiceNotBound: This service has no runner.
            ServiceNotFound: There is no such service or method.
            ServiceNotRunning: The other has not started, or is stopping.
            ServiceCallTimeout: It did not return in time.
            ValueError: `timeout` is negative.
        """
        ctx = self._bound()
        return ctx.call_service(service_name, *args, timeout=timeout, method=method, **kwargs)

    def call_service_async(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> Future[object]:
        """Call as `call_service` does, in another thread, and return a future at once.

        Wait for it with `.result()`, or in `async` code with `await asyncio.wrap_future(future)`.
        """
        ctx = self._bound()
        return ctx.call_service_async(service_name, *args, timeout=timeout, method=method, **kwargs)

    def _bound(self) -> ServiceContext:
        if self.ctx is None:
            raise ServiceNotBound(type(self).__name__)
        return self.ctx
