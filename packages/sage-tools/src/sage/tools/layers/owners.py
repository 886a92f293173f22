"""Which package an import name belongs to."""

from collections.abc import Iterable, Mapping

from sage.tools.layers.metadata import normalise
from sage.tools.layers.spec import Package, Spec
from sage.tools.layers.workspace import Distribution

__all__ = ["Owners", "find_owners"]


class Owners:
    """Looks up the owner of a dotted name by its longest known beginning."""

    def __init__(self, prefixes: Mapping[str, str], shared: Iterable[str]) -> None:
        self._prefixes = dict(prefixes)
        self._shared = frozenset(shared)
        # Names that are nobody's and only lead to names that are somebody's.
        self.leads = {lead for name in prefixes for lead in _leads(name)} - set(prefixes)
        self._seen: dict[str, str] = {}

    def owner(self, name: str) -> str:
        """The package that `name` belongs to; empty where nobody owns it.

        >>> Owners({"sage.kernel": "sage-kernel"}, ["sage"]).owner("sage.kernel.rpc.client")
        'sage-kernel'
        """
        known = self._seen.get(name)
        if known is None:
            known = self._seen[name] = self._find(name)
        return known

    def is_shared(self, name: str) -> bool:
        """Whether `name` lies in a namespace that the packages share."""
        parts = name.split(".")
        return any(".".join(parts[:end]) in self._shared for end in range(1, len(parts) + 1))

    def prefixes(self, package: str) -> tuple[str, ...]:
        """The import names that belong to `package`, sorted."""
        return tuple(sorted(name for name, owner in self._prefixes.items() if owner == package))

    def _find(self, name: str) -> str:
        while name:
            if owner := self._prefixes.get(name):
                return owner
            name = name.rpartition(".")[0]
        return ""


def find_owners(spec: Spec, distributions: Iterable[Distribution]) -> Owners:
    """Every import name that a package claims: by `modules`, by its files, or by its own name."""
    prefixes: dict[str, str] = {}
    shared = {spec.namespace} - {""}
    for distribution in distributions:
        name = spelled(spec, distribution.name)
        tops = dict.fromkeys(distribution.portions)
        loose = [file for file in distribution.files if not _inside(file.module, tops)]
        shared |= set(distribution.shared)
        for module in [*tops, *(file.module for file in loose)]:
            if module not in distribution.shared:
                prefixes.setdefault(module, name)
        for file in distribution.files:
            # Two distributions may fill one portion; then each module counts for itself.
            if prefixes.get(file.portion, name) != name:
                prefixes.setdefault(file.module, name)
    for package in spec.packages:
        for module in package.modules:
            prefixes[module] = package.name
        if package.name not in prefixes.values():
            prefixes.setdefault(import_name(package, spec.namespace), package.name)
    return Owners(prefixes, shared)


def spelled(spec: Spec, name: str) -> str:
    """A distribution's name as layer.yaml spells it, where layer.yaml knows it."""
    wanted = normalise(name)
    return next((one.name for one in spec.packages if normalise(one.name) == wanted), name)


def import_name(package: Package, namespace: str) -> str:
    """The name that a package is imported by when none of its files is here.

    >>> import_name(Package("sage-libs", "L3"), "sage")
    'sage.libs'
    """
    flat = normalise(package.name).replace("-", "_")
    start = namespace.replace(".", "_") + "_"
    return (
        f"{namespace}.{flat.removeprefix(start)}" if namespace and flat.startswith(start) else flat
    )


def _leads(name: str) -> Iterable[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _inside(module: str, tops: Mapping[str, None]) -> bool:
    while module:
        if module in tops:
            return True
        module = module.rpartition(".")[0]
    return False
