"""Reads one distribution: grimp for the plain files, the syntax tree for the rest."""

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sage.tools.finding import Finding
from sage.tools.layers.calls import peek
from sage.tools.layers.edges import UNLABELLED, Edge, Index, Readout
from sage.tools.layers.labels import Labels
from sage.tools.layers.owners import Owners, spelled
from sage.tools.layers.scan import scan
from sage.tools.layers.source import RARE, Reading, guess_dynamic, read_source
from sage.tools.layers.spec import Spec
from sage.tools.layers.workspace import Distribution, SourceFile

__all__ = ["read_distribution"]


def read_distribution(
    distribution: Distribution, spec: Spec, owners: Owners, index: Index, labels: Labels
) -> Readout:
    """Read every file of one distribution, one package of layer.yaml at a time."""
    reader = _Reader(distribution, spec, owners, index, labels)
    reader.read()
    return reader.out


@dataclass(slots=True)
class _Reader:
    distribution: Distribution
    spec: Spec
    owners: Owners
    index: Index
    labels: Labels
    out: Readout = field(default_factory=Readout)
    callers: dict[str, tuple[SourceFile, str]] = field(default_factory=dict)

    def read(self) -> None:
        own = spelled(self.spec, self.distribution.name)
        groups: dict[str, dict[str, SourceFile]] = {}
        odd: list[SourceFile] = []
        for file in self.distribution.files:
            data = self.open(file)
            if data is None:
                continue
            owner = self.owners.owner(file.module) or own
            if file.portion and self.index.modules[file.module] is file:
                groups.setdefault(owner, {})[file.module] = file
            else:
                odd.append(file)
            if b"import_" in data:  # one search for both importers
                self.callers[file.path] = file, owner
        for owner, files in groups.items():
            self.scan(owner, files)
        for file in odd:
            self.parse(file, self.owners.owner(file.module) or own)
        for file, owner in self.callers.values():
            self.dynamic(file, owner)
        self.out.crossing = [new for edge in self.out.crossing for new in self.labelled(edge)]

    def open(self, file: SourceFile) -> bytes | None:
        try:
            if file.stamp and not file.regular:  # a pipe would keep us for ever
                self.fault(file, 0, "is no regular file")
                return None
            data = _read(file.file)
        except OSError as error:
            self.fault(file, 0, f"cannot be opened: {error.strerror}")
            return None
        self.out.files += 1
        self.out.tests += file.test
        return data

    def fault(self, file: SourceFile, line: int, fault: str) -> None:
        message = f"{fault}; its imports are unknown, so correct it or move it out of the package"
        self.out.findings.append(Finding(file.path, line, "unreadable-file", message))

    def scan(self, owner: str, files: Mapping[str, SourceFile]) -> None:
        distribution = self.distribution
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

    def rows(self, file: SourceFile, owner: str, rows: Collection[tuple[str, int]]) -> None:
        inner: list[tuple[str, int]] = []
        lookup, module, path, leads = self.owners.owner, file.module, file.path, self.owners.leads
        if leads and not leads.isdisjoint([name for name, _ in rows]):
            rows = list(self.lengthened(file, rows))
        self.out.imports += len(rows)
        crossing, foreign = self.out.crossing, self.out.foreign
        for row in rows:
            target = lookup(row[0])
            if target == owner:
                inner.append(row)
            elif file.test:
                continue
            elif target:
                crossing.append(Edge(path, row[1], module, row[0], owner, target))
            elif (root := row[0].partition(".")[0]) not in _STDLIB:
                foreign.append(Edge(path, row[1], module, row[0], owner, ""))
            elif root in RARE.values():
                self.callers[path] = file, owner
        if inner and not file.test:
            self.out.inner.setdefault(module, []).extend(inner)

    def lengthened(
        self, file: SourceFile, rows: Iterable[tuple[str, int]]
    ) -> Iterator[tuple[str, int]]:
        """The rows, with names in full where the scanner shortened them to a bare namespace."""
        for name, line in rows:
            if name not in self.owners.leads:
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

    def dynamic(self, file: SourceFile, owner: str) -> None:
        """Take in the calls that import, of a file that may hold some."""
        data = b"" if file.test else Path(file.file).read_bytes()
        rare = any(name.encode() in data and home.encode() in data for name, home in RARE.items())
        if not (rare or b"import_module" in data or b"__import__" in data):
            return
        calls = None if rare else peek(data)
        if calls is not None and not any(self.crosses(name, owner) for name, _ in calls):
            for name, line in calls:
                if name:
                    self.called(file, owner, name, line, UNLABELLED)
                else:
                    self.out.unknown.append(f"{file.path}:{line}")
            return
        try:
            reading = read_source(data, file.module, package=file.package)
        except (SyntaxError, ValueError, RecursionError):
            # grimp says whether this is broken, or merely newer than this interpreter.
            reading = Reading(tuple(guess_dynamic(data.decode("utf-8", "replace"))))
        self.out.unknown += [f"{file.path}:{line}" for line in reading.unknown]
        for one in reading.imports:
            if one.dynamic:
                self.called(file, owner, one.name, one.line, one.kind)

    def crosses(self, name: str, owner: str) -> bool:
        return bool(name) and self.owners.owner(name) not in ("", owner)

    def called(self, file: SourceFile, owner: str, name: str, line: int, kind: str) -> None:
        self.out.imports += 1
        target = self.owners.owner(name)
        edge = Edge(file.path, line, file.module, name, owner, target, kind, True)
        if target == owner:
            self.out.inner.setdefault(file.module, []).append((name, line))
        elif target:
            self.out.crossing.append(edge)
        elif name.partition(".")[0] not in _STDLIB:
            self.out.foreign.append(edge)

    def labelled(self, edge: Edge) -> Iterable[Edge]:
        if edge.dynamic:
            return [edge]
        found = self.labels.at(self.index.by_path[edge.path], edge.line)
        named = [one for one in found if self.owners.owner(one.name) == edge.target]
        if not named:
            return [edge]
        exact = self.index.exact
        return [edge._replace(imported=exact(one.name), kind=one.kind) for one in named]


# That of other Pythons than this one counts too, so that each finds the same.
_OTHER_STDLIB = (
    "aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils "
    "imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau "
    "telnetlib uu xdrlib"
)
_STDLIB = sys.stdlib_module_names | {
    "__future__",
    "__main__",
    "_typeshed",
    "",
    *_OTHER_STDLIB.split(),
}


def _read(file: str) -> bytes:
    """What is in a file, by fewer calls of the system than `open` takes: it is one of thousands."""
    number = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return os.read(number, os.fstat(number).st_size + 1)
    finally:
        os.close(number)


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
