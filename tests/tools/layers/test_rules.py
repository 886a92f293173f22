"""Every violation is found, and every look-alike is left alone."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sage.tools.finding import Finding
from sage.tools.layers import check_layers

Plant = Callable[..., Path]
PLATFORM = "packages/sage-platform/src/sage/platform"
KERNEL = "packages/sage-kernel/src/sage/kernel"
COMMON = "packages/sage-common/src/sage/common"
QUEUE = f"{PLATFORM}/planted.py"


def spec(**packages: str) -> str:
    rows = {"sage-common": "{layer: L1}", "sage-platform": "{layer: L2}"}
    rows |= {"sage-kernel": "{layer: L3}"}
    rows |= {name.replace("_", "-"): row for name, row in packages.items()}
    lines = "".join(f"  {name}: {row}\n" for name, row in rows.items())
    return f"version: 1\nnamespace: sage\nlayers: [L1, L2, L3]\npackages:\n{lines}"


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return [(one.code, one.path, one.line) for one in findings]


def test_lawful_workspace_has_no_finding_and_says_what_it_looked_at(plant: Plant) -> None:
    report = check_layers(plant())
    assert report.findings == ()
    assert report.packages == ("sage-common", "sage-kernel", "sage-platform")
    assert (report.files, report.imports) == (6, 3)
    assert str(report) == "3 packages, 6 files, 3 imports looked at: no findings"


UPWARD = {
    "plain import": ("import sage.kernel\n", 1, "run time"),
    "from import": ("from sage.kernel.rpc import call\n", 1, "run time"),
    "submodule from the package": ("from sage.kernel import rpc\n", 1, "run time"),
    "from the bare namespace": ("from sage import kernel\n", 1, "run time"),
    "star": ("from sage.kernel import *\n", 1, "run time"),
    "aliased": ("import os, sage.kernel.rpc as rpc\n", 1, "run time"),
    "relative": ("from ..kernel import rpc\n", 1, "run time"),
    "in parentheses": ("from sage.kernel import (\n    rpc,\n)\n", 1, "run time"),
    "after a semicolon": ("import os; import sage.kernel\n", 1, "run time"),
    "after a backslash": ("from sage.kernel \\\n    import rpc\n", 1, "run time"),
    "a module that is not there": ("from sage.kernel.lost.deep import x\n", 1, "run time"),
    "a package that lives elsewhere": ("import sage.libs.operators\n", 1, "run time"),
    "in a function": ("def f():\n    import sage.kernel\n", 2, "lazy"),
    "in a method": ("class C:\n    def f(self):\n        import sage.kernel\n", 3, "lazy"),
    "in a class body": ("class C:\n    import sage.kernel\n", 2, "run time"),
    "guarded": ("try:\n    import sage.kernel\nexcept ImportError:\n    pass\n", 2, "optional"),
    "in the handler": (
        "try:\n    import json\nexcept ImportError:\n    import sage.kernel\n",
        4,
        "optional",
    ),
    "suppressed": (
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import sage.kernel\n",
        3,
        "optional",
    ),
    "for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sage.kernel import rpc\n",
        3,
        "typing",
    ),
    "for type checkers, by attribute": (
        "import typing as t\nif t.TYPE_CHECKING:\n    import sage.kernel\n",
        3,
        "typing",
    ),
    "for type checkers, by another name": (
        "from typing import TYPE_CHECKING as TC\nif TC:\n    import sage.kernel\n",
        3,
        "typing",
    ),
    "for type checkers, on one line": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import sage.kernel\n",
        2,
        "typing",
    ),
    "in the else branch": (
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    pass\n"
        "else:\n    import sage.kernel\n",
        5,
        "typing",
    ),
    "import_module": (
        "import importlib\nimportlib.import_module('sage.kernel')\n",
        2,
        "run time, dynamic",
    ),
    "import_module that came with a star": (
        "from importlib import *\nimport_module('sage.kernel')\n",
        2,
        "run time, dynamic",
    ),
    "import_module in a function": (
        "from importlib import import_module as load\ndef f():\n    return load('sage.kernel')\n",
        3,
        "lazy, dynamic",
    ),
    "import_module, relative": (
        "import importlib\nimportlib.import_module('..kernel', package='sage.platform')\n",
        2,
        "run time, dynamic",
    ),
    "import_module, relative to the package": (
        "import importlib\nimportlib.import_module('..kernel', __package__)\n",
        2,
        "run time, dynamic",
    ),
    "import_module through a constant": (
        "import importlib\nWHERE = 'sage.' + 'kernel'\nimportlib.import_module(WHERE)\n",
        3,
        "run time, dynamic",
    ),
    "import_module with an f-string without a hole": (
        "import importlib\nimportlib.import_module(f'sage.kernel')\n",
        2,
        "run time, dynamic",
    ),
    "import_module deep in an expression of several lines": (
        "import importlib\nx = [\n    1,\n    {2: lambda: importlib.import_module(\n"
        "        'sage.kernel', package=None)},\n]\n",
        4,
        "lazy, dynamic",
    ),
    "import_module through a name bound in an expression": (
        "import importlib\nif (where := 'sage.kernel'):\n    importlib.import_module(where)\n",
        3,
        "run time, dynamic",
    ),
    "import_module after lines that end as on old machines": (
        "import importlib\rN = 'sage.kernel'\rimportlib.import_module(N)\r",
        3,
        "run time, dynamic",
    ),
    "import_module with an f-string": (
        "import importlib\nN = 'sage'\nimportlib.import_module(f'{N}.kernel')\n",
        3,
        "run time, dynamic",
    ),
    "__import__": ("k = __import__('sage.kernel')\n", 1, "run time, dynamic"),
    "__import__ by level": (
        "k = __import__('kernel', globals(), locals(), [], 2)\n",
        1,
        "run time, dynamic",
    ),
    "importlib's __import__": (
        "import importlib\nimportlib.__import__('sage.kernel.rpc')\n",
        2,
        "run time, dynamic",
    ),
    "in a lambda": ("f = lambda: __import__('sage.kernel')\n", 1, "lazy, dynamic"),
}


@pytest.mark.parametrize("name", UPWARD)
def test_upward_import_is_found_with_its_line_and_guard(plant: Plant, name: str) -> None:
    source, line, kind = UPWARD[name]
    report = check_layers(plant({QUEUE: source}))
    found = [one for one in report.findings if one.code == "upward-import"]
    assert [(one.path, one.line) for one in found] == [(QUEUE, line)]
    assert found[0].message.startswith("sage.platform.planted → sage.")
    assert f"({kind})" in found[0].message
    assert found[0].adr == ("ADR-0001", "ADR-0002")


PLACES = {
    "a stub": f"{PLATFORM}/planted.pyi",
    "a folder without __init__": f"{PLATFORM}/deep/er/planted.py",
    "a folder named like the start of another": f"{PLATFORM}x/planted.py",
    "a lone module in the namespace": "packages/sage-platform/src/sage/lonely.py",
    "a lone module beside the namespace": "packages/sage-platform/src/lonely.py",
    "a file name that is no identifier": f"{PLATFORM}/not-a-module.py",
    "a folder name that is no identifier": f"{PLATFORM}/my-scripts/planted.py",
    "a file name with two dots": f"{PLATFORM}/planted.extra.py",
    "a module hidden by a package of its name": f"{PLATFORM}/twin.py",
    "__main__": f"{PLATFORM}/__main__.py",
    "a windows script": f"{PLATFORM}/planted.pyw",
}


@pytest.mark.parametrize("place", PLACES)
def test_upward_import_is_found_in_every_place(plant: Plant, place: str) -> None:
    twin = {f"{PLATFORM}/twin/__init__.py": ""}
    report = check_layers(plant({PLACES[place]: "import sage.kernel\n", **twin}))
    found = [one for one in report.findings if one.code == "upward-import"]
    assert [(one.path, one.line) for one in found] == [(PLACES[place], 1)]


LOOKALIKES = {
    "a docstring": '"""So:\n\n    import sage.kernel\n    from sage.kernel import rpc\n"""\n',
    "a doctest": '"""\n>>> import sage.kernel\n"""\n',
    "a string": "CODE = 'import sage.kernel'\nEXEC = '''\nimport sage.kernel\n'''\n",
    "a comment": "# import sage.kernel\n",
    "an annotation": "def f(x: 'sage.kernel.rpc.Call') -> 'sage.kernel': ...\n",
    "a module of the same name": "import kernel\nfrom .kernel import x\n",
    "an attribute": "import sage.platform\nsage = sage.platform\nsage.kernel = 1\n",
    "a name that starts alike": "from sage.platform.kernel import x\n",
    "a string that names a module": "NAME = 'sage.kernel'\nprint(NAME)\n",
    "a function called import_module": "def import_module(x): ...\nimport_module(1)\n",
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_look_alike_is_left_alone(plant: Plant, name: str) -> None:
    files = {f"{PLATFORM}/kernel.py": "x = 1\n", QUEUE: LOOKALIKES[name]}
    toml = '[project]\nname="sage-platform"\ndependencies=["sage-common", "kernel"]\n'
    files["packages/sage-platform/pyproject.toml"] = toml
    report = check_layers(plant(files))
    assert [one for one in report.findings if one.code != "unused-dependency"] == []
    assert report.files == 8


@pytest.mark.parametrize(
    "place",
    [
        "packages/sage-platform/tests/test_x.py",
        f"{PLATFORM}/tests/test_x.py",
        f"{PLATFORM}/conftest.py",
        "packages/sage-platform/docs/conf.py",
        "packages/sage-platform/examples/demo.py",
        "packages/sage-platform/setup.py",
    ],
)
def test_tests_and_docs_may_import_upward(plant: Plant, place: str) -> None:
    report = check_layers(plant({place: "import sage.kernel\n"}))
    assert report.findings == ()


def test_test_files_that_were_passed_over_are_counted(plant: Plant) -> None:
    report = check_layers(plant({f"{PLATFORM}/tests/test_x.py": "import sage.kernel\n"}))
    assert report.notes == ("1 test file read, whose imports no rule looks at",)


def test_message_teaches_with_the_records_title_and_address(plant: Plant) -> None:
    titles = {1: ("Create sage-platform as L2", "/adr/0001/")}
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}), resolve=titles.get)
    upward = [one for one in report.findings if one.code == "upward-import"]
    assert [str(one) for one in upward] == [
        f"{QUEUE}:1: upward-import sage.platform.planted → sage.kernel (run time): sage-platform "
        "is on layer L2 and sage-kernel above it on L3; let sage-kernel register a factory with "
        "sage-platform, or move the type down to L2 or below. See ADR-0001 Create sage-platform "
        "as L2 (/adr/0001/); ADR-0002"
    ]


def test_same_layer_import_needs_permission(plant: Plant) -> None:
    files = {
        "packages/sage-libs/pyproject.toml": (
            '[project]\nname="sage-libs"\ndependencies=["sage-kernel"]\n'
        ),
        "packages/sage-libs/src/sage/libs/__init__.py": "import sage.kernel\n",
    }
    refused = check_layers(plant({**files, "layer.yaml": spec(sage_libs="{layer: L3}")}))
    place = "packages/sage-libs/src/sage/libs/__init__.py"
    assert codes(refused.findings) == [
        ("upward-dependency", "packages/sage-libs/pyproject.toml", 3),
        ("same-layer-import", place, 1),
    ]
    permitted = spec(sage_libs="{layer: L3, imports: [sage-kernel]}")
    assert check_layers(plant({**files, "layer.yaml": permitted})).findings == ()


def test_narrower_permission_forbids_what_the_order_allows(plant: Plant) -> None:
    narrow = spec(sage_kernel="{layer: L3, imports: [sage-platform]}")
    report = check_layers(plant({"layer.yaml": narrow}))
    assert codes(report.findings) == [("forbidden-import", f"{KERNEL}/rpc.py", 1)]
    assert "sage-kernel may import sage-platform only" in report.findings[0].message


def test_circle_names_every_step_with_its_place(plant: Plant) -> None:
    report = check_layers(plant({f"{COMMON}/up.py": "def f():\n    import sage.platform\n"}))
    found = [one for one in report.findings if one.code == "package-cycle"]
    assert codes(tuple(found)) == [("package-cycle", f"{COMMON}/up.py", 2)]
    assert (
        f"sage-common → sage-platform (lazy, {COMMON}/up.py:2) → sage-common "
        f"(run time, {PLATFORM}/queue.py:1)"
    ) in found[0].message


def test_circle_of_declared_dependencies_is_one_too(plant: Plant) -> None:
    toml = '[project]\nname = "sage-common"\ndependencies = ["sage-platform"]\n'
    report = check_layers(plant({"packages/sage-common/pyproject.toml": toml}))
    place = "packages/sage-common/pyproject.toml"
    assert codes(report.findings) == [
        ("package-cycle", place, 3),
        ("unused-dependency", place, 3),
        ("upward-dependency", place, 3),
    ]


def test_package_without_a_layer_is_found(plant: Plant) -> None:
    files = {
        "packages/sage-new/pyproject.toml": '[project]\nname = "sage-new"\n',
        "packages/sage-new/src/sage/new/__init__.py": "",
    }
    report = check_layers(plant(files))
    assert codes(report.findings) == [("undeclared-package", "packages/sage-new/pyproject.toml", 0)]


def test_layer_without_a_package_is_found_unless_it_lives_elsewhere(plant: Plant) -> None:
    report = check_layers(plant({"layer.yaml": spec(sage_libs="{layer: L3}")}))
    assert codes(report.findings) == [("missing-package", "layer.yaml", 8)]
    away = spec(sage_libs="{layer: L3, present: false}")
    assert check_layers(plant({"layer.yaml": away})).findings == ()


def test_claimed_module_that_is_not_there_is_found(plant: Plant) -> None:
    row = "{layer: L3, modules: [sage.kernel, sage.kernels]}"
    report = check_layers(plant({"layer.yaml": spec(sage_kernel=row)}))
    assert codes(report.findings) == [("missing-package", "layer.yaml", 7)]
    assert (
        report.findings[0].message == "sage-kernel claims sage.kernels, and no such module is there"
    )


def test_package_marked_as_elsewhere_and_found_here_is_a_finding(plant: Plant) -> None:
    text = spec(sage_kernel="\n    layer: L3\n    present: false")
    report = check_layers(plant({"layer.yaml": text}))
    assert codes(report.findings) == [("missing-package", "layer.yaml", 9)]
    assert report.findings[0].message == (
        "sage-kernel is in packages/sage-kernel and is marked absent; "
        "remove `present: false` at layer.yaml:9"
    )


def test_folder_without_metadata_is_found(plant: Plant) -> None:
    report = check_layers(plant({"packages/sage-platform/pyproject.toml": None}))
    assert codes(report.findings) == [("missing-metadata", "packages/sage-platform", 0)]


def test_broken_metadata_is_found_and_the_rest_still_read(plant: Plant) -> None:
    files = {"packages/sage-platform/pyproject.toml": "[project\n", QUEUE: "import sage.kernel\n"}
    found = codes(check_layers(plant(files)).findings)
    assert ("broken-metadata", "packages/sage-platform/pyproject.toml", 0) in found
    assert ("upward-import", QUEUE, 1) in found


METADATA = {
    "dependency": ('dependencies = ["sage-common",\n  "sage-kernel>=1"]\n', 4, "dependencies"),
    "extra": (
        'dependencies = ["sage-common"]\n[project.optional-dependencies]\n'
        "rpc = [\"sage_kernel ; python_version > '3'\"]\n",
        5,
        "extra rpc",
    ),
    "entry point": (
        'dependencies = ["sage-common"]\n[project.scripts]\nx = "sage.kernel.rpc:main"\n',
        5,
        "entry point x",
    ),
    "plugin": (
        'dependencies = ["sage-common"]\n[project.entry-points.queues]\n'
        'rpc = "sage.kernel.rpc:call"\n',
        5,
        "entry point rpc",
    ),
    "meta-package": ('dependencies = ["sage-common",\n  "isage"]\n', 4, "meta-package isage"),
}


@pytest.mark.parametrize("name", METADATA)
def test_upward_metadata_is_found_at_its_line(plant: Plant, name: str) -> None:
    text, line, words = METADATA[name]
    path = "packages/sage-platform/pyproject.toml"
    report = check_layers(plant({path: f'[project]\nname = "sage-platform"\n{text}'}))
    found = [one for one in report.findings if one.code == "upward-dependency"]
    assert codes(tuple(found)) == [("upward-dependency", path, line)]
    assert words in found[0].message


def test_dependency_group_may_name_a_higher_layer(plant: Plant) -> None:
    toml = (
        '[project]\nname = "sage-platform"\ndependencies = ["sage-common"]\n'
        '[dependency-groups]\ntest = ["sage-kernel"]\n'
    )
    report = check_layers(plant({"packages/sage-platform/pyproject.toml": toml}))
    assert report.findings == ()


def test_undeclared_import_of_a_workspace_package_is_found_once(plant: Plant) -> None:
    toml = '[project]\nname = "sage-platform"\ndependencies = []\n'
    files = {"packages/sage-platform/pyproject.toml": toml, QUEUE: "import sage.common\n"}
    report = check_layers(plant(files))
    assert codes(report.findings) == [("undeclared-dependency", QUEUE, 1)]
    assert "(2 imports)" in report.findings[0].message


FOREIGN = {
    "undeclared": ("import requests\n", [("undeclared-dependency", 1)]),
    "undeclared and lazy": ("def f():\n    import requests\n", [("undeclared-dependency", 2)]),
    "undeclared and guarded": ("try:\n    import requests\nexcept ImportError: ...\n", []),
    "declared under another name": ("import yaml\n", []),
    "declared in an extra": ("import redis\n", []),
    "declared as a namespace": ("from google.cloud import storage\n", []),
    "standard library": ("import os.path, tomllib, _thread\n", []),
    "standard library of another Python": ("import annotationlib, distutils.util\n", []),
    "future": ("from __future__ import annotations\n", []),
    "in nobody's part of the namespace": (
        "import sage.nobody\n",
        [("undeclared-dependency", 1)],
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_import_from_outside_must_be_declared(plant: Plant, name: str) -> None:
    source, expected = FOREIGN[name]
    toml = (
        '[project]\nname = "sage-platform"\n'
        'dependencies = ["sage-common", "PyYAML>=6", "google-cloud-storage"]\n'
        '[project.optional-dependencies]\ncache = ["redis[hiredis]>=5"]\n'
    )
    files = {"packages/sage-platform/pyproject.toml": toml, QUEUE: source}
    report = check_layers(plant(files))
    found = [(one.code, one.line) for one in report.findings if one.path == QUEUE]
    assert found == expected


ACME = {
    "pyproject.toml": '[project]\nname = "acme-app"\ndependencies = [{declared}]\n',
    "src/acme/app/__init__.py": "",
    "src/acme/app/run.py": "import acme.core\nfrom acme.core.json import dumps\n",
}
SHARED = {
    "by its own name": ('"acme-core>=1"', []),
    "by a longer name": ('"acme-core-json"', []),
    "with the organisation before it": ('"iacme-core"', []),
    "by the namespace's distribution": ('"acme"', []),
    "by another part": ('"acme-web"', ["acme.core"]),
    "by nobody": ("", ["acme.core"]),
}


@pytest.mark.parametrize("name", SHARED)
def test_part_of_a_shared_namespace_is_declared_by_its_distribution(
    plant: Plant, name: str
) -> None:
    declared, undeclared = SHARED[name]
    files = {path: text.replace("{declared}", declared) for path, text in ACME.items()}
    findings = check_layers(plant(files, bare=True)).findings
    assert {one.code for one in findings} <= {"undeclared-dependency"}
    assert [one.message.split()[2] for one in findings] == undeclared


def test_part_of_a_shared_namespace_is_declared_by_what_ships_it(plant: Plant) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "x"\ndependencies = ["{declared}"]\n',
        "src/google/own/__init__.py": "",
        "src/google/own/run.py": "import google.protobuf\n",
    }
    for declared, count in (("protobuf", 0), ("pyyaml", 1)):
        written = {path: text.replace("{declared}", declared) for path, text in files.items()}
        assert len(check_layers(plant(written, bare=True)).findings) == count


def test_dependency_in_a_shared_namespace_is_used_by_its_import(plant: Plant) -> None:
    layers = "version: 1\nlayers: [L1]\nroots: []\npackages: {acme-app: {layer: L1}}\n"
    files = {
        path: text.replace("{declared}", '"acme-core", "acme-web"') for path, text in ACME.items()
    }
    (unused,) = check_layers(plant({"layer.yaml": layers, **files}, bare=True)).findings
    assert (unused.code, "'acme-web'" in unused.message) == ("unused-dependency", True)


TYPED = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import requests\n"


def test_import_for_types_is_advised_to_be_declared_and_not_guarded(plant: Plant) -> None:
    (finding,) = check_layers(plant({QUEUE: TYPED})).findings
    assert (finding.code, finding.line) == ("undeclared-dependency", 4)
    assert (
        "add its distribution to an extra or a group for typing or development" in finding.message
    )
    assert "ImportError" not in finding.message
    (finding,) = check_layers(plant({QUEUE: f"{TYPED}\nimport requests.api\n"})).findings
    assert (finding.line, "except ImportError" in finding.message) == (6, True)


def test_unused_dependency_is_found_unless_a_reason_is_given(plant: Plant) -> None:
    toml = (
        '[project]\nname = "sage-platform"\ndependencies = [\n  "sage-common",\n  "rich>=13",\n]\n'
    )
    path = "packages/sage-platform/pyproject.toml"
    assert codes(check_layers(plant({path: toml})).findings) == [("unused-dependency", path, 5)]
    reason = spec(sage_platform="{layer: L2, unimported: {rich: typer prints with it}}")
    assert check_layers(plant({path: toml, "layer.yaml": reason})).findings == ()


def test_extra_of_tools_need_not_be_imported(plant: Plant) -> None:
    toml = (
        '[project]\nname = "sage-platform"\ndependencies = ["sage-common"]\n'
        '[project.optional-dependencies]\ndev = ["ruff"]\nfast = ["uvloop"]\n'
    )
    path = "packages/sage-platform/pyproject.toml"
    assert codes(check_layers(plant({path: toml})).findings) == [("unused-dependency", path, 6)]


def test_reason_for_a_dependency_that_has_gone_is_stale(plant: Plant) -> None:
    reason = spec(sage_platform="{layer: L2, unimported: {rich: typer prints with it}}")
    report = check_layers(plant({"layer.yaml": reason}))
    assert codes(report.findings) == [("stale-exception", "layer.yaml", 6)]


def exception(**keys: str) -> str:
    row = {"importer": "sage.platform.planted", "imported": "sage.kernel"}
    row |= {"reason": "moves in May"} | keys
    return spec() + "exceptions:\n  - {" + ", ".join(f"{k}: {v}" for k, v in row.items()) + "}\n"


def exceptional(plant: Plant, source: str, **keys: str) -> list[str]:
    toml = '[project]\nname="sage-platform"\ndependencies=["sage-common","sage-kernel"]\n'
    files: Mapping[str, str | None] = {
        "layer.yaml": exception(**keys),
        QUEUE: source,
        f"{KERNEL}/rpc.py": "import sage.common\n",
        "packages/sage-kernel/pyproject.toml": (
            '[project]\nname="sage-kernel"\ndependencies=["sage-common"]\n'
        ),
        "packages/sage-platform/pyproject.toml": toml,
    }
    report = check_layers(plant(files), today=datetime.date(2026, 11, 23))
    return [one.code for one in report.findings if one.code != "upward-dependency"]


def test_exception_allows_its_own_import_and_no_other(plant: Plant) -> None:
    assert exceptional(plant, "import sage.kernel.rpc\n") == []
    other = exceptional(plant, "import sage.kernel\n", importer="sage.platform.other")
    assert other == ["stale-exception", "upward-import"]


def test_exception_that_matches_nothing_is_stale(plant: Plant) -> None:
    assert exceptional(plant, "import sage.common\n") == ["stale-exception", "unused-dependency"]


def test_exception_past_its_day_holds_no_longer(plant: Plant) -> None:
    assert exceptional(plant, "import sage.kernel\n", until="2026-11-23") == []
    assert exceptional(plant, "import sage.kernel\n", until="2026-11-22") == [
        "expired-exception",
        "upward-import",
    ]


def test_exception_without_a_reason_is_a_finding(plant: Plant) -> None:
    assert exceptional(plant, "import sage.kernel\n", reason="''") == ["reasonless-exception"]
