"""What a forked child does with stores that its parent opened: nothing, and it says so."""

from collections.abc import Callable
from typing import Final, NoReturn

from sage.common.forks import Forks
from sage.platform.storage.errors import StoreError

__all__ = ["Refusal", "rocks_forks"]


class Refusal:
    """Stands where a database was that must not be used any more."""

    def __init__(self, error: Callable[[str], StoreError], name: str) -> None:
        self._error = error
        self._name = name

    def get(self, key: object) -> NoReturn:
        """Refuse."""
        raise self._error(self._name)

    def __getattr__(self, name: str) -> NoReturn:
        raise self._error(self._name)


rocks_forks: Final = Forks()
"""All stores of this process share RocksDB's threads, so there is one for all (ADR-0008)."""
