"""The files of a repository that state versions; one that cannot be read is a finding."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding

__all__ = ["Files"]


@dataclass(slots=True)
class Files:
    """What lies below `root`, and what was found wrong on the way.

    Raises:
        CannotBegin: `root` is no folder, or may not be opened.
    """

    root: Path
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.root.is_dir():
            raise CannotBegin(f"{self.root}: no such folder; give the repository with --root")
        try:
            os.scandir(self.root).close()
        except OSError as error:
            raise CannotBegin(f"{self.root}: cannot be opened: {error.strerror}") from error

    def add(self, path: str, line: int, code: str, message: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(path, line, code, message))

    def read(self, file: Path) -> str | None:
        """The text of a file; `None`, and a finding, where it cannot be read."""
        try:
            return file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = str(error.strerror) if isinstance(error, OSError) else "is not UTF-8"
            self._unreadable(str(file), f"cannot be read: {why}")
            return None

    def lines(self, file: Path) -> Iterator[tuple[int, str]]:
        """The lines of a file with their numbers, from 1; none where it cannot be read."""
        return enumerate((self.read(file) or "").splitlines(), 1)

    def named(self, *names: str) -> Iterator[Path]:
        """Those of these files that are there."""
        paths = (self.root / name for name in names)
        return (path for path in paths if os.path.isfile(path))  # noqa: PTH113 (it never raises)

    def below(self, folder: str, *patterns: str, deep: bool = False) -> list[Path]:
        """Files of a folder, and of the folders in it where `deep`, that match a pattern, sorted.

        A folder that is not there has none; one that cannot be opened is a finding.
        """
        found = []
        for place, folders, names in os.walk(self.root / folder, onerror=self._shut):
            if not deep:
                folders.clear()
            matching = (n for n in names if any(fnmatchcase(n, pattern) for pattern in patterns))
            found += [Path(place, name) for name in matching]
        return sorted(found)

    def path(self, file: Path) -> str:
        """The file as findings name it."""
        return file.relative_to(self.root).as_posix()

    def _shut(self, error: OSError) -> None:
        gone = isinstance(error, FileNotFoundError) and not Path(error.filename).is_symlink()
        if not gone and not isinstance(error, NotADirectoryError):
            self._unreadable(error.filename, f"the folder cannot be opened: {error.strerror}")

    def _unreadable(self, file: str, why: str) -> None:
        self.add(self.path(Path(file)), 0, "unreadable-versions", why)
