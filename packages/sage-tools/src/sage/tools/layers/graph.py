"""Every import of a repository, with the packages at its two ends."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sage.tools.finding import Finding
from sage.tools.layers.labels import Labels
from sage.tools.layers.owners import Owners, find_owners, spelled
from sage.tools.layers.scan import scan
from sage.tools.layers.source import DYNAMIC, Reading, guess_dynamic, read_source
from sage.tools.layers.spec import Spec
from sage.tools.layers.workspace import Distribution, SourceFile, Workspace, find_workspace

__all__ = ["Edge", "Graph", "build_graph"]


class Edge(NamedTuple):
    """One import that leaves its package.

    Attributes:
        path: File of the importer, relative to the root.
        line: Line of the import, from 1.
        importer: The importing module.
        imported: The name imported, as exactly as the statement tells.
        source: The importer's package.
        target: The imported name's package; empty for what lies outside the workspace.
        kind: `"run time"`, `"lazy"`, `"optional"` or `"typing"`.
        dynamic: Whether it is a call of `import_module` or `__import__`.
    """

    path: str
    line: int
    importer: str
    imported: str
    source: str
    target: str
    kind: str = "run time"
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """What `build_graph` read.

    Attributes:
        workspace: The distributions and their files.
        owners: Which package an import name belongs to.
        modules: Module → its file.
        crossing: Imports between packages of the workspace, labelled, sorted.
        foreign: Imports of what lies outside the workspace and the standard library, unlabelled.
        inner: Module → modules of its own package that it imports, with lines.
        findings: Files that could not be read, and modules that stand twice.
        files: How many files were read.
        imports: How many imports were looked at.
        unknown: How many dynamic imports have a computed name, which nobody can follow.
        tests: How many of the files are tests, whose imports no rule looks at.
        labels: Says what guards an import.
    """

    workspace: Workspace
    owners: Owners
    modules: Mapping[str, SourceFile]
    crossing: tuple[Edge, ...]
    foreign: tuple[Edge, ...]
    inner: Mapping[str, Sequence[tuple[str, int]]]
    findings: tuple[Finding, ...]
    files: int
    imports: int
    unknown: int
    tests: int
    labels: Labels = field(repr=False, compare=False)

    def between(self, source: str, target: str) -> tuple[Edge, ...]:
        """The imports of package `target` by package `source`."""
        return tuple(
            edge for edge in self.crossing if edge.source == source and edge.target == target
        )


def build_graph(root: Path, spec: Spec) -> Graph:
    """Read every Python file that the distributions under `root` ship.

    Nothing is imported and `sys.path` plays no part, so that a broken or foreign repository is
    read as well as this one. Takes about as long as grimp's own build.

    Raises:
        CannotBegin: `root` is no folder, or `roots` holds a broken pattern.
    """
    workspace = find_workspace(root, spec)
    owners = find_owners(spec, workspace.distributions)
    reader = _Reader(spec, owners)
    for distribution in workspace.distributions:
        reader.read(distribution)
    return reader.graph(workspace)


@dataclass(slots=True)
class _Reader:
    spec: Spec
    owners: Owners
    modules: dict[str, SourceFile] = field(default_factory=dict)
    crossing: list[Edge] = field(default_factory=list)
    foreign: list[Edge] = field(default_factory=list)
    inner: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    labels: Labels = field(default_factory=Labels)
    by_path: dict[str, SourceFile] = field(default_factory=dict)
    files: int = 0
    imports: int = 0
    unknown: int = 0
    tests: int = 0

    def graph(self, workspace: Workspace) -> Graph:
        return Graph(
            workspace=workspace,
            owners=self.owners,
            modules=self.modules,
            crossing=tuple(sorted(self.label(self.crossing))),
            foreign=tuple(sorted(self.foreign)),
            inner=self.inner,
            findings=(*workspace.findings, *self.findings),
            files=self.files,
            imports=self.imports,
            unknown=self.unknown,
            tests=self.tests,
            labels=self.labels,
        )

    def read(self, distribution: Distribution) -> None:
        """Read one distribution, one package of layer.yaml at a time."""
        own = spelled(self.spec, distribution.name)
        groups: dict[str, dict[str, SourceFile]] = {}
        odd: list[SourceFile] = []
        for file in distribution.files:
            data = self.open(file)
            if data is None:
                continue
            self.remember(file, distribution.shared)
            owner = self.owners.owner(file.module) or own
            if file.portion and self.modules[file.module] is file:
                groups.setdefault(owner, {})[file.module] = file
            else:
                odd.append(file)
            if DYNAMIC.search(data):
                self.dynamic(file, data, owner)
        for owner, files in groups.items():
            self.scan(distribution, owner, files)
        for file in odd:
            self.parse(file, self.owners.owner(file.module) or own)

    def open(self, file: SourceFile) -> bytes | None:
        try:
            with open(file.file, "rb", opener=_no_wait) as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    self.fault(file, 0, "is no regular file")
                    return None
                data = stream.read()
        except OSError as error:
            self.fault(file, 0, f"cannot be opened: {error.strerror}")
            return None
        self.files += 1
        self.tests += file.test
        return data

    def remember(self, file: SourceFile, shared: Sequence[str]) -> None:
        self.by_path[file.path] = file
        first = self.modules.setdefault(file.module, file)
        if (
            first is file
            or file.module in shared
            or file.file.endswith(".pyi")
            or first.file.endswith(".pyi")
        ):
            if first is not file and first.file.endswith(".pyi"):
                self.modules[file.module] = file
            return
        message = f"{file.module} stands in {first.path} too; only one of them can be imported"
        self.findings.append(Finding(file.path, 0, "duplicate-module", message))

    def fault(self, file: SourceFile, line: int, fault: str) -> None:
        message = f"{fault}; its imports are unknown, so correct it or move it out of the package"
        self.findings.append(Finding(file.path, line, "unreadable-file", message))

    def scan(self, distribution: Distribution, owner: str, files: dict[str, SourceFile]) -> None:
        tops = {file.portion for file in files.values()}
        portions = [(name, distribution.portions[name]) for name in sorted(tops)]
        known = [file.module for file in distribution.files if file.portion in tops]
        package = self.spec.package(owner)
        if package and package.modules:
            portions, known = _narrowed(portions, known, package.modules)
        names = [name for name, _ in portions]
        plain = {m: f.file for m, f in files.items() if any(_under(m, name) for name in names)}
        imports, faults = scan(portions, plain, known)
        for module, (line, fault) in faults.items():
            self.fault(files[module], line, fault)
        for module, rows in imports.items():
            self.rows(files[module], owner, rows)
        for module in files.keys() - plain.keys():
            self.parse(files[module], owner)

    def rows(self, file: SourceFile, owner: str, rows: Iterable[tuple[str, int]]) -> None:
        inner: list[tuple[str, int]] = []
        lookup, stdlib, module, path = self.owners.owner, _STDLIB, file.module, file.path
        for name, line in self.lengthened(file, rows):
            self.imports += 1
            target = lookup(name)
            if target == owner:
                inner.append((name, line))
            elif file.test:
                continue
            elif target:
                self.crossing.append(Edge(path, line, module, name, owner, target))
            elif name.partition(".")[0] not in stdlib:
                self.foreign.append(Edge(path, line, module, name, owner, ""))
        if inner and not file.test:
            self.inner[module] = inner

    def lengthened(
        self, file: SourceFile, rows: Iterable[tuple[str, int]]
    ) -> Iterator[tuple[str, int]]:
        """The rows, with names in full where the scanner shortened them to a bare namespace."""
        for name, line in rows:
            if not self.owners.is_lead(name):
                yield name, line
                continue
            found = {one.name for one in self.labels.at(file, line)}
            full = sorted(one for one in found if one == name or one.startswith(f"{name}."))
            yield from ((one, line) for one in full or [name])

    def parse(self, file: SourceFile, owner: str) -> None:
        """Read a file that grimp cannot, from its syntax tree."""
        reading = self.reading(file)
        if reading is None:
            return
        found = [one for one in reading.imports if not one.dynamic]
        self.rows(file, owner, [(one.name, one.line) for one in found if one.name])

    def reading(self, file: SourceFile) -> Reading | None:
        try:
            data = Path(file.file).read_bytes()
            stub = file.file.endswith(".pyi")
            return read_source(data, file.module, package=file.package, stub=stub)
        except SyntaxError as error:
            self.fault(file, error.lineno or 0, f"is not Python: {error.msg}")
        except (ValueError, OSError, RecursionError) as error:
            self.fault(file, 0, f"cannot be read: {error}")
        return None

    def dynamic(self, file: SourceFile, data: bytes, owner: str) -> None:
        try:
            reading = read_source(data, file.module, package=file.package)
        except (SyntaxError, ValueError, RecursionError):
            # grimp says whether this is broken, or merely newer than this interpreter.
            reading = Reading(tuple(guess_dynamic(data.decode("utf-8", "replace"))))
        if file.test:
            return
        self.unknown += len(reading.unknown)
        for one in reading.imports:
            target = self.owners.owner(one.name)
            if not one.dynamic:
                continue
            self.imports += 1
            edge = Edge(file.path, one.line, file.module, one.name, owner, target, one.kind, True)
            if target == owner:
                self.inner.setdefault(file.module, []).append((one.name, one.line))
            elif target:
                self.crossing.append(edge)
            elif one.name.partition(".")[0] not in _STDLIB:
                self.foreign.append(edge)

    def label(self, edges: Iterable[Edge]) -> set[Edge]:
        return {new for edge in edges for new in self.labelled(edge)}

    def labelled(self, edge: Edge) -> Iterable[Edge]:
        if edge.dynamic:
            return [edge]
        found = self.labels.at(self.by_path[edge.path], edge.line)
        named = [one for one in found if self.owners.owner(one.name) == edge.target]
        if not named:
            return [edge]
        return [edge._replace(imported=self.exact(one.name), kind=one.kind) for one in named]

    def exact(self, name: str) -> str:
        """`a.b` where the statement said `from a import b` and `a.b` is a module; else `a`."""
        if name in self.modules:
            return name
        parent = name.rpartition(".")[0]
        return parent if parent in self.modules else name


_STDLIB = sys.stdlib_module_names | {"__future__", "_typeshed", ""}


def _no_wait(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would keep us for ever


def _under(module: str, name: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def _narrowed(
    portions: list[tuple[str, str]], known: list[str], wanted: Sequence[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The parts of the portions that `wanted` names, so that the rest counts as foreign."""
    found: list[tuple[str, str]] = []
    for name in wanted:
        for portion, folder in portions:
            if not _under(name, portion):
                continue
            place = (
                Path(folder, *name[len(portion) + 1 :].split(".")) if name != portion else folder
            )
            if Path(place).is_dir():
                found.append((name, str(place)))
    inside = [module for module in known if any(_under(module, name) for name, _ in found)]
    return found, inside
