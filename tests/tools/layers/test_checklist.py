"""Each line of the checklist is proved by a check, and a line that fails is a finding."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.layers import check_layers, load_spec

Plant = Callable[..., Path]
HEAD = """\
version: 1
namespace: sage
layers: [L1, L2, L3]
packages:
  sage-common: {layer: L1}
  sage-platform: {layer: L2}
  sage-kernel: {layer: L3}
checklist:
"""
KERNEL = "packages/sage-kernel/src/sage/kernel"
LINES = {
    "uses": "{group: g, text: depends on nothing, package: sage-common, uses: [], adr: 1}",
    "outside": "{group: g, text: no outside, package: sage-common, outside: [msgspec]}",
    "modules": "{group: g, text: the engine, package: sage-kernel, modules: ['sage.kernel.rpc*']}",
    "without": "{group: g, text: no operators, package: sage-kernel, without: ['*operator*']}",
    "rule": "{group: g, text: no cycles, rule: package-cycle}",
}
BREAK = {
    "uses": {"packages/sage-common/src/sage/common/x.py": "def f():\n    import sage.platform\n"},
    "outside": {"packages/sage-common/src/sage/common/x.py": "import msgspec, requests\n"},
    "modules": {f"{KERNEL}/rpc.py": None},
    "without": {f"{KERNEL}/operators/join.py": ""},
    "rule": {"packages/sage-common/src/sage/common/x.py": "import sage.platform\n"},
}
FOUND = {
    "uses": (
        "sage-common imports and declares no other package of layer.yaml",
        "uses sage-platform",
    ),
    "outside": ("sage-common imports from outside only msgspec", "imports msgspec, requests"),
    "modules": (
        "modules of sage-kernel are named `sage.kernel.rpc*` (names alone are looked at)",
        "0 modules",
    ),
    "without": (
        "no module of sage-kernel is named `*operator*` (names alone are looked at)",
        "sage.kernel.operators.join",
    ),
    "rule": ("nothing breaks `package-cycle`", "1 finding"),
}


@pytest.mark.parametrize("name", LINES)
def test_line_holds_until_the_code_breaks_it(plant: Plant, name: str) -> None:
    text = f"{HEAD}  - {LINES[name]}\n"
    (line,) = check_layers(plant({"layer.yaml": text})).checklist
    assert (line.holds, line.check) == (True, FOUND[name][0])
    root = plant({"layer.yaml": text, **BREAK[name]})
    for path, source in BREAK[name].items():
        if source is None:
            (root / path).unlink()
    report = check_layers(root)
    (line,) = report.checklist
    assert (line.holds, line.found) == (False, FOUND[name][1])
    broken = [one for one in report.findings if one.code == "broken-checklist"]
    assert [(one.path, one.line) for one in broken] == [("layer.yaml", 9)]


def test_declared_dependency_counts_as_use(plant: Plant) -> None:
    toml = '[project]\nname = "sage-common"\ndependencies = ["sage-platform"]\n'
    files = {"layer.yaml": f"{HEAD}  - {LINES['uses']}\n"}
    files["packages/sage-common/pyproject.toml"] = toml
    report = check_layers(plant(files))
    (broken,) = [one for one in report.findings if one.code == "broken-checklist"]
    assert broken.message == (
        "the checklist says 'depends on nothing', which does not hold: expected that sage-common "
        "imports and declares no other package of layer.yaml; found: uses sage-platform; mend the "
        "code, or decide anew and change the line. See ADR-0001"
    )
    assert broken.adr == ("ADR-0001",)


REFUSED = {
    "{group: g, text: t}": "9: 't' names neither a package nor a rule",
    "{group: g, text: t, package: sage-comon}": (
        "9: no package sage-comon; did you mean sage-common?"
    ),
    "{group: g, text: t, rule: package-cycles}": (
        "9: no rule package-cycles; did you mean package-cycle?"
    ),
    "{group: g, text: t, rule: package-cycle, replaced_by: 1}": (
        "9: 't' needs both `replaced_by` and `instead`, or neither"
    ),
    "{group: g, text: t, rule: package-cycle, instead: u}": (
        "9: 't' needs both `replaced_by` and `instead`, or neither"
    ),
    "{group: g, text: t, pakage: x}": (
        "9: checklist.0.pakage is not a known key; did you mean package?"
    ),
}


@pytest.mark.parametrize("line", REFUSED)
def test_line_that_cannot_be_meant_is_refused(plant: Plant, line: str) -> None:
    with pytest.raises(CannotBegin) as caught:
        load_spec(plant({"layer.yaml": f"{HEAD}  - {line}\n"}))
    assert str(caught.value) == f"layer.yaml:{REFUSED[line]}"


def test_line_without_any_check_does_not_hold(plant: Plant) -> None:
    text = f"{HEAD}  - {{group: g, text: t, package: sage-common}}\n"
    (line,) = check_layers(plant({"layer.yaml": text})).checklist
    assert (line.holds, line.found) == (False, "none")


def test_line_that_a_record_replaced_is_judged_by_what_it_says_instead(plant: Plant) -> None:
    line = (
        "{group: g, text: on common only, package: sage-kernel, uses: [sage-common], adr: 2, "
        "replaced_by: 1, instead: on common and more}"
    )
    report = check_layers(plant({"layer.yaml": f"{HEAD}  - {line}\n"}))
    (broken,) = [one for one in report.findings if one.code == "broken-checklist"]
    assert broken.message.startswith("the checklist says 'on common and more', which does not hold")
    assert broken.adr == ("ADR-0001", "ADR-0002")


def test_source_documents_checklist_holds_here_line_by_line(root: Path) -> None:
    lines = check_layers(root).checklist
    assert all(one.holds for one in lines)
    assert [(one.promise.text, one.promise.replaced_by, one.by_name) for one in lines] == [
        ("only basic components", None, False),
        ("no code of the execution engine", None, True),
        ("no domain logic", None, True),
        ("the core of the execution engine", None, True),
        ("runtime infrastructure is part of the engine", 3, True),
        ("no domain operators", None, True),
        ("sage-common depends on nothing", None, False),
        ("sage-kernel depends on sage-common only", 1, False),
        ("L2 depends on L1 only", None, False),
        ("no cycles", None, False),
    ]


def test_no_line_checks_something_else_than_it_says(root: Path) -> None:
    """What a package may use stands in the line itself, or in the note beside it."""
    for one in check_layers(root).checklist:
        said = f"{one.promise.claim} {one.promise.note}".replace("L1", "sage-common")
        for name in one.promise.uses or ():
            assert name in said
