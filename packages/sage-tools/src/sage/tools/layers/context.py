"""What the rules share: the graph, the layers, the records, and the exceptions that were of use."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sage.tools.finding import Finding
from sage.tools.layers.edges import Edge
from sage.tools.layers.graph import Graph
from sage.tools.layers.metadata import Requirement, normalise
from sage.tools.layers.owners import spelled
from sage.tools.layers.spec import Allowance, Package, Spec
from sage.tools.layers.workspace import Distribution

__all__ = ["Context", "Resolve", "code_for", "name_records"]

Resolve = Callable[[int], "tuple[str, str] | None"]
"""A record's number → its title and address, or `None` where there is no such record."""


def code_for(spec: Spec, source: Package, target: Package) -> str:
    """The rule that forbids `source` to import `target`; empty where none does."""
    low, high = spec.rank(source.layer), spec.rank(target.layer)
    if high > low:
        return "upward-import"
    named = source.imports is not None and target.name in source.imports
    if high == low and not named:
        return "same-layer-import"
    return "" if source.imports is None or named else "forbidden-import"


def name_records(numbers: Iterable[int], resolve: Resolve | None) -> str:
    """The records by id and, as far as `resolve` knows them, by title and address."""
    names = []
    for number in numbers:
        known = resolve(number) if resolve else None
        names.append(f"ADR-{number:04d}" + (f" {known[0]} ({known[1]})" if known else ""))
    return "; ".join(names)


@dataclass(slots=True)
class Context:
    """What a rule looks at, and what it says its findings with.

    Attributes:
        graph: Every import.
        spec: What layer.yaml says.
        resolve: A record's number → its title and address.
        today: The day against which exceptions expire.
        used: Exceptions that matched a finding.
    """

    graph: Graph
    spec: Spec
    resolve: Resolve
    today: datetime.date
    used: set[Allowance] = field(default_factory=set)
    _codes: dict[tuple[str, str], str] = field(default_factory=dict)
    _homes: dict[str, Distribution] = field(default_factory=dict)

    def finding(self, path: str, line: int, code: str, message: str) -> Finding:
        return self.with_records(Finding(path, line, code, message))

    def with_records(self, finding: Finding) -> Finding:
        """The finding with the records that its rule enforces, by id, title and address."""
        numbers = self.spec.rules.get(finding.code, ())
        if not numbers:
            return finding
        ids = tuple(f"ADR-{number:04d}" for number in numbers)
        message = f"{finding.message}. See {name_records(numbers, self.resolve)}"
        return Finding(finding.path, finding.line, finding.code, message, finding.severity, ids)

    def package(self, name: str) -> Package | None:
        return self.spec.package(spelled(self.spec, name))

    def metadata_path(self, distribution: Distribution, file: str = "") -> str:
        """The path of the distribution's metadata, or of another file that it names."""
        if not file and distribution.metadata and distribution.metadata.file:
            file = distribution.metadata.file.name
        parts = [part for part in (distribution.path, file) if part]
        return parts[-1] if distribution.path == "." else "/".join(parts)

    def code(self, edge: Edge) -> str:
        """The rule that the edge breaks; empty where none, or where an end has no layer."""
        pair = edge.source, edge.target
        if pair not in self._codes:
            source, target = self.spec.package(edge.source), self.spec.package(edge.target)
            self._codes[pair] = code_for(self.spec, source, target) if source and target else ""
        return self._codes[pair]

    def forbidden(self, edge: Edge) -> bool:
        return bool(self.code(edge)) and not self.allowed(edge)

    def pardoned(self) -> set[tuple[str, str]]:
        """Pairs of packages between which an exception lets an import pass."""
        if not self.spec.exceptions:
            return set()
        found = (edge for edge in self.graph.crossing if self.code(edge) and self.allowed(edge))
        return {(edge.source, edge.target) for edge in found}

    def allowed(self, edge: Edge) -> bool:
        """Whether an exception that still holds matches; remembers that it was of use."""
        found = [one for one in self.spec.exceptions if _matches(one, edge)]
        self.used.update(found)
        return any(one.until is None or one.until >= self.today for one in found)

    def requirements(self) -> Iterator[tuple[Distribution, Requirement, str]]:
        """Every requirement that names a package of the workspace or of layer.yaml."""
        here = [one.name for one in self.graph.workspace.distributions]
        names = [*here, *(one.name for one in self.spec.packages)]
        known = {normalise(name): spelled(self.spec, name) for name in names}
        for distribution in self.graph.workspace.distributions:
            own = normalise(distribution.name)
            for one in distribution.metadata.requirements if distribution.metadata else ():
                if one.name in known and one.name != own:
                    yield distribution, one, known[one.name]

    def homes(self) -> dict[str, Distribution]:
        """Package → the distribution that ships it."""
        if not self._homes:
            for distribution in self.graph.workspace.distributions:
                self._homes[spelled(self.spec, distribution.name)] = distribution
                for file in distribution.files:
                    self._homes.setdefault(self.graph.owners.owner(file.module), distribution)
        return self._homes


def _matches(one: Allowance, edge: Edge) -> bool:
    return _starts(edge.importer, one.importer) and _starts(edge.imported, one.imported)


def _starts(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")
