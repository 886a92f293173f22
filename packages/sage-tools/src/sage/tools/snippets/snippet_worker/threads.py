"""Threads that a page leaves running: with one of them its process would never end."""

import sys
from time import monotonic
from types import ModuleType
from typing import Any

from .report import Failure

__all__ = ["GRACE", "Threads"]

GRACE = 2.0  # seconds that threads have to end when the page has


class Threads:
    """The threads of a page that were left running, and since which line."""

    def __init__(self) -> None:
        self._since: dict[Any, int] = {}

    def note(self, line: int) -> None:
        """Note which threads run on, and that the snippet of `line` started the new ones."""
        threading = sys.modules.get("threading")
        if threading is None:
            return
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                self._since.setdefault(thread, line)

    def leaked(self) -> Failure | None:
        """What is wrong once the page has ended: threads that do not end now."""
        deadline, threading = monotonic() + GRACE, sys.modules.get("threading")
        if self._since and threading:
            _end_pools(threading)
        for thread in self._since:
            thread.join(max(deadline - monotonic(), 0))
        alive = [f"{t.name} of line {n}" for t, n in self._since.items() if t.is_alive()]
        if not alive:
            return None
        names = ", ".join(alive)
        return Failure(f"the page leaves a thread running, so it would never end: {names}", "", 0)


def _end_pools(threading: ModuleType) -> None:
    """Let pools of threads end, as the interpreter does before it waits for threads."""

    def end() -> None:
        for call in reversed(getattr(threading, "_threading_atexits", [])):
            call()

    # In a thread of its own: a join that a signal interrupts takes its thread for ended.
    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(GRACE)
