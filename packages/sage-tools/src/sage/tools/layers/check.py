"""The whole check of one repository, and what it found."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sage.tools.finding import Finding, counted
from sage.tools.layers.checklist import CheckedPromise, check_promises
from sage.tools.layers.consequences import find_consequences, fold
from sage.tools.layers.context import Resolve
from sage.tools.layers.graph import Graph, build_graph
from sage.tools.layers.owners import spelled
from sage.tools.layers.rules import check_graph, find_notes
from sage.tools.layers.spec import FILE, Spec, load_spec

__all__ = ["CACHE", "LayerReport", "check_layers"]

CACHE = ".sage-dev/layers.json"
"""Where the commands keep what they read, relative to the repository."""

_OF_PACKAGES = frozenset(
    {
        *("undeclared-package", "missing-metadata", "broken-metadata", "nothing-read"),
        *("upward-dependency", "unused-dependency"),
    }
)
_OF_ALL_FILES = frozenset({"unreadable-file", "duplicate-module", "shadowed-namespace"})


@dataclass(frozen=True, slots=True)
class LayerReport:
    """What `check_layers` looked at and found.

    Attributes:
        spec: What layer.yaml says.
        graph: Every import.
        findings: Sorted.
        notes: Sentences on what could not be checked.
        checklist: The checklist of layer.yaml with its results.
        consequences: Finding → the upward import that it only follows from.
    """

    spec: Spec
    graph: Graph
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    checklist: tuple[CheckedPromise, ...] = ()
    consequences: Mapping[Finding, Finding] = field(default_factory=dict)

    def folded(self, findings: Iterable[Finding] | None = None) -> tuple[Finding, ...]:
        """What a reader has to mend: `findings`, or all of them, each consequence in its cause."""
        return fold(self.findings if findings is None else findings, self.consequences)

    @property
    def packages(self) -> tuple[str, ...]:
        """Names of the distributions that are here, in the order of their folders."""
        return tuple(spelled(self.spec, one.name) for one in self.graph.workspace.distributions)

    @property
    def files(self) -> int:
        """How many Python files were read."""
        return self.graph.files

    @property
    def imports(self) -> int:
        """How many imports were looked at."""
        return self.graph.imports

    def looked_at(self, code: str) -> tuple[int, str]:
        """How many things the rule `code` looked at, and what they are: `file` or `package`.

        Imports in tests are not ruled, so tests count only where files themselves are judged.
        """
        if code == "missing-package":
            return len(self.spec.packages), "package"
        if code in _OF_PACKAGES:
            return len(self.packages), "package"
        tests = 0 if code in _OF_ALL_FILES else self.graph.tests
        return self.files - tests, "file"

    def __str__(self) -> str:
        left = len(self.findings) - len(self.consequences)
        found = counted(left, "finding") if left else "no findings"
        if self.consequences:
            found += f", from which {counted(len(self.consequences), 'more', 'more')} follow"
        return (
            f"{counted(len(self.packages), 'package')}, {counted(self.files, 'file')}, "
            f"{counted(self.imports, 'import')} looked at: {found}"
        )


def check_layers(
    root: Path,
    *,
    resolve: Resolve | None = None,
    today: datetime.date | None = None,
    cache: Path | None = None,
) -> LayerReport:
    """Check which package imports which under `root` against its layer.yaml.

    Reads files only: no module is imported and nothing but the cache is written.

    Args:
        root: The repository.
        resolve: A record's number → its title and address, for the messages.
        today: The day against which exceptions expire; the machine's day by default.
        cache: File in which to keep what was read of unchanged distributions; `None` for none.

    Raises:
        CannotBegin: `root` is no folder, or its layer.yaml cannot be meant.
    """
    spec = load_spec(root)
    graph = build_graph(root, spec, cache=cache)
    findings = check_graph(graph, spec, resolve=resolve, today=today)
    promises = check_promises(graph, spec, findings)
    findings += [promise.finding(resolve) for promise in promises if not promise.holds]
    notes = tuple(_notes(spec, graph, find_notes(graph, spec, today=today)))
    consequences = find_consequences(graph, spec, findings, today=today)
    return LayerReport(spec, graph, tuple(sorted(findings)), notes, promises, consequences)


def _above(root: Path) -> str:
    """Where a layer.yaml stands that the root given lies below; empty where none does."""
    for folder in root.absolute().parents:
        if (folder / FILE).is_file():
            return f"; one stands above: run with --root {folder}"
    return ""


def _notes(spec: Spec, graph: Graph, found: Iterable[str]) -> list[str]:
    notes = [*graph.workspace.notes, *found]
    if not spec.given:
        notes.append(
            "there is no layer.yaml, so only circles between packages, undeclared imports and "
            f"unreadable files were looked for{_above(graph.workspace.root)}"
        )
    blind = [
        one.name
        for one in graph.workspace.distributions
        if one.metadata is None or not one.metadata.complete
    ]
    if blind:
        notes.append(
            f"{', '.join(blind)}: dependencies are not stated in a file that can be read, "
            "so its imports were not compared with them"
        )
    if graph.unknown:
        count = counted(len(graph.unknown), "dynamic import")
        notes.append(
            f"{count} with a computed name could not be followed: {graph.unknown[0]}"
            + (" and others" if len(graph.unknown) > 1 else "")
        )
    if graph.tests:
        notes.append(f"{counted(graph.tests, 'test file')} read, whose imports no rule looks at")
    return notes
