"""Where a distribution says that its modules lie, in the words of the tool that builds it."""

import ast
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

__all__ = [
    "Layout",
    "Place",
    "from_pyproject",
    "from_setup_cfg",
    "from_setup_py",
    "strings",
    "table",
]


class Place(NamedTuple):
    """One folder or file that a distribution ships.

    Attributes:
        path: Relative to the distribution, with `/`.
        module: The dotted name it is imported by; empty for an import root, whose entries are
            modules and packages at the top.
        names: Patterns of entries that are taken from the distribution's own folder, whatever
            they are called.
    """

    path: str
    module: str = ""
    names: tuple[str, ...] = ()


class Layout(NamedTuple):
    """Which places a distribution names.

    Attributes:
        places: In the order named; empty where the tool is left to find them itself.
        said: The key that says so, such as `[tool.maturin] python-source`.
        empty: Whether it says that it ships no module, as a meta-package does.
        backend: What builds it; empty where that is not said.
    """

    places: tuple[Place, ...] = ()
    said: str = ""
    empty: bool = False
    backend: str = ""


_Table = Mapping[str, object]


def from_pyproject(data: _Table) -> Layout:
    """The layout that a pyproject.toml states for its build backend.

    Where it names no backend, or one that is not known here, the tables of all are looked at.

    >>> from_pyproject({"tool": {"maturin": {"python-source": "python"}}}).places[0].path
    'python'
    """
    backend = str(table(data, "build-system").get("build-backend") or "")
    name = str(table(data, "project").get("name") or "")
    own = [read for start, read in _READERS.items() if backend.startswith(start)]
    for read in own or _READERS.values():
        layout = read(table(data, "tool"), name)
        if layout.places or layout.empty:
            return layout._replace(backend=backend)
    return Layout(backend=backend)


def from_setup_cfg(options: Callable[[str, str], str]) -> Layout:
    """The layout in a setup.cfg; `options` gives the text of a key in a section, or an empty one.

    >>> given = {("options", "package_dir"): "\\n=lib", ("options", "packages"): "find:"}
    >>> from_setup_cfg(lambda section, key: given.get((section, key), "")).places[0].path
    'lib'
    """
    rows = [row.partition("=") for row in options("options", "package_dir").splitlines()]
    folders = {key.strip(): value.strip() for key, mark, value in rows if mark}
    where = options("options.packages.find", "where").split()
    packages = options("options", "packages").replace(",", "\n").split("\n")
    named = [one.strip() for one in packages if one.strip() and "find" not in one]
    modules = options("options", "py_modules").replace(",", "\n").split()
    return Layout(_setuptools_places(where, named, modules, folders), "setup.cfg [options]")


def from_setup_py(call: ast.Call, constant: Callable[[ast.AST], object]) -> Layout:
    """The layout in a call of `setup`, as far as it is written out; `constant` evaluates it."""
    given = {one.arg: one.value for one in call.keywords if one.arg}
    folders = constant(given["package_dir"]) if "package_dir" in given else {}
    packages = given.get("packages")
    where: list[str] = []
    named: list[str] = []
    if isinstance(packages, ast.Call):  # find_packages("src")
        first = [*packages.args, *(k.value for k in packages.keywords if k.arg == "where")]
        where = strings([constant(one) for one in first[:1]])
    elif packages is not None:
        named = strings(constant(packages))
    modules = strings(constant(given["py_modules"])) if "py_modules" in given else []
    return Layout(_setuptools_places(where, named, modules, _texts(folders)), "setup.py")


def table(data: object, *keys: str) -> dict[str, object]:
    """The table at `keys`; an empty one where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def strings(value: object) -> list[str]:
    """A text, or the texts in a list; nothing of anything else."""
    rows = value if isinstance(value, list | tuple) else [value]
    return [one for one in rows if isinstance(one, str)]


def _texts(value: object) -> dict[str, str]:
    rows = value.items() if isinstance(value, dict) else ()
    return {k: v for k, v in rows if isinstance(k, str) and isinstance(v, str)}


def _setuptools(tool: _Table, name: str) -> Layout:
    own = table(tool, "setuptools")
    packages, modules = own.get("packages"), strings(own.get("py-modules"))
    find = table(packages, "find")
    where = strings(find.get("where"))
    named = strings(packages) if isinstance(packages, list) else []
    places = _setuptools_places(where, named, modules, _texts(own.get("package-dir")))
    if not places and (find or where):
        tops = (one.partition(".")[0] for one in strings(find.get("include")))
        places = (Place(".", "", tuple(one for one in tops if one.strip("*"))),)
    nothing = [key for key in ("packages", "py-modules") if own.get(key) == []]
    return Layout(places, "[tool.setuptools]", bool(nothing and not places))


def _setuptools_places(
    where: Iterable[str], packages: Iterable[str], modules: Iterable[str], folders: _Table
) -> tuple[Place, ...]:
    base = folders.get("", ".")
    found = [Place(_path(one)) for one in where if _path(one) != "."]
    named = [*packages, *modules]
    for one in named:
        if any(one.startswith(f"{other}.") for other in named):
            continue  # its parent's folder holds it
        folder = folders.get(one) or _path(base, *one.split("."))
        found.append(Place(f"{folder}.py" if one in modules else str(folder), one))
    if not found:
        found = [Place(_path(folder), name) for name, folder in folders.items() if folder != "."]
    return tuple(dict.fromkeys(found))


def _hatch(tool: _Table, name: str) -> Layout:
    build = table(tool, "hatch", "build")
    wheel = table(build, "targets", "wheel")

    def given(key: str) -> object:
        return wheel[key] if key in wheel else build.get(key)

    said = "[tool.hatch.build.targets.wheel]"
    if wheel.get("bypass-selection") is True:
        return Layout((), said, True)
    found = [Place(_path(one), _path(one).rpartition("/")[2]) for one in strings(given("packages"))]
    sources = given("sources")
    cuts = {_path(one): "" for one in strings(sources)} | _texts(sources)
    for one in [*strings(given("only-include")), *strings(given("include"))]:
        found += _rewritten(_literal(one), cuts)
    for origin, target in _texts(given("force-include")).items():
        if target.endswith(".py") or "." not in target.rpartition("/")[2]:
            found.append(Place(_path(origin), _dotted(target)))
    return Layout(tuple(dict.fromkeys(found)), said)


def _rewritten(path: str, cuts: _Table) -> list[Place]:
    """The place of `path` in a wheel whose `sources` cut or rename the beginnings of paths."""
    if "." in path.rpartition("/")[2] and not path.endswith(".py"):
        return []  # a pattern or a file of data
    for start, new in cuts.items():
        start = _path(start)
        if path == start:
            return [Place(path, _dotted(str(new)))]
        if path.startswith(f"{start}/"):
            return [Place(path, _dotted(f"{new}/{path[len(start) + 1 :]}"))]
    return [Place(path, _dotted(path))] if path != "." else []


def _poetry(tool: _Table, name: str) -> Layout:
    own = table(tool, "poetry")
    rows = own.get("packages")
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(include := row.get("include"), str):
            path, to = _literal(include), str(row.get("to") or "")
            found.append(Place(_path(str(row.get("from") or "."), path), _dotted(f"{to}/{path}")))
    return Layout(tuple(found), "[tool.poetry] packages", own.get("package-mode") is False)


def _flit(tool: _Table, name: str) -> Layout:
    module = table(tool, "flit", "module").get("name")
    return _named(module, ("src", "."), "[tool.flit.module] name")


def _pdm(tool: _Table, name: str) -> Layout:
    own = table(tool, "pdm", "build")
    base = own.get("package-dir")
    found = [Place(_path(base))] if isinstance(base, str) and _path(base) != "." else []
    if not found:
        found = [one for row in strings(own.get("includes")) for one in _rewritten(
            _literal(row), {"src": ""})]  # fmt: skip
    return Layout(tuple(found), "[tool.pdm.build]", table(tool, "pdm").get("distribution") is False)


def _maturin(tool: _Table, name: str) -> Layout:
    own = table(tool, "maturin")
    base, module = own.get("python-source"), own.get("module-name")
    if isinstance(base, str) and _path(base) != ".":
        more = [Place(_path(base, one), one) for one in strings(own.get("python-packages"))]
        return Layout(tuple(more) or (Place(_path(base)),), "[tool.maturin] python-source")
    top = module.partition(".")[0] if isinstance(module, str) else ""
    return _named(top or None, ("python", "src", "."), "[tool.maturin] module-name")


def _uv(tool: _Table, name: str) -> Layout:
    own = table(tool, "uv", "build-backend")
    root = own.get("module-root")
    root = _path(root or ".") if isinstance(root, str) else "src"
    said = "[tool.uv.build-backend]"
    modules = strings(own.get("module-name")) or ([_import(name)] if root == "." and name else [])
    if modules:
        return Layout(tuple(Place(_path(root, *m.split(".")), m) for m in modules), said)
    return Layout((Place(root),) if "module-root" in own else (), said)


def _scikit(tool: _Table, name: str) -> Layout:
    packages = table(tool, "scikit-build", "wheel").get("packages")
    rows = _texts(packages) or {_path(one).rpartition("/")[2]: one for one in strings(packages)}
    found = tuple(Place(_path(path), _dotted(module)) for module, path in rows.items())
    return Layout(found, "[tool.scikit-build] wheel.packages", packages == [])


def _named(module: object, bases: Iterable[str], said: str) -> Layout:
    """Any of the places at which a tool looks for the one module it is given by name."""
    if not isinstance(module, str) or not module:
        return Layout()
    paths = [_path(base, *module.split(".")) for base in bases]
    return Layout(tuple(Place(one, module) for path in paths for one in (path, f"{path}.py")), said)


_READERS: Mapping[str, Callable[[_Table, str], Layout]] = {
    "setuptools": _setuptools,
    "hatchling": _hatch,
    "poetry": _poetry,
    "flit": _flit,
    "pdm": _pdm,
    "maturin": _maturin,
    "uv_build": _uv,
    "scikit_build": _scikit,
}


def _path(*parts: object) -> str:
    """The parts joined and without `./`, a leading `/` or a last one.

    >>> _path("./src/", "shop")
    'src/shop'
    """
    return str(PurePosixPath(*(str(part).replace("\\", "/").lstrip("/") for part in parts)))


def _literal(pattern: str) -> str:
    """The folders of a pattern before its first wildcard.

    >>> _literal("/shop/**/*.py")
    'shop'
    """
    parts = _path(pattern).split("/")
    wild = next((n for n, part in enumerate(parts) if set(part) & set("*?[!")), len(parts))
    return "/".join(parts[:wild]) or "."


def _dotted(path: str) -> str:
    return _path(path.removesuffix(".py")).strip("/.").replace("/", ".")


def _import(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")
