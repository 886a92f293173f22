"""What states a version: a pin, a project, and how two statements compare."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

__all__ = [
    "Pin",
    "Project",
    "holds",
    "is_outside",
    "is_same",
    "required_tools",
    "requirements_of",
    "table_of",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class Pin:
    """One pin of a requirement file; `name` is canonical, `line` counts from 1."""

    name: str
    version: str
    path: str
    line: int
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """One pyproject.toml: name and version (empty where it gives none), and its text."""

    name: str
    version: str
    path: str
    folder: Path
    data: Mapping[str, object]
    lines: tuple[str, ...]

    def line(self, text: str) -> int:
        """The line on which `text` stands in quotes, or starts a key; 1 if nowhere."""
        for number, line in enumerate(self.lines, 1):
            if f'"{text}"' in line or f"'{text}'" in line or line.strip().startswith(f"{text} ="):
                return number
        return 1


def table_of(data: object, *keys: str) -> Mapping[str, object]:
    """The table at `keys`; an empty one where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def text_of(value: object) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def requirements_of(data: Mapping[str, object]) -> Iterator[str]:
    """Every requirement of a pyproject.toml: to build, to run, of extras and of groups."""
    lists: list[object] = [
        table_of(data, "build-system").get("requires"),
        table_of(data, "project").get("dependencies"),
        *table_of(data, "project", "optional-dependencies").values(),
        *table_of(data, "dependency-groups").values(),
    ]
    for rows in lists:
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, str):
                yield row


def required_tools(data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each tool whose own table says which version it must have, with a specifier.

    >>> list(required_tools({"tool": {"black": {"required-version": "24"}}}))
    [('black', '==24.*')]
    """
    for tool in table_of(data, "tool"):
        text = text_of(table_of(data, "tool", tool).get("required-version"))
        if text:
            yield tool, f"=={text}.*" if text[0].isdigit() else text


def is_outside(version: str, bound: SpecifierSet) -> bool:
    """Whether a version does not satisfy a bound; true of one that cannot be understood."""
    try:
        return not bound.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def is_same(first: str, second: str) -> bool:
    """Whether two versions are one; a local part, `+cu124`, may be left out.

    >>> is_same("2.0", "2.0.0")
    True
    """
    try:
        one, other = Version(first), Version(second)
    except InvalidVersion:
        return first == second
    return one == other or one.public == second


def holds(marker: str) -> bool:
    """Whether an environment marker is true here; so is one that cannot be understood."""
    try:
        parsed = Requirement(f"x ; {marker}").marker
    except InvalidRequirement:
        return True
    return parsed is None or parsed.evaluate()
