"""The packages and their imports as Mermaid, Graphviz and JSON."""

import json
from dataclasses import dataclass

from sage.tools.layers.check import LayerReport
from sage.tools.layers.context import code_for
from sage.tools.layers.graph import Edge
from sage.tools.layers.spec import Package

__all__ = ["to_dot", "to_json", "to_mermaid"]


@dataclass(frozen=True, slots=True)
class _Link:
    source: str
    target: str
    code: str
    edges: tuple[Edge, ...]

    @property
    def kinds(self) -> str:
        return ", ".join(sorted({edge.kind for edge in self.edges}))


def to_mermaid(report: LayerReport) -> str:
    """A Mermaid flowchart: a subgraph for each layer, forbidden imports red.

    Ends in a newline. Absent packages are dashed.
    """
    lines = ["flowchart TD"]
    ids: dict[str, str] = {}
    for number, (layer, packages) in enumerate(_rows(report)):
        lines.append(f'  subgraph layer{number}["{_quoted(layer)}"]')
        for package in packages:
            ids[package.name] = f"p{len(ids)}"
            kind = "" if package.present else ":::absent"
            lines.append(f'    {ids[package.name]}["{_quoted(package.name)}"]{kind}')
        lines.append("  end")
    drawn = [link for link in _links(report) if link.source in ids and link.target in ids]
    for link in drawn:
        lines.append(f'  {ids[link.source]} -->|"{link.kinds}"| {ids[link.target]}')
    lines.append("  classDef absent stroke-dasharray: 5 4")
    for number, link in enumerate(drawn):
        if link.code:
            lines.append(f"  linkStyle {number} stroke:#e03c3c,stroke-width:3px")
    return "\n".join(lines) + "\n"


def to_dot(report: LayerReport) -> str:
    """A Graphviz digraph: a cluster for each layer, forbidden imports red. Ends in a newline."""
    lines = ["digraph layers {", "  rankdir=TB", "  node [shape=box]"]
    for number, (layer, packages) in enumerate(_rows(report)):
        lines.append(f"  subgraph cluster_{number} {{ label={_dotted(layer)}")
        for package in packages:
            style = "" if package.present else " [style=dashed]"
            lines.append(f"    {_dotted(package.name)}{style}")
        lines.append("  }")
    for link in _links(report):
        red = ", color=red, penwidth=3" if link.code else ""
        ends = f"{_dotted(link.source)} -> {_dotted(link.target)}"
        lines.append(f"  {ends} [label={_dotted(link.kinds)}{red}]")
    return "\n".join([*lines, "}"]) + "\n"


def to_json(report: LayerReport) -> str:
    """Layers, packages and every import between packages as JSON; ends in a newline."""
    spec = report.spec
    here = set(report.packages)
    data = {
        "layers": list(spec.layers) if spec.given else [],
        "packages": [
            {
                "name": package.name,
                "layer": package.layer if spec.package(package.name) else None,
                "present": package.name in here or package.present,
                "summary": package.summary,
            }
            for _, packages in reversed(_rows(report))
            for package in packages
        ],
        "edges": [
            {
                "source": link.source,
                "target": link.target,
                "code": link.code or None,
                "imports": [
                    {
                        "path": edge.path,
                        "line": edge.line,
                        "importer": edge.importer,
                        "imported": edge.imported,
                        "kind": edge.kind,
                        "dynamic": edge.dynamic,
                    }
                    for edge in link.edges
                ],
            }
            for link in _links(report)
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _rows(report: LayerReport) -> list[tuple[str, list[Package]]]:
    """Layers from top to bottom; what has no layer comes first."""
    spec = report.spec
    stray = [Package(name, "no layer") for name in report.packages if not spec.package(name)]
    rows = [(layer, list(spec.on(layer))) for layer in reversed(spec.layers)]
    return [("no layer", stray), *(rows if spec.given else [])] if stray else rows


def _links(report: LayerReport) -> list[_Link]:
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for edge in report.graph.crossing:
        pairs.setdefault((edge.source, edge.target), []).append(edge)
    links = []
    for (source, target), edges in sorted(pairs.items()):
        low, high = report.spec.package(source), report.spec.package(target)
        code = code_for(report.spec, low, high) if low and high else ""
        links.append(_Link(source, target, code, tuple(edges)))
    return links


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _dotted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
