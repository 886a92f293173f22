"""What a distribution says about itself: name, dependencies, entry points, where its code lies."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sage.tools.layers.layout import Layout

__all__ = [
    "BrokenMetadata",
    "EntryPoint",
    "Metadata",
    "Requirement",
    "line_of",
    "normalise",
    "parse",
    "read_metadata",
]

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?")


class BrokenMetadata(Exception):
    """A metadata file cannot be read: which one, on which line (0 for all of it), and why."""

    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(f"{file}:{line}: {why}")
        self.file, self.line, self.why = file, line, why


class Requirement(NamedTuple):
    """One dependency as declared.

    Attributes:
        name: The distribution's name, normalised.
        text: The requirement as written.
        where: Where it stands: `"dependencies"`, `"extra redis"`, `"group dev"`.
        file: The file, relative to the distribution's folder.
        line: Line in it, from 1.
        extras: What it asks for besides, such as `pool` of `psycopg[pool]`.
    """

    name: str
    text: str
    where: str
    file: str
    line: int
    extras: tuple[str, ...] = ()

    @property
    def shipped(self) -> bool:
        """Whether whoever installs the distribution can have it; a group is for its developers."""
        return not self.where.startswith("group")

    @property
    def names(self) -> tuple[str, ...]:
        """The distributions that it may bring: its own, and those that its extras are named for."""
        return (self.name, *(f"{self.name}-{extra}" for extra in self.extras))


class EntryPoint(NamedTuple):
    """One entry point, such as `sage-dev = "sage.tools.cli:main"`, with file and line."""

    name: str
    target: str
    file: str
    line: int

    @property
    def module(self) -> str:
        """The module that it leads into."""
        return re.split(r"[:\[]", self.target)[0].strip()


class Metadata(NamedTuple):
    """A distribution's own statement, or what one of its files contributes.

    Attributes:
        name: Its name as written; empty where it gives none.
        file: The file that gives the name, or `None` where there is none.
        requirements: Dependencies, extras and groups, as far as they are written out.
        complete: Whether these are all; what a program computes is unknown.
        entry_points: Scripts and all other entry points that are written out.
        layout: Where it says that its modules lie.
    """

    name: str = ""
    file: Path | None = None
    requirements: tuple[Requirement, ...] = ()
    complete: bool = False
    entry_points: tuple[EntryPoint, ...] = ()
    layout: Layout = Layout()

    def declares(self, name: str) -> bool:
        """Whether `name` is a dependency or in an extra."""
        wanted = normalise(name)
        return any(one.name == wanted and one.shipped for one in self.requirements)


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
    and `setup.py`, which is read and never run.

    Raises:
        BrokenMetadata: A metadata file is not readable.
    """
    project, config, setup = (folder / one for one in ("pyproject.toml", "setup.cfg", "setup.py"))
    found: Metadata | None = None
    if project.is_file():
        from sage.tools.layers.pyproject_file import read_pyproject

        found = read_pyproject(project)
    if _lacks(found) and config.is_file():
        from sage.tools.layers.setup_file import read_setup_cfg

        found = _joined(found, read_setup_cfg(config))
    if _lacks(found) and setup.is_file():
        from sage.tools.layers.setup_file import read_setup_py

        found = _joined(found, read_setup_py(setup))
        if not found.name:
            found = found._replace(name=folder.resolve().name)
    return found


def parse(text: str, where: str, file: str, line: int) -> list[Requirement]:
    """The requirement that a text states; none where it is no requirement.

    >>> parse("psycopg[pool] >= 3", "dependencies", "pyproject.toml", 7)[0].names
    ('psycopg', 'psycopg-pool')
    """
    match = _NAME.match(text)
    if not match:
        return []
    extras = tuple(one.strip() for one in (match[2] or "").split(",") if one.strip())
    return [Requirement(normalise(match[1]), text.strip(), where, file, line, extras)]


def line_of(lines: list[str], text: str, start: int = 1) -> int:
    """The first line from `start` on that holds `text` alone or in quotes; else `start`."""
    quoted = (f'"{text}"', f"'{text}'")
    for number, line in enumerate(lines[start - 1 :], start):
        bare = line.partition(" #")[0]
        if bare.strip() == text or any(word in bare for word in quoted):
            return number
    return start


def _lacks(found: Metadata | None) -> bool:
    return found is None or not found.name or not found.complete


def _joined(first: Metadata | None, second: Metadata) -> Metadata:
    """What two files of one distribution say together; the first has the word."""
    if first is None:
        return second
    return Metadata(
        name=first.name or second.name,
        file=first.file if first.name else second.file,
        requirements=first.requirements + (() if first.complete else second.requirements),
        complete=first.complete or second.complete,
        entry_points=first.entry_points + second.entry_points,
        layout=first.layout if first.layout.places or first.layout.empty else second.layout,
    )
