"""What a distribution says about itself: name, dependencies, entry points, where its code lies."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sage.tools.layers.layout import Layout, from_pyproject, from_setup_cfg, strings, table

__all__ = ["Metadata", "Requirement", "normalise", "read_metadata"]

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


class Requirement(NamedTuple):
    """One dependency as declared.

    Attributes:
        name: The distribution's name, normalised.
        text: The requirement as written.
        where: Where it stands: `"dependencies"`, `"extra redis"`, `"group dev"`.
        line: Line in the metadata file, from 1.
    """

    name: str
    text: str
    where: str
    line: int


class Metadata(NamedTuple):
    """One distribution's own statement.

    Attributes:
        name: Its name as written; empty where it gives none.
        file: The file that was read, or `None` where there is none.
        requirements: Dependencies, extras and groups; `None` where they cannot be known.
        entry_points: Entry point, such as `sage-dev = "sage.tools.cli:main"`, → line.
        layout: Where it says that its modules lie.
    """

    name: str
    file: Path | None
    requirements: tuple[Requirement, ...] | None
    entry_points: Mapping[str, int] = MappingProxyType({})
    layout: Layout = Layout()

    def declares(self, name: str, *, groups: bool = False) -> bool:
        """Whether `name` is a dependency or in an extra; with `groups`, or in a group."""
        wanted = normalise(name)
        return any(
            one.name == wanted and (groups or not one.where.startswith("group"))
            for one in self.requirements or ()
        )


@cache
def normalise(name: str) -> str:
    """The one spelling of a distribution's name, as PEP 503 has it.

    >>> normalise("Ruamel.Yaml")
    'ruamel-yaml'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def read_metadata(folder: Path) -> Metadata | None:
    """The metadata of the distribution in `folder`, or `None` where it has no metadata file.

    Reads `pyproject.toml` (standard and Poetry tables) and, for what that leaves out, `setup.cfg`
    and `setup.py`, which is read and never run: what it computes is unknown, so that
    `requirements` may be `None`.

    Raises:
        ValueError: A metadata file is not readable; the text is one sentence.
    """
    project, config, setup = (folder / one for one in ("pyproject.toml", "setup.cfg", "setup.py"))
    found = _from_pyproject(project) if project.is_file() else None
    if _lacks(found) and config.is_file():
        found = _with_setup_cfg(found, config)
    if _lacks(found) and setup.is_file():
        found = _with_setup_py(found, setup)
    return found


def _lacks(found: Metadata | None) -> bool:
    return found is None or not found.name or found.requirements is None


def _from_pyproject(path: Path) -> Metadata:
    import tomllib  # only where there is one to read

    try:
        text = path.read_text("utf-8-sig")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from error
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    lines = text.splitlines()
    project, poetry = table(data, "project"), table(data, "tool", "poetry")
    name = project.get("name") or poetry.get("name") or ""
    return Metadata(
        name=name if isinstance(name, str) else "",
        file=path,
        requirements=_requirements(path, data, lines),
        entry_points=_entry_points(project, lines),
        layout=from_pyproject(data),
    )


def _requirements(
    path: Path, data: dict[str, object], lines: list[str]
) -> tuple[Requirement, ...] | None:
    project, poetry = table(data, "project"), table(data, "tool", "poetry")
    found: list[Requirement] = []
    for text in strings(project.get("dependencies")):
        found += _requirement(text, "dependencies", lines)
    for extra, texts in table(data, "project", "optional-dependencies").items():
        for text in strings(texts):
            found += _requirement(text, f"extra {extra}", lines)
    for group, texts in table(data, "dependency-groups").items():
        for text in strings(texts):
            found += _requirement(text, f"group {group}", lines)
    for name in table(poetry, "dependencies"):
        if name != "python":
            found += _requirement(name, "dependencies", lines)
    dynamic = strings(project.get("dynamic"))
    if "dependencies" in dynamic:
        texts = _dynamic(path.parent, data)
        if texts is None:
            return None
        for text in texts:
            found += _requirement(text, "dependencies", lines)
    return tuple(found) if project or poetry else None


def _dynamic(folder: Path, data: dict[str, object]) -> list[str] | None:
    """The requirement files that setuptools' dynamic table names; `None` where there are none."""
    files = strings(table(data, "tool", "setuptools", "dynamic", "dependencies").get("file"))
    texts: list[str] = []
    for file in files:
        try:
            texts += (folder / file).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return None
    return [text for text in texts if not text.lstrip().startswith(("#", "-"))] if files else None


def _requirement(text: str, where: str, lines: list[str]) -> list[Requirement]:
    match = _NAME.match(text)
    if not match:
        return []
    return [Requirement(normalise(match[1]), text.strip(), where, _line(lines, text))]


def _line(lines: list[str], text: str) -> int:
    quoted = (f'"{text}"', f"'{text}'")
    for number, line in enumerate(lines, 1):
        bare = line.split("#")[0]
        if any(word in bare for word in quoted) or bare.strip().startswith(
            (f"{text} ", f"{text}=")
        ):
            return number
    return 1


def _entry_points(project: dict[str, object], lines: list[str]) -> dict[str, int]:
    tables = [table(project, "scripts"), table(project, "gui-scripts")]
    tables += [
        group for group in table(project, "entry-points").values() if isinstance(group, dict)
    ]
    found: dict[str, int] = {}
    for rows in tables:
        for name, target in rows.items():
            if isinstance(target, str):
                found[f"{name} = {target}"] = _line(lines, target)
    return found


def _with_setup_cfg(found: Metadata | None, path: Path) -> Metadata:
    import configparser  # seldom needed

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        text = path.read_text("utf-8-sig")
        parser.read_string(text)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise ValueError(f"cannot be read: {error}") from error
    lines = text.splitlines()
    name = found.name if found else ""
    requires = parser.get("options", "install_requires", fallback=None)
    requirements = found.requirements if found else None
    if requires is not None and not requires.strip().startswith("file:"):
        rows: list[Requirement] = list(requirements or ())
        for row in requires.splitlines():
            rows += _requirement(row, "dependencies", lines)
        if parser.has_section("options.extras_require"):
            for extra, value in parser.items("options.extras_require"):
                for row in value.splitlines():
                    rows += _requirement(row, f"extra {extra}", lines)
        requirements = tuple(rows)
    own = from_setup_cfg(lambda section, key: parser.get(section, key, fallback=""))
    given = found.layout if found else Layout()
    return Metadata(
        name=name or parser.get("metadata", "name", fallback=""),
        file=found.file if found and found.name else path,
        requirements=requirements,
        entry_points=found.entry_points if found else {},
        layout=given if given.places or given.empty else own,
    )


def _with_setup_py(found: Metadata | None, path: Path) -> Metadata:
    from sage.tools.layers.setup_file import read_setup_py  # seldom needed

    setup = read_setup_py(path)
    lines = path.read_text("utf-8", "replace").splitlines()
    requirements = found.requirements if found else None
    if requirements is None and setup.requires is not None:
        requirements = tuple(
            one for text, where in setup.requires for one in _requirement(text, where, lines)
        )
    given = found.layout if found else Layout()
    return Metadata(
        name=(found and found.name) or setup.name or path.parent.resolve().name,
        file=found.file if found and found.name else path,
        requirements=requirements,
        entry_points=found.entry_points if found else {},
        layout=given if given.places or given.empty else setup.layout,
    )
