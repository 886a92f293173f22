"""Why one part of the code may, or may not, import another, and by which way it does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sage.tools.finding import CannotBegin
from sage.tools.layers.check import LayerReport
from sage.tools.layers.context import Resolve, code_for, name_records
from sage.tools.layers.graph import Edge, Graph
from sage.tools.layers.owners import spelled

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain` found out.

    Attributes:
        source: The importing side's package.
        target: The imported side's package.
        code: The rule that forbids the import; empty where none does.
        verdict: One sentence with both layers, the rule and the records.
        direct: Imports of the target by the source, sorted.
        chain: The shortest way from the source to the target where it is an indirect one.
    """

    source: str
    target: str
    code: str
    verdict: str
    direct: tuple[Edge, ...]
    chain: tuple[Edge, ...]

    def __str__(self) -> str:
        lines = [self.verdict]
        if self.direct:
            lines.append("Imports there are:")
        elif self.chain:
            lines.append("No direct import; the shortest way round is:")
        else:
            lines.append("There is no such import, neither direct nor through others.")
        for edge in self.direct or self.chain:
            how = f"{edge.kind}, dynamic" if edge.dynamic else edge.kind
            lines.append(f"  {edge.path}:{edge.line}: {edge.importer} → {edge.imported} ({how})")
        return "\n".join(lines)


def explain(
    report: LayerReport, source: str, target: str, *, resolve: Resolve | None = None
) -> Explanation:
    """Why `source` may, or may not, import `target`, and how it does.

    Args:
        report: What `check_layers` found.
        source: A package, a module or the beginning of a module's dotted name.
        target: The same.
        resolve: A record's number → its title and address.

    Raises:
        CannotBegin: One of the two names nothing that is known.
    """
    spec, graph = report.spec, report.graph
    first, second = _package(report, source), _package(report, target)
    low, high = spec.package(first), spec.package(second)
    if first == second:
        code, verdict = "", f"{source} and {target} are both in {first}: no rule speaks of it."
    elif low is None or high is None:
        missing = first if low is None else second
        code, verdict = "", f"{missing} has no layer, so no rule says who may import it."
    else:
        code = code_for(spec, low, high)
        may = "may not" if code else "may"
        records = name_records(spec.rules.get(code or "upward-import", ()), resolve)
        rule = f" ({code})" if code else ""
        verdict = (
            f"{first} (layer {low.layer}) {may} import {second} (layer {high.layer}){rule}: "
            f"{_reason(code)}{'. See ' + records if records else ''}."
        )
    starts, ends = _prefixes(graph, source, first), _prefixes(graph, target, second)
    direct = tuple(
        edge
        for edge in graph.crossing
        if _under(edge.importer, starts) and _under(edge.imported, ends)
    )
    chain = () if direct else tuple(_way(graph, starts, ends))
    return Explanation(first, second, code, verdict, direct, chain)


def _reason(code: str) -> str:
    return {
        "": "imports point down",
        "upward-import": "imports point down only; let the upper package register a factory "
        "with the lower one, or move the shared type down",
        "same-layer-import": "packages of one layer import each other only where `imports` in "
        "layer.yaml names the other; or move what they share down",
        "forbidden-import": "its `imports` in layer.yaml does not name it",
    }[code]


def _package(report: LayerReport, name: str) -> str:
    known = dict.fromkeys([*report.packages, *(one.name for one in report.spec.packages)])
    plain = spelled(report.spec, name)
    if plain in known:
        return plain
    if owner := report.graph.owners.owner(name):
        return owner
    raise CannotBegin(f"{name}: no such package or module; known packages: {', '.join(known)}")


def _prefixes(graph: Graph, name: str, package: str) -> tuple[str, ...]:
    return (name,) if graph.owners.owner(name) else graph.owners.prefixes(package)


def _under(name: str, prefixes: Iterable[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _way(graph: Graph, starts: tuple[str, ...], ends: tuple[str, ...]) -> list[Edge]:
    """The shortest chain of imports, breadth first, from any module of one side to the other."""
    links = _links(graph)
    todo: list[tuple[str, tuple[Edge, ...]]] = [
        (module, ()) for module in sorted(graph.modules) if _under(module, starts)
    ]
    seen = {module for module, _ in todo}
    for module, way in todo:
        for edge in links.get(module, ()):
            here = _module(graph, edge.imported)
            if _under(here, ends):
                return [_labelled(graph, one) for one in (*way, edge)]
            if here not in seen:
                seen.add(here)
                todo.append((here, (*way, edge)))
    return []


def _links(graph: Graph) -> dict[str, list[Edge]]:
    links: dict[str, list[Edge]] = {}
    for edge in (*graph.crossing, *_inner(graph)):
        links.setdefault(edge.importer, []).append(edge)
    return {module: sorted(edges) for module, edges in links.items()}


def _inner(graph: Graph) -> Iterator[Edge]:
    for module, rows in graph.inner.items():
        package, path = graph.owners.owner(module), graph.modules[module].path
        for name, line in rows:
            yield Edge(path, line, module, name, package, package)


def _module(graph: Graph, name: str) -> str:
    while name and name not in graph.modules:
        name = name.rpartition(".")[0]
    return name


def _labelled(graph: Graph, edge: Edge) -> Edge:
    if edge.dynamic or edge.source != edge.target:
        return edge
    found = graph.labels.at(graph.modules[edge.importer], edge.line)
    return edge._replace(kind=found[0].kind) if found else edge
