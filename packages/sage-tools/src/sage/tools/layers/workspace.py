"""Which distributions a repository holds, and which module files each of them ships."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding
from sage.tools.layers.metadata import Metadata, normalise, read_metadata
from sage.tools.layers.spec import FILE, Spec

__all__ = ["Distribution", "SourceFile", "Workspace", "find_workspace"]

# What setuptools leaves out of a flat layout, and what no distribution ships.
# fmt: off
_NOT_CODE = frozenset({
    "bench", "benchmark", "benchmarks", "build", "ci", "debian", "dist", "doc", "docs",
    "documentation", "example", "examples", "exercise", "exercises", "fabfile", "htmlcov",
    "manpages", "news", "node_modules", "notebooks", "requirements", "samples", "script",
    "scripts", "site", "snippets", "task", "tasks", "test", "tests", "testing", "tools", "utils",
    "venv",
})
# fmt: on
_PYTHON = (".py", ".pyi", ".pyw")
_NOT_MODULES = frozenset({"setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py"})
_NAMESPACE_INIT = re.compile(rb"\b(?:extend_path|declare_namespace)\s*\(")


@dataclass(frozen=True, slots=True)
class SourceFile:
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


@dataclass(frozen=True, slots=True)
class Distribution:
    """One distribution: its metadata and its files.

    Attributes:
        name: Its name as the metadata gives it; the folder's name where there is none.
        folder: Its folder.
        path: The folder relative to the root, with `/`; `.` for the root itself.
        metadata: What it says about itself; `None` where it has no metadata file.
        files: Every Python file under its import roots.
        portions: Import portion → folder.
        shared: Dotted names of folders that only lead to portions, such as `sage`.
    """

    name: str
    folder: Path
    path: str
    metadata: Metadata | None
    files: tuple[SourceFile, ...]
    portions: Mapping[str, str]
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """All distributions of one repository, and what was wrong on the way.

    Attributes:
        root: The folder that was searched.
        distributions: In the order of their folders.
        findings: Folders and files that could not be read.
        notes: Sentences that a reader of the result must know.
    """

    root: Path
    distributions: tuple[Distribution, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Search:
    root: Path
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def path(self, file: Path | str) -> str:
        return os.path.relpath(file, self.root).replace(os.sep, "/")


def find_workspace(root: Path, spec: Spec) -> Workspace:
    """Discover every distribution under `root`, by `spec.roots`, uv's members, or the root itself.

    Raises:
        CannotBegin: `root` is no folder, or no Python file is found and none expected.
    """
    if not root.is_dir():
        raise CannotBegin(f"{root}: no such folder; give the repository with --root")
    search = _Search(root)
    folders = [folder for folder in _folders(root, spec, search) if folder.is_dir()]
    found = [one for folder in folders if (one := _distribution(folder, spec, search))]
    if not found and (one := _distribution(root, spec, search)):
        found = [one] if one.files or one.metadata else []
    if not any(one.files for one in found):
        looked = f"no Python file found: looked in {', '.join(_patterns(root, spec))}"
        if not spec.packages:
            raise CannotBegin(f"{root}: {looked} and here; name the folders as `roots` in {FILE}")
        search.notes.append(looked)
    return Workspace(root, tuple(found), tuple(search.findings), tuple(search.notes))


def _folders(root: Path, spec: Spec, search: _Search) -> list[Path]:
    found: dict[Path, None] = {}
    for pattern in _patterns(root, spec):
        if pattern in (".", "./"):
            found[root] = None
            continue
        try:
            matches = sorted(root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            raise CannotBegin(f"layer.yaml: roots: {pattern!r} is no pattern: {error}") from error
        found |= dict.fromkeys(one for one in matches if not one.name.startswith((".", "__")))
    return list(found)


def _patterns(root: Path, spec: Spec) -> list[str]:
    return list(spec.roots) if spec.given else [*spec.roots, "libs/*", *_uv_members(root)]


def _uv_members(root: Path) -> list[str]:
    try:
        data = tomllib.loads((root / "pyproject.toml").read_text("utf-8-sig"))
        members = data["tool"]["uv"]["workspace"]["members"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError):
        return []
    return [one for one in members if isinstance(one, str)] if isinstance(members, list) else []


def _distribution(folder: Path, spec: Spec, search: _Search) -> Distribution | None:
    path = search.path(folder)
    metadata: Metadata | None = None
    try:
        metadata = read_metadata(folder)
    except ValueError as error:
        name = "pyproject.toml" if (folder / "pyproject.toml").is_file() else "setup.cfg"
        search.findings.append(
            Finding(_join(path, name), 0, "broken-metadata", f"{error}; its rules are unchecked")
        )
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        search.findings.append(Finding(path, 0, "broken-metadata", message))
    if metadata and metadata.name and normalise(metadata.name) == normalise(spec.meta):
        return None
    if metadata and metadata.file and not metadata.name and folder != search.root:
        message = "gives the distribution no name; add [project] name"
        file = search.path(metadata.file)
        search.findings.append(Finding(file, 0, "broken-metadata", message))
    name = (metadata and metadata.name) or folder.name or folder.resolve().name
    files, portions, shared = _sources(folder, name, metadata, spec, search)
    if metadata is None and folder != search.root:
        if not files and spec.package(name) is None:
            return None
        if not any(one.path.startswith(path) for one in search.findings):
            message = f"{path} has no pyproject.toml; add one with [project] name = {name!r}"
            search.findings.append(Finding(path, 0, "missing-metadata", message))
    return Distribution(name, folder, path, metadata, tuple(files), portions, tuple(shared))


def _join(path: str, name: str) -> str:
    return name if path == "." else f"{path}/{name}"


def _sources(
    folder: Path, name: str, metadata: Metadata | None, spec: Spec, search: _Search
) -> tuple[list[SourceFile], dict[str, str], list[str]]:
    bases = [folder / source for source in (metadata.sources if metadata else ())]
    bases = [base for base in bases if base.is_dir() and base.resolve() != folder.resolve()]
    if (folder / "src").is_dir() and not bases:
        bases = [folder / "src"]
    walk = _Walk(search, {}, [], [])
    if bases:
        for base in dict.fromkeys(bases):
            walk.base(base)
    else:
        place = search.path(folder)
        for entry in _flat(folder, name, spec):
            if _is_dir(entry):
                walk.folder(entry.path, _join(place, entry.name), (entry.name,))
            else:
                walk.file(entry, place, (), "", False, False)
    return walk.files, walk.portions, walk.shared


def _flat(folder: Path, name: str, spec: Spec) -> Iterator[os.DirEntry[str]]:
    """The packages and modules beside the metadata, as setuptools' flat layout has them."""
    own = normalise(name).replace("-", "_")
    known = {own, own.split("_")[0], spec.namespace.split(".")[0]}
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        stem, _, kind = entry.name.rpartition(".")
        if not _is_dir(entry):
            if kind == "py" and entry.name not in _NOT_MODULES and stem.isidentifier():
                yield entry
        elif (
            entry.name.isidentifier()
            and entry.name not in _NOT_CODE
            and not entry.name.endswith(("_test", "_tests"))
            and (entry.name in known or Path(entry.path, "__init__.py").is_file())
        ):
            yield entry


@dataclass(slots=True)
class _Walk:
    """One distribution's files, collected; follows links and stops where they run in a circle."""

    search: _Search
    portions: dict[str, str]
    files: list[SourceFile]
    shared: list[str]

    def base(self, base: Path) -> None:
        path = self.search.path(base)
        for entry in self.entries(str(base), path):
            if _is_dir(entry):
                self.folder(entry.path, f"{path}/{entry.name}", (entry.name,))
            else:
                self.file(entry, path, (), "", False, False)

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
        entries = self.entries(folder, path)
        names = {entry.name for entry in entries}
        name = ".".join(parts)
        if not portion:
            portion = self.portion(folder, name, names, len(parts))
        tests = "tests" in parts
        for entry in entries:
            if not _is_dir(entry):
                if not entry.name.endswith(_PYTHON):
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


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: reading it as a file will say so
        return False


def _holds_code(names: set[str]) -> bool:
    return any(name.endswith((".py", ".pyi")) for name in names)


def _is_namespace_init(file: str) -> bool:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - one of thousands of files
            return bool(_NAMESPACE_INIT.search(stream.read(20_000)))
    except OSError:
        return False
