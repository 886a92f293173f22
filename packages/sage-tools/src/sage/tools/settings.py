"""`[tool.sage-dev]` of a repository's pyproject.toml.

Every command reads it, most repositories have none, and pydantic takes longer to import than a
small command to run: so this one table is a dataclass that checks itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sage.tools.finding import CannotBegin

__all__ = ["Settings", "load_settings"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a key takes: in words, and as a check."""

    words: str
    takes: Callable[[Any], bool]


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TEXT = _Kind("a text", lambda value: isinstance(value, str))
TEXTS = _Kind("a list of texts", _are_texts)
TABLE = _Kind(
    "a table of texts",
    lambda value: isinstance(value, dict) and _are_texts(list(value.values())),
)
SWITCH = _Kind("true or false", lambda value: isinstance(value, bool))
SECONDS = _Kind(
    "seconds above 0, up to a day",
    lambda value: _is_number(value) and 0 < value <= 86_400,
)
GIGABYTES = _Kind("GiB above 0", lambda value: _is_number(value) and 0 < value < 1_000_000)
PERCENT = _Kind("a number from 0 to 100", lambda value: _is_number(value) and 0 <= value <= 100)


def _is(kind: _Kind, meaning: str) -> dict[str, object]:
    return {"kind": kind, "meaning": meaning}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a repository sets for `sage-dev`; every key may be missing.

    The metadata of each field holds its `meaning`, in words.
    """

    adr_dir: str | None = field(default=None, metadata=_is(TEXT, "Folder of the decision records"))
    adr_logs: dict[str, str] = field(
        default_factory=dict, metadata=_is(TABLE, "Further logs: name to folder")
    )
    adr_template: str | None = field(
        default=None, metadata=_is(TEXT, "File that `adr new` starts from")
    )
    adr_sections: list[str] = field(
        default_factory=lambda: ["context", "decision", "consequences"],
        metadata=_is(TEXTS, "Sections that each record must have"),
    )
    adr_cited_exclude: list[str] = field(
        default_factory=list,
        metadata=_is(TEXTS, "Globs of files whose citations are not checked"),
    )
    adr_url: str | None = field(
        default=None,
        metadata=_is(
            TEXT,
            "Address of a record in messages and citations, with {number} in it; "
            "by default from site_url of mkdocs.yml",
        ),
    )
    snippets_paths: list[str] = field(
        default_factory=list, metadata=_is(TEXTS, "What `sage-dev snippets` runs by default")
    )
    snippets_programs: list[str] = field(
        default_factory=lambda: ["snippets"], metadata=_is(TEXTS, "Folders of programs")
    )
    snippets_sources: list[str] = field(
        default_factory=lambda: ["packages", "src"],
        metadata=_is(TEXTS, "Folders whose code pages may show without running it"),
    )
    snippets_timeout: float = field(
        default=60.0, metadata=_is(SECONDS, "Seconds that a snippet may take")
    )
    snippets_memory: float | None = field(
        default=None,
        metadata=_is(
            GIGABYTES, "GiB that a process of a page may take; half of the machine's if not set"
        ),
    )
    snippets_coverage: float | None = field(
        default=None, metadata=_is(PERCENT, "Percent of public names that examples must show")
    )
    snippets_self_check: bool = field(
        default=False, metadata=_is(SWITCH, "Compare each page with its rendering")
    )
    snippets_covered: list[str] = field(
        default_factory=list,
        metadata=_is(TEXTS, "Packages whose public names are judged; all of them when empty"),
    )
    snippets_ci_has: list[str] = field(
        default_factory=list, metadata=_is(TEXTS, "Requirements that CI always meets")
    )
    snippets_doctest_options: list[str] = field(
        default_factory=list, metadata=_is(TEXTS, "doctest flags that always hold")
    )


def load_settings(root: Path) -> Settings:
    """The settings of the repository at `root`; the defaults where it has none.

    Raises:
        CannotBegin: `pyproject.toml` is not readable TOML, or a key is unknown or of a wrong type.
    """
    path = root / "pyproject.toml"
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except NotADirectoryError as error:
        raise CannotBegin(f"{root}: is no folder; name the repository's") from error
    except OSError as error:
        raise CannotBegin(f"{path}: cannot be read: {error.strerror}") from error
    if b"sage-dev" not in raw:  # most have no such table: theirs need not be parsed
        return Settings()
    import tomllib

    from sage.tools import toml_lines

    try:
        tool = tomllib.loads(raw.decode("utf-8-sig")).get("tool", {})
    except ValueError as error:
        line, reason = toml_lines.explain(error, raw)
        raise CannotBegin(f"{path}:{line}: cannot be read as TOML: {reason}") from error
    table = tool.get("sage-dev", {}) if isinstance(tool, dict) else {}
    found: Mapping[str, object] = table if isinstance(table, dict) else {}
    wrong = {key: said for key, value in found.items() if (said := _wrong(key, value))}
    if not isinstance(table, dict):
        wrong = {"": "is no table; write `key = value` lines"}
    for key, said in wrong.items():
        line = toml_lines.find(raw.decode("utf-8-sig"), "tool", "sage-dev", *filter(None, [key]))
        raise CannotBegin(f"{path}:{line}: [tool.sage-dev] {said}")
    return Settings(**_by_name(found))


def _by_name(table: Mapping[str, object]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in table.items()}


def _wrong(key: str, value: object) -> str:
    """What is wrong with one line of the table; empty when nothing is."""
    kinds = {each.name.replace("_", "-"): each.metadata["kind"] for each in fields(Settings)}
    kind = kinds.get(key)
    if kind is None:
        from difflib import get_close_matches

        near = get_close_matches(key, kinds, 1)
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(kinds)}"
        return f"has the unknown key {key}; {hint}"
    return "" if kind.takes(value) else f"{key}: expected {kind.words}, not {value!r}"
