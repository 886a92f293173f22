"""What a setup.cfg, or a setup.py in plain constants, states; a program is read and never run."""

import ast
import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

from sage.tools.layers.layout import from_setup_cfg, from_setup_py, strings
from sage.tools.layers.metadata import (
    BrokenMetadata,
    EntryPoint,
    Metadata,
    Requirement,
    line_of,
    parse,
)

__all__ = ["read_setup_cfg", "read_setup_py"]


def read_setup_cfg(path: Path) -> Metadata:
    """What the file says.

    Raises:
        BrokenMetadata: It cannot be read, or is no such file.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        text = path.read_text("utf-8-sig")
        parser.read_string(text)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        line = getattr(error, "lineno", 0)
        why = " ".join(str(error).split())
        raise BrokenMetadata(path, line, f"cannot be read: {why}") from error
    lines = text.splitlines()

    def section(name: str) -> tuple[int, dict[str, str]]:
        rows = dict(parser.items(name)) if parser.has_section(name) else {}
        return line_of(lines, f"[{name}]"), rows

    start, options = section("options")
    requires = options.get("install_requires")
    computed = requires is None or requires.strip().startswith("file:")
    groups = {"dependencies": "" if requires is None or computed else requires}
    rows = list(_requirements(groups, lines, start, path.name))
    start, extras = section("options.extras_require")
    groups = {f"extra {name}": value for name, value in extras.items()}
    rows += _requirements(groups, lines, start, path.name)
    start, points = section("options.entry_points")
    return Metadata(
        name=parser.get("metadata", "name", fallback=""),
        file=path,
        requirements=tuple(rows),
        complete=not computed,
        entry_points=tuple(_points(points, lines, start, path.name)),
        layout=from_setup_cfg(lambda section, key: parser.get(section, key, fallback="")),
    )


def read_setup_py(path: Path) -> Metadata:
    """What the one call of `setup` in the file says; what is computed stays unknown.

    Raises:
        BrokenMetadata: It cannot be read, or is not Python.
    """
    try:
        data = path.read_bytes()
        tree = ast.parse(data)
    except SyntaxError as error:
        raise BrokenMetadata(path, error.lineno or 0, f"is not Python: {error.msg}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BrokenMetadata(path, 0, f"cannot be read: {error}") from error
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) == "setup"
    ]
    if len(calls) != 1:
        return Metadata(file=path)
    names = _constants(tree)

    def constant(node: ast.AST) -> object:
        if isinstance(node, ast.Name):
            return names.get(node.id)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, RecursionError):
            return None

    given = {one.arg: constant(one.value) for one in calls[0].keywords if one.arg}
    lines, start = data.decode("utf-8", "replace").splitlines(), 1
    requires, extras = given.get("install_requires"), given.get("extras_require", {})
    known = isinstance(requires, list | tuple)  # else setup(**options), computed, stated elsewhere
    groups = {"dependencies": requires}
    groups |= {f"extra {name}": value for name, value in _table(extras).items()}
    return Metadata(
        name=str(given.get("name") or ""),
        file=path,
        requirements=tuple(_requirements(groups, lines, start, path.name)) if known else (),
        complete=known and isinstance(extras, dict),
        entry_points=tuple(_points(_table(given.get("entry_points")), lines, start, path.name)),
        layout=from_setup_py(calls[0], constant),
    )


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _requirements(
    groups: Mapping[str, object], lines: list[str], start: int, file: str
) -> Iterator[Requirement]:
    for where, texts in groups.items():
        for text in _rows(texts):
            yield from parse(text, where, file, line_of(lines, text, start))


def _points(
    groups: Mapping[str, object], lines: list[str], start: int, file: str
) -> Iterator[EntryPoint]:
    for texts in groups.values():
        for text in _rows(texts):
            name, _, target = (part.strip() for part in text.partition("="))
            yield EntryPoint(name, target, file, line_of(lines, text, start))


def _rows(value: object) -> list[str]:
    """The lines of a text, or the texts of a list."""
    rows = value.splitlines() if isinstance(value, str) else strings(value)
    return [row.strip() for row in rows if row.strip()]


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
