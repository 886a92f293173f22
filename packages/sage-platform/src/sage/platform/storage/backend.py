"""The nine methods that every key-value backend of the platform has."""

from abc import ABC, abstractmethod
from os import PathLike

__all__ = ["BaseKVBackend", "PathType"]

PathType = str | PathLike[str]


class BaseKVBackend(ABC):
    """Values by text key. A missing key reads as None; `has` tells it from a stored None.

    >>> from sage.platform.storage import DictKVBackend
    >>> def remember(backend: BaseKVBackend) -> list[str]:
    ...     backend.set("answer", 42)
    ...     return backend.get_all_keys()
    >>> remember(DictKVBackend())
    ['answer']
    """

    @abstractmethod
    def get_all_keys(self) -> list[str]:
        """Return every key as a list of its own; remote backends are asked page by page."""

    @abstractmethod
    def has(self, key: str) -> bool:
        """Say whether the key holds a value, None included."""

    @abstractmethod
    def get(self, key: str) -> object:
        """Return the value, or None when the key is missing."""

    @abstractmethod
    def set(self, key: str, value: object) -> None:
        """Store the value under the key, in place of an earlier one."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the key; one that is missing is no error."""

    @abstractmethod
    def clear(self) -> None:
        """Remove every key of this backend, and nothing else that its server or file holds."""

    @abstractmethod
    def load_data_to_memory(self, path: PathType) -> None:
        """Replace what this backend holds by what the file holds.

        Raises:
            FileNotFoundError: There is no such file.
            StoreCorrupted: The file is not whole; the backend keeps what it held.
        """

    @abstractmethod
    def store_data_to_disk(self, path: PathType) -> None:
        """Write all keys and values to one file; it is whole and on disk when this returns.

        Raises:
            OSError: The file could not be written; an earlier file is as it was.
        """

    @abstractmethod
    def clear_disk_data(self, path: PathType) -> None:
        """Remove a file that `store_data_to_disk` wrote; one that is missing is no error."""
