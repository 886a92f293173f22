"""What a page says of its snippets as a whole: in its front matter, or in comments.

A comment at the start of a line holds what the front matter would, and is as invisible:

    <!-- snippets:
      setup: |
        import random
      requires: [redis-server]
    -->
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sage.tools.finding import Finding
from sage.tools.snippets.requirements import UNDERSTOOD, unreadable
from sage.tools.snippets.text import read_seconds

__all__ = ["Front", "read_comments", "read_front"]

FRONT = re.compile(r"^-{3}[ \t]*\n(.*?\n)(?:\.{3}|-{3})[ \t]*\n", re.DOTALL)
COMMENT = re.compile(r"^<!--[ \t]*(snippets:.*?)-->", re.DOTALL | re.MULTILINE)
KEYS = ("files", "fixtures", "requires", "setup", "skip", "timeout")


@dataclass(frozen=True, slots=True)
class Front:
    """What stands before the text, under the key `snippets`.

    Attributes:
        body_line: Line on which the text starts, from 1.
        setup: Code that runs first and is not shown.
        setup_line: Line of the page on which that code starts.
        files: Files to copy into the folder that the page runs in, relative to the root.
        files_line: Line of the page that names them.
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
    files_line: int = 1
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
    body_line = text.count("\n", 0, match.end()) + 1
    part, findings = _read(match.group(1), 2, "the front matter", path)
    if findings:
        return Front(body_line, findings=findings)
    return _front(part, body_line, match.group(1), 2, "the front matter", path)


def read_comments(front: Front, text: str, path: str, fences: Iterable[tuple[int, int]]) -> Front:
    """`front`, and what the comments of `text` add to it.

    Args:
        front: What the front matter says.
        text: The page.
        path: Its name, for findings.
        fences: First and last lines of the page's fences: a comment in one is shown, not meant.
    """
    shown = list(fences)
    parts = [front]
    for match in COMMENT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if not any(first <= line <= last for first, last in shown):
            part, findings = _read(match.group(1), line, "the comment", path)
            read = _front(part, 1, match.group(1), line, "the comment", path)
            parts.append(Front(findings=findings) if findings else read)
    return _joined(parts) if len(parts) > 1 else front


def _joined(parts: Sequence[Front]) -> Front:
    """All that the parts say; what can be said only once is what was said last."""
    setups = [(part.setup_line, part.setup) for part in parts if part.setup]
    return replace(
        parts[0],
        setup=_lay_out(setups),
        setup_line=setups[0][0] if setups else 1,
        files=tuple(name for part in parts for name in part.files),
        files_line=next((part.files_line for part in parts if part.files), 1),
        fixtures=tuple(name for part in parts for name in part.fixtures),
        requires=tuple(name for part in parts for name in part.requires),
        skip=next((part.skip for part in reversed(parts) if part.skip), ""),
        timeout=next((p.timeout for p in reversed(parts) if p.timeout is not None), None),
        findings=tuple(finding for part in parts for finding in part.findings),
    )


def _lay_out(setups: Sequence[tuple[int, str]]) -> str:
    """Pieces of code in one, each on its lines of the page."""
    lines: list[str] = []
    for line, code in setups:
        lines += [""] * (line - setups[0][0] - len(lines))
        lines += code.rstrip("\n").split("\n")
    return "\n".join(lines)


def _read(text: str, line: int, where: str, path: str) -> tuple[object, tuple[Finding, ...]]:
    """What stands under `snippets` in YAML that starts on `line` of a page; or what is wrong."""
    import yaml  # here, because many pages have none

    try:
        table = _load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2026-13-01
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error) or "it is not YAML"
        message = f"{where} cannot be read: {reason}; correct the YAML"
        at = line + (mark.line if mark else 0)
        return None, (Finding(path, at, "broken-front-matter", message),)
    if not isinstance(table, dict):
        message = f"{where} is no table of keys; write `key: value` lines"
        return None, (Finding(path, max(line - 1, 1), "broken-front-matter", message),)
    return table.get("snippets"), ()


def _front(part: object, body_line: int, text: str, line: int, where: str, path: str) -> Front:
    if part is None:
        return Front(body_line)
    lines = text.split("\n")
    here = next((n for n, row in enumerate(lines, line) if row.startswith("snippets:")), line)
    unknown = sorted(set(part) - set(KEYS)) if isinstance(part, dict) else []
    if not isinstance(part, dict) or unknown:
        what = f"has the unknown key {unknown[0]}" if unknown else "is no table"
        message = f"`snippets:` in {where} {what}; known keys: {', '.join(KEYS)}"
        return Front(body_line, findings=(Finding(path, here, "broken-front-matter", message),))
    wrong = [(key, said) for key, value in part.items() if (said := _wrong(key, value))]
    if wrong:
        findings = [
            Finding(path, _key_line(lines, line, key), "broken-front-matter",
                    f"`{key}:` in {where} {said}")
            for key, said in wrong
        ]  # fmt: skip
        return Front(body_line, findings=tuple(findings))
    return Front(
        body_line=body_line,
        setup=part.get("setup") or "",
        setup_line=_setup_line(lines, line),
        files=_words(part.get("files")),
        files_line=_key_line(lines, line, "files"),
        fixtures=_words(part.get("fixtures")),
        requires=_words(part.get("requires")),
        skip=part.get("skip") or "",
        timeout=read_seconds(part.get("timeout")),
    )


def _wrong(key: str, value: object) -> str:
    """What is wrong with the value of one key; empty when nothing is."""
    if value is None:
        return ""
    if key == "timeout":
        return "" if read_seconds(value) else f"is {value!r}, no number of seconds above 0"
    if key == "setup":
        return "" if isinstance(value, str) else "is no text; write `setup: |` and code below it"
    if key == "skip":
        return "" if isinstance(value, str) else "needs a reason: write `skip: needs a GPU`"
    if not isinstance(value, str | list) or not all(isinstance(item, str) for item in value):
        return "is no list of names; write `[one, other]`"
    unknown = unreadable(_words(value)) if key == "requires" else []
    return f"names {unknown[0]}, which is not understood; {UNDERSTOOD}" if unknown else ""


def _key_line(lines: Sequence[str], line: int, key: str) -> int:
    """The line that a key stands on; that of `snippets:` where all is on one."""
    numbered = list(enumerate(lines, line))
    own = (n for n, row in numbered if row.lstrip().startswith(f"{key}:") and row[:1] == " ")
    whole = (n for n, row in numbered if row.startswith("snippets:"))
    return next(own, next(whole, line))


def _setup_line(lines: Sequence[str], line: int) -> int:
    """The line that the set-up's code starts on: below its key, unless it is all on that line."""
    for number, row in enumerate(lines, line):
        key, colon, rest = row.partition("setup:")
        if colon and not key.strip():
            return number + (1 if not rest.strip() or rest.strip()[0] in "|>" else 0)
    return line


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _load(text: str) -> object:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.safe_load(text)  # slower, and says better what is wrong and where
