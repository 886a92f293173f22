"""Modules are found wherever a build tool puts them; a distribution without any is never clean."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sage.tools.finding import CannotBegin, Finding
from sage.tools.layers import check_layers

Plant = Callable[..., Path]
USE = "import requests\n"
PROJECT = '[project]\nname = "shop"\ndependencies = []\n'


def write(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def brief(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in findings]


def built(backend: str, table: str = "") -> str:
    return f'[build-system]\nrequires = []\nbuild-backend = "{backend}"\n{PROJECT}{table}'


LAYOUTS = {
    "setuptools where": ("lib/shop/a.py", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'),
    "setuptools package-dir": ("lib/shop/a.py", '[tool.setuptools.package-dir]\n"" = "lib"\n'),
    "setuptools package-dir of one": (
        "code/a.py",
        '[tool.setuptools]\npackages = ["shop"]\npackage-dir = {shop = "code"}\n',
    ),
    "setuptools packages": ("tools/a.py", '[tool.setuptools]\npackages = ["tools"]\n'),
    "setuptools include": (
        "site/shop/a.py",
        '[tool.setuptools.packages.find]\ninclude = ["site*"]\n',
    ),
    "setuptools py-modules": ("a.py", '[tool.setuptools]\npy-modules = ["a"]\n'),
    "hatch packages": (
        "lib/shop/a.py",
        '[tool.hatch.build.targets.wheel]\npackages = ["lib/shop"]\n',
    ),
    "hatch only-include": (
        "lib/shop/a.py",
        '[tool.hatch.build.targets.wheel]\nonly-include = ["lib/shop"]\nsources = ["lib"]\n',
    ),
    "hatch include": ("docs/a.py", '[tool.hatch.build]\ninclude = ["/docs/**/*.py"]\n'),
    "hatch sources renamed": (
        "lib/x/a.py",
        '[tool.hatch.build]\nonly-include = ["lib/x"]\nsources = {"lib/x" = "shop"}\n',
    ),
    "hatch force-include": (
        "gen/a.py",
        '[tool.hatch.build.targets.wheel.force-include]\n"gen" = "shop/gen"\n',
    ),
    "poetry from": (
        "py/shop/a.py",
        '[tool.poetry]\npackages = [{include = "shop/**/*.py", from = "py"}]\n',
    ),
    "flit": ("other/a.py", '[tool.flit.module]\nname = "other"\n'),
    "flit one file": ("src/other.py", '[tool.flit.module]\nname = "other"\n'),
    "pdm package-dir": ("lib/shop/a.py", '[tool.pdm.build]\npackage-dir = "lib"\n'),
    "pdm includes": ("tools/a.py", '[tool.pdm.build]\nincludes = ["tools/"]\n'),
    "maturin python-source": ("rust/py/shop/a.py", '[tool.maturin]\npython-source = "rust/py"\n'),
    "maturin module-name": ("python/core/a.py", '[tool.maturin]\nmodule-name = "core._core"\n'),
    "uv module-root": ("lib/shop/a.py", '[tool.uv.build-backend]\nmodule-root = "lib"\n'),
    "uv module-name": ("src/x/y/a.py", '[tool.uv.build-backend]\nmodule-name = "x.y"\n'),
    "uv module at the root": ("shop/a.py", '[tool.uv.build-backend]\nmodule-root = ""\n'),
    "scikit-build": ("python/x/a.py", '[tool.scikit-build]\nwheel.packages = ["python/x"]\n'),
    "nothing said, python/": ("python/shop/a.py", ""),
    "nothing said, a folder of the distribution's name": ("shop/a.py", ""),
    "nothing said, one file": ("shop.py", ""),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_modules_are_found_where_the_build_names_them(tmp_path: Path, name: str) -> None:
    path, table = LAYOUTS[name]
    root = write(tmp_path, {"pyproject.toml": f"{PROJECT}{table}", path: USE})
    assert brief(check_layers(root).findings) == [("undeclared-dependency", path)]


SETUPS = {
    "setup.cfg packages": (
        {"setup.cfg": "[metadata]\nname = shop\n[options]\npackages =\n    shop\n"
         "package_dir =\n    shop = code\ninstall_requires =\n    attrs\n"},
        "code/a.py",
    ),
    "setup.cfg find": (
        {"setup.cfg": "[metadata]\nname = shop\n[options]\npackages = find:\n"
         "install_requires =\n    attrs\n[options.packages.find]\nwhere = code\n"},
        "code/shop/a.py",
    ),
    "setup.py find_packages": (
        {"setup.py": "from setuptools import *\nNAME = 'shop'\n"
         "setup(name=NAME, packages=find_packages('code'), package_dir={'': 'code'},\n"
         "      install_requires=['attrs'])\n"},
        "code/shop/a.py",
    ),
    "setup.py packages": (
        {"setup.py": "import setuptools\nsetuptools.setup(name='shop', packages=['shop'],\n"
         "    package_dir={'shop': 'code'}, install_requires=['attrs'])\n"},
        "code/a.py",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SETUPS)
def test_setup_files_are_read_and_never_run(tmp_path: Path, name: str) -> None:
    files, path = SETUPS[name]
    report = check_layers(write(tmp_path, {**files, path: USE}))
    assert report.packages == ("shop",)
    assert brief(report.findings) == [("undeclared-dependency", path)]


EMPTY = {
    "maturin": (
        built("maturin", '[tool.maturin]\npython-source = "python"\n'),
        "[tool.maturin] python-source names python;",
    ),
    "hatch": (
        built("hatchling.build", '[tool.hatch.build.targets.wheel]\npackages = ["lib/shop"]\n'),
        "[tool.hatch.build.targets.wheel] names lib/shop;",
    ),
    "nothing said": (
        built("hatchling.build"),
        "nothing says where it lies, and src/shop, shop, python/shop, lib/shop are not there;",
    ),
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("layers", [True, False])
def test_distribution_without_a_module_is_a_finding(
    tmp_path: Path, name: str, layers: bool
) -> None:
    text, why = EMPTY[name]
    files = {"packages/shop/pyproject.toml": text, "packages/shop/tests/test_x.py": USE}
    files |= {"packages/b/pyproject.toml": PROJECT.replace("shop", "b"), "packages/b/b.py": ""}
    spec = "version: 1\npackages:\n  shop: {layer: L1}\n  b: {layer: L1}\n"
    report = check_layers(write(tmp_path, files | ({"layer.yaml": spec} if layers else {})))
    assert brief(report.findings) == [("nothing-read", "packages/shop/pyproject.toml")]
    assert f"no module of shop was found, so none of its imports is known: {why}" in (
        report.findings[0].message
    )


def test_place_that_is_named_beside_others_and_not_there_is_told(tmp_path: Path) -> None:
    table = '[tool.hatch.build.targets.wheel]\npackages = ["src/shop", "src/made"]\n'
    report = check_layers(write(tmp_path, {"pyproject.toml": PROJECT + table, "src/shop/a.py": ""}))
    assert report.findings == ()
    told = "shop: [tool.hatch.build.targets.wheel] names src/made, which is not there"
    assert report.notes[0] == told
    flit = '[tool.flit.module]\nname = "shop"\n'  # which looks in four places for one
    report = check_layers(write(tmp_path, {"pyproject.toml": PROJECT + flit}))
    assert not any("not there" in note for note in report.notes)


def test_cython_files_that_are_not_read_are_told(plant: Plant) -> None:
    folder = "packages/sage-kernel/src/sage/kernel/fast"
    text = "from sage.studio cimport x\n"
    root = plant({f"{folder}/{name}": text for name in ("a.pyx", "b.pxd", "__init__.py", "c.txt")})
    (root / folder / "__init__.py").write_text("")
    told = f"sage-kernel: 2 Cython files not read, so what they import is unknown: {folder}/a.pyx"
    assert check_layers(root).notes == (f"{told} and others",)


def test_distribution_that_says_it_ships_nothing_is_let_be(tmp_path: Path) -> None:
    tables = {
        "a": "[tool.hatch.build.targets.wheel]\nbypass-selection = true\n",
        "b": "[tool.setuptools]\npackages = []\n",
        "c": "[tool.poetry]\npackage-mode = false\n",
        "d": "[tool.pdm]\ndistribution = false\n",
    }
    files = {f"packages/{name}/pyproject.toml": PROJECT + table for name, table in tables.items()}
    report = check_layers(write(tmp_path, {**files, "packages/e/e.py": ""}))
    assert brief(report.findings) == [("missing-metadata", "packages/e")]


def test_root_of_a_uv_workspace_is_a_package_too(tmp_path: Path) -> None:
    """As in pydantic: the root ships `shop`, and the member is built by maturin."""
    workspace = '[tool.uv.workspace]\nmembers = ["shop-core"]\n'
    files = {
        "pyproject.toml": built("hatchling.build", workspace),
        "shop/__init__.py": "import shop_core\n",
        "release/__init__.py": "",
        "shop-core/pyproject.toml": EMPTY["maturin"][0].replace('"shop"', '"shop_core"'),
        "shop-core/python/shop_core/__init__.py": "def f():\n    import shop\n",
        "shop-core/src/self_schema.py": USE,
        "shop-core/src/lib.rs": "",
    }
    report = check_layers(write(tmp_path, files))
    assert report.packages == ("shop_core", "shop")
    assert report.files == 2
    assert brief(report.findings) == [
        ("undeclared-dependency", "shop-core/python/shop_core/__init__.py"),
        ("package-cycle", "shop/__init__.py"),
        ("undeclared-dependency", "shop/__init__.py"),
    ]


def test_root_beside_its_packages_does_not_read_theirs(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": PROJECT,
        "layer.yaml": 'version: 1\nroots: ["src/*"]\npackages:\n  a: {layer: L1}\n',
        "src/a/pyproject.toml": PROJECT.replace("shop", "a"),
        "src/a/src/a/__init__.py": "",
        "src/shop.py": "",
    }
    report = check_layers(write(tmp_path, files))
    assert (report.packages, report.files) == (("a", "shop"), 2)
    assert brief(report.findings) == [("undeclared-package", "pyproject.toml")]


def test_root_that_only_holds_settings_is_no_package(plant: Plant) -> None:
    for text in ("[tool.ruff]\n", '[project]\nname = "all"\n', '[project]\nname = "isage"\n'):
        report = check_layers(plant({"pyproject.toml": text, "packages/x.txt": ""}))
        assert (len(report.packages), report.findings) == (3, ())


def test_members_that_uv_excludes_are_left_out(tmp_path: Path) -> None:
    workspace = '[tool.uv.workspace]\nmembers = ["crates/*"]\nexclude = ["crates/b"]\n'
    files = {"pyproject.toml": workspace}
    for name in ("a", "b"):
        files[f"crates/{name}/pyproject.toml"] = PROJECT.replace("shop", name)
        files[f"crates/{name}/{name}.py"] = ""
    assert check_layers(write(tmp_path, files)).packages == ("a",)


def test_packages_in_groups_are_found_one_level_down(tmp_path: Path) -> None:
    files = {
        "libs/group/a/pyproject.toml": PROJECT.replace("shop", "a"),
        "libs/group/a/a.py": USE,
    }
    assert brief(check_layers(write(tmp_path, files)).findings) == [
        ("undeclared-dependency", "libs/group/a/a.py")
    ]


def test_code_without_metadata_is_a_finding_wherever_it_lies(plant: Plant) -> None:
    report = check_layers(plant({"packages/odd/lib-src/deep/a.py": USE}))
    assert brief(report.findings) == [
        ("missing-metadata", "packages/odd"),
        ("undeclared-package", "packages/odd"),
    ]
    assert "packages/odd holds lib-src/deep/a.py and has no pyproject.toml" in (
        report.findings[0].message
    )


def test_folder_without_python_is_let_be(plant: Plant) -> None:
    assert check_layers(plant({"packages/notes/README.md": ""})).findings == ()


ABSOLUTE = {
    "layer.yaml:2: roots": {"layer.yaml": 'version: 1\nroots: ["/srv/*"]\n'},
    "pyproject.toml: [tool.uv.workspace]": {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["/srv/*"]\n'
    },
}


@pytest.mark.parametrize("place", ABSOLUTE)
def test_pattern_that_is_none_is_told_where_it_stands(tmp_path: Path, place: str) -> None:
    told = f"{place}: '/srv/*' is no pattern of folders below this one: "
    with pytest.raises(CannotBegin, match=re.escape(told)):
        check_layers(write(tmp_path, ABSOLUTE[place]))


def test_pattern_of_roots_that_finds_nothing_is_a_finding(plant: Plant) -> None:
    text = (plant() / "layer.yaml").read_text()
    report = check_layers(plant({"layer.yaml": f'{text}roots: ["packages/*", "plugin/*"]\n'}))
    assert [(one.code, one.path, one.line) for one in report.findings] == [
        ("missing-package", "layer.yaml", 12)
    ]
    assert report.findings[0].message.startswith("roots names plugin/*, and no such folder is")


def test_names_that_differ_in_case_and_dashes_are_one_package(plant: Plant) -> None:
    toml = '[project]\nname = "Sage_Platform"\ndependencies = ["Sage.Common"]\n'
    planted = "packages/sage-platform/src/sage/platform/planted.py"
    files = {"packages/sage-platform/pyproject.toml": toml, planted: "import sage.kernel\n"}
    found = brief(check_layers(plant(files)).findings)
    assert ("upward-import", planted) in found
    assert {code for code, _ in found} == {"upward-import", "package-cycle"}


REFUSED = {
    "nothing at all": {},
    "empty packages/": {"packages/README.md": ""},
    "settings only": {"pyproject.toml": "[tool.ruff]\n"},
    "tests only": {"tests/test_x.py": USE},
    "nothing shipped": {"pyproject.toml": f"{PROJECT}[tool.setuptools]\npackages = []\n"},
    "roots of another name": {
        "layer.yaml": "version: 1\nroots: [lib/*]\n",
        "pkgs/a/pyproject.toml": PROJECT,
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_root_in_which_nothing_can_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotBegin, match="no Python file found: looked in "):
        check_layers(write(tmp_path, REFUSED[name]))


def test_workspace_one_folder_down_is_pointed_out(tmp_path: Path) -> None:
    root = write(tmp_path, {"python/pyproject.toml": PROJECT, "python/shop.py": USE})
    with pytest.raises(CannotBegin, match=r"and here; try --root .*/python, or name the folders"):
        check_layers(root)


@pytest.mark.parametrize("name", ["layer.yml", "layers.yaml", "Layer.yaml"])
def test_layer_file_of_another_name_is_not_passed_over(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {name: "version: 1\n", "shop.py": ""})
    with pytest.raises(CannotBegin, match=f"{name}: is not read under this name; rename it to la"):
        check_layers(root)


def test_folder_below_a_layer_file_is_pointed_to_it(plant: Plant) -> None:
    root = plant()
    (note,) = check_layers(root / "packages/sage-platform").notes
    assert note.endswith(f"; one stands above: run with --root {root}")


def test_broad_exception_says_how_much_it_lets_pass(plant: Plant) -> None:
    text = (plant() / "layer.yaml").read_text()
    text += "exceptions:\n  - {importer: sage, imported: sage, reason: all of it}\n"
    planted = "packages/sage-platform/src/sage/platform/planted.py"
    report = check_layers(plant({"layer.yaml": text, planted: "import sage.kernel\n"}))
    assert [one.code for one in report.findings if one.code != "undeclared-dependency"] == []
    assert report.notes == ("1 forbidden import let pass by exceptions in layer.yaml",)


def test_packages_that_all_live_elsewhere_are_clean_and_say_so(tmp_path: Path) -> None:
    away = "version: 1\npackages:\n  a: {layer: L1, present: false}\n"
    report = check_layers(write(tmp_path, {"layer.yaml": away}))
    assert report.findings == ()
    assert report.notes == ("no Python file found: looked in packages/*",)
