"""The decision log as a graph: who supersedes whom, and who cites whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal
from unicodedata import east_asian_width

from sage.tools.adr.citations import citations_in
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import Record
from sage.tools.report import counted

__all__ = ["Edge", "draw_dot", "draw_mermaid", "draw_svg", "edges"]

_ROW, _TOP, _LEFT, _WIDTH = 34, 48, 12, 520


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A line from one record to another, by their ids."""

    start: str
    end: str
    kind: Literal["cites", "supersedes"]


def edges(log: DecisionLog) -> list[Edge]:
    """Every edge between two records of the log, sorted; a succession is no citation as well."""
    ids = {record.id for record in log.records}
    found: set[Edge] = set()
    for record in log.records:
        found |= {Edge(record.id, name, "supersedes") for name in record.supersedes if name in ids}
        found |= {
            Edge(name, record.id, "supersedes") for name in record.superseded_by if name in ids
        }
    linked = {frozenset((edge.start, edge.end)) for edge in found}
    for record in log.records:
        prefix = f"{record.log}/" if record.log else ""
        for citation in citations_in(record.text, record.path):
            name = citation.record if "/" in citation.record else prefix + citation.record
            if name in ids and name != record.id and frozenset((record.id, name)) not in linked:
                found.add(Edge(record.id, name, "cites"))
    return sorted(found)


def draw_mermaid(log: DecisionLog) -> str:
    """The graph in Mermaid's language, every title escaped."""
    names = _names(log)
    lines = ["graph TD"]
    for record in log.records:
        label = f"{record.id}: {record.title}"
        lines.append(f'  {names[record.id]}["{_mermaid(label)}"]:::{record.status}')
    for edge in edges(log):
        arrow = "-->|supersedes|" if edge.kind == "supersedes" else "-.->"
        lines.append(f"  {names[edge.start]} {arrow} {names[edge.end]}")
    lines += [
        "  classDef accepted stroke-width:2px",
        "  classDef superseded stroke-dasharray:4",
        "  classDef deprecated stroke-dasharray:4",
        "  classDef rejected stroke-dasharray:1",
    ]
    return "\n".join(lines) + "\n"


def draw_dot(log: DecisionLog) -> str:
    """The graph in Graphviz's language, every title quoted."""
    lines = ["digraph decisions {", "  rankdir=BT;", "  node [shape=box];"]
    for record in log.records:
        style = "dashed" if record.status in ("superseded", "deprecated", "rejected") else "solid"
        label = _dot(f"{record.id}\n{record.title}\n({record.status})")
        lines.append(f"  {_dot(record.id)} [label={label}, style={style}];")
    for edge in edges(log):
        extra = ' [label="supersedes"]' if edge.kind == "supersedes" else " [style=dotted]"
        lines.append(f"  {_dot(edge.start)} -> {_dot(edge.end)}{extra};")
    return "\n".join([*lines, "}"]) + "\n"


def draw_svg(log: DecisionLog, *, title: str = "Decision log") -> str:
    """The graph as an SVG picture: a row a record, arcs beside the rows.

    Colours are the reader's own (`currentColor`); solid arcs supersede, dotted ones cite. What
    the picture shows is also said in words, for readers who do not see it.
    """
    rows = {record.id: index for index, record in enumerate(log.records)}
    drawn = edges(log)
    reach = max((abs(rows[e.start] - rows[e.end]) for e in drawn), default=0)
    width = _WIDTH + 40 + min(reach * 14, 260)
    height = _TOP + _ROW * max(len(rows), 1) + 12
    words = f"{counted(len(rows), 'record')}. " + " ".join(
        f"{e.start} {e.kind} {e.end}." for e in drawn
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="log-t log-d" '
        'fill="none" stroke="currentColor" font-family="sans-serif" font-size="13">',
        f'<title id="log-t">{_xml(title)}</title>',
        f'<desc id="log-d">{_xml(words)}</desc>',
        '<defs><marker id="log-a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor" '
        'stroke="none"/></marker></defs>',
        f'<text x="{_LEFT}" y="24" font-size="16" fill="currentColor" stroke="none">'
        f"{_xml(title)}</text>",
        *(_row(record, rows[record.id]) for record in log.records),
        *(_arc(rows[e.start], rows[e.end], e.kind) for e in drawn),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _row(record: Record, row: int) -> str:
    y = _TOP + row * _ROW
    over = record.status in ("superseded", "deprecated", "rejected")
    dash = ' stroke-dasharray="4 3"' if over else ""
    name = f"{record.id}  {record.title}"
    shown = _cut(name, 58)
    return (
        f'<g class="record {record.status}"><title>{_xml(f"{name} ({record.status})")}</title>'
        f'<rect x="{_LEFT}" y="{y}" width="{_WIDTH}" height="{_ROW - 8}" rx="4"{dash}/>'
        f'<text x="{_LEFT + 10}" y="{y + 17}" fill="currentColor" stroke="none">'
        f'{_xml(shown)}</text><text x="{_LEFT + _WIDTH - 10}" y="{y + 17}" text-anchor="end" '
        f'font-size="11" fill="currentColor" stroke="none">{record.status}</text></g>'
    )


def _cut(text: str, columns: int) -> str:
    """The text, cut so that it fills at most so many columns; a Chinese character fills two."""
    kept = ""
    for c in text:
        columns -= 2 if east_asian_width(c) in "WF" else 1
        if columns < 1 and kept + c != text:
            return kept + "…"
        kept += c
    return kept


def _arc(start: int, end: int, kind: str) -> str:
    shift = 3 if start < end else -3
    x = _LEFT + _WIDTH
    y1 = _TOP + start * _ROW + 13 + shift
    y2 = _TOP + end * _ROW + 13 - shift
    bend = x + 24 + min(abs(end - start) * 18, 300)
    dash = "" if kind == "supersedes" else ' stroke-dasharray="1 4"'
    return (
        f'<path class="{kind}" d="M{x} {y1}C{bend} {y1} {bend} {y2} {x} {y2}"{dash} '
        'marker-end="url(#log-a)"/>'
    )


def _names(log: DecisionLog) -> dict[str, str]:
    return {record.id: f"r{index}" for index, record in enumerate(log.records)}


def _mermaid(text: str) -> str:
    """Every mark that Mermaid or HTML could read otherwise, as its number."""
    return "".join(_mermaid_mark(c) for c in " ".join(text.split()))


def _mermaid_mark(c: str) -> str:
    return c if c.isalnum() or c in " .,-_/+()?!:" else f"#{ord(c)};"


def _dot(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(_printable(text))}"'


def _xml(text: str) -> str:
    return escape("".join(_printable(text)))


def _printable(text: str) -> Iterator[str]:
    yield from (c if c.isprintable() else " " for c in text)
