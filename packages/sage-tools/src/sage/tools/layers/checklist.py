"""The checklist of layer.yaml: each promise with the check that proves it, and its result."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sage.tools.finding import Finding
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

    def finding(self) -> Finding:
        """The finding that a broken promise is."""
        line, adr = self.promise.line, tuple(f"ADR-{number:04d}" for number in self.promise.adr)
        message = f"{self.promise.text!r} does not hold: {self.check}; {self.found}"
        return Finding(FILE, line, "broken-checklist", message, adr=adr)


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
        answers = [_Answer("nothing", "no check is given", False)]
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
        yield _Answer(f"`{promise.rule}`", f"{count} findings" if count else "none", not count)
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
        yield _Answer(f"{name} holds `{pattern}`", f"{len(hits)} modules", bool(hits))
    if promise.without:
        hits = [one for one in modules if any(fnmatchcase(one, p) for p in promise.without)]
        check = f"no module of {name} is named {' or '.join(f'`{p}`' for p in promise.without)}"
        found = _list(hits) or f"none of {len(modules)} modules"
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
