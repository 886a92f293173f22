"""Liveness, readiness and startup, kept apart, answered from memory.

Each check runs in a thread of its own at its own pace; a probe reads the last results and never
waits. Liveness asks nothing but this process, so that a dependency that is down never makes an
orchestrator kill the processes that wait for it.
"""

import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

import anyio

from sage.platform.service.state import check_seconds

__all__ = ["Check", "CheckResult", "Health", "HealthReport"]

Kind = Literal["readiness", "startup"]
KINDS = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Check:
    """One named question about a dependency or about the service itself.

    Attributes:
        name: Short and stable; it appears in probes.
        probe: Called without arguments, again and again; healthy unless it raises, even
            SystemExit, or returns False. It runs in a thread of its own; an `async def` of a
            service runs on its runner's event loop.
        kind: `"readiness"`: asked as long as the process lives. `"startup"`: asked until it once
            succeeded.
        timeout: Seconds after which no answer counts as a failure, above 0.
        every: Seconds between the end of one call and the next, above 0: for so long the last
            answer is given.

    >>> Check("redis", lambda: True, timeout=0)
    Traceback (most recent call last):
    ValueError: check 'redis' has timeout 0: expected seconds above 0, at most 1e9
    """

    name: str
    probe: Callable[[], object]
    kind: Kind = "readiness"
    timeout: float = 1.0
    every: float = 5.0

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"a check needs a name, got {self.name!r}")
        if not callable(self.probe):
            raise ValueError(f"check {self.name!r} has probe {self.probe!r}: expected a function")
        if self.kind not in KINDS:
            raise ValueError(f"check {self.name!r} has kind {self.kind!r}: expected one of {KINDS}")
        for word, seconds in (("timeout", self.timeout), ("every", self.every)):
            check_seconds(f"check {self.name!r} has {word}", seconds)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check last said.

    Attributes:
        name: The check's name.
        healthy: Whether it passed, in time.
        detail: Why not; empty when healthy.
        age: Seconds since the answer came, or since the question when there is none yet.

    >>> CheckResult("redis", False, "no answer within 1 s").healthy
    False
    """

    name: str
    healthy: bool
    detail: str = ""
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The answer to one probe: healthy when every result is.

    >>> report = HealthReport((CheckResult("cache", True), CheckResult("disk", False, "full")))
    >>> report.healthy, str(report)
    (False, 'disk: full')
    """

    results: tuple[CheckResult, ...] = ()
    healthy: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "healthy", all(result.healthy for result in self.results))

    def __str__(self) -> str:
        bad = [f"{result.name}: {result.detail}" for result in self.results if not result.healthy]
        return "; ".join(bad) or "healthy"


class Health:
    """The checks of one process and its three probes. Probes never block and never raise.

    Args:
        clock: Seconds that never go back.

    >>> with Health() as health:
    ...     health.add(Check("cache", lambda: True))
    ...     health.wait_until_ready(timeout=5)
    ...     print(health.liveness(), health.readiness())
    True
    healthy healthy
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._watches: dict[str, _Watch] = {}
        self._gates: dict[tuple[str, str], Callable[[], str]] = {}
        self._changed = threading.Condition()
        self._closed = False

    def add(self, check: Check) -> None:
        """Start to ask this check; until its first answer it counts as not healthy.

        Raises:
            ValueError: There is a check of that name, or the health is closed.
        """
        self._add(check, check.kind)

    def add_liveness(self, check: Check) -> None:
        """Start to ask a check of this process itself; never give it one that calls a dependency.

        Raises:
            ValueError: There is a check of that name, or the health is closed.
        """
        self._add(check, "liveness")

    def add_gate(self, name: str, kind: Kind, fault: Callable[[], str]) -> None:
        """Ask this function at every probe of its kind; it answers "" or why not, at once.

        For what this process knows without asking anyone, such as "still starting".
        """
        with self._lock:
            self._gates[name, kind] = fault

    def remove(self, name: str) -> None:
        """Forget the check; returns when it is not asked any more, or hangs past its time-out."""
        with self._lock:
            watch = self._watches.pop(name, None)
        if watch is not None:
            watch.end()
            watch.join()

    def liveness(self) -> HealthReport:
        """Say whether the process itself is sound; if not, it should be restarted."""
        return self._report("liveness")

    def startup(self) -> HealthReport:
        """Say whether the process has started; until then the other probes mean nothing."""
        return self._report("startup")

    def readiness(self) -> HealthReport:
        """Say whether the process should be given work now."""
        startup, readiness = self._report("startup"), self._report("readiness")
        return HealthReport(tuple(dict.fromkeys(startup.results + readiness.results)))

    def wait_until_ready(self, timeout: float) -> bool:
        """Block until readiness is healthy, at most this many seconds, and say whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.readiness().healthy, timeout)

    def notify(self) -> None:
        """Wake `wait_until_ready`, after what a gate says has changed."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End every check; all three probes say "closed" from now on. Waits for checks in time."""
        with self._lock:
            self._closed = True
            watches = list(self._watches.values())
            self._watches = {}
        for watch in watches:
            watch.end()
        for watch in watches:
            watch.join()

    def __enter__(self) -> "Health":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add(self, check: Check, kind: str) -> None:
        with self._lock:
            if self._closed:
                raise ValueError(f"check {check.name!r} was added to a health that is closed")
            if check.name in self._watches:
                raise ValueError(f"there is a check {check.name!r} already; choose another name")
            self._watches[check.name] = watch = _Watch(check, kind, self._clock, self.notify)
        watch.begin()

    def _report(self, kind: str) -> HealthReport:
        with self._lock:
            if self._closed:
                return HealthReport((CheckResult("health", False, "closed"),))
            gates = [(name, gate) for (name, of), gate in self._gates.items() if of == kind]
            watches = [watch for watch in self._watches.values() if watch.kind == kind]
        said = [(name, gate()) for name, gate in gates]
        passed = [CheckResult(name, not fault, fault) for name, fault in said]
        return HealthReport((*passed, *(watch.result() for watch in watches)))


class _Watch:
    """One check, asked in a thread of its own."""

    def __init__(
        self, check: Check, kind: str, clock: Callable[[], float], notify: Callable[[], None]
    ) -> None:
        self.kind = kind
        self._check = check
        self._clock = clock
        self._notify = notify
        self._lock = threading.Lock()
        self._asked_at: float | None = clock()  # None between an answer and the next question
        self._answered_at = clock()
        self._fault: str | None = "not asked yet"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"check {check.name}", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()

    def join(self) -> None:
        if self._thread is not threading.current_thread():
            # A check that hangs past its time-out is left behind: the thread is a daemon.
            self._thread.join(self._check.timeout)

    def result(self) -> CheckResult:
        now = self._clock()
        with self._lock:
            asked_at, answered_at, fault = self._asked_at, self._answered_at, self._fault
        if asked_at is not None and now - asked_at > self._check.timeout:
            late = f"no answer within {self._check.timeout:g} s"
            return CheckResult(self._check.name, False, late, now - asked_at)
        return CheckResult(self._check.name, fault is None, fault or "", now - answered_at)

    def _loop(self) -> None:
        while not self._ended.is_set():
            with self._lock:
                self._asked_at = self._clock()
            fault = self._ask()
            with self._lock:
                late = self._clock() - self._asked_at > self._check.timeout
                self._fault = f"answered after {self._check.timeout:g} s" if late else fault
                self._asked_at, self._answered_at = None, self._clock()
            self._notify()
            if self.kind == "startup" and self._fault is None:
                return
            self._ended.wait(self._check.every)

    def _ask(self) -> str | None:
        try:
            said = self._check.probe()
            if inspect.isawaitable(said):
                said = anyio.run(_wait_for, said)
            return "it returned False" if said is False else None
        except BaseException as error:  # sys.exit() in a check ends neither its thread nor us
            return f"{type(error).__name__}: {error}"


async def _wait_for(said: Awaitable[object]) -> object:
    return await said
