"""The rules about what distributions declare: upward, undeclared, and never used."""

from collections.abc import Iterable, Iterator

from sage.tools.finding import Finding
from sage.tools.layers.context import Context
from sage.tools.layers.edges import UNLABELLED, Edge
from sage.tools.layers.metadata import Requirement, normalise
from sage.tools.layers.spec import FILE
from sage.tools.layers.third_party import is_declared, is_imported, is_part_declared
from sage.tools.layers.workspace import Distribution

__all__ = ["DependencyRules"]

_TOLERANT = ("optional", "typing")

# Extras that bring tools or other extras, not modules to import.
_TOOLING = frozenset(
    f"extra {name}"
    for name in (
        *("all", "build", "ci", "dev", "develop", "development", "doc", "docs", "full"),
        *("lint", "test", "testing", "tests"),
    )
)


class DependencyRules(Context):
    """Declared dependencies, extras and entry points, held to the imports and to the layers."""

    __slots__ = ()

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
            if self.declared(root, names):
                if self.in_groups_only(root, metadata.requirements):
                    edges = [edge for edge in edges if self.kind(edge) not in _TOLERANT]
                else:
                    continue
            hard = [
                edge for edge in sorted(edges) if self.kind(edge) not in ("optional", UNLABELLED)
            ]
            if hard:  # what needs the distribution at run time says more than what needs its types
                first = min(hard, key=lambda edge: self.kind(edge) == "typing")
                yield self.foreign_finding(first, root, distribution)

    def declared(self, name: str, distributions: Iterable[str]) -> bool:
        """Whether one of the distributions can provide an import from outside."""
        shared = self.graph.owners.is_shared(name)
        return (is_part_declared if shared else is_declared)(name, distributions)

    def in_groups_only(self, root: str, requirements: Iterable[Requirement]) -> bool:
        shipped = [one.name for one in requirements if not one.where.startswith("group")]
        return not self.declared(root, shipped)

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
            message = (
                f"{what}no package here holds {root}, and {self.metadata_path(distribution)} "
                "declares nothing that provides it; correct the name, or declare its distribution"
            )
        else:
            advice = (
                "only its types are used, so add its distribution to an extra or a group for "
                "typing or development"
                if self.kind(edge) == "typing"
                else "add its distribution to dependencies or to an extra, or guard the import "
                "with `except ImportError`"
            )
            message = (
                f"{what}{self.metadata_path(distribution)} declares nothing that provides {root}; "
                f"{advice}"
            )
        return self.finding(edge.path, edge.line, "undeclared-dependency", message)

    def unused(self) -> Iterator[Finding]:
        used: dict[str, set[str]] = {}
        for edge in (*self.graph.crossing, *self.graph.foreign):
            shared = self.graph.owners.is_shared(edge.imported)
            name = edge.imported if shared else edge.imported.partition(".")[0]
            target = normalise(edge.target) if edge.target else name
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
