"""A page's front matter, as far as it speaks of snippets."""

import re
from dataclasses import dataclass

from sage.tools.finding import Finding

__all__ = ["Front", "read_front"]

FRONT = re.compile(r"^-{3}[ \t]*\n(.*?\n)(?:\.{3}|-{3})[ \t]*\n", re.DOTALL)
KEYS = ("files", "fixtures", "requires", "setup", "skip", "timeout")


@dataclass(frozen=True, slots=True)
class Front:
    """What stands before the text, under the key `snippets`.

    Attributes:
        body_line: Line on which the text starts, from 1.
        setup: Code that runs first and is not shown.
        setup_line: Line of the page on which that code starts.
        files: Files to copy into the folder that the page runs in, relative to the root.
        fixtures: Names of pytest fixtures that the page's snippets use.
        requires: What every snippet of the page needs.
        skip: Why no snippet of the page runs; empty when they do.
        timeout: Seconds that each snippet may take; `None` for the setting's.
        findings: What is wrong with it.
    """

    body_line: int = 1
    setup: str = ""
    setup_line: int = 1
    files: tuple[str, ...] = ()
    fixtures: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    skip: str = ""
    timeout: float | None = None
    findings: tuple[Finding, ...] = ()


def read_front(text: str, path: str) -> Front:
    """The front matter of `text`, which was read from `path`; broken YAML is a finding."""
    match = FRONT.match(text)
    if not match:
        return Front()
    import yaml  # here, because many pages have no front matter

    body_line = text.count("\n", 0, match.end()) + 1
    try:
        table = _load(match.group(1))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2026-13-01
        mark = getattr(error, "problem_mark", None)
        line = (mark.line if mark else 0) + 2
        reason = getattr(error, "problem", None) or "it is not YAML"
        message = f"the front matter cannot be read: {reason}; correct the YAML"
        return Front(body_line, findings=(Finding(path, line, "broken-front-matter", message),))
    if not isinstance(table, dict):
        message = "the front matter is no table of keys; write `key: value` lines"
        return Front(body_line, findings=(Finding(path, 1, "broken-front-matter", message),))
    part = table.get("snippets")
    return _front(part, body_line, match.group(1), path) if part is not None else Front(body_line)


def _front(part: object, body_line: int, text: str, path: str) -> Front:
    lines = text.split("\n")
    here = next((n for n, line in enumerate(lines, 2) if line.startswith("snippets:")), 1)
    unknown = sorted(set(part) - set(KEYS)) if isinstance(part, dict) else []
    if not isinstance(part, dict) or unknown:
        what = f"has the unknown key {unknown[0]}" if unknown else "is no table"
        message = f"`snippets:` in the front matter {what}; known keys: {', '.join(KEYS)}"
        return Front(body_line, findings=(Finding(path, here, "broken-front-matter", message),))
    setup = next((n for n, line in enumerate(lines, 2) if line.strip().startswith("setup:")), 0)
    timeout = part.get("timeout")
    return Front(
        body_line=body_line,
        setup=str(part.get("setup") or ""),
        setup_line=setup + 1,
        files=_words(part.get("files")),
        fixtures=_words(part.get("fixtures")),
        requires=_words(part.get("requires")),
        skip=str(part.get("skip") or ""),
        timeout=float(timeout) if isinstance(timeout, int | float) else None,
    )


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _load(text: str) -> object:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.safe_load(text)  # slower, and says better what is wrong and where
