"""What a pyproject.toml states: the standard tables and those of Poetry, uv, pdm and setuptools."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sage.tools import toml_lines
from sage.tools.layers.layout import from_pyproject, strings, table
from sage.tools.layers.metadata import (
    BrokenMetadata,
    EntryPoint,
    Metadata,
    Requirement,
    line_of,
    parse,
)

__all__ = ["read_pyproject"]

_FILE = "pyproject.toml"


def read_pyproject(path: Path) -> Metadata:
    """What the file says, as far as it is written out.

    Raises:
        BrokenMetadata: It is not readable TOML.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise BrokenMetadata(path, 0, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        line, why = toml_lines.explain(error, raw)
        raise BrokenMetadata(path, line, f"cannot be read as TOML: {why}") from error
    return _Reader(path.parent, text, data).read()


class _Reader:
    def __init__(self, folder: Path, text: str, data: dict[str, object]) -> None:
        self.folder = folder
        self.lines = text.split("\n")
        self.data = data
        self.places: dict[tuple[str, ...], int] = {}
        for keys, line in toml_lines.keys(text):
            self.places.setdefault(keys, line)

    def read(self) -> Metadata:
        project, poetry = table(self.data, "project"), table(self.data, "tool", "poetry")
        name = project.get("name") or poetry.get("name") or ""
        dynamic = self.dynamic(strings(project.get("dynamic")))
        own = [*self.standard(), *self.poetry(), *self.groups()]
        return Metadata(
            name=name if isinstance(name, str) else "",
            file=self.folder / _FILE,
            requirements=(*own, *(dynamic or ())),
            complete=bool(project or poetry) and dynamic is not None,
            entry_points=tuple(self.entry_points()),
            layout=from_pyproject(self.data),
        )

    def line(self, *keys: str) -> int:
        """The line of a key, or of the nearest table around it."""
        while keys and keys not in self.places:
            keys = keys[:-1]
        return self.places.get(keys, 1)

    def texts(self, where: str, *keys: str) -> Iterator[Requirement]:
        """The requirements in the list at `keys`."""
        start = self.line(*keys)
        for text in strings(table(self.data, *keys[:-1]).get(keys[-1]) or []):
            yield from parse(text, where, _FILE, line_of(self.lines, text, start))

    def names(self, where: str, *keys: str) -> Iterator[Requirement]:
        """The requirements that are the keys of a table, as Poetry has them."""
        for name in table(self.data, *keys):
            if name != "python":
                yield from parse(name, where, _FILE, self.line(*keys, name))

    def standard(self) -> Iterator[Requirement]:
        yield from self.texts("dependencies", "project", "dependencies")
        for extra in table(self.data, "project", "optional-dependencies"):
            yield from self.texts(f"extra {extra}", "project", "optional-dependencies", extra)

    def poetry(self) -> Iterator[Requirement]:
        yield from self.names("dependencies", "tool", "poetry", "dependencies")
        yield from self.names("group dev", "tool", "poetry", "dev-dependencies")
        for group in table(self.data, "tool", "poetry", "group"):
            yield from self.names(
                f"group {group}", "tool", "poetry", "group", group, "dependencies"
            )

    def groups(self) -> Iterator[Requirement]:
        for group in table(self.data, "dependency-groups"):
            yield from self.texts(f"group {group}", "dependency-groups", group)
        yield from self.texts("group dev", "tool", "uv", "dev-dependencies")
        for group in table(self.data, "tool", "pdm", "dev-dependencies"):
            yield from self.texts(f"group {group}", "tool", "pdm", "dev-dependencies", group)

    def dynamic(self, keys: Iterable[str]) -> list[Requirement] | None:
        """What setuptools reads from files, or Poetry from its own table; `None`: unknown."""
        own = ("tool", "setuptools", "dynamic")
        found: list[Requirement] = []
        for key in keys:
            poetry = table(self.data, "tool", "poetry", "dependencies")
            if key not in ("dependencies", "optional-dependencies") or poetry:
                continue
            given = table(self.data, *own, key)
            extras = {"dependencies": given} if key == "dependencies" else given
            if not given:
                return None
            for extra in extras:
                where = extra if key == "dependencies" else f"extra {extra}"
                files = strings(table(extras, extra).get("file"))
                rows = [self.file(file, where) for file in files]
                if not rows or None in rows:
                    return None
                found += [one for some in rows for one in some or ()]
        return found

    def file(self, file: str, where: str) -> list[Requirement] | None:
        try:
            rows = (self.folder / file).read_text("utf-8-sig").splitlines()
        except (OSError, ValueError):
            return None
        found: list[Requirement] = []
        for number, row in enumerate(rows, 1):
            found += parse(row.partition(" #")[0], where, file, number)
        return found

    def entry_points(self) -> Iterator[EntryPoint]:
        groups = [("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts")]
        for above in (("project", "entry-points"), ("tool", "poetry", "plugins")):
            groups += [(*above, group) for group in table(self.data, *above)]
        for group in groups:
            for name, target in table(self.data, *group).items():
                if isinstance(target, dict):  # Poetry's long form
                    target = target.get("reference") or target.get("callable")
                if isinstance(target, str):
                    yield EntryPoint(name, target, _FILE, self.line(*group, name))
