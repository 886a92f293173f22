"""Leases that one consumer holds, renewed by a thread for as long as there are any."""

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

from sage.platform.queue import QueueError

__all__ = ["Held", "Renewer"]

log = logging.getLogger(__name__)


class Held(NamedTuple):
    """An item that is lent: its place in the stream and the count of its deliveries."""

    entry: str
    deliveries: int

    def __str__(self) -> str:
        return f"{self.entry}/{self.deliveries}"


class Renewer:
    """Renews what is held, every so often; its thread lives only while something is held.

    Args:
        renew: Renews these leases.
        seconds: The time between two renewals.
    """

    def __init__(self, renew: Callable[[list[Held]], None], seconds: float) -> None:
        self._renew = renew
        self._seconds = seconds
        self._held: set[Held] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def hold(self, held: Held) -> None:
        """Renew this one too."""
        with self._changed:
            self._held.add(held)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="sage-redis-leases", daemon=True
                )
                self._thread.start()

    def drop(self, held: Held) -> None:
        """Renew this one no more."""
        with self._changed:
            self._held.discard(held)
            if not self._held:
                self._changed.notify()

    def stop(self) -> list[Held]:
        """Renew nothing more, wait for the thread to end, and return what was held."""
        with self._changed:
            held, self._held = sorted(self._held, reverse=True), set()
            thread = self._thread
            self._changed.notify()
        if thread is not None:
            thread.join()
        return held

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._held, self._seconds)
                if not self._held:
                    self._thread = None
                    return
                held = list(self._held)
            try:
                self._renew(held)
            except QueueError as error:  # the leases end unless the server is back before
                log.warning("leases could not be renewed: %s", error)
