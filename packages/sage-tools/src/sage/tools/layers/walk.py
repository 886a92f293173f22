"""Every Python file of a distribution, found on disk: which module it is, and in which portion."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from sage.tools.finding import Finding
from sage.tools.layers.layout import Place

__all__ = ["NOT_CODE", "Search", "SourceFile", "Walk", "is_file", "is_folder"]

# What setuptools leaves out of a flat layout, and what no distribution ships.
# fmt: off
NOT_CODE = frozenset({
    "bench", "benchmark", "benchmarks", "build", "ci", "debian", "dist", "doc", "docs",
    "documentation", "example", "examples", "exercise", "exercises", "fabfile", "htmlcov",
    "manpages", "news", "node_modules", "notebooks", "requirements", "samples", "script",
    "scripts", "site", "snippets", "task", "tasks", "test", "tests", "testing", "tools", "utils",
    "venv",
})
# fmt: on
_PYTHON = (".py", ".pyi", ".pyw")
_CYTHON = (".pyx", ".pxd", ".pxi")
_SCRIPTS = frozenset({"setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py"})
_NAMESPACE_INIT = re.compile(rb"\b(?:extend_path|declare_namespace)\s*\(")


class SourceFile(NamedTuple):
    """One Python file that a distribution ships.

    Attributes:
        module: Its dotted name.
        file: The file itself.
        path: The file relative to the root, with `/`.
        portion: The top of its import portion, such as `sage.platform`; empty where the file
            is none that grimp can find by name (a stub, a lone module, an odd file name).
        test: Whether it lies in a `tests` folder or is a conftest: read, but ruled by nothing.
        package: Whether it is an `__init__`.
        stamp: Its times and size, which tell whether it has changed; empty where unknown.
        regular: Whether it is a plain file, no pipe or device.
    """

    module: str
    file: str
    path: str
    portion: str = ""
    test: bool = False
    package: bool = False
    stamp: str = ""
    regular: bool = True


@dataclass(slots=True)
class Search:
    """What is found on the way through one repository."""

    root: Path
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def path(self, file: Path | str) -> str:
        return os.path.relpath(file, self.root).replace(os.sep, "/")


@dataclass(slots=True)
class Walk:
    """One distribution's files, collected; follows links and stops where they run in a circle.

    Attributes:
        search: Takes what is wrong on the way.
        others: Folders of other distributions, which are passed over.
        portions: Import portion → folder.
        files: Every Python file.
        shared: Dotted names of folders that only lead to portions.
        cython: Cython files, which import as well and are not read.
    """

    search: Search
    others: frozenset[str] = frozenset()
    portions: dict[str, str] = field(default_factory=dict)
    files: list[SourceFile] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    cython: list[str] = field(default_factory=list)

    @property
    def ships(self) -> bool:
        """Whether a module that is no test was found."""
        return any(not file.test for file in self.files)

    def place(self, folder: Path, place: Place) -> None:
        """Collect what a place of the distribution in `folder` holds, if it is there."""
        real = folder / place.path
        if not place.module:
            if place.path == ".":
                self.flat(folder, place.names, strictly=False)
            elif is_folder(real):
                self.base(real)
            return
        parts = tuple(place.module.split("."))
        path = self.search.path(real)
        if is_folder(real):
            self.above(parts[:-1])
            self.folder(str(real), path, parts)
        elif is_file(real):
            entries = self.entries(str(real.parent), self.search.path(real.parent))
            one = next(entry for entry in entries if entry.name == real.name)
            self.file(one, self.search.path(real.parent), parts[:-1], "", False, False)

    def above(self, parts: tuple[str, ...]) -> None:
        """Names that lead to a place and are no modules of their own."""
        for end in range(1, len(parts) + 1):
            if (name := ".".join(parts[:end])) not in self.shared:
                self.shared.append(name)

    def base(self, base: Path) -> None:
        """Collect everything under an import root."""
        path = self.search.path(base)
        for entry in self.entries(str(base), path):
            self.entry(entry, path)

    def flat(self, folder: Path, names: Iterable[str], *, strictly: bool) -> None:
        """Collect the packages beside the metadata, as setuptools' flat layout has them.

        Args:
            folder: The distribution's folder.
            names: Patterns of names that are taken whatever they are called.
            strictly: Whether to take these alone.
        """
        path, known = self.search.path(folder), list(names)
        found = self.entries(str(folder), path)
        own = [one for one in found if any(fnmatchcase(_stem(one), name) for name in known)]
        rest = () if strictly else [one for one in found if one not in own and _is_package(one)]
        loose = () if strictly or own or rest else [one for one in found if _is_module(one)]
        for entry in sorted([*own, *rest, *loose], key=lambda one: one.name):
            self.entry(entry, "" if path == "." else path)

    def entry(self, entry: os.DirEntry[str], path: str) -> None:
        place = f"{path}/{entry.name}" if path else entry.name
        if not is_folder(entry):
            self.file(entry, path or ".", (), "", False, False)
        elif entry.name != "__pycache__" and not entry.name.startswith("."):
            self.folder(entry.path, place, (entry.name,))

    def folder(
        self,
        folder: str,
        path: str,
        parts: tuple[str, ...],
        portion: str = "",
        links: tuple[str, ...] = (),
        twin: bool = False,
    ) -> None:
        """Collect what lies in one folder.

        Args:
            folder: The folder.
            path: The same, relative to the root.
            parts: The folder's name as a module, in parts.
            portion: The import portion that it lies in; empty above all portions.
            links: The real folders behind the links on the way here.
            twin: Whether a module of the same name stands beside it.
        """
        if folder in self.others:
            return
        entries = self.entries(folder, path)
        names = {entry.name for entry in entries}
        name = ".".join(parts)
        if not portion:
            portion = self.portion(folder, name, names, len(parts))
        tests = "tests" in parts
        for entry in entries:
            if not is_folder(entry):
                if not entry.name.endswith(_PYTHON):
                    if entry.name.endswith(_CYTHON):
                        self.cython.append(f"{path}/{entry.name}")
                    continue
                stem = entry.name.rpartition(".")[0]
                double = twin if stem == "__init__" else stem in names
                self.file(entry, path, parts, portion, tests, double)
                continue
            if entry.name == "__pycache__" or entry.name.startswith("."):
                continue
            inside = links
            if entry.is_symlink():
                real = os.path.realpath(entry.path)
                if real in links or _holds(real, os.path.realpath(folder)):
                    message = "is a link to a folder above it; it was not read again"
                    where = f"{path}/{entry.name}"
                    self.search.findings.append(Finding(where, 0, "unreadable-file", message))
                    continue
                inside = (*links, real)
            beside = f"{entry.name}.py" in names
            self.folder(
                entry.path, f"{path}/{entry.name}", (*parts, entry.name), portion, inside, beside
            )

    def portion(self, folder: str, name: str, names: set[str], depth: int) -> str:
        """`name` where an import portion starts here; else the folder only leads to portions."""
        initial = "__init__.py" in names
        # Without an `__init__`, modules make a portion, unless they lie in the namespace itself.
        starts = not _is_namespace_init(f"{folder}/__init__.py") if initial else depth > 1
        if starts and (initial or _holds_code(names)):
            self.portions[name] = folder
            return name
        self.shared.append(name)
        return ""

    def file(
        self,
        entry: os.DirEntry[str],
        path: str,
        parts: tuple[str, ...],
        portion: str,
        test: bool,
        twin: bool,
    ) -> None:
        name = entry.name
        stem, _, kind = name.rpartition(".")
        if not name.endswith(_PYTHON) or name.startswith("."):
            return
        package = stem == "__init__"
        # grimp knows files by their module, so of twins (`a.py`, `a/__init__.py`) it reads one.
        plain = kind == "py" and not twin and all(p.isidentifier() for p in (*parts, stem))
        status = _status(entry)
        self.files.append(
            SourceFile(
                module=".".join(parts if package else (*parts, stem)),
                file=entry.path,
                path=name if path == "." else f"{path}/{name}",
                portion=portion if plain else "",
                test=test or name == "conftest.py",
                package=package,
                stamp=_stamp(status),
                regular=status is None or stat.S_ISREG(status.st_mode),
            )
        )

    def entries(self, folder: str, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            message = f"cannot be opened: {error.strerror}; nothing in it was read"
            self.search.findings.append(Finding(path, 0, "unreadable-file", message))
            return []


def _is_package(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    return (
        is_folder(entry)
        and name.isidentifier()
        and name not in NOT_CODE
        and not name.endswith(("_test", "_tests"))
        and is_file(Path(entry.path, "__init__.py"))
    )


def _stem(entry: os.DirEntry[str]) -> str:
    """The name as a package or module; of what is neither, the whole name."""
    return entry.name.removesuffix(".py")


def _is_module(entry: os.DirEntry[str]) -> bool:
    stem, _, kind = entry.name.rpartition(".")
    return kind == "py" and stem.isidentifier() and entry.name not in _SCRIPTS


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat()
    except OSError:  # a link to nowhere: reading it will say so
        return None


def _stamp(status: os.stat_result | None) -> str:
    if status is None:
        return ""
    return f"{status.st_mtime_ns}-{status.st_ctime_ns}-{status.st_size}-{status.st_mode}"


def _holds(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


def is_folder(place: Path | os.DirEntry[str]) -> bool:
    """Whether a folder is there to be seen; what may not be looked at is told when it is opened."""
    try:
        return place.is_dir()
    except OSError:
        return False


def is_file(place: Path) -> bool:
    """Whether a file is there to be seen; what may not be looked at is told when it is opened."""
    try:
        return place.is_file()
    except OSError:
        return False


def _holds_code(names: set[str]) -> bool:
    return any(name.endswith((".py", ".pyi")) for name in names)


def _is_namespace_init(file: str) -> bool:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - one of thousands of files
            return bool(_NAMESPACE_INIT.search(stream.read(20_000)))
    except OSError:
        return False
