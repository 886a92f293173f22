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
LIBS = "packages/sage-libs/src/sage/libs"
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
    "import_module under a name of its own": (
        "import importlib\nload = importlib.import_module\nload('sage.kernel')\n",
        3,
        "run time, dynamic",
    ),
    "resolve_name": (
        "import pkgutil\npkgutil.resolve_name('sage.kernel.rpc:call')\n",
        2,
        "run time, dynamic",
    ),
    "resolve_name by itself": (
        "from pkgutil import resolve_name\ndef f():\n    resolve_name('sage.kernel.rpc.call')\n",
        3,
        "lazy, dynamic",
    ),
    "run_module": ("import runpy\nrunpy.run_module('sage.kernel.rpc')\n", 2, "run time, dynamic"),
    "run_module by its keyword, in a function": (
        "from runpy import run_module as run\ndef f():\n    run(mod_name='sage.kernel')\n",
        3,
        "lazy, dynamic",
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
    "another resolve_name": (
        "from os import resolve_name\nresolve_name('sage.kernel')\nx.resolve_name('sage.kernel')\n"
    ),
    "another run_module": (
        "import runpy\nfrom os import run_module\nrun_module('sage.kernel')\n"
        "x.run_module('sage.kernel')\nrunpy.run_path('sage.kernel')\n"
    ),
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
    assert ("broken-metadata", "packages/sage-platform/pyproject.toml", 1) in found
    assert ("upward-import", QUEUE, 1) in found


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
    return [one.code for one in report.findings]


def test_exception_allows_its_own_import_and_no_other(plant: Plant) -> None:
    assert exceptional(plant, "import sage.kernel.rpc\n") == []
    other = exceptional(plant, "import sage.kernel\n", importer="sage.platform.other")
    assert other == ["stale-exception", "upward-dependency", "upward-import"]


def test_exception_that_matches_nothing_is_stale(plant: Plant) -> None:
    assert exceptional(plant, "import sage.common\n") == [
        "stale-exception",
        "unused-dependency",
        "upward-dependency",
    ]


def test_exception_past_its_day_holds_no_longer(plant: Plant) -> None:
    assert exceptional(plant, "import sage.kernel\n", until="2026-11-23") == []
    assert exceptional(plant, "import sage.kernel\n", until="2026-11-22") == [
        "expired-exception",
        "upward-dependency",
        "upward-import",
    ]


def test_exception_without_a_reason_is_a_finding(plant: Plant) -> None:
    assert exceptional(plant, "import sage.kernel\n", reason="''") == ["reasonless-exception"]


def test_exception_lets_no_circle_of_other_imports_pass(plant: Plant) -> None:
    files = {
        "layer.yaml": spec(
            sage_kernel="{layer: L3, imports: [sage-libs]}",
            sage_libs="{layer: L3, imports: [sage-kernel]}",
        )
        + "exceptions:\n  - {importer: sage.libs.one, imported: sage.kernel, reason: moves}\n",
        f"{KERNEL}/rpc.py": "import sage.libs\n",
        "packages/sage-kernel/pyproject.toml": (
            '[project]\nname="sage-kernel"\ndependencies=["sage-libs"]\n'
        ),
        "packages/sage-libs/pyproject.toml": (
            '[project]\nname="sage-libs"\ndependencies=["sage-kernel"]\n'
        ),
        f"{LIBS}/one.py": "import sage.kernel\n",
    }
    assert check_layers(plant(files)).findings == ()
    (circle,) = check_layers(plant(files | {f"{LIBS}/two.py": "import sage.kernel\n"})).findings
    assert circle.code == "package-cycle"
