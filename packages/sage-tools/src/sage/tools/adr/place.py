"""Where a repository keeps its records, and the address of a record."""

import os
import re
from pathlib import Path

from sage.tools.adr.record import Record
from sage.tools.finding import CannotBegin

__all__ = ["USUAL_FOLDERS", "find_folder", "find_root", "link_to", "posted_address", "site_address"]

USUAL_FOLDERS = ("adr", "docs/adr", "docs/decisions", "doc/adr", "docs/architecture/decisions")


def find_root(start: Path) -> Path:
    """The repository that holds `start`: the nearest folder with `.git`, else with a
    `pyproject.toml`, upward; `start` itself where there is neither.
    """
    start = start.absolute()
    for mark in (".git", "pyproject.toml"):
        for folder in (start, *start.parents):
            if (folder / mark).exists():
                return folder
    return start


def find_folder(root: Path, configured: str | None = None) -> Path:
    """The folder of the records: the configured one, else the first usual one that exists.

    Raises:
        CannotBegin: There is none.
    """
    if configured is not None:
        return root / configured
    for name in USUAL_FOLDERS:
        if (root / name).is_dir():
            return root / name
    *first, last = USUAL_FOLDERS
    raise CannotBegin(
        f"{root}: has no folder {', '.join(first)} or {last}; name the folder of your records "
        "with --dir, or as adr-dir in [tool.sage-dev] of pyproject.toml"
    )


def site_address(root: Path) -> str:
    """The address of a record on the site that mkdocs.yml describes; empty where there is none."""
    try:
        text = (root / "mkdocs.yml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    match = re.search(r"^site_url:[ \t]*(?:!ENV[ \t]*\[?([A-Z_]+))?(.*)", text, re.M)
    if match is None:
        return ""
    written = os.environ.get(match[1] or "", match[2])
    url = re.search(r"https?://(?!127\.|localhost)[^\s\"'\]]+", written)
    return f"{url[0].rstrip('/')}/adr/{{number}}/" if url else ""


def posted_address(record: Record, pattern: str) -> str:
    """Where a record can be read by whoever reads a comment on a pull request.

    That is its address on the site, by `pattern`; else its file at the commit that the CI of
    GitHub or GitLab is looking at; else its path.
    """
    path = _address(record, "")
    known = os.environ
    if pattern and record.number is not None:
        return _address(record, pattern)
    if "GITHUB_REPOSITORY" in known and "GITHUB_SHA" in known:
        server = known.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{known['GITHUB_REPOSITORY']}/blob/{known['GITHUB_SHA']}/{path}"
    if "CI_PROJECT_URL" in known and "CI_COMMIT_SHA" in known:
        return f"{known['CI_PROJECT_URL']}/-/blob/{known['CI_COMMIT_SHA']}/{path}"
    return path


def link_to(record: Record, *, form: str, pattern: str = "") -> str:
    """What to paste in order to cite `record`, its title escaped for the form.

    Args:
        record: The record.
        form: `"md"`, `"rst"` or `"url"`.
        pattern: The address of a record with `{number}` in it. Where it is empty the record's path
            stands beside its title, for no link to a path works in a comment.
    """
    url = _address(record, pattern)
    linked = bool(pattern) and record.number is not None
    words = " ".join(f"{record.id}: {record.title}".split())
    if form == "url":
        return url
    if form == "rst":
        plain = re.sub(r"([\\`*_|<>])", r"\\\1", words)
        return f"`{plain} <{url}>`__" if linked else f"{plain} (``{record.path}``)"
    from html import escape

    plain = re.sub(r"([\\`*_\[\]])", r"\\\1", escape(words, quote=False))
    return f"[{plain}]({url})" if linked else f"{plain} (`{record.path}`)"


def _address(record: Record, pattern: str) -> str:
    if not pattern or record.number is None:
        from urllib.parse import quote

        return quote(record.path)
    number = f"{record.number:04d}"
    return pattern.replace("{number}", f"{record.log}/{number}" if record.log else number)
