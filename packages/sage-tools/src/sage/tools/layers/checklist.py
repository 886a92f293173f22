"""The checklist of layer.yaml: each promise with the check that proves it, and its result."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sage.tools.finding import Finding, counted
from sage.tools.layers.context import Resolve, name_records
from sage.tools.layers.graph import Graph
from sage.tools.layers.metadata import normalise
from sage.tools.layers.owners import spelled
from sage.tools.layers.spec import FILE, Promise, Spec

__all__ = ["CheckedPromise", "check_promises"]


@dataclass(frozen=True, slots=True)
class CheckedPromise:
    """A line of the checklist and what this run found.

    Attributes:
        promise: The line.
        check: What proves it, in a few words.
        found: What was found, in a few words.
        holds: Whether it holds.
    """

    promise: Promise
    check: str
    found: str
    holds: bool

    def finding(self, resolve: Resolve | None = None) -> Finding:
        """The finding that a broken promise is; `resolve` names its records."""
        promise = self.promise
        message = (
            f"the checklist says {promise.text!r}, which does not hold: expected that "
            f"{self.check}; found: {self.found}; mend the code, or decide anew and change the line"
        )
        if records := name_records(promise.adr, resolve):
            message += f". See {records}"
        ids = tuple(f"ADR-{number:04d}" for number in promise.adr)
        return Finding(FILE, promise.line, "broken-checklist", message, adr=ids)


def check_promises(
    graph: Graph, spec: Spec, findings: Iterable[Finding]
) -> tuple[CheckedPromise, ...]:
    """Every line of the checklist, in the order written, with its result."""
    broken = [finding.code for finding in findings]
    return tuple(_checked(promise, graph, spec, broken) for promise in spec.checklist)


@dataclass(frozen=True, slots=True)
class _Answer:
    check: str
    found: str
    holds: bool


def _checked(promise: Promise, graph: Graph, spec: Spec, broken: list[str]) -> CheckedPromise:
    answers = list(_answers(promise, graph, spec, broken))
    if not answers:
        answers = [_Answer("a check is given", "none", False)]
    return CheckedPromise(
        promise,
        "; ".join(answer.check for answer in answers),
        "; ".join(answer.found for answer in answers),
        all(answer.holds for answer in answers),
    )


def _answers(promise: Promise, graph: Graph, spec: Spec, broken: list[str]) -> Iterator[_Answer]:
    name = promise.package
    if promise.rule:
        count = broken.count(promise.rule)
        found = counted(count, "finding") if count else "none"
        yield _Answer(f"nothing breaks `{promise.rule}`", found, not count)
    if promise.uses is not None:
        used = _used(name, graph, spec)
        check = f"{name} imports and declares only {_list(promise.uses) or 'itself'}"
        more = used - set(promise.uses)
        yield _Answer(check, f"uses {_list(used) or 'none'}", not more)
    if promise.outside is not None:
        roots = {e.imported.partition(".")[0] for e in graph.foreign if e.source == name}
        more = roots - set(promise.outside)
        check = f"{name} imports from outside only {_list(promise.outside) or 'nothing'}"
        yield _Answer(check, f"imports {_list(roots) or 'nothing'}", not more)
    modules = [one for one in graph.modules if graph.owners.owner(one) == name]
    for pattern in promise.modules:
        hits = [one for one in modules if fnmatchcase(one, pattern)]
        found = counted(len(hits), "module")
        yield _Answer(f"{name} holds `{pattern}`", found, bool(hits))
    if promise.without:
        hits = [one for one in modules if any(fnmatchcase(one, p) for p in promise.without)]
        check = f"no module of {name} is named {' or '.join(f'`{p}`' for p in promise.without)}"
        found = _list(hits) or f"none of {counted(len(modules), 'module')}"
        yield _Answer(check, found, bool(modules) and not hits)


def _used(name: str, graph: Graph, spec: Spec) -> set[str]:
    used = {edge.target for edge in graph.crossing if edge.source == name}
    known = {normalise(one.name): one.name for one in spec.packages}
    for distribution in graph.workspace.distributions:
        metadata = distribution.metadata
        if metadata is None or spelled(spec, distribution.name) != name:
            continue
        for one in metadata.requirements or ():
            if one.name in known and not one.where.startswith("group"):
                used.add(known[one.name])
    return used - {name}


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
