"""`zensical.toml`, read without Zensical, in the form of `mkdocs.yml`."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sage.tools.finding import CannotBegin
from sage.tools.snippets.mkdocs_yml import named

__all__ = ["read_zensical_toml"]

EXECUTES = "markdown_exec."


def read_zensical_toml(path: Path) -> dict[str, object]:
    """The settings of a site.

    Raises:
        CannotBegin: The file cannot be read as TOML.
    """
    try:
        project = tomllib.loads(path.read_text("utf-8-sig")).get("project")
    except (OSError, ValueError) as error:
        raise CannotBegin(f"{path}: cannot be read as TOML: {error}") from error
    table = dict(project) if isinstance(project, dict) else {}
    extensions = table.get("markdown_extensions")
    if not isinstance(extensions, dict):
        return table
    flat = dict(_flattened(extensions, ""))
    for options in flat.values():
        fences = options.get("custom_fences", [])
        own = [fence for fence in fences if not _executes(fence)]
        if len(own) < len(fences):
            table["plugins"] = ["markdown-exec"]  # where mkdocs.yml names it
        if fences:
            options["custom_fences"] = [_with_names(fence) for fence in own]
    return {**table, "markdown_extensions": flat}


def _flattened(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Extensions by their full names: `[pymdownx.details]` is a table in a table."""
    for key, value in table.items():
        options = value if isinstance(value, dict) else {}
        if options and all(isinstance(inner, dict) for inner in options.values()):
            yield from _flattened(options, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", dict(options)


def _executes(fence: dict[str, Any]) -> bool:
    return str(fence.get("format", "")).startswith(EXECUTES)


def _with_names(fence: dict[str, Any]) -> dict[str, Any]:
    """A custom fence, with what its names stand for in their place."""
    calls: dict[str, Any] = {
        key: named(str(fence[key])) for key in ("format", "validator") if key in fence
    }
    return {**fence, **calls}
