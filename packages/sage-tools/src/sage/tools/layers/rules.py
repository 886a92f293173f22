"""The rules about layers: what the graph shows × what layer.yaml says → findings."""

import datetime
from collections.abc import Iterator
from itertools import pairwise

from sage.tools.finding import Finding, counted
from sage.tools.layers.context import Resolve
from sage.tools.layers.cycles import find_cycle, find_groups
from sage.tools.layers.dependencies import DependencyRules
from sage.tools.layers.edges import Edge
from sage.tools.layers.graph import Graph
from sage.tools.layers.owners import spelled
from sage.tools.layers.spec import FILE, Package, Spec
from sage.tools.layers.workspace import Distribution

__all__ = ["check_graph", "find_notes"]


def check_graph(
    graph: Graph, spec: Spec, *, resolve: Resolve | None = None, today: datetime.date | None = None
) -> list[Finding]:
    """Every finding of the rules, sorted.

    Args:
        graph: What `build_graph` read.
        spec: What layer.yaml says. Without one, only circles, undeclared imports and unreadable
            files are looked for.
        resolve: Gives messages the title and the address of a record.
        today: The day against which exceptions expire; the machine's day by default.
    """
    check = _Rules(graph, spec, resolve or (lambda _: None), today or datetime.date.today())
    findings = [check.with_records(one) for one in graph.findings]
    if spec.given:
        findings += [*check.packages(), *check.edges(), *check.dependencies(), *check.unused()]
    findings += [*check.cycles(), *check.undeclared(), *check.foreign(), *check.shadows()]
    findings += check.exceptions()
    return sorted(set(findings))


def find_notes(graph: Graph, spec: Spec, *, today: datetime.date | None = None) -> list[str]:
    """What exceptions let pass, so that a broad one shows, and what nobody here can tell."""
    check = _Rules(graph, spec, lambda _: None, today or datetime.date.today())
    notes: list[str] = []
    if spec.exceptions:
        passed = sum(bool(check.code(edge)) and check.allowed(edge) for edge in graph.crossing)
        if passed:
            text = f"{counted(passed, 'forbidden import')} let pass by exceptions in {FILE}"
            notes.append(text)
    if unknown := sorted(check.unknown_providers()):
        named = ", ".join(unknown[:3]) + (" and others" if len(unknown) > 3 else "")
        notes.append(
            f"{named}: declared and not installed here, so that imports in a shared namespace "
            "which they may hold were not compared with what is declared"
        )
    return notes


class _Rules(DependencyRules):
    """The rules about packages, imports, circles and exceptions; the base has the others."""

    __slots__ = ()

    def packages(self) -> Iterator[Finding]:
        here = {spelled(self.spec, one.name): one for one in self.graph.workspace.distributions}
        for name, distribution in here.items():
            yield from self.undeclared_package(name, distribution)
        owners = {self.graph.owners.owner(module) for module in self.graph.modules}
        for package in self.spec.packages:
            found = package.name in here or package.name in owners
            place = here[package.name].path if package.name in here else "the source"
            for message in self.missing(package, found, place):
                line = package.line if package.present else package.present_line
                yield self.finding(FILE, line, "missing-package", message)

    def missing(self, package: Package, found: bool, place: str) -> Iterator[str]:
        """What layer.yaml says of one package and the folders do not bear out."""
        if not package.present:
            if found:
                yield (
                    f"{package.name} is in {place} and is marked absent; remove `present: false` "
                    f"at {FILE}:{package.present_line}"
                )
            return
        if not found:
            yield (
                f"{package.name} is on layer {package.layer} and is not there; add its folder "
                f"under {', '.join(self.spec.roots)}, or say `present: false`"
            )
            return
        for name in package.modules:
            if not any(f"{one}.".startswith(f"{name}.") for one in self.graph.modules):
                yield f"{package.name} claims {name}, and no such module is there"

    def undeclared_package(self, name: str, distribution: Distribution) -> Iterator[Finding]:
        if self.spec.package(name):
            return
        left = [one for one in distribution.files if self.graph.owners.owner(one.module) == name]
        split = len(left) < len(distribution.files)
        if split and not left:
            return  # all of it is given to the packages that layer.yaml cuts out of it
        have = "has" if len(left) == 1 else "have"
        what = f"{counted(len(left), 'file')} of {name} {have}" if split else f"{name} has"
        message = (
            f"{what} no layer; add `{name}: {{layer: {self.spec.layers[0]}}}` with its layer "
            f"to packages in {FILE}"
        )
        yield self.finding(self.metadata_path(distribution), 0, "undeclared-package", message)

    def edges(self) -> Iterator[Finding]:
        for edge in self.graph.crossing:
            code = self.code(edge)
            if code and not self.allowed(edge):
                message = self.edge_message(code, edge)
                yield self.finding(edge.path, edge.line, code, message)

    def edge_message(self, code: str, edge: Edge) -> str:
        named = {one.name: one for one in self.spec.packages}
        source, target = named[edge.source], named[edge.target]
        how = f"{edge.kind}, dynamic" if edge.dynamic else edge.kind
        what = f"{edge.importer} → {edge.imported} ({how}): "
        if code == "upward-import":
            return (
                f"{what}{source.name} is on layer {source.layer} and {target.name} above it on "
                f"{target.layer}; let {target.name} register a factory with {source.name}, "
                f"or move the type down to {source.layer} or below"
            )
        if code == "same-layer-import":
            return (
                f"{what}{source.name} and {target.name} are both on layer {source.layer}; move "
                f"what they share down, or name {target.name} in `imports` of {source.name}"
            )
        allowed = ", ".join(source.imports or ()) or "no package"
        return (
            f"{what}{source.name} may import {allowed} only; do without {target.name}, "
            f"or name it in `imports` of {source.name}"
        )

    def exceptions(self) -> Iterator[Finding]:
        for one in self.spec.exceptions:
            what = f"{one.importer} → {one.imported}"
            if one.until and one.until < self.today:
                message = f"the exception {what} held until {one.until}; mend the import"
                yield self.finding(FILE, one.line, "expired-exception", message)
            if one not in self.used:
                message = f"the exception {what} matches no finding any more; remove it"
                yield self.finding(FILE, one.line, "stale-exception", message)
            if not one.reason.strip():
                message = f"the exception {what} gives no reason; say why it is allowed"
                yield self.finding(FILE, one.line, "reasonless-exception", message)

    def cycles(self) -> Iterator[Finding]:
        edges: dict[tuple[str, str], tuple[str, int, str]] = {}
        for source, requirement, target in self.requirements():
            if requirement.shipped:
                path = self.metadata_path(source, requirement.file)
                name = spelled(self.spec, source.name)
                edges.setdefault((name, target), (path, requirement.line, "declared"))
        imports: dict[tuple[str, str], tuple[str, int, str]] = {}
        for edge in self.graph.crossing:
            imports.setdefault((edge.source, edge.target), (edge.path, edge.line, edge.kind))
        links: dict[str, set[str]] = {}
        for source_name, target in edges | imports:
            links.setdefault(source_name, set()).add(target)
        for group in find_groups(links):
            inside = [e for e in self.graph.crossing if e.source in group and e.target in group]
            held = {(edge.source, edge.target) for edge in inside if not self.allowed(edge)}
            let_pass = {(edge.source, edge.target) for edge in inside} - held
            free = {
                name: {target for target in links[name] if (name, target) not in let_pass}
                for name in group
            }
            for rest in find_groups(free):
                yield self.cycle(free, rest, edges | imports)

    def cycle(
        self,
        links: dict[str, set[str]],
        group: tuple[str, ...],
        places: dict[tuple[str, str], tuple[str, int, str]],
    ) -> Finding:
        way = find_cycle(links, group[0], group)
        steps = list(pairwise(way))
        chain = "".join(
            f" → {target} ({places[source, target][2]}, "
            f"{places[source, target][0]}:{places[source, target][1]})"
            for source, target in steps
        )
        worst = max(steps, key=self.climb)
        path, line, _ = places[worst]
        others = f"; the circle holds {', '.join(group)}" if len(group) > len(steps) else ""
        circle = " → ".join(way)
        message = f"{circle} is a circle: {way[0]}{chain}{others}; cut one of these"
        return self.finding(path, line, "package-cycle", message)

    def climb(self, step: tuple[str, str]) -> int:
        source, target = self.spec.package(step[0]), self.spec.package(step[1])
        if source is None or target is None:
            return 0
        return self.spec.rank(target.layer) - self.spec.rank(source.layer)

    def shadows(self) -> Iterator[Finding]:
        namespace = self.spec.namespace
        if not namespace:
            return
        root = self.graph.workspace.root
        folders = [one.folder for one in self.graph.workspace.distributions]
        for place in (root / namespace, root / f"{namespace}.py"):
            if place.exists() and root not in folders:
                message = (
                    f"hides the namespace {namespace} from every program started in this folder; "
                    "rename it, or move it under src/"
                )
                yield self.finding(place.name, 0, "shadowed-namespace", message)
        for file in self.graph.modules.values():
            if file.module == namespace and file.package and file.portion == namespace:
                message = (
                    f"makes {namespace} a plain package, so that the other distributions' "
                    "parts of it cannot be imported; delete this file"
                )
                yield self.finding(file.path, 0, "shadowed-namespace", message)
