"""`[tool.sage-dev]` of a repository's pyproject.toml."""

import tomllib
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sage.tools.finding import CannotBegin

__all__ = ["Settings", "load_settings"]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Settings(BaseModel):
    """What a repository sets for `sage-dev`; every key may be missing."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_kebab, populate_by_name=True
    )

    adr_dir: str | None = Field(None, description="Folder of the decision records")
    adr_logs: dict[str, str] = Field({}, description="Further logs: name to folder")
    adr_template: str | None = Field(None, description="File that `adr new` starts from")
    adr_sections: list[str] = Field(
        ["context", "decision", "consequences"], description="Sections that each record must have"
    )
    adr_cited_exclude: list[str] = Field(
        [], description="Globs of files whose citations are not checked"
    )
    adr_url: str | None = Field(
        None,
        description="Address of a record in messages and citations, with {number} in it; "
        "by default from site_url of mkdocs.yml",
    )
    snippets_paths: list[str] = Field([], description="What `sage-dev snippets` runs by default")
    snippets_programs: list[str] = Field(["snippets"], description="Folders of programs")
    snippets_sources: list[str] = Field(
        ["packages", "src"], description="Folders whose code pages may show without running it"
    )
    snippets_timeout: float = Field(60.0, gt=0, description="Seconds that a snippet may take")
    snippets_coverage: float | None = Field(
        None, ge=0, le=100, description="Percent of public names that examples must show"
    )
    snippets_self_check: bool = Field(False, description="Compare each page with its rendering")
    snippets_covered: list[str] = Field(
        [], description="Packages whose public names are judged; all of them when empty"
    )
    snippets_ci_has: list[str] = Field([], description="Requirements that CI always meets")
    snippets_doctest_options: list[str] = Field([], description="doctest flags that always hold")


def load_settings(root: Path) -> Settings:
    """The settings of the repository at `root`; the defaults where it has none.

    Raises:
        CannotBegin: `pyproject.toml` is not readable TOML, or a key is unknown or of a wrong type.
    """
    path = root / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8-sig")).get("tool", {}).get("sage-dev", {})
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CannotBegin(f"{path}: cannot be read as TOML: {error}") from error
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        raise CannotBegin(f"{path}: [tool.sage-dev] {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{key}: {first['msg']}"
    known = [_kebab(name) for name in Settings.model_fields]
    near = get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
    return f"has the unknown key {key}; {hint}"
