"""layer.yaml: which package stands on which layer, and which record says so."""

import datetime
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sage.tools.finding import CannotBegin
from sage.tools.layers.codes import CODES

if TYPE_CHECKING:
    from sage.tools.yaml_file import YamlFile

__all__ = ["Allowance", "Package", "Promise", "Spec", "load_spec", "nearest"]

FILE = "layer.yaml"
_LIKE = ("layer.yml", "layers.yaml", "layers.yml", "Layer.yaml", "LAYER.yaml", ".layer.yaml")


class Package(NamedTuple):
    """One package that layer.yaml names.

    Attributes:
        name: The distribution's name, as written.
        layer: Its layer.
        summary: A few words on what it holds.
        present: False where it is documented here and lives in another repository.
        imports: The only packages it may import; `None` means all below it.
        documented: What the documents state about its dependencies; for pages only.
        modules: Import names that belong to it; empty means those of its distribution.
        unimported: Dependency it declares and rightly never imports → the reason.
        line: Line in layer.yaml.
        present_line: Line of `present` there; that of the package where it is not written.
    """

    name: str
    layer: str
    summary: str = ""
    present: bool = True
    imports: tuple[str, ...] | None = None
    documented: tuple[str, ...] | None = None
    modules: tuple[str, ...] = ()
    unimported: Mapping[str, str] = MappingProxyType({})
    line: int = 1
    present_line: int = 1


class Allowance(NamedTuple):
    """An exception to the rules: one import, or all between two module prefixes.

    Attributes:
        importer: Importing module, or a prefix of its dotted name.
        imported: Imported module, or a prefix of its dotted name.
        reason: Why it is allowed; a reasonless exception is a finding.
        adr: The record that allows it, or `None`.
        until: The last day on which it holds, or `None`.
        line: Line in layer.yaml.
    """

    importer: str
    imported: str
    reason: str = ""
    adr: int | None = None
    until: datetime.date | None = None
    line: int = 1


class Promise(NamedTuple):
    """One line of the checklist: what is promised of a package, and how that shows.

    Attributes:
        group: The heading that it stands under.
        text: What is promised.
        original: The same in the words of the document that it comes from.
        package: The package that it speaks of; empty where it speaks of all.
        uses: The only packages of the workspace that it may import or declare; `None`: any.
        outside: The only names from outside that it may import; `None`: any.
        modules: Patterns of module names, each of which must match one of its modules.
        without: Patterns of module names that none of its modules may match.
        rule: A rule that nothing may break; empty for none.
        adr: Numbers of the records it rests on.
        note: What a reader must know besides.
        replaced_by: Number of the record that replaced what `text` says; `None` where none did.
        instead: What that record says, which is checked in its place; empty where none did.
        line: Line in layer.yaml.
    """

    group: str
    text: str
    original: str = ""
    package: str = ""
    uses: tuple[str, ...] | None = None
    outside: tuple[str, ...] | None = None
    modules: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    rule: str = ""
    adr: tuple[int, ...] = ()
    note: str = ""
    replaced_by: int | None = None
    instead: str = ""
    line: int = 1

    @property
    def claim(self) -> str:
        """What is checked: the text, or what replaced it."""
        return self.instead or self.text


class Spec(NamedTuple):
    """What layer.yaml says; without the file, the defaults and `given` false.

    Attributes:
        given: Whether there is a layer.yaml.
        namespace: The import namespace that the packages share; empty where there is none.
        layers: Names of the layers, bottom to top.
        roots: Glob patterns of the folders in which distributions lie.
        roots_line: Line of `roots` in layer.yaml; 0 where it is not written there.
        meta: The meta-package, which stands outside the layers; empty where there is none.
        packages: Every package, in the order written.
        rules: Rule code → numbers of the records that it enforces.
        exceptions: Imports that are allowed although a rule forbids them.
        checklist: What is promised of packages beyond the rules.
        cited: Number of every record that it names, and its line in layer.yaml.
    """

    given: bool = False
    namespace: str = ""
    layers: tuple[str, ...] = ("L1", "L2", "L3", "L4", "L5", "L6")
    roots: tuple[str, ...] = ("packages/*",)
    roots_line: int = 0
    meta: str = ""
    packages: tuple[Package, ...] = ()
    rules: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    exceptions: tuple[Allowance, ...] = ()
    checklist: tuple[Promise, ...] = ()
    cited: tuple[tuple[int, int], ...] = ()

    def package(self, name: str) -> Package | None:
        """The package of that name, or `None`."""
        return next((package for package in self.packages if package.name == name), None)

    def rank(self, layer: str) -> int:
        """The layer's place, 0 at the bottom; an unknown layer raises `ValueError`."""
        return self.layers.index(layer)

    def on(self, layer: str) -> tuple[Package, ...]:
        """The packages on that layer, in the order written."""
        return tuple(package for package in self.packages if package.layer == layer)


def load_spec(root: Path) -> Spec:
    """Read `root/layer.yaml`; where there is none, the defaults, with `given` false.

    Raises:
        CannotBegin: The file is not readable YAML, or says something that cannot be meant; or it
            is there under a name that would be passed over.

    >>> load_spec(Path("no/such/folder")).given
    False
    """
    if not os.path.lexists(root / FILE):
        if wrong := next((one for one in _LIKE if os.path.lexists(root / one)), ""):
            raise CannotBegin(f"{root / wrong}: is not read under this name; rename it to {FILE}")
        return Spec()
    from sage.tools.yaml_file import read_yaml

    try:
        file = read_yaml(root / FILE, name=FILE)
    except FileNotFoundError as error:
        raise CannotBegin(f"{FILE}: is a link to nowhere") from error
    from sage.tools.layers.spec_file import read_spec

    spec = read_spec(file)
    _check(spec, file)
    return spec


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not `known`: the nearest one, or all of them."""
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(word, names, 1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"


def _check(spec: Spec, file: "YamlFile") -> None:
    """Refuse what has the right shape and cannot be meant."""
    if len(set(spec.layers)) < len(spec.layers):
        raise file.error("layers names one layer twice", "layers")
    names = [package.name for package in spec.packages]
    owners: dict[str, str] = {}
    folded: dict[str, str] = {}
    for package in spec.packages:
        at = ("packages", package.name)
        same = folded.setdefault(package.name.lower().replace("_", "-"), package.name)
        if same != package.name:
            raise file.error(f"{package.name} is the same package as {same}", *at)
        if package.layer not in spec.layers:
            known = nearest(package.layer, spec.layers)
            raise file.error(f"{package.name}: no layer {package.layer}; {known}", *at, "layer")
        for other in package.imports or ():
            if other not in names:
                known = nearest(other, names)
                raise file.error(f"{package.name}: no package {other}; {known}", *at, "imports")
            _check_permission(spec, package, other, file)
        for module in package.modules:
            if owner := owners.get(module):
                raise file.error(f"{module} belongs to {owner} already", *at, "modules")
            owners[module] = package.name
    for code in spec.rules:
        if code not in CODES:
            raise file.error(f"no rule {code}; {nearest(code, CODES)}", "rules", code)
    for index, promise in enumerate(spec.checklist):
        here = ("checklist", index)
        for name in (promise.package, *(promise.uses or ())):
            if name and name not in names:
                raise file.error(f"no package {name}; {nearest(name, names)}", *here)
        if promise.rule and promise.rule not in CODES:
            raise file.error(f"no rule {promise.rule}; {nearest(promise.rule, CODES)}", *here)
        if (promise.replaced_by is None) != (not promise.instead):
            what = f"{promise.text!r} needs both `replaced_by` and `instead`, or neither"
            raise file.error(what, *here)
        if promise.rule == "" and not promise.package:
            raise file.error(f"{promise.text!r} names neither a package nor a rule", *here)


def _check_permission(spec: Spec, package: Package, other: str, file: "YamlFile") -> None:
    layer = next(one.layer for one in spec.packages if one.name == other)
    if layer in spec.layers and spec.rank(layer) > spec.rank(package.layer):
        what = f"imports names {other} of the higher layer {layer}; imports point down"
        raise file.error(f"{package.name}: {what}", "packages", package.name, "imports")
