"""What distributions declare, in each form, held to the layers and to what they import."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sage.tools.finding import Finding
from sage.tools.layers import check_layers

Plant = Callable[..., Path]
PLATFORM = "packages/sage-platform"
SOURCE = f"{PLATFORM}/src/sage/platform"
QUEUE = f"{SOURCE}/planted.py"


def spec(platform: str) -> str:
    return (
        "version: 1\nnamespace: sage\nlayers: [L1, L2, L3]\npackages:\n"
        f"  sage-common: {{layer: L1}}\n  sage-platform: {platform}\n  sage-kernel: {{layer: L3}}\n"
    )


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return [(one.code, one.path, one.line) for one in findings]


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
    "by nobody": ("", ["acme.core"]),
    "by another namespace's": ('"web-acme"', ["acme.core"]),
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


def test_part_of_a_shared_namespace_that_an_absent_distribution_may_hold_is_told(
    plant: Plant,
) -> None:
    files = {path: text.replace("{declared}", '"acme-web"') for path, text in ACME.items()}
    report = check_layers(plant(files, bare=True))
    assert report.findings == ()
    assert report.notes[0] == (
        "acme-web: declared and not installed here, so that imports in a shared namespace which "
        "they may hold were not compared with what is declared"
    )


def test_distribution_of_the_workspace_holds_what_it_is_seen_to_hold(plant: Plant) -> None:
    files = {
        f"packages/{path}": text.replace("{declared}", '"acme-web"') for path, text in ACME.items()
    }
    files = {path.replace("packages/", "packages/app/"): text for path, text in files.items()}
    files |= {
        "packages/web/pyproject.toml": '[project]\nname = "acme-web"\n',
        "packages/web/src/acme/web/__init__.py": "",
    }
    (finding,) = check_layers(plant(files, bare=True)).findings
    assert "no package here holds acme.core" in finding.message


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
    reason = spec("{layer: L2, unimported: {rich: typer prints with it}}")
    assert check_layers(plant({path: toml, "layer.yaml": reason})).findings == ()


def test_extra_of_tools_need_not_be_imported(plant: Plant) -> None:
    toml = (
        '[project]\nname = "sage-platform"\ndependencies = ["sage-common"]\n'
        '[project.optional-dependencies]\ndev = ["ruff"]\nfast = ["uvloop"]\n'
    )
    path = "packages/sage-platform/pyproject.toml"
    assert codes(check_layers(plant({path: toml})).findings) == [("unused-dependency", path, 6)]


def test_reason_for_a_dependency_that_has_gone_is_stale(plant: Plant) -> None:
    reason = spec("{layer: L2, unimported: {rich: typer prints with it}}")
    report = check_layers(plant({"layer.yaml": reason}))
    assert codes(report.findings) == [("stale-exception", "layer.yaml", 6)]


SETUP_CFG = """\
[metadata]
name = sage-platform
[options]
package_dir =
    = src
packages = find_namespace:
install_requires =
    sage-common
[options.packages.find]
where = src
"""
SETUP_PY = """\
from setuptools import find_namespace_packages, setup
setup(
    name="sage-platform",
    package_dir={"": "src"},
    packages=find_namespace_packages("src"),
    install_requires=["sage-common"],
"""
POETRY = """\
[tool.poetry]
name = "sage-platform"
keywords = ["sage-kernel"]
[tool.poetry.dependencies]
python = "*"
sage-common = "*"
"""
DYNAMIC = '[project]\nname = "sage-platform"\ndynamic = ["dependencies", "optional-dependencies"]\n'
FROM_FILES = f"""\
{DYNAMIC}[tool.setuptools.dynamic]
dependencies = {{file = ["needs.txt"]}}
optional-dependencies.rpc = {{file = ["rpc.txt"]}}
"""
ELSEWHERE: Mapping[str, tuple[Mapping[str, str], str, int]] = {
    "a dependency of Poetry": (
        {"pyproject.toml": f'{POETRY}sage-kernel = {{path = "../sage-kernel"}}\n'},
        "pyproject.toml",
        7,
    ),
    "a script of Poetry": (
        {"pyproject.toml": f'{POETRY}[tool.poetry.scripts]\nx = "sage.kernel.rpc:main"\n'},
        "pyproject.toml",
        8,
    ),
    "a plugin of Poetry": (
        {"pyproject.toml": f"{POETRY}[tool.poetry.plugins.'a.b']\nx = 'sage.kernel:main'\n"},
        "pyproject.toml",
        8,
    ),
    "setup.cfg": (
        {"setup.cfg": SETUP_CFG.replace("    sage-common", "    sage-common\n    sage-kernel>=2")},
        "setup.cfg",
        9,
    ),
    "an extra in setup.cfg": (
        {"setup.cfg": f"{SETUP_CFG}[options.extras_require]\nrpc =\n    sage-kernel\n"},
        "setup.cfg",
        13,
    ),
    "a script in setup.cfg": (
        {
            "setup.cfg": SETUP_CFG
            + "[options.entry_points]\nconsole_scripts =\n    x = sage.kernel:f\n"
        },
        "setup.cfg",
        13,
    ),
    "setup.py": (
        {"setup.py": SETUP_PY.replace("common", "common',\n 'sage-kernel").replace("'", '"') + ")"},
        "setup.py",
        7,
    ),
    "a script in setup.py": (
        {
            "setup.py": SETUP_PY
            + '    entry_points={"console_scripts": ["x = sage.kernel:main"]},\n)'
        },
        "setup.py",
        7,
    ),
    "a file that setuptools reads": (
        {
            "pyproject.toml": FROM_FILES,
            "needs.txt": "# all\nsage-common\nsage-kernel # x\n",
            "rpc.txt": "",
        },
        "needs.txt",
        3,
    ),
    "an extra's file that setuptools reads": (
        {"pyproject.toml": FROM_FILES, "needs.txt": "sage-common\n", "rpc.txt": "sage-kernel\n"},
        "rpc.txt",
        1,
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_upward_metadata_is_found_in_every_form(plant: Plant, name: str) -> None:
    files, path, line = ELSEWHERE[name]
    changes: dict[str, str | None] = {f"{PLATFORM}/pyproject.toml": None}
    changes |= {f"{PLATFORM}/{file}": text for file, text in files.items()}
    found = check_layers(plant(changes)).findings
    upward = [one for one in codes(found) if one[0] == "upward-dependency"]
    assert upward == [("upward-dependency", f"{PLATFORM}/{path}", line)]


GROUPS = {
    "Poetry's": f'{POETRY}[tool.poetry.group.dev.dependencies]\nrequests = "*"\n',
    "Poetry's old": f'{POETRY}[tool.poetry.dev-dependencies]\nrequests = "*"\n',
    "uv's old": (
        '[project]\nname = "sage-platform"\ndependencies = ["sage-common"]\n'
        '[tool.uv]\ndev-dependencies = ["requests"]\n'
    ),
    "pdm's old": (
        '[project]\nname = "sage-platform"\ndependencies = ["sage-common"]\n'
        '[tool.pdm.dev-dependencies]\ndev = ["requests"]\n'
    ),
}


@pytest.mark.parametrize("name", GROUPS)
def test_group_of_any_tool_declares_what_is_imported_for_its_types(plant: Plant, name: str) -> None:
    files = {f"{PLATFORM}/pyproject.toml": GROUPS[name], QUEUE: TYPED}
    assert check_layers(plant(files)).findings == ()
    (finding,) = check_layers(plant(files | {QUEUE: "import requests\n"})).findings
    assert finding.code == "undeclared-dependency"


@pytest.mark.parametrize("toml", [DYNAMIC, f'{DYNAMIC}[tool.setuptools.dynamic]\nversion = "1"\n'])
def test_imports_are_not_compared_with_dependencies_that_a_program_computes(
    plant: Plant, toml: str
) -> None:
    report = check_layers(plant({f"{PLATFORM}/pyproject.toml": toml, QUEUE: "import requests\n"}))
    assert report.findings == ()
    assert report.notes[0].startswith("sage-platform: dependencies are not stated in a file")


def test_same_layer_dependency_is_not_advised_to_be_turned_round(plant: Plant) -> None:
    layers = spec("{layer: L2}").replace("sage-kernel: {layer: L3}", "sage-kernel: {layer: L2}")
    toml = '[project]\nname = "sage-platform"\ndependencies = ["sage-common", "sage-kernel"]\n'
    files = {"layer.yaml": layers, f"{PLATFORM}/pyproject.toml": toml}
    messages = [one.message for one in check_layers(plant(files)).findings]
    advice = "move what they share down, or name sage-kernel in `imports` of sage-platform"
    assert sum(one.endswith(f"dependencies point down only: {advice}") for one in messages) == 1


OTHER_NAMES = {
    "written together": ("import speech_recognition\n", "SpeechRecognition"),
    "asked for by an extra": ("import psycopg_pool\n", "psycopg[binary, pool]>=3"),
    "known": ("import pybars\n", "pybars4"),
    "this very program": ("import __main__\n", "attrs"),
}


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_distribution_of_another_name_is_recognised(plant: Plant, name: str) -> None:
    source, declared = OTHER_NAMES[name]
    toml = f'[project]\nname = "sage-platform"\ndependencies = ["sage-common", "{declared}"]\n'
    report = check_layers(plant({f"{PLATFORM}/pyproject.toml": toml, QUEUE: source}))
    assert [one for one in report.findings if one.code == "undeclared-dependency"] == []


UNREAD = {
    "nothing there": {f"{SOURCE}/__init__.py": None, f"{SOURCE}/queue.py": None},
    "a broken file": {QUEUE: "def f(:\n"},
    "Cython": {f"{SOURCE}/fast.pyx": "import numpy\n"},
}


@pytest.mark.parametrize("name", UNREAD)
def test_dependency_of_what_was_not_read_is_not_called_unused(plant: Plant, name: str) -> None:
    toml = '[project]\nname = "sage-platform"\ndependencies = ["sage-common", "rich"]\n'
    report = check_layers(plant({f"{PLATFORM}/pyproject.toml": toml, **UNREAD[name]}))
    assert "unused-dependency" not in [one.code for one in report.findings]
