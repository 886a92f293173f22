"""A record's file, read into lines, front matter and headings."""

import errno
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sage.tools.adr.codes import found
from sage.tools.adr.front import (
    FrontMatter,
    FrontMatterError,
    find_unopened,
    parse_front_matter,
)
from sage.tools.finding import Finding

__all__ = [
    "Heading",
    "Source",
    "Unreadable",
    "parse_source",
    "plain_lines",
    "read_source",
    "read_text",
    "split_lines",
]

MAX_BYTES = 2 * 1024 * 1024

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Heading(NamedTuple):
    """A heading's words, its level and its line, both from 1."""

    title: str
    level: int
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read, before anything is made of it.

    Attributes:
        path: The file, relative to the root, with `/` between its parts.
        file: The file itself.
        text: The whole file, without a byte order mark, line endings as they are.
        lines: The lines, without their endings.
        plain: The same lines, with comments and the insides of fences blanked.
        body: Index of the first line after the front matter.
        front: The front matter's keys, in lower case with `-`, and their values as written.
        headings: The headings, in order.
    """

    path: str
    file: Path
    text: str
    lines: tuple[str, ...]
    plain: tuple[str, ...]
    body: int
    front: Mapping[str, FrontMatter] = field(default_factory=lambda: MappingProxyType({}))
    headings: tuple[Heading, ...] = ()


def read_source(file: Path, path: str) -> tuple[Source | None, list[Finding]]:
    """The file, and what is wrong with it; never raises.

    `None` where nothing of it can be read.
    """
    try:
        text = read_text(file)
    except OSError as error:
        return None, [_unreadable(path, 0, _why_unreadable(file, error))]
    except Unreadable as error:
        return None, [_unreadable(path, error.line, str(error))]
    if not text.strip():
        message = "is empty; write the decision, or delete the file"
        return None, [found("empty-record", path, 0, message)]
    return parse_source(text, file, path)


def parse_source(text: str, file: Path, path: str) -> tuple[Source, list[Finding]]:
    """What `text` holds, and what is wrong with its front matter; never raises."""
    lines = split_lines(text)
    findings: list[Finding] = []
    front: Mapping[str, FrontMatter] = {}
    body = 0
    if lines[0].rstrip() == "---":
        try:
            front, body = parse_front_matter(lines)
        except FrontMatterError as error:
            body = error.body
            findings.append(found("bad-front-matter", path, error.line, str(error)))
    elif problem := find_unopened(lines):
        findings.append(found("bad-front-matter", path, 1, problem))
    plain = plain_lines(lines, body, text)
    headings = _headings(plain, body)
    return Source(path, file, text, tuple(lines), tuple(plain), body, front, headings), findings


def split_lines(text: str) -> list[str]:
    """The lines as editors count them, without their endings.

    >>> split_lines("one\\r\\ntwo\\u2028still two")
    ['one', 'two\\u2028still two']
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Unreadable(Exception):
    """A file that is no text to read; `line` is where, 0 for the whole file."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def _why_unreadable(file: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and file.is_symlink():
        target = str(file.readlink()).encode("utf-8", "replace").decode()
        return f"is a link to {target}, which is not there; correct it, or delete the link"
    if error.errno == errno.ELOOP:
        return "is a link that leads in a circle; correct it, or delete the link"
    reason = error.strerror or "it cannot be opened"
    return f"cannot be read: {reason}; repair it or move it away"


def _unreadable(path: str, line: int, message: str) -> Finding:
    return found("unreadable-record", path, line, message)


def read_text(file: Path) -> str:
    """The file as text, without a byte order mark.

    Raises:
        OSError: It cannot be opened.
        Unreadable: It is no regular file of UTF-8 text of a bearable size.
    """
    # O_NONBLOCK: a named pipe with a record's name must not block the reader for ever.
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise Unreadable("is not a regular file; move it out of the decision log")
        if facts.st_size > MAX_BYTES:
            size = facts.st_size / 1024 / 1024
            raise Unreadable(f"has {size:.1f} MiB; a record has at most 2 MiB")
        # As much as there is: room for the most that there may be costs more than reading.
        data = os.read(handle, facts.st_size + 1)
    finally:
        os.close(handle)
    return _decode(data)


def _decode(data: bytes) -> str:
    if data.startswith(_UTF16):
        raise Unreadable("is UTF-16 text; save it as UTF-8", 1)
    if b"\0" in data:
        raise Unreadable("is a binary file; a record is UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("is not UTF-8 text; save it as UTF-8", line) from None


def plain_lines(lines: Sequence[str], body: int, text: str) -> list[str]:
    """The lines that are prose: comments and fences are blank, so that nothing reads them."""
    plain = [*[""] * body, *lines[body:]]
    if "```" not in text and "~~~" not in text and "<!--" not in text:
        return plain
    fence, comment = "", False
    for index in range(body, len(plain)):
        line = plain[index]
        if comment:
            _, end, rest = line.partition("-->")
            comment = not end
            plain[index] = rest
        elif fence:
            closing = line.strip(" >")
            if closing.startswith(fence) and not closing.strip(fence[0]):
                fence = ""
            plain[index] = ""
        elif ("```" in line or "~~~" in line) and (opening := _FENCE.match(line)):
            fence = opening[1]
            plain[index] = ""
        elif "<!--" in line:
            plain[index], comment = _uncommented(line)
    return plain


def _uncommented(line: str) -> tuple[str, bool]:
    """The line without its comments, and whether the last of them goes on."""
    kept = []
    rest = line
    while True:
        before, start, rest = rest.partition("<!--")
        kept.append(before)
        if not start:
            return "".join(kept), False
        _, end, rest = rest.partition("-->")
        if not end:
            return "".join(kept), True


def _headings(plain: Sequence[str], body: int) -> tuple[Heading, ...]:
    headings = []
    for index, line in enumerate(plain):
        # Most lines are ruled out by their first character.
        if not line or (first := line[0]) not in "# =-":
            continue
        if first == "#" or (first == " " and line[:4].lstrip()[:1] == "#"):
            bare = line.lstrip()
            title = bare.lstrip("#")
            level = len(bare) - len(title)
            spaced = (
                not title or title[0] in " \t" or (level == 1 and _unspaced(plain, index, body))
            )
            if level < 7 and spaced and title.strip():
                headings.append(Heading(_without_closing(title), level, index + 1))
        elif first != " " and not line.strip("=- ") and _underlined(plain, index, body):
            headings.append(Heading(plain[index - 1].strip(), 1 if first == "=" else 2, index))
    return tuple(headings)


def _unspaced(plain: Sequence[str], index: int, body: int) -> bool:
    """Whether `#Title` without a space opens the text: a heading to many, tags in a row to none."""
    line = plain[index]
    return " " in line.strip() and line.count("#") == 1 and not any(plain[body:index])


def _without_closing(title: str) -> str:
    """The words of a heading, without the marks that may close it: `## Title ##`."""
    title = title.strip()
    if title[-1] != "#":
        return title
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else title


def _underlined(plain: Sequence[str], index: int, body: int) -> bool:
    """Whether the rule at `index` underlines a heading: one line of text with a gap before it."""
    if index <= body or len(plain[index].rstrip()) < 2:
        return False
    above = plain[index - 1].strip()
    lonely = index < body + 2 or not plain[index - 2].strip()
    return bool(above) and lonely and above[0] not in "#|-*>+"
