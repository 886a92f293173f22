"""Calls between the services of one runner."""

import inspect
import logging
import math
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.from_thread
from anyio.lowlevel import EventLoopToken

from sage.platform.service.base import BaseService
from sage.platform.service.errors import (
    ServiceCallTimeout,
    ServiceError,
    ServiceNotFound,
    ServiceNotRunning,
)
from sage.platform.service.state import State
from sage.platform.service.threads import in_thread, loop_of_this_thread

__all__ = ["Calls", "Context", "Slot"]

_HOOKS = frozenset(name for name in dir(BaseService) if not name.startswith("_"))


@dataclass
class Slot:
    """One service of a runner, with its state and the calls that it is answering."""

    name: str
    service: BaseService
    state: State = State.NEW
    idle: threading.Condition = field(default_factory=threading.Condition)
    in_flight: int = 0
    checks: list[str] = field(default_factory=list)

    def enter(self) -> None:
        """Count a call in, or refuse it."""
        with self.idle:
            if self.state is not State.RUNNING:
                raise ServiceNotRunning(self.name, self.state)
            self.in_flight += 1

    def leave(self) -> None:
        """Count a call out."""
        with self.idle:
            self.in_flight -= 1
            self.idle.notify_all()

    def wait_idle(self, timeout: float) -> bool:
        """Block until no call is in flight, and say whether that came in time."""
        with self.idle:
            return self.idle.wait_for(lambda: self.in_flight == 0, timeout)


class Calls:
    """Routes a call to a method of a running service."""

    def __init__(self, slots: Mapping[str, Slot]) -> None:
        self._slots = slots
        self.loop: EventLoopToken | None = None

    def call(
        self,
        service_name: str,
        args: tuple[object, ...],
        kwargs: dict[str, object],
        *,
        timeout: float | None,
        method: str | None,
    ) -> object:
        """Call and block until the method returns; see `BaseService.call_service`."""
        if self.loop is not None and loop_of_this_thread() == self.loop:
            raise ServiceError(
                f"call_service({service_name!r}) would block the event loop; use call_service_async"
                " and await asyncio.wrap_future(future)"
            )
        timeout = _limit(timeout)
        slot = self._slot(service_name)
        verb = method or "process"
        function = _method(slot, verb)
        bound = partial(function, *args, **kwargs)
        slot.enter()
        if not inspect.iscoroutinefunction(function):
            return _call_here(slot, verb, bound, timeout)
        try:
            return self._call_on_loop(slot, verb, bound, timeout)
        finally:
            slot.leave()

    def call_async(
        self,
        service_name: str,
        args: tuple[object, ...],
        kwargs: dict[str, object],
        *,
        timeout: float | None,
        method: str | None,
    ) -> Future[object]:
        """Call in a thread of its own and return its future at once."""

        def work() -> object:
            return self.call(service_name, args, kwargs, timeout=timeout, method=method)

        return in_thread(work, f"call {service_name}")

    def _slot(self, name: str) -> Slot:
        slot = self._slots.get(name)
        if slot is None:
            raise ServiceNotFound("service", name, self._slots)
        return slot

    def _call_on_loop(
        self, slot: Slot, verb: str, bound: Callable[[], object], timeout: float | None
    ) -> object:
        async def work() -> object:
            with anyio.move_on_after(timeout):
                return await bound()  # type: ignore[misc]  # a coroutine function
            raise ServiceCallTimeout(slot.name, verb, timeout or 0)

        return anyio.from_thread.run(work, token=self.loop)


def _call_here(slot: Slot, verb: str, bound: Callable[[], object], timeout: float | None) -> object:
    def work() -> object:
        try:
            return bound()
        finally:
            slot.leave()

    if timeout is None:
        return work()
    future = in_thread(work, f"{slot.name}.{verb}")
    try:
        return future.result(timeout)
    except TimeoutError:
        if future.done():  # just now, or it was the method itself that raised
            return future.result()
        raise ServiceCallTimeout(slot.name, verb, timeout) from None


def _limit(timeout: float | None) -> float | None:
    if timeout is None or timeout == math.inf:
        return None
    if not timeout >= 0:
        raise ValueError(f"timeout must be a number of seconds from 0 up, got {timeout!r}")
    return min(timeout, threading.TIMEOUT_MAX)


def _method(slot: Slot, name: str) -> Callable[..., object]:
    function: Callable[..., object] | None = getattr(slot.service, name, None)
    if name.startswith("_") or name in _HOOKS or function is None or not callable(function):
        known = (word for word in dir(slot.service) if not word.startswith("_"))
        methods = [word for word in known if word not in _HOOKS]
        raise ServiceNotFound(f"method of {slot.name!r} named", name, methods)
    return function


class Context:
    """What one service sees of its runner; see `ServiceContext`."""

    def __init__(self, name: str, calls: Calls) -> None:
        self.name = name
        self.logger = logging.getLogger(f"sage.service.{name}")
        self._calls = calls

    def call_service(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> object:
        """Call a method of another service; see `BaseService.call_service`."""
        return self._calls.call(service_name, args, kwargs, timeout=timeout, method=method)

    def call_service_async(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> Future[object]:
        """Call a method of another service in another thread."""
        return self._calls.call_async(service_name, args, kwargs, timeout=timeout, method=method)
