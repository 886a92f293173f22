"""The rules about layers: what the graph shows × what layer.yaml says → findings."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from sage.tools.finding import Finding
from sage.tools.layers.cycles import find_cycle, find_groups
from sage.tools.layers.edges import UNLABELLED, Edge
from sage.tools.layers.graph import Graph
from sage.tools.layers.metadata import Requirement, normalise
from sage.tools.layers.owners import spelled
from sage.tools.layers.spec import FILE, Allowance, Package, Spec
from sage.tools.layers.third_party import is_declared, is_imported
from sage.tools.layers.workspace import Distribution

__all__ = ["Resolve", "check_graph", "code_for", "name_records"]

Resolve = Callable[[int], "tuple[str, str] | None"]
"""A record's number → its title and address, or `None` where there is no such record."""


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
    check = _Check(graph, spec, resolve or (lambda _: None), today or datetime.date.today())
    findings = [check.with_records(one) for one in graph.findings]
    if spec.given:
        findings += [*check.packages(), *check.edges(), *check.dependencies(), *check.unused()]
    findings += [*check.cycles(), *check.undeclared(), *check.foreign(), *check.shadows()]
    findings += check.exceptions()
    return sorted(set(findings))


def code_for(spec: Spec, source: Package, target: Package) -> str:
    """The rule that forbids `source` to import `target`; empty where none does."""
    low, high = spec.rank(source.layer), spec.rank(target.layer)
    if high > low:
        return "upward-import"
    named = source.imports is not None and target.name in source.imports
    if high == low and not named:
        return "same-layer-import"
    return "" if source.imports is None or named else "forbidden-import"


def name_records(numbers: Iterable[int], resolve: Resolve | None) -> str:
    """The records by id and, as far as `resolve` knows them, by title and address."""
    names = []
    for number in numbers:
        known = resolve(number) if resolve else None
        names.append(f"ADR-{number:04d}" + (f" {known[0]} ({known[1]})" if known else ""))
    return "; ".join(names)


@dataclass(slots=True)
class _Check:
    graph: Graph
    spec: Spec
    resolve: Resolve
    today: datetime.date
    used: set[Allowance] = field(default_factory=set)

    def finding(self, path: str, line: int, code: str, message: str) -> Finding:
        return self.with_records(Finding(path, line, code, message))

    def with_records(self, finding: Finding) -> Finding:
        """The finding with the records that its rule enforces, by id, title and address."""
        numbers = self.spec.rules.get(finding.code, ())
        if not numbers:
            return finding
        ids = tuple(f"ADR-{number:04d}" for number in numbers)
        message = f"{finding.message}. See {name_records(numbers, self.resolve)}"
        return Finding(finding.path, finding.line, finding.code, message, finding.severity, ids)

    # Packages and layers

    def package(self, name: str) -> Package | None:
        return self.spec.package(spelled(self.spec, name))

    def packages(self) -> Iterator[Finding]:
        here = {spelled(self.spec, one.name): one for one in self.graph.workspace.distributions}
        for name, distribution in here.items():
            yield from self.undeclared_package(name, distribution)
        owners = {self.graph.owners.owner(module) for module in self.graph.modules}
        for package in self.spec.packages:
            found = package.name in here or package.name in owners
            if package.present and not found:
                message = (
                    f"{package.name} is on layer {package.layer} and is not there; add its folder "
                    f"under {', '.join(self.spec.roots)}, or say `present: false`"
                )
                yield self.finding(FILE, package.line, "missing-package", message)
            elif found and not package.present:
                place = here[package.name].path if package.name in here else "the source"
                message = f"{package.name} is marked `present: false` and is in {place}; remove it"
                yield self.finding(FILE, package.line, "missing-package", message)

    def undeclared_package(self, name: str, distribution: Distribution) -> Iterator[Finding]:
        if self.spec.package(name):
            return
        left = [one for one in distribution.files if self.graph.owners.owner(one.module) == name]
        split = len(left) < len(distribution.files)
        if split and not left:
            return  # all of it is given to the packages that layer.yaml cuts out of it
        what = f"{len(left)} files of {name} have" if split else f"{name} has"
        message = (
            f"{what} no layer; add `{name}: {{layer: {self.spec.layers[0]}}}` with its layer "
            f"to packages in {FILE}"
        )
        yield self.finding(self.metadata_path(distribution), 0, "undeclared-package", message)

    def metadata_path(self, distribution: Distribution) -> str:
        if distribution.metadata and distribution.metadata.file:
            name = distribution.metadata.file.name
            return name if distribution.path == "." else f"{distribution.path}/{name}"
        return distribution.path

    # Imports

    def edges(self) -> Iterator[Finding]:
        for edge in self.graph.crossing:
            source, target = self.spec.package(edge.source), self.spec.package(edge.target)
            if source is None or target is None:
                continue  # one finding says already that it has no layer
            code = code_for(self.spec, source, target)
            if code and not self.allowed(edge):
                message = self.edge_message(code, edge, source, target)
                yield self.finding(edge.path, edge.line, code, message)

    def forbidden(self, edge: Edge) -> bool:
        source, target = self.spec.package(edge.source), self.spec.package(edge.target)
        return bool(source and target and code_for(self.spec, source, target)) and not self.allowed(
            edge
        )

    def edge_message(self, code: str, edge: Edge, source: Package, target: Package) -> str:
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

    def allowed(self, edge: Edge) -> bool:
        """Whether an exception that still holds matches; remembers that it was of use."""
        found = [one for one in self.spec.exceptions if _matches(one, edge)]
        self.used.update(found)
        return any(one.until is None or one.until >= self.today for one in found)

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

    # Circles

    def cycles(self) -> Iterator[Finding]:
        edges: dict[tuple[str, str], tuple[str, int, str]] = {}
        for source, requirement, target in self.requirements():
            if not requirement.where.startswith("group"):
                path = self.metadata_path(source)
                name = spelled(self.spec, source.name)
                edges.setdefault((name, target), (path, requirement.line, "declared"))
        imports: dict[tuple[str, str], tuple[str, int, str]] = {}
        for edge in self.graph.crossing:
            imports.setdefault((edge.source, edge.target), (edge.path, edge.line, edge.kind))
        links: dict[str, set[str]] = {}
        for source_name, target in edges | imports:
            links.setdefault(source_name, set()).add(target)
        for group in find_groups(links):
            free = {name: set(targets) for name, targets in links.items()}
            for edge in self.graph.crossing:
                if edge.source in group and edge.target in group and self.allowed(edge):
                    free[edge.source].discard(edge.target)
            for rest in find_groups({name: free.get(name, ()) for name in group}):
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

    # Dependencies

    def requirements(self) -> Iterator[tuple[Distribution, Requirement, str]]:
        """Every requirement that names a package of the workspace or of layer.yaml."""
        here = [one.name for one in self.graph.workspace.distributions]
        names = [*here, *(one.name for one in self.spec.packages)]
        known = {normalise(name): spelled(self.spec, name) for name in names}
        for distribution in self.graph.workspace.distributions:
            own = normalise(distribution.name)
            for one in (distribution.metadata and distribution.metadata.requirements) or ():
                if one.name in known and one.name != own:
                    yield distribution, one, known[one.name]

    def dependencies(self) -> Iterator[Finding]:
        for distribution, requirement, name in self.requirements():
            source, target = self.package(distribution.name), self.spec.package(name)
            if source is None or target is None or requirement.where.startswith("group"):
                continue
            low, high = self.spec.rank(source.layer), self.spec.rank(target.layer)
            if high > low or (high == low and target.name not in (source.imports or ())):
                message = (
                    f"{source.name} (layer {source.layer}) declares {target.name} "
                    f"(layer {target.layer}) in its {requirement.where}; dependencies point down "
                    f"only: let {target.name} depend on {source.name}"
                )
                path = self.metadata_path(distribution)
                yield self.finding(path, requirement.line, "upward-dependency", message)
        for distribution in self.graph.workspace.distributions:
            yield from self.meta_and_entries(distribution)

    def meta_and_entries(self, distribution: Distribution) -> Iterator[Finding]:
        metadata, source = distribution.metadata, self.package(distribution.name)
        if metadata is None or source is None:
            return
        path = self.metadata_path(distribution)
        for one in metadata.requirements or ():
            if self.spec.meta and one.name == normalise(self.spec.meta):
                message = (
                    f"{source.name} declares the meta-package {self.spec.meta} in its {one.where}, "
                    "which depends on every layer; declare the packages that it imports"
                )
                yield self.finding(path, one.line, "upward-dependency", message)
        for entry, line in metadata.entry_points.items():
            module = entry.partition(" = ")[2].partition(":")[0].strip()
            target = self.spec.package(self.graph.owners.owner(module))
            if target and self.spec.rank(target.layer) > self.spec.rank(source.layer):
                message = (
                    f"the entry point {entry} of {source.name} (layer {source.layer}) leads into "
                    f"{target.name} (layer {target.layer}); declare it in {target.name}"
                )
                yield self.finding(path, line, "upward-dependency", message)

    def undeclared(self) -> Iterator[Finding]:
        """Imports of packages of the workspace that no dependency declares."""
        pairs: dict[tuple[str, str], list[Edge]] = {}
        for edge in self.graph.crossing:
            if not self.forbidden(edge):  # declaring what is forbidden would be bad advice
                pairs.setdefault((edge.source, edge.target), []).append(edge)
        homes = self.homes()
        for (source, target), edges in pairs.items():
            distribution = homes.get(source)
            wanted = homes[target].name if target in homes else target
            if distribution is None or distribution is homes.get(target):
                continue
            metadata = distribution.metadata
            if metadata is None or metadata.requirements is None or metadata.declares(wanted):
                continue
            more = f" ({len(edges)} imports)" if len(edges) > 1 else ""
            edge = edges[0]
            message = (
                f"{edge.importer} → {edge.imported} ({edge.kind}){more}: "
                f"{self.metadata_path(distribution)} does not declare {wanted}; "
                "add it to dependencies or to an extra"
            )
            yield self.finding(edge.path, edge.line, "undeclared-dependency", message)

    def homes(self) -> dict[str, Distribution]:
        """Package → the distribution that ships it."""
        found: dict[str, Distribution] = {}
        for distribution in self.graph.workspace.distributions:
            found[spelled(self.spec, distribution.name)] = distribution
            for file in distribution.files:
                found.setdefault(self.graph.owners.owner(file.module), distribution)
        return found

    def foreign(self) -> Iterator[Finding]:
        """Imports of what lies outside the workspace and is not declared."""
        homes = self.homes()
        groups: dict[tuple[str, str], list[Edge]] = {}
        for edge in self.graph.foreign:
            name = edge.imported if self.graph.owners.is_shared(edge.imported) else ""
            root = name or edge.imported.partition(".")[0]
            groups.setdefault((edge.source, root), []).append(edge)
        for (source, root), edges in sorted(groups.items()):
            distribution = homes.get(source)
            metadata = distribution.metadata if distribution else None
            if distribution is None or metadata is None or metadata.requirements is None:
                continue
            names = [one.name for one in metadata.requirements]
            if not self.graph.owners.is_shared(root) and is_declared(root, names):
                if self.in_groups_only(root, metadata.requirements):
                    edges = [edge for edge in edges if self.kind(edge) not in _TOLERANT]
                else:
                    continue
            hard = next(
                (edge for edge in sorted(edges) if self.kind(edge) not in ("optional", UNLABELLED)),
                None,
            )
            if hard is not None:
                yield self.foreign_finding(hard, root, distribution)

    def in_groups_only(self, root: str, requirements: Iterable[Requirement]) -> bool:
        shipped = [one.name for one in requirements if not one.where.startswith("group")]
        return not is_declared(root, shipped)

    def kind(self, edge: Edge) -> str:
        """What guards a foreign import; `UNLABELLED` where it turns out to be none."""
        if edge.dynamic and edge.kind != UNLABELLED:
            return edge.kind
        found = self.graph.labels.at(self.graph.by_path[edge.path], edge.line, edge.dynamic)
        root = edge.imported.partition(".")[0]
        kinds = [one.kind for one in found if one.name.partition(".")[0] == root]
        return kinds[0] if kinds else edge.kind

    def foreign_finding(self, edge: Edge, root: str, distribution: Distribution) -> Finding:
        what = f"{edge.importer} → {edge.imported} ({self.kind(edge)}): "
        if self.graph.owners.is_shared(root):
            message = f"{what}no package here holds {root}; correct the name, or add its package"
        else:
            message = (
                f"{what}{self.metadata_path(distribution)} declares nothing that provides {root}; "
                "add its distribution to dependencies or to an extra, or guard the import "
                "with `except ImportError`"
            )
        return self.finding(edge.path, edge.line, "undeclared-dependency", message)

    def unused(self) -> Iterator[Finding]:
        used: dict[str, set[str]] = {}
        for edge in (*self.graph.crossing, *self.graph.foreign):
            target = normalise(edge.target) if edge.target else edge.imported.partition(".")[0]
            used.setdefault(edge.source, set()).add(target)
        homes = self.homes()
        workspace = {normalise(name) for name in [*homes, *(p.name for p in self.spec.packages)]}
        for distribution in self.graph.workspace.distributions:
            metadata, package = distribution.metadata, self.package(distribution.name)
            if metadata is None or package is None:
                continue
            seen: set[str] = set()
            for name, roots in used.items():
                if homes.get(name) is distribution:
                    seen |= roots
            path = self.metadata_path(distribution)
            reasons = {normalise(name) for name in package.unimported}
            declared = {one.name for one in metadata.requirements or ()}
            for one in metadata.requirements or ():
                if one.where in _TOOLING or one.where.startswith("group") or one.name in reasons:
                    continue
                known = one.name in workspace
                if one.name in seen if known else is_imported(one.name, seen):
                    continue
                if one.name != normalise(distribution.name) and not one.name.startswith("types-"):
                    message = (
                        f"{package.name} declares {one.text!r} in its {one.where} and never "
                        f"imports it; remove it, or give the reason in `unimported` of "
                        f"{package.name} in {FILE}"
                    )
                    yield self.finding(path, one.line, "unused-dependency", message)
            for name in sorted(package.unimported):
                if normalise(name) not in declared or is_imported(name, seen):
                    message = (
                        f"`unimported` of {package.name} lists {name}, which it "
                        "imports or no longer declares; remove the entry"
                    )
                    yield self.finding(FILE, package.line, "stale-exception", message)

    # What hides the namespace

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


_TOLERANT = ("optional", "typing")

# Extras that bring tools or other extras, not modules to import.
_TOOLING = frozenset(
    f"extra {name}"
    for name in (
        *("all", "build", "ci", "dev", "develop", "development", "doc", "docs", "full"),
        *("lint", "test", "testing", "tests"),
    )
)


def _matches(one: Allowance, edge: Edge) -> bool:
    return _starts(edge.importer, one.importer) and _starts(edge.imported, one.imported)


def _starts(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")
