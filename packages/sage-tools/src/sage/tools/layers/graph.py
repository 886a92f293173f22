"""Every import of a repository, with the packages at its two ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sage.tools.finding import Finding
from sage.tools.layers.edges import Edge, Index, Readout
from sage.tools.layers.labels import Labels
from sage.tools.layers.owners import Owners, find_owners
from sage.tools.layers.spec import Spec
from sage.tools.layers.workspace import SourceFile, Workspace, find_workspace

__all__ = ["Edge", "Graph", "build_graph"]


@dataclass(frozen=True, slots=True)
class Graph:
    """What `build_graph` read.

    Attributes:
        workspace: The distributions and their files.
        owners: Which package an import name belongs to.
        modules: Module → its file.
        crossing: Imports between packages of the workspace, labelled, sorted.
        foreign: Imports of what lies outside the workspace and the standard library, in no
            order; what guards them is unknown until a rule asks.
        inner: Module → modules of its own package that it imports, with lines.
        findings: Files that could not be read, and modules that stand twice.
        files: How many files were read.
        imports: How many imports were looked at.
        unknown: Places of dynamic imports whose name is computed, which nobody can follow.
        tests: How many of the files are tests, whose imports no rule looks at.
        by_path: Path → file.
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
    unknown: tuple[str, ...]
    tests: int
    by_path: Mapping[str, SourceFile] = field(repr=False, compare=False)
    labels: Labels = field(repr=False, compare=False)

    def between(self, source: str, target: str) -> tuple[Edge, ...]:
        """The imports of package `target` by package `source`."""
        return tuple(
            edge for edge in self.crossing if edge.source == source and edge.target == target
        )


def build_graph(root: Path, spec: Spec, *, cache: Path | None = None) -> Graph:
    """Read every Python file that the distributions under `root` ship.

    Nothing is imported and `sys.path` plays no part, so that a broken or foreign repository is
    read as well as this one. Takes about as long as grimp's own build.

    Args:
        root: The repository.
        spec: What its layer.yaml says.
        cache: File in which to keep what was read of unchanged distributions; `None` for none.

    Raises:
        CannotBegin: `root` is no folder, or `roots` holds a broken pattern.
    """
    workspace = find_workspace(root, spec)
    owners = find_owners(spec, workspace.distributions)
    index = Index()
    for distribution in workspace.distributions:
        for file in distribution.files:
            index.add(file, distribution.shared)
    labels = Labels()
    store = None
    if cache:
        from sage.tools.layers.cache import Cache  # and with it hashlib and json

        store = Cache.load(cache, spec, index)
    readouts: list[Readout] = []
    for distribution in workspace.distributions:
        readout = store.get(distribution) if store else None
        if readout is None:
            from sage.tools.layers.reader import read_distribution  # and with it grimp

            readout = read_distribution(distribution, spec, owners, index, labels)
            if store:
                store.put(distribution, readout)
        readouts.append(readout)
    if store:
        store.save()
    return Graph(
        workspace=workspace,
        owners=owners,
        modules=index.modules,
        crossing=tuple(sorted({edge for one in readouts for edge in one.crossing})),
        foreign=tuple(edge for one in readouts for edge in one.foreign),
        inner={module: rows for one in readouts for module, rows in one.inner.items()},
        findings=(
            *workspace.findings,
            *index.findings,
            *(finding for one in readouts for finding in one.findings),
        ),
        files=sum(one.files for one in readouts),
        imports=sum(one.imports for one in readouts),
        unknown=tuple(place for one in readouts for place in one.unknown),
        tests=sum(one.tests for one in readouts),
        by_path=index.by_path,
        labels=labels,
    )
