"""Starts services in order, keeps them, and stops them in reverse, whatever happens."""

import logging
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from typing import Self

import anyio
import anyio.from_thread
from anyio.lowlevel import EventLoopToken, current_token

from sage.platform.service.base import BaseService
from sage.platform.service.calls import Calls, Context, Slot
from sage.platform.service.errors import (
    HookExited,
    HookTimeout,
    ServiceNotRunning,
    StartFailed,
    StopFailed,
)
from sage.platform.service.health import Check, Health
from sage.platform.service.order import start_order
from sage.platform.service.state import Deadlines, State, check_seconds
from sage.platform.service.threads import call_hook, loop_of_this_thread, on_loop

__all__ = ["ServiceRunner"]

_LOG = logging.getLogger("sage.service")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ServiceRunner:
    """Runs services that know each other by name.

    It is a context manager, `with` or `async with`; `run` blocks until a signal. Hooks run one
    after the other: `setup` and `start` of each service after those it needs, `stop` and `cleanup`
    in reverse. When one fails to start, those before it are stopped and `StartFailed` is raised.
    When some fail to stop, all the others are stopped and `StopFailed` holds every error. A runner
    that has stopped may be started again.

    Args:
        services: Each service by its name.
        deadlines: Seconds for each hook; a service's own `deadlines` come first.
        stuck_after: Seconds, above 0, that the event loop may stand still before liveness fails.

    Raises:
        ServiceNotFound: A service needs one that is not there.
        ServiceCycle: Services need each other in a circle.
        TypeError: What stands under a name is no service, or its `needs` are one text.
        ValueError: One service stands under two names, or `stuck_after` is no time.

    >>> class Store(BaseService):
    ...     async def start(self):
    ...         print("store starts")
    ...     def stop(self):
    ...         print("store stops")
    ...     def checks(self):
    ...         return [Check("disk", lambda: True)]
    >>> with ServiceRunner({"store": Store()}) as runner:
    ...     runner.health.wait_until_ready(timeout=5)
    ...     print(runner.state)
    store starts
    True
    running
    store stops
    """

    def __init__(
        self,
        services: Mapping[str, BaseService],
        *,
        deadlines: Deadlines | None = None,
        stuck_after: float = 5.0,
    ) -> None:
        check_seconds("stuck_after is", stuck_after)
        self._order = start_order(services)
        self._deadlines = Deadlines() if deadlines is None else deadlines
        self._slots = {name: Slot(name, services[name]) for name in self._order}
        self._calls = Calls(self._slots)
        self._stuck_after = stuck_after
        self._state = State.NEW
        self._health = Health()
        self._loop: EventLoopToken | None = None
        self._ask_to_stop: Callable[[], None] | None = None
        self._lost: list[Exception] = []  # from a roll-back that a cancellation hid
        self._exits = ExitStack()
        for name, slot in self._slots.items():
            slot.service.ctx = Context(name, self._calls)

    @property
    def state(self) -> State:
        """Where the runner is in its life."""
        return self._state

    @property
    def states(self) -> dict[str, State]:
        """Where each service is, by name, in the order in which they start."""
        return {name: slot.state for name, slot in self._slots.items()}

    @property
    def health(self) -> Health:
        """The three probes over all services; a check is named `service/check`."""
        return self._health

    def call_service(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> object:
        """Call a method of a service from outside; see `BaseService.call_service`."""
        return self._calls.call(service_name, args, kwargs, timeout=timeout, method=method)

    def call_service_async(
        self,
        service_name: str,
        *args: object,
        timeout: float | None = None,
        method: str | None = None,
        **kwargs: object,
    ) -> Future[object]:
        """Call from outside and return a future; see `BaseService.call_service_async`."""
        return self._calls.call_async(service_name, args, kwargs, timeout=timeout, method=method)

    def run(self, *, signals: Sequence[signal.Signals] = _SIGNALS) -> None:
        """Start everything, block until a signal or `request_stop`, and stop everything.

        Call it in the main thread. A signal while services start stops those that have; a second
        signal does what it does to any process, and ends this one at once.

        Raises:
            StartFailed: A service did not start; all is stopped again.
            StopFailed: Some hooks raised while all was stopped.
        """
        anyio.run(self.serve, tuple(signals))

    async def serve(self, signals: Sequence[signal.Signals] = _SIGNALS) -> None:
        """Do what `run` does, inside a running event loop of the main thread."""
        failure: Exception | None = None
        asked = anyio.Event()
        with anyio.open_signal_receiver(*signals) as received:
            async with anyio.create_task_group() as group:
                starting = anyio.CancelScope()

                def ask_to_stop() -> None:
                    asked.set()
                    starting.cancel()

                async def listen() -> None:
                    number = await anext(received)
                    _LOG.info("%s: stopping", number.name)
                    ask_to_stop()
                    number = await anext(received)
                    signal.signal(number, signal.SIG_DFL)
                    os.kill(os.getpid(), number)

                self._ask_to_stop = ask_to_stop
                group.start_soon(listen)
                try:
                    with starting:
                        await self._start()
                        await asked.wait()
                    if self._lost:
                        raise _stop_failed(self._lost)
                    await self._stop()
                except (StartFailed, StopFailed) as error:
                    failure = error  # raised outside of the group, which would wrap it
                finally:
                    self._ask_to_stop = None
                group.cancel_scope.cancel()
        if failure is not None:
            raise failure

    def request_stop(self) -> None:
        """Make `run` or `serve` return as a signal would; from any thread, never blocks.

        Raises:
            ServiceNotRunning: Neither of them is running.
        """
        ask, loop = self._ask_to_stop, self._loop
        if ask is None or loop is None:
            raise ServiceNotRunning("the runner", self._state, "inside run() or serve()")
        if loop_of_this_thread() == loop:
            ask()
        else:
            anyio.from_thread.run_sync(ask, token=loop)

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            portal = exits.enter_context(anyio.from_thread.start_blocking_portal())
            portal.call(self._start)
            exits.callback(portal.call, self._stop)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    async def _start(self) -> None:
        if self._state not in (State.NEW, State.STOPPED):
            raise ServiceNotRunning("the runner", self._state, "new or stopped")
        self._state, self._lost = State.STARTING, []
        for slot in self._slots.values():
            slot.state = State.NEW
        self._loop = self._calls.loop = current_token()
        self._open_health()
        try:
            for slot in self._slots.values():
                await self._start_one(slot)
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                errors = await self._stop_all()
            if not isinstance(error, Exception):  # cancelled: not a fault of the service
                self._state, self._lost = State.STOPPED, errors
                for lost in errors:
                    _LOG.error("while the start was rolled back: %s", lost, exc_info=lost)
                raise
            self._state = State.FAILED
            text = f"{slot.name} did not start; what had started was stopped again"
            raise StartFailed(text, [error, *errors]) from None
        self._state = State.RUNNING
        self._health.notify()

    async def _start_one(self, slot: Slot) -> None:
        slot.state = State.STARTING
        try:
            await self._phase(slot, "setup")
            await self._phase(slot, "start")
            slot.state = State.RUNNING
            for check in slot.service.checks():
                slot.checks.append(f"{slot.name}/{check.name}")
                probe = on_loop(check.probe, check.timeout)
                self._health.add(replace(check, name=slot.checks[-1], probe=probe))
        except BaseException:
            started = slot.state is State.RUNNING  # only its checks were refused
            slot.state = State.RUNNING if started else State.FAILED
            raise

    async def _stop(self) -> None:
        if self._state is not State.RUNNING:
            return
        self._state = State.STOPPING
        with anyio.CancelScope(shield=True):
            errors = await self._stop_all()
        self._state = State.STOPPED
        if errors:
            raise _stop_failed(errors)

    async def _stop_all(self) -> list[Exception]:
        errors: list[Exception] = []
        for slot in reversed(self._slots.values()):
            if slot.state in (State.RUNNING, State.FAILED):
                errors += await self._stop_one(slot)
        await call_hook(self._health.close, "health closes")  # its threads may wait for this loop
        self._calls.loop = self._loop = None
        return errors

    async def _stop_one(self, slot: Slot) -> list[Exception]:
        errors: list[Exception] = []
        started = slot.state is State.RUNNING
        slot.state = State.STOPPING
        if slot.checks:
            await call_hook(lambda: self._end_checks(slot), f"{slot.name} ends its checks")
        for phase in ("drain", "stop", "cleanup") if started else ("cleanup",):
            try:
                await (self._drain(slot) if phase == "drain" else self._phase(slot, phase))
            except Exception as error:
                error.add_note(f"in {phase} of service {slot.name!r}")
                errors.append(error)
        slot.state = State.STOPPED if started else State.FAILED
        return errors

    def _end_checks(self, slot: Slot) -> None:
        while slot.checks:
            self._health.remove(slot.checks.pop())

    async def _drain(self, slot: Slot) -> None:
        seconds = self._seconds(slot, "stop")
        if not await call_hook(lambda: slot.wait_idle(seconds), f"{slot.name} drains"):
            raise HookTimeout(slot.name, "calls in flight", seconds)

    async def _phase(self, slot: Slot, phase: str) -> None:
        hook: Callable[[], object] = getattr(slot.service, phase)
        if getattr(hook, "__func__", None) is getattr(BaseService, phase):
            return  # nothing was written for this phase
        seconds = self._seconds(slot, phase)
        with anyio.move_on_after(seconds) as scope:
            try:
                await call_hook(hook, f"{slot.name}.{phase}")
            except (KeyboardInterrupt, SystemExit) as error:
                raise HookExited(slot.name, phase, error) from error
        if scope.cancelled_caught or anyio.current_time() > scope.deadline:  # it held the loop up
            raise HookTimeout(slot.name, phase, seconds)

    def _seconds(self, slot: Slot, phase: str) -> float:
        seconds: float = getattr(slot.service.deadlines or self._deadlines, phase)
        return seconds

    def _open_health(self) -> None:
        self._health = health = Health()
        loop = self._loop
        health.add_gate("services", "startup", self._not_started)
        health.add_gate("services", "readiness", self._not_running)
        health.add_liveness(
            Check(
                "event loop",
                lambda: anyio.from_thread.run_sync(_nothing, token=loop),
                timeout=self._stuck_after,
                every=self._stuck_after / 5,
            )
        )

    def _not_started(self) -> str:
        waiting = [
            n for n, slot in self._slots.items() if slot.state in (State.NEW, State.STARTING)
        ]
        return f"not started: {', '.join(waiting)}" if waiting else ""

    def _not_running(self) -> str:
        return "" if self._state is State.RUNNING else f"the runner is {self._state}"


def _stop_failed(errors: list[Exception]) -> StopFailed:
    many = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    return StopFailed(f"{many} while all was stopped", errors)


def _nothing() -> None:
    """Run on the event loop to see that it turns."""
