"""The checklist of layer.yaml: each promise with the check that proves it, and its result."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from sage.tools.finding import Finding, counted
from sage.tools.layers.context import Resolve, name_records
from sage.tools.layers.graph import Graph
from sage.tools.layers.metadata import normalise
from sage.tools.layers.owners import spelled
from sage.tools.layers.spec import FILE, Promise, Spec

__all__ = ["CheckedPromise", "check_promises"]

_NAMES = " (names alone are looked at)"


class CheckedPromise(NamedTuple):
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
            f"the checklist says {promise.claim!r}, which does not hold: expected that "
            f"{self.check}; found: {self.found}; mend the code, or decide anew and change the line"
        )
        if records := name_records(self.records, resolve):
            message += f". See {records}"
        return Finding(FILE, promise.line, "broken-checklist", message, adr=self.ids)

    @property
    def records(self) -> tuple[int, ...]:
        """Numbers of the records that it rests on, and of the one that replaced its text."""
        by = self.promise.replaced_by
        return tuple(dict.fromkeys([*([] if by is None else [by]), *self.promise.adr]))

    @property
    def ids(self) -> tuple[str, ...]:
        """The same as ids, such as `ADR-0001`."""
        return tuple(f"ADR-{number:04d}" for number in self.records)

    @property
    def by_name(self) -> bool:
        """Whether only the names of modules were looked at, which prove little."""
        one = self.promise
        return not one.rule and one.uses is None and one.outside is None


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
        but = f"package of {FILE} but {_list(promise.uses)}"
        other = but if promise.uses else f"other package of {FILE}"
        check = f"{name} imports and declares no {other}"
        more = used - set(promise.uses)
        yield _Answer(check, f"uses {_list(used) or 'none'}", not more)
    if promise.outside is not None:
        roots = {e.imported.partition(".")[0] for e in graph.foreign if e.source == name}
        more = roots - set(promise.outside)
        check = f"{name} imports from outside only {_list(promise.outside) or 'nothing'}"
        yield _Answer(check, f"imports {_list(roots) or 'nothing'}", not more)
    modules = [one for one in graph.modules if graph.owners.owner(one) == name]
    if promise.modules:
        hits = {one: [p for p in promise.modules if fnmatchcase(one, p)] for one in modules}
        named = " and ".join(f"`{pattern}`" for pattern in promise.modules)
        matched = {pattern for patterns in hits.values() for pattern in patterns}
        check = f"modules of {name} are named {named}{_NAMES}"
        found = counted(sum(map(bool, hits.values())), "module")
        yield _Answer(check, found, len(matched) == len(set(promise.modules)))
    if promise.without:
        wrong = [one for one in modules if any(fnmatchcase(one, p) for p in promise.without)]
        named = " or ".join(f"`{pattern}`" for pattern in promise.without)
        check = f"no module of {name} is named {named}{_NAMES}"
        found = _list(wrong) or f"none of {counted(len(modules), 'module')}"
        yield _Answer(check, found, bool(modules) and not wrong)


def _used(name: str, graph: Graph, spec: Spec) -> set[str]:
    used = {edge.target for edge in graph.crossing if edge.source == name}
    known = {normalise(one.name): one.name for one in spec.packages}
    for distribution in graph.workspace.distributions:
        metadata = distribution.metadata
        if metadata is None or spelled(spec, distribution.name) != name:
            continue
        for one in metadata.requirements:
            if one.name in known and one.shipped:
                used.add(known[one.name])
    return used - {name}


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
