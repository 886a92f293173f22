"""What can go wrong with services, one class for each thing a caller can do about it."""

from collections.abc import Iterable, Sequence

from sage.common.errors import SageError

__all__ = [
    "HookExited",
    "HookTimeout",
    "ServiceCallTimeout",
    "ServiceCycle",
    "ServiceError",
    "ServiceNotBound",
    "ServiceNotFound",
    "ServiceNotRunning",
    "StartFailed",
    "StopFailed",
]


class ServiceError(SageError):
    """The root of every error that the runner raises on its own account.

    >>> issubclass(ServiceNotFound, ServiceError)
    True
    """


class ServiceNotBound(ServiceError, RuntimeError):
    """A service that belongs to no runner was asked to call another.

    >>> from sage.platform.service import BaseService
    >>> try:
    ...     BaseService().call_service("cache")
    ... except ServiceNotBound as error:
    ...     print(error)
    BaseService has no context: give it to a ServiceRunner before it calls others
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no context: give it to a ServiceRunner before it calls others"
        )


class ServiceNotFound(ServiceError, LookupError):
    """The runner has no service, or the service no public method, of that name.

    >>> from sage.platform.service import BaseService, ServiceRunner
    >>> class Gateway(BaseService):
    ...     needs = ("cahce",)
    >>> try:
    ...     ServiceRunner({"gateway": Gateway(), "cache": BaseService()})
    ... except ServiceNotFound as error:
    ...     print(error)
    there is no service for 'gateway' to need named 'cahce'; there is: cache, gateway
    """

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        there = ", ".join(sorted(known)) or "none"
        super().__init__(f"there is no {what} {name!r}; there is: {there}")


class ServiceNotRunning(ServiceError, RuntimeError):
    """The service exists and cannot be called now.

    >>> from sage.platform.service import BaseService, ServiceRunner
    >>> class Cache(BaseService):
    ...     def process(self): ...
    >>> ServiceRunner({"cache": Cache()}).call_service("cache")
    Traceback (most recent call last):
    sage.platform.service.errors.ServiceNotRunning: cache is new, expected running
    """

    def __init__(self, name: str, state: object, expected: str = "running") -> None:
        super().__init__(f"{name} is {state}, expected {expected}")


class ServiceCycle(ServiceError, ValueError):
    """Services need each other in a circle, so that none can start first.

    >>> print(ServiceCycle(["a", "b", "a"]))
    services need each other in a circle: a -> b -> a; cut one
    """

    def __init__(self, circle: Sequence[str]) -> None:
        super().__init__(f"services need each other in a circle: {' -> '.join(circle)}; cut one")


class ServiceCallTimeout(ServiceError, TimeoutError):
    """A called method did not return in time; a synchronous one goes on in its own thread.

    >>> import threading
    >>> from sage.platform.service import BaseService, ServiceRunner
    >>> class Slow(BaseService):
    ...     def process(self):
    ...         threading.Event().wait(0.2)
    >>> with ServiceRunner({"slow": Slow()}) as runner:
    ...     runner.call_service("slow", timeout=0.01)
    Traceback (most recent call last):
    sage.platform.service.errors.ServiceCallTimeout: slow.process did not return within 0.01 s
    """

    def __init__(self, name: str, method: str, seconds: float) -> None:
        super().__init__(f"{name}.{method} did not return within {seconds:g} s")


class HookTimeout(ServiceError, TimeoutError):
    """A hook did not return by its deadline; a synchronous one goes on in its own thread.

    >>> print(HookTimeout("gateway", "start", 30.0))
    gateway.start did not return within 30 s
    """

    def __init__(self, name: str, phase: str, seconds: float) -> None:
        super().__init__(f"{name}.{phase} did not return within {seconds:g} s")


class HookExited(ServiceError, RuntimeError):
    """A hook asked for the end of the process; the runner stops the services first.

    >>> print(HookExited("gateway", "stop", SystemExit(1)))
    gateway.stop raised SystemExit(1); use request_stop() to end the runner
    """

    def __init__(self, name: str, phase: str, error: BaseException) -> None:
        super().__init__(f"{name}.{phase} raised {error!r}; use request_stop() to end the runner")


class StartFailed(ServiceError, ExceptionGroup):
    """A service did not start; what had started was stopped again.

    The first of `exceptions` is what the service raised, the others come from the roll-back.

    >>> from sage.platform.service import BaseService, ServiceRunner
    >>> class Broken(BaseService):
    ...     def start(self):
    ...         raise OSError("no disk")
    >>> try:
    ...     with ServiceRunner({"broken": Broken()}):
    ...         pass
    ... except StartFailed as failed:
    ...     print(failed.exceptions)
    (OSError('no disk'),)
    """


class StopFailed(ServiceError, ExceptionGroup):
    """Every service was stopped, and these hooks raised while it was done.

    >>> from sage.platform.service import BaseService, ServiceRunner
    >>> class Broken(BaseService):
    ...     def stop(self):
    ...         raise OSError("no disk")
    >>> try:
    ...     with ServiceRunner({"broken": Broken()}):
    ...         pass
    ... except StopFailed as failed:
    ...     print(failed.exceptions)
    (OSError('no disk'),)
    """
