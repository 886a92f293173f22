"""What a setup.py states in plain constants; it is read and never run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sage.tools.layers.layout import Layout, from_setup_py, strings

__all__ = ["SetupFile", "read_setup_py"]


@dataclass(frozen=True, slots=True)
class SetupFile:
    """What could be read.

    Attributes:
        name: The distribution's name; empty where it is computed.
        layout: Where its modules lie.
        requires: Each requirement with where it stands; `None` where they are computed.
    """

    name: str = ""
    layout: Layout = field(default_factory=Layout)
    requires: tuple[tuple[str, str], ...] | None = None


def read_setup_py(path: Path) -> SetupFile:
    """Read the one call of `setup` in the file; what is computed stays unknown.

    Raises:
        ValueError: It cannot be read, or is not Python; the text is one sentence.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno} is not Python: {error.msg}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"cannot be read: {error}") from error
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) == "setup"
    ]
    if len(calls) != 1:
        return SetupFile()
    names = _constants(tree)

    def constant(node: ast.AST) -> object:
        if isinstance(node, ast.Name):
            return names.get(node.id)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, RecursionError):
            return None

    given = {one.arg: one.value for one in calls[0].keywords if one.arg}
    name = constant(given["name"]) if "name" in given else ""
    layout = from_setup_py(calls[0], constant)
    if "install_requires" not in given:  # setup(**options), or stated elsewhere
        return SetupFile(str(name or ""), layout)
    rows: list[tuple[str, str]] = []
    for key, where in (("install_requires", "dependencies"), ("extras_require", "")):
        if key not in given:
            continue
        value = constant(given[key])
        if not isinstance(value, list | tuple | dict):
            return SetupFile(str(name or ""), layout)
        rows += _rows(value, where)
    return SetupFile(str(name or ""), layout, tuple(rows))


def _rows(value: object, where: str) -> Iterator[tuple[str, str]]:
    groups = value if isinstance(value, dict) else {"": value}
    for extra, texts in groups.items():
        for text in strings(texts):
            yield text, where or f"extra {extra}"


def _constants(tree: ast.Module) -> dict[str, object]:
    """Names that the file binds once, at its top, to a constant."""
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            try:
                found[name] = None if name in found else ast.literal_eval(node.value)
            except (ValueError, TypeError, RecursionError):
                found[name] = None
    return found
