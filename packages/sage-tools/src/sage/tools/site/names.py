"""The public names of the repository's packages, and which code uses them, read without importing.

A name is public where a module's `__all__` lists it. Where it is written, its imports are followed
to; who uses it, the imports of the using code tell.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import TypeAlias

__all__ = ["Defined", "imported_names", "public_names", "used_names"]

Table: TypeAlias = Mapping[str, str]  # a name in some code → the dotted name it stands for


@dataclass(frozen=True, slots=True)
class Defined:
    """Where a public name is written: a file below the root, and its first and last line."""

    path: str
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class _Module:
    path: str
    public: tuple[str, ...]
    imports: Table
    defined: Mapping[str, tuple[int, int]]


def public_names(root: Path, files: Iterable[str]) -> dict[str, Defined]:
    """Dotted name → where it is written, for each name in an `__all__` of a package's modules.

    `files` are those of the repository; modules lie below a folder `src`.
    """
    modules = {}
    for path in files:
        name = _module_name(path)
        module = _read(root / path, path, name) if name else None
        if module is not None:
            modules[name] = module
    return {
        f"{name}.{one}": found
        for name, module in modules.items()
        for one in module.public
        if (found := _find(modules, name, one)) is not None
    }


def imported_names(code: str) -> dict[str, str]:
    """What the names that `code` imports stand for.

    >>> imported_names("import json\\nfrom os import path as p")
    {'json': 'json', 'p': 'os.path'}
    """
    found: dict[str, str] = {}
    for node in ast.walk(_parse(code)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def used_names(code: str, imports: Table) -> set[str]:
    """The dotted names that `code` uses by way of `imports`.

    >>> sorted(used_names("q.Lease()", {"q": "sage.platform.queue"}))
    ['sage.platform.queue', 'sage.platform.queue.Lease']
    """
    return {name for node in ast.walk(_parse(code)) for name in _dotted(node, imports)}


def _dotted(node: ast.AST, imports: Table) -> Iterator[str]:
    attributes = list[str]()
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in imports:
        name = imports[node.id]
        yield name
        for attribute in attributes:
            name = f"{name}.{attribute}"
            yield name


def _parse(code: str) -> ast.Module:
    try:
        return ast.parse(dedent(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _module_name(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not path.endswith(".py") or "src" not in parts:
        return ""
    inside = list(parts[parts.index("src") + 1 :])
    inside[-1] = inside[-1].removesuffix(".py")
    return ".".join(inside[:-1] if inside[-1] == "__init__" else inside)


def _read(file: Path, path: str, name: str) -> _Module | None:
    try:
        code = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    defined, public = {}, list[str]()
    for node in _parse(code).body:
        for one in _bound(node):
            defined[one] = (node.lineno, node.end_lineno or node.lineno)
            if one == "__all__" and isinstance(node, ast.Assign | ast.AnnAssign):
                public = _strings(node.value)
    return _Module(path, tuple(public), imported_names(code), defined)


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _strings(node: ast.expr | None) -> list[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return [i.value for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str)]


def _find(modules: Mapping[str, _Module], module: str, name: str) -> Defined | None:
    for _ in range(10):  # a name that is handed on more often than that goes in a circle
        here = modules.get(module)
        if here is None:
            return None
        if name in here.defined:
            return Defined(here.path, *here.defined[name])
        module, _, name = here.imports.get(name, "").rpartition(".")
    return None
