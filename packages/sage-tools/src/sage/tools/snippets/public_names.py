"""Public names of a repository's packages, read from their `__init__.py`; nothing is imported.

They are those of `__all__`; without one, the functions and classes of the `__init__.py`, and what
it takes from its own package, that have no `_` in front. A package below `_` is not public.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PublicName", "find_public_names"]

PACKAGES = ("packages/*/src/**/__init__.py", "src/**/__init__.py")
FLAT = "*/**/__init__.py"  # packages that stand in the repository itself
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ASIDE = {"benchmarks", "docs", "examples", "scripts", "test", "tests", "tools"}  # not its packages


@dataclass(frozen=True, order=True, slots=True)
class PublicName:
    """A name that a package exports, with the place that exports it."""

    package: str
    name: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.package}.{self.name}"


def find_public_names(root: Path) -> list[PublicName]:
    """Public names of every package under `packages/*/src` and `src`; else, under the root."""
    files = [file for pattern in PACKAGES for file in root.glob(pattern)]
    files = files or [file for file in root.glob(FLAT) if _is_packaged(file, root)]
    return sorted(name for file in files for name in _exported(file, root))


def _is_packaged(file: Path, root: Path) -> bool:
    """Whether all folders from the root down to `file` are packages, and none is set aside."""
    parts = file.relative_to(root).parts[:-1]
    folders = [root.joinpath(*parts[: end + 1]) for end in range(len(parts))]
    return parts[0] not in ASIDE and all((f / "__init__.py").is_file() for f in folders)


def _exported(file: Path, root: Path) -> Iterator[PublicName]:
    parts = file.parent.relative_to(root).parts
    parts = parts[len(parts) - parts[::-1].index("src") :] if "src" in parts else parts
    if any(part.startswith("_") for part in parts):
        return
    try:
        tree = ast.parse(file.read_text("utf-8-sig"))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    listed = [value for node in tree.body if (value := _all_of(node)) is not None]
    names = _texts(listed) if listed else _bound(tree, parts[0])
    path = file.relative_to(root).as_posix()
    for name, line in names:
        yield PublicName(".".join(parts), name, path, line)


def _all_of(node: ast.stmt) -> ast.expr | None:
    """What a statement puts into `__all__`."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return None
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
    return node.value if named else None


def _texts(values: list[ast.expr]) -> Iterator[tuple[str, int]]:
    for item in (item for value in values for item in ast.walk(value)):
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value, item.lineno


def _bound(tree: ast.Module, top: str) -> Iterator[tuple[str, int]]:
    """Names of functions, classes and imports; where some stand as `a as a`, of those imports."""
    statements = list(_unnested(tree.body))
    imports = [
        (node, alias)
        for node in statements
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    explicit = [(node, alias) for node, alias in imports if alias.asname == alias.name]
    for node, alias in explicit or imports:
        own = node.level > 0 or (node.module or "").split(".")[0] == top
        if (own or explicit) and not alias.name.startswith(("_", "*")):
            yield alias.asname or alias.name, alias.lineno
    for other in statements:
        if isinstance(other, DEFINITIONS) and not other.name.startswith("_"):
            yield other.name, other.lineno


def _unnested(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module, also those below `if` and `try`."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _unnested(node.body)
