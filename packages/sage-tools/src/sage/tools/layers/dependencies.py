"""The rules about what distributions declare: upward, undeclared, and never used."""

from collections.abc import Iterable, Iterator

from sage.tools.finding import Finding
from sage.tools.layers.context import Context, code_for
from sage.tools.layers.edges import UNLABELLED, Edge
from sage.tools.layers.metadata import Metadata, Requirement, normalise
from sage.tools.layers.spec import FILE
from sage.tools.layers.third_party import (
    is_declared,
    is_imported,
    is_part_declared,
    unknown_parts,
)
from sage.tools.layers.workspace import Distribution

__all__ = ["DependencyRules"]

_TOLERANT = ("optional", "typing")
_UPWARD = ("upward-import", "same-layer-import")

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
            if source is None or target is None or not requirement.shipped:
                continue
            code = code_for(self.spec, source, target)
            if code not in _UPWARD or (source.name, target.name) in self.pardoned():
                continue
            advice = (
                f"let {target.name} depend on {source.name}"
                if code == "upward-import"
                else f"move what they share down, or name {target.name} in `imports` of "
                f"{source.name}"
            )
            message = (
                f"{source.name} (layer {source.layer}) declares {target.name} "
                f"(layer {target.layer}) in its {requirement.where}; dependencies point down "
                f"only: {advice}"
            )
            path = self.metadata_path(distribution, requirement.file)
            yield self.finding(path, requirement.line, "upward-dependency", message)
        for distribution in self.graph.workspace.distributions:
            yield from self.meta_and_entries(distribution)

    def meta_and_entries(self, distribution: Distribution) -> Iterator[Finding]:
        metadata, source = distribution.metadata, self.package(distribution.name)
        if metadata is None or source is None:
            return
        for one in metadata.requirements:
            if self.spec.meta and one.name == normalise(self.spec.meta):
                message = (
                    f"{source.name} declares the meta-package {self.spec.meta} in its {one.where}, "
                    "which depends on every layer; declare the packages that it imports"
                )
                path = self.metadata_path(distribution, one.file)
                yield self.finding(path, one.line, "upward-dependency", message)
        for entry in metadata.entry_points:
            target = self.spec.package(self.graph.owners.owner(entry.module))
            if target and self.spec.rank(target.layer) > self.spec.rank(source.layer):
                message = (
                    f"the entry point {entry.name} = {entry.target} of {source.name} (layer "
                    f"{source.layer}) leads into {target.name} (layer {target.layer}); declare it "
                    f"in {target.name}"
                )
                path = self.metadata_path(distribution, entry.file)
                yield self.finding(path, entry.line, "upward-dependency", message)

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
            if metadata is None or not metadata.complete or metadata.declares(wanted):
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
        for distribution, metadata, root, edges in self.outside():
            names = [name for one in metadata.requirements for name in one.names]
            if self.declared(root, names):
                if not self.in_groups_only(root, metadata.requirements):
                    continue
                edges = [edge for edge in edges if self.kind(edge) not in _TOLERANT]
            elif self.unsettled(root, names):
                continue
            hard = [
                edge for edge in sorted(edges) if self.kind(edge) not in ("optional", UNLABELLED)
            ]
            if hard:  # what needs the distribution at run time says more than what needs its types
                first = min(hard, key=lambda edge: self.kind(edge) == "typing")
                yield self.foreign_finding(first, root, distribution)

    def outside(self) -> Iterator[tuple[Distribution, Metadata, str, list[Edge]]]:
        """The foreign imports by importing distribution and name; of those whose needs are known.

        The name is the first part, or all of it in a namespace that the packages share.
        """
        known = {
            name: (one, one.metadata)
            for name, one in self.homes().items()
            if one.metadata and one.metadata.complete
        }
        groups: dict[tuple[str, str], list[Edge]] = {}
        for edge in self.graph.foreign if known else ():
            if edge.source in known:
                name = edge.imported if self.graph.owners.is_shared(edge.imported) else ""
                root = name or edge.imported.partition(".")[0]
                groups.setdefault((edge.source, root), []).append(edge)
        for (source, root), edges in sorted(groups.items()):
            yield *known[source], root, edges

    def unknown_providers(self) -> set[str]:
        """Distributions that are declared, are not here, and may hold what is imported."""
        found: set[str] = set()
        for _, metadata, root, _ in self.outside():
            names = [name for one in metadata.requirements for name in one.names]
            if not self.declared(root, names):
                found |= self.unsettled(root, names)
        return found

    def declared(self, name: str, distributions: Iterable[str]) -> bool:
        """Whether one of the distributions can provide an import from outside."""
        shared = self.graph.owners.is_shared(name)
        return (is_part_declared if shared else is_declared)(name, distributions)

    def in_groups_only(self, root: str, requirements: Iterable[Requirement]) -> bool:
        shipped = [name for one in requirements if one.shipped for name in one.names]
        return not self.declared(root, shipped)

    def unsettled(self, root: str, names: Iterable[str]) -> set[str]:
        """Those of `names` that may hold `root` of a shared namespace, for all that is known."""
        if not self.graph.owners.is_shared(root):
            return set()
        known = {normalise(name) for name in self.homes()}
        return unknown_parts(root, set(names) - known)

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
            reasons = {normalise(name) for name in package.unimported}
            declared = {one.name for one in metadata.requirements}
            for one in metadata.requirements if self.is_read(distribution) else ():
                if one.where in _TOOLING or not one.shipped or one.name in reasons:
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
                    path = self.metadata_path(distribution, one.file)
                    yield self.finding(path, one.line, "unused-dependency", message)
            for name in sorted(package.unimported):
                if normalise(name) not in declared or is_imported(name, seen):
                    message = (
                        f"`unimported` of {package.name} lists {name}, which it "
                        "imports or no longer declares; remove the entry"
                    )
                    yield self.finding(FILE, package.line, "stale-exception", message)

    def is_read(self, distribution: Distribution) -> bool:
        """Whether all that it ships was read: what was not seen is then not there."""
        paths = {file.path for file in distribution.files}
        faults = {one.path for one in self.graph.findings if one.code == "unreadable-file"}
        return distribution.whole and bool(paths) and not paths & faults
