"""Which findings only follow from an upward import, so that a reader is told of that one first."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sage.tools.finding import Finding
from sage.tools.layers.checklist import check_promises
from sage.tools.layers.graph import Graph
from sage.tools.layers.rules import check_graph
from sage.tools.layers.spec import Spec

__all__ = ["find_consequences", "fold"]

CAUSE = "upward-import"


def find_consequences(
    graph: Graph, spec: Spec, findings: Iterable[Finding], *, today: datetime.date | None = None
) -> Mapping[Finding, Finding]:
    """Circles and lines of the checklist that mend themselves with the upward imports found.

    The rules run again over the graph without those imports: what is then still found has a
    cause of its own.

    Returns:
        Finding → the upward import that it follows from.
    """
    causes = {(one.path, one.line): one for one in findings if one.code == CAUSE}
    if not causes:
        return {}
    rest = replace(
        graph,
        crossing=tuple(one for one in graph.crossing if (one.path, one.line) not in causes),
    )
    left = check_graph(rest, spec, today=today)
    broken = {one.promise.line for one in check_promises(rest, spec, left) if not one.holds}
    circles = any(one.code == "package-cycle" for one in left)
    packages = {promise.line: promise.package for promise in spec.checklist}
    sources = {
        edge.source: causes[edge.path, edge.line]
        for edge in reversed(graph.crossing)
        if (edge.path, edge.line) in causes
    }
    first = next(iter(causes.values()))
    found: dict[Finding, Finding] = {}
    for one in findings:
        if one.code == "package-cycle" and not circles:
            found[one] = causes.get((one.path, one.line), first)
        elif one.code == "broken-checklist" and one.line not in broken:
            found[one] = sources.get(packages[one.line], first)
    return found


def fold(
    findings: Iterable[Finding], consequences: Mapping[Finding, Finding]
) -> tuple[Finding, ...]:
    """The findings without those whose cause is among them; the cause names them instead."""
    given = list(findings)
    follow: dict[Finding, list[Finding]] = {cause: [] for cause in given}
    for one in given:
        if (cause := consequences.get(one)) in follow:
            follow[cause].append(one)
    folded = {one for some in follow.values() for one in some}
    return tuple(_naming(one, follow[one]) for one in given if one not in folded)


def _naming(cause: Finding, follow: Iterable[Finding]) -> Finding:
    told = "; ".join(_brief(one) for one in follow)
    if not told:
        return cause
    return replace(cause, message=f"{cause.message}. It breaks as well: {told}")


def _brief(one: Finding) -> str:
    what = one.message.partition(" is a circle: ")[0].partition(", which does not hold: ")[0]
    return f"{one.code} at {one.path}:{one.line} ({what})"
