"""Every file is read or named, in every layout, and nothing on `sys.path` plays a part."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import grimp
import pytest
from grimp.domain import valueobjects

from sage.tools.finding import CannotBegin, Finding
from sage.tools.layers import build_graph, check_layers, load_spec

Plant = Callable[..., Path]
PLATFORM = "packages/sage-platform/src/sage/platform"
QUEUE = f"{PLATFORM}/planted.py"


def brief(findings: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return [(one.code, one.path, one.line) for one in findings]


BROKEN = {
    "syntax error": (b"x = 1\ndef f(:\n", 2, "is not Python"),
    "Python 2": (b"print 'x'\n", 1, "is not Python"),
    "no UTF-8": (b"x = '\xe9'\n", 0, "is not UTF-8"),
    "null byte": (b"x = 1\x00\n", 1, "is not Python"),
    "unknown encoding": (b"# -*- coding: no-such -*-\nx = '\xe9'\n", 0, "is not"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_unreadable_file_is_a_finding_and_the_rest_is_read(plant: Plant, name: str) -> None:
    data, line, words = BROKEN[name]
    other = f"{PLATFORM}/other.py"
    report = check_layers(plant({QUEUE: data, other: "import sage.kernel\n"}))
    found = [one for one in report.findings if one.code == "unreadable-file"]
    assert [(one.path, one.line) for one in found] == [(QUEUE, line)]
    assert words in found[0].message
    assert ("upward-import", other, 1) in brief(report.findings)


def test_fifty_broken_files_are_fifty_findings(plant: Plant) -> None:
    files = {f"{PLATFORM}/broken{number}.py": "def f(:\n" for number in range(50)}
    report = check_layers(plant(files))
    assert [one.code for one in report.findings] == ["unreadable-file"] * 50


def test_broken_stub_is_a_finding(plant: Plant) -> None:
    report = check_layers(plant({f"{PLATFORM}/planted.pyi": "def f(:\n"}))
    assert brief(report.findings) == [("unreadable-file", f"{PLATFORM}/planted.pyi", 1)]


def test_link_to_nowhere_is_a_finding(plant: Plant) -> None:
    root = plant()
    (root / QUEUE).symlink_to("no-such-file.py")
    report = check_layers(root)
    assert brief(report.findings) == [("unreadable-file", QUEUE, 0)]
    assert "No such file" in report.findings[0].message


def test_links_in_a_circle_end_and_are_a_finding(plant: Plant) -> None:
    root = plant()
    (root / PLATFORM / "again").symlink_to(root / PLATFORM, target_is_directory=True)
    (root / PLATFORM / "self.py").symlink_to("self.py")
    report = check_layers(root)
    assert brief(report.findings) == [
        ("unreadable-file", f"{PLATFORM}/again", 0),
        ("unreadable-file", f"{PLATFORM}/self.py", 0),
    ]


def test_linked_folder_is_read_under_its_own_name(plant: Plant, tmp_path: Path) -> None:
    root, real = plant(), tmp_path / "elsewhere"
    real.mkdir()
    (real / "planted.py").write_text("import sage.kernel\n")
    (root / PLATFORM / "linked").symlink_to(real, target_is_directory=True)
    found = brief(check_layers(root).findings)
    assert ("upward-import", f"{PLATFORM}/linked/planted.py", 1) in found


ODD_SOURCES = {
    "latin-1": "# -*- coding: latin-1 -*-\nx = 'é'\nimport sage.kernel\n".encode("latin-1"),
    "byte order mark": b"\xef\xbb\xbfx = 1\n\nimport sage.kernel\n",
    "CRLF": b"x = 1\r\n\r\nimport sage.kernel\r\n",
    "syntax newer than this interpreter": b"type X[T] = list[T]\n\nimport sage.kernel\n",
    "form feed": b"x = 1\n\x0c\nimport sage.kernel\n",
}


@pytest.mark.parametrize("name", ODD_SOURCES)
def test_odd_but_lawful_source_is_read(plant: Plant, name: str) -> None:
    report = check_layers(plant({QUEUE: ODD_SOURCES[name]}))
    found = [one for one in brief(report.findings) if one[0] != "package-cycle"]
    assert found == [("upward-import", QUEUE, 3)]


def test_dynamic_import_in_syntax_newer_than_ours_is_found(plant: Plant) -> None:
    source = "import importlib\ntype X[T] = list[T]\nimportlib.import_module('sage.kernel')\n"
    found = brief(check_layers(plant({QUEUE: source})).findings)
    assert ("upward-import", QUEUE, 3) in found


def test_computed_dynamic_imports_are_counted(plant: Plant) -> None:
    source = "import importlib\ndef f(x):\n    importlib.import_module(x)\n    __import__(x)\n"
    report = check_layers(plant({QUEUE: source}))
    told = "2 dynamic imports with a computed name could not be followed"
    assert report.notes == (f"{told}: {QUEUE}:3 and others",)


def test_folder_that_hides_the_namespace_is_a_finding(plant: Plant) -> None:
    report = check_layers(plant({"sage/__init__.py": ""}))
    assert brief(report.findings) == [("shadowed-namespace", "sage", 0)]


def test_init_in_the_namespace_is_a_finding(plant: Plant) -> None:
    path = "packages/sage-common/src/sage/__init__.py"
    report = check_layers(plant({path: ""}))
    assert ("shadowed-namespace", path, 0) in brief(report.findings)


def test_working_directory_and_path_play_no_part(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sage").mkdir()
    (tmp_path / "sage" / "__init__.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    report = check_layers(plant())
    assert report.findings == ()
    assert {name for name in set(sys.modules) - before if not name.startswith("grimp")} == set()


def test_module_that_two_distributions_hold_is_a_finding(plant: Plant) -> None:
    path = "packages/sage-platform/src/sage/common/errors.py"
    report = check_layers(plant({path: ""}))
    assert [(one.code, one.path) for one in report.findings] == [("duplicate-module", path)]


def test_edges_between_packages_are_exact_and_labelled(plant: Plant) -> None:
    source = (
        "from sage.common import (\n    errors,\n)\n"
        "def f():\n    from sage.common.errors import SageError\n"
    )
    root = plant({QUEUE: source})
    graph = build_graph(root, load_spec(root))
    assert [
        (one.line, one.importer, one.imported, one.kind)
        for one in graph.between("sage-platform", "sage-common")
    ] == [
        (1, "sage.platform.planted", "sage.common.errors", "run time"),
        (5, "sage.platform.planted", "sage.common.errors", "lazy"),
        (1, "sage.platform.queue", "sage.common.errors", "run time"),
    ]


def test_pkgutil_namespaces_are_namespaces(plant: Plant) -> None:
    init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    init2 = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
    files = {
        "packages/sage-common/src/sage/__init__.py": init,
        "packages/sage-platform/src/sage/__init__.py": init2,
        QUEUE: "import sage.kernel\n",
    }
    found = brief(check_layers(plant(files)).findings)
    assert [one for one in found if one[0] != "package-cycle"] == [("upward-import", QUEUE, 1)]


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_one_distribution_with_src_and_layers_of_its_own(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "pyproject.toml": '[project]\nname = "shop"\ndependencies = []\n',
            "src/shop/__init__.py": "",
            "src/shop/models.py": "from shop.web import page\n",
            "src/shop/db/__init__.py": "from ..web.page import render\n",
            "src/shop/web/__init__.py": "",
            "src/shop/web/page.py": "from shop import db, models\n",
            "layer.yaml": (
                "version: 1\nlayers: [data, view]\npackages:\n"
                "  db: {layer: data, modules: [shop.db, shop.models]}\n"
                "  web: {layer: view, modules: [shop.web]}\n"
                "  shop: {layer: view}\n"
            ),
        },
    )
    report = check_layers(root)
    assert brief(report.findings) == [
        ("package-cycle", "src/shop/db/__init__.py", 1),
        ("upward-import", "src/shop/db/__init__.py", 1),
        ("upward-import", "src/shop/models.py", 1),
    ]


def test_plain_package_without_metadata_or_layer_file(tmp_path: Path) -> None:
    root = write(tmp_path, {"shop/__init__.py": "import json, requests\n", "tests/test_x.py": "x("})
    report = check_layers(root)
    assert report.findings == ()
    assert report.files == 1
    assert report.notes == (
        "there is no layer.yaml, so only circles between packages, undeclared imports and "
        "unreadable files were looked for",
        f"{tmp_path.name}: dependencies are not stated in a file that can be read, so its imports "
        "were not compared with them",
    )


def test_uv_workspace_is_found_and_its_circle_too(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "pyproject.toml": '[tool.uv.workspace]\nmembers = ["libs/*"]\n',
            "libs/a/pyproject.toml": '[project]\nname = "a"\ndependencies = ["b"]\n',
            "libs/a/src/a/__init__.py": "import b\n",
            "libs/b/pyproject.toml": '[project]\nname = "b"\ndependencies = []\n',
            "libs/b/b/__init__.py": "def f():\n    import a\n",
        },
    )
    report = check_layers(root)
    assert report.packages == ("a", "b")
    assert brief(report.findings) == [
        ("package-cycle", "libs/a/src/a/__init__.py", 1),
        ("undeclared-dependency", "libs/b/b/__init__.py", 2),
    ]


def test_poetry_and_setup_cfg_dependencies_are_read(tmp_path: Path) -> None:
    poetry = (
        '[tool.poetry]\nname = "a"\npackages = [{include = "a", from = "py"}]\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nrequests = "^2"\n'
    )
    config = (
        "[metadata]\nname = b\n[options]\npackage_dir =\n    =py\n"
        "install_requires =\n    requests>=2\n[options.extras_require]\nx = flask\n"
    )
    source = "import requests, flask\n"
    root = write(
        tmp_path,
        {
            "packages/a/pyproject.toml": poetry,
            "packages/a/py/a/__init__.py": source,
            "packages/b/setup.cfg": config,
            "packages/b/py/b/__init__.py": source,
        },
    )
    report = check_layers(root)
    assert report.packages == ("a", "b")
    assert brief(report.findings) == [("undeclared-dependency", "packages/a/py/a/__init__.py", 1)]
    assert "flask" in report.findings[0].message


def test_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(CannotBegin, match=r"no/such: no such folder; give the repository"):
        check_layers(Path("no/such"))


def test_namespaces_in_namespaces_lead_to_their_owners(tmp_path: Path) -> None:
    """The scanner shortens a foreign name to its first foreign part; here that is nobody's."""
    root = write(
        tmp_path,
        {
            "layer.yaml": (
                "version: 1\nlayers: [low, high]\npackages:\n"
                "  a-low: {layer: low}\n  a-high: {layer: high}\n"
            ),
            "packages/low/pyproject.toml": '[project]\nname = "a-low"\ndependencies = []\n',
            "packages/low/a/low/use.py": "from a.store.deep.base import Base\n",
            "packages/high/pyproject.toml": '[project]\nname = "a-high"\ndependencies = []\n',
            "packages/high/a/store/deep/__init__.py": "",
            "packages/high/a/store/deep/base.py": "class Base: ...\n",
        },
    )
    report = check_layers(root)
    assert brief(report.findings) == [("upward-import", "packages/low/a/low/use.py", 1)]
    assert report.findings[0].message.startswith("a.low.use → a.store.deep.base (run time): ")


def test_grimp_itself_sees_the_same_imports(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our use of grimp's scanner agrees with its public `build_graph`, so a change there shows."""
    theirs = grimp.build_graph("sage.tools", include_external_packages=False, cache_dir=None)
    ours = build_graph(root, load_spec(root))
    seen = 0
    for module, rows in ours.inner.items():
        if module not in theirs.modules:
            continue
        for imported in theirs.find_modules_directly_imported_by(module):
            assert imported in {name for name, _ in rows}
            seen += 1
    assert seen > 100


def test_reading_leaves_grimp_as_it_was(plant: Plant) -> None:
    report = check_layers(plant({QUEUE: "def f(:\n"}))
    assert [one.code for one in report.findings] == ["unreadable-file"]
    assert valueobjects.Module is grimp.Module
    assert valueobjects.DirectImport is grimp.DirectImport


def test_pipe_in_place_of_a_file_is_a_finding(plant: Plant) -> None:
    root = plant()
    os.mkfifo(root / QUEUE)
    assert brief(check_layers(root).findings) == [("unreadable-file", QUEUE, 0)]


def test_folder_that_may_not_be_looked_into_is_a_finding(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant()
    closed = str(root / "packages/sage-platform/src")
    look, list_folder = os.stat, os.scandir

    def looked(path, *rest, **more):
        if str(path).startswith(f"{closed}/"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, *rest, **more)

    def listed(path):
        if str(path).startswith(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return list_folder(path)

    monkeypatch.setattr(os, "stat", looked)
    monkeypatch.setattr(os, "scandir", listed)
    report = check_layers(root)
    told = Finding(
        "packages/sage-platform/src",
        0,
        "unreadable-file",
        "cannot be opened: Permission denied; nothing in it was read",
    )
    assert told in report.findings


def test_link_to_nothing_among_the_packages_is_a_finding(plant: Plant) -> None:
    root = plant()
    (root / "packages/sage-gone").symlink_to("../elsewhere")
    (root / "packages/sage-self").symlink_to("sage-self")
    (root / "packages/README").write_text("")
    assert brief(check_layers(root).findings) == [
        ("unreadable-file", "packages/sage-gone", 0),
        ("unreadable-file", "packages/sage-self", 0),
    ]
