"""layer.yaml: what it says is read, and what cannot be meant is refused with its line."""

import datetime
from pathlib import Path

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.layers import Allowance, load_spec

HEAD = "version: 1\nlayers: [low, high]\n"


def test_full_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(
        HEAD
        + "namespace: app\nroots: [libs/*]\nmeta: whole\npackages:\n"
        + "  app-a: {layer: low, summary: the base, documented: []}\n"
        + "  app-b:\n    layer: high\n    present: false\n    imports: [app-a]\n"
        + "    modules: [app.b]\n    unimported: {rich: typer prints with it}\n"
        + "rules:\n  upward-import: {adr: 7}\n  package-cycle: {adr: [1, 2]}\n"
        + "exceptions:\n  - {importer: app.a, imported: app.b, reason: soon, until: 2027-01-01}\n"
    )
    spec = load_spec(tmp_path)
    assert (spec.given, spec.namespace, spec.roots, spec.meta) == (
        True,
        "app",
        ("libs/*",),
        "whole",
    )
    first, second = spec.packages
    assert (first.name, first.layer, first.line) == ("app-a", "low", 7)
    assert (first.summary, first.imports, first.documented) == ("the base", None, ())
    assert (second.present, second.imports, second.modules) == (False, ("app-a",), ("app.b",))
    assert dict(second.unimported) == {"rich": "typer prints with it"}
    assert dict(spec.rules) == {"upward-import": (7,), "package-cycle": (1, 2)}
    day = datetime.date(2027, 1, 1)
    assert spec.exceptions == (Allowance("app.a", "app.b", "soon", None, day, 18),)
    assert [one.name for one in spec.on("high")] == ["app-b"]


def test_this_repositorys_eleven_packages_are_read(root: Path) -> None:
    spec = load_spec(root)
    assert len(spec.packages) == 11
    assert len(spec.layers) == 6
    assert [one.name for one in spec.on("L2")] == ["sage-platform"]


BROKEN = {
    "unknown key": (
        HEAD + "pakages: {}\n",
        "3: pakages is not a known key; did you mean packages?",
    ),
    "unknown key of a package": (
        HEAD + "packages:\n  a:\n    layer: low\n    sumary: x\n",
        "6: packages.a.sumary is not a known key; did you mean summary?",
    ),
    "unknown layer": (
        HEAD + "packages:\n  a: {layer: hihg}\n",
        "4: a: no layer hihg; did you mean high?",
    ),
    "no layer": (HEAD + "packages:\n  a: {}\n", "4: packages.a.layer is missing"),
    "package stands twice": (
        HEAD + "packages:\n  a: {layer: low}\n  a: {layer: high}\n",
        "5: a stands twice, first on line 4",
    ),
    "package under two spellings": (
        HEAD + "packages:\n  a-b: {layer: low}\n  A_b: {layer: high}\n",
        "5: A_b is the same package as a-b",
    ),
    "permission for an unknown package": (
        HEAD + "packages:\n  core: {layer: low, imports: [coer]}\n",
        "4: core: no package coer; did you mean core?",
    ),
    "permission upward": (
        HEAD + "packages:\n  a: {layer: low, imports: [b]}\n  b: {layer: high}\n",
        "4: a: imports names b of the higher layer high; imports point down",
    ),
    "unknown rule": (
        HEAD + "rules: {upwards-import: {adr: 1}}\n",
        "3: no rule upwards-import; did you mean upward-import?",
    ),
    "one layer twice": ("version: 1\nlayers: [a, a]\n", "2: layers names one layer twice"),
    "one module for two": (
        HEAD + "packages:\n  a: {layer: low, modules: [x]}\n  b: {layer: low, modules: [x]}\n",
        "5: x belongs to a already",
    ),
    "no layer at all": ("version: 1\nlayers: []\n", "2: layers: expected at least one layer"),
    "a package without keys": (
        HEAD + "packages: {a: low}\n",
        "3: packages.a 'low': expected keys with values, such as `layer: L1`",
    ),
    "a list of packages": (HEAD + "packages: [a]\n", "3: packages: expected keys with values"),
    "a package without a name": (
        HEAD + "packages: {'': {layer: low}}\n",
        "3: packages: expected a name",
    ),
    "a number for a name": (
        HEAD + "packages:\n  a: {layer: 1}\n",
        "4: packages.a.layer 1: expected a text; quote it if it is one",
    ),
    "a word for a list": (
        HEAD + "packages:\n  a: {layer: low, modules: x}\n",
        "4: packages.a.modules 'x': expected a list, such as [a, b]",
    ),
    "a word for a record": (
        HEAD + "rules: {upward-import: {adr: one}}\n",
        "3: rules.upward-import.adr 'one': expected a number from 0",
    ),
    "a flag for a record": (
        HEAD + "rules: {upward-import: {adr: [true]}}\n",
        "3: rules.upward-import.adr.0 True: expected a number from 0",
    ),
    "a text for a day": (
        HEAD + "exceptions:\n  - {importer: a, imported: b, until: soon}\n",
        "4: exceptions.0.until 'soon': expected a day, such as 2027-01-31",
    ),
    "a rule without records": (
        HEAD + "rules: {upward-import: {}}\n",
        "3: rules.upward-import.adr is missing",
    ),
    "unknown version": ("version: 2\n", "1: version 2: expected 1"),
    "no version": ("layers: [a]\n", "1: version is missing"),
    "a word for a flag": (
        HEAD + "packages:\n  a: {layer: low, present: 'no'}\n",
        "4: packages.a.present 'no': expected true or false",
    ),
    "a day that does not exist": (
        HEAD + "exceptions:\n  - {importer: a, imported: b, until: 2027-02-30}\n",
        "4: '2027-02-30' is no value: day is out of range for month",
    ),
    "a list": ("- a\n", "1: expected a mapping of keys to values, such as `version: 1`"),
    "no YAML": ("version: 1\nlayers: [a\npackages: {}\n", "3: is not YAML"),
    "a tab": ("version: 1\n\tlayers: []\n", "2: is not YAML"),
    "nothing": ("", "1: expected a mapping"),
    "a tag that builds objects": ("version: !!python/object:os.system 1\n", "1: '1' is no value"),
    "bomb": (
        "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n",
        "2: is not YAML: aliases (*name) are not allowed here; write the value out",
    ),
    "too deep": ("a: " + "[" * 5000 + "]" * 5000 + "\n", "is nested"),
    "no UTF-8": (b"version: 1 # \xff\n", "is not UTF-8 (byte 13)"),
    "too large": (b"# " + b"x" * 1_000_001, "has more than 1,000,000 bytes"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    text, sentence = BROKEN[name]
    (tmp_path / "layer.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CannotBegin) as caught:
        load_spec(tmp_path)
    assert str(caught.value).startswith("layer.yaml:")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_repository_without_the_file_has_the_defaults(tmp_path: Path) -> None:
    spec = load_spec(tmp_path)
    assert (spec.given, spec.packages, spec.roots) == (False, (), ("packages/*",))


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").mkdir()
    with pytest.raises(CannotBegin, match=r"layer\.yaml: cannot be read: Is a directory"):
        load_spec(tmp_path)
