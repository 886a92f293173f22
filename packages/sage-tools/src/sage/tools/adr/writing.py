"""A record's status and its successions, written in the dialect that the record is in."""

# adr: off (the numbers here are examples)

import datetime
import os
import re
from dataclasses import dataclass

from sage.tools.adr.dialects import read_dialect
from sage.tools.adr.record import Record, Status
from sage.tools.adr.references import stem_of
from sage.tools.adr.source import Source, parse_source
from sage.tools.adr.text import Lines, append_to_front, set_front
from sage.tools.adr.words import read_status
from sage.tools.finding import CannotBegin

__all__ = ["write_date", "write_status", "write_superseded", "write_supersedes"]

_FRONT = ("madr4", "madr3", "jekyll")
_CHINESE: dict[str, str] = {
    "draft": "草案",
    "proposed": "提议",
    "accepted": "通过",
    "rejected": "否决",
    "deprecated": "已弃用",
    "superseded": "已取代",
}
_ENTRY = re.compile(r"([ \t>]*(?:[-*+][ \t]+)?)(\d{4}-\d{2}-\d{2})([^\w]+)")
_BUILT = re.compile(r"\s+(?:not |partially )?implemented\b.*", re.I)
_LABELLED = re.compile(
    r"([ \t>]*(?:[*+-][ \t]+)?(?:[*_]{1,3})?[^:：*_|]+(?:[*_]{1,3})?[ \t]*[:：]"
    r"(?:[*_]{1,3})?[ \t]*)(.*?)(\s*)"
)


@dataclass(frozen=True, slots=True)
class _Form:
    """How the record writes its head."""

    source: Source
    dialect: str
    line: int


def write_status(record: Record, text: str, status: Status, day: datetime.date) -> str:
    """The record's text with another status, everything else as it is.

    A date in front matter or a bullet follows when the record is accepted or rejected; a dated
    history gets one more entry.

    Raises:
        CannotBegin: The record states no status in a place that can be edited.
    """
    form = _form(record, text)
    text = _put_status(form, text, status, "", day)
    if status in ("accepted", "rejected"):
        text = write_date(record, text, day)
    return _checked(record, text, status)


def write_superseded(record: Record, text: str, successor: Record, day: datetime.date) -> str:
    """The text of a record that `successor` replaces, everything else as it is."""
    form = _form(record, text)
    link = _link(successor, record, form.dialect)
    text = _put_status(form, text, "superseded", link, day)
    return _checked(record, text, "superseded")


def write_supersedes(record: Record, text: str, old: Record) -> str:
    """The text of a record that replaces `old`, everything else as it is."""
    form = _form(record, text)
    if form.source.front or form.dialect in _FRONT:
        written = append_to_front(text, "supersedes", old.file.name, old.number)
    else:
        written = _put_supersedes(form, text, _link(old, record, form.dialect))
    source, _ = parse_source(written.removeprefix("\ufeff"), record.file, record.path)
    if old.id.rpartition("/")[2] not in read_dialect(source).supersedes:
        raise _by_hand(record, f"that it supersedes {old.id}")
    return written


def _form(record: Record, text: str) -> _Form:
    source, _ = parse_source(text.removeprefix("\ufeff"), record.file, record.path)
    reading = read_dialect(source)
    return _Form(source, reading.dialect, reading.status_line)


def _put_status(form: _Form, text: str, status: Status, link: str, day: datetime.date) -> str:
    if form.dialect in _FRONT or (not form.line and form.source.front):
        # ADR-0011: the successor names what it ends; other dialects' readers need both links.
        by = f"{status} by {link}" if link and form.dialect in ("madr3", "jekyll") else status
        return set_front(text, "status", by)
    if not form.line:
        raise CannotBegin("states no status; write one first, such as a section `## Status`")
    lines = Lines(text)
    old = lines.get(form.line)
    if form.dialect == "table":
        lines.replace(form.line, _table_row(form, old, _words(old, status, link)))
    elif form.dialect in ("madr2", "log4brains", "status-line", "heading"):
        lines.replace(form.line, _labelled(old, _words(old, status, link)))
    elif entry := _ENTRY.match(old):
        words = f"{entry[1]}{day.isoformat()}{entry[3]}{_words(old, status, link)}"
        lines.insert(_after_history(lines, form.line), words)
    else:
        prefix = re.match(r"[ \t>]*(?:[-*+][ \t]+)?", old)
        lead = prefix[0] if prefix else ""
        kept = _BUILT.search(old) if form.dialect == "cosmos" and not link else None
        lines.replace(form.line, lead + _words(old, status, link) + (kept[0] if kept else ""))
    return lines.text()


def _words(old: str, status: Status, link: str) -> str:
    """The status in the language and the case of the old one."""
    if re.search(r"[\u4e00-\u9fff]", old):
        return f"被 {link} 取代" if link else _CHINESE[status]
    first = re.search(r"[A-Za-z]{2,}", old.rpartition(":")[2])
    like = first[0] if first else ""
    word = status.upper() if like.isupper() else status if like.islower() else status.capitalize()
    return f"{word} by {link}" if link else word


def _labelled(line: str, words: str) -> str:
    match = _LABELLED.fullmatch(line)
    if match is None:
        raise CannotBegin("its status is not written so that it can be edited; edit it by hand")
    # `**Status: accepted**` is emphasised as a whole; the marks at its end stay.
    marks = (
        re.search(r"[*_]{1,3}$", match[2]) if re.match(r"[ \t]*[*_]{2}[^*_]+:[^*_]", line) else None
    )
    return match[1] + words + (marks[0] if marks else "") + match[3]


def _table_row(form: _Form, row: str, words: str) -> str:
    cells = row.split("|")
    words = words.replace("|", "\\|")
    status = [place for place, cell in enumerate(cells) if read_status(cell) != "unknown"]
    named = [place for place, cell in enumerate(cells) if cell.strip(" *_:`").lower() in _STATUS]
    if named:
        place = named[0] + 1
    elif len(status) == 1:
        place = status[0]
    else:
        raise CannotBegin("its table does not show which cell is the status; edit it by hand")
    old = cells[place]
    lead = old[: len(old) - len(old.lstrip())]
    trail = old[len(old.rstrip()) :]
    cells[place] = lead + words + trail
    return "|".join(cells)


_STATUS = ("status", "状态", "current status", "adr status")


def _after_history(lines: Lines, line: int) -> int:
    """The line before which the next entry of a dated history goes."""
    last = line
    while last < len(lines) and _ENTRY.match(lines.get(last + 1)):
        last += 1
    first = line
    while first > 1 and _ENTRY.match(lines.get(first - 1)):
        first -= 1
    newest_first = first < last and line == first
    return first if newest_first else last + 1


def write_date(record: Record, text: str, day: datetime.date) -> str:
    """The text with its date moved, where it has one in its front matter or in a bullet."""
    source, _ = parse_source(text.removeprefix("\ufeff"), record.file, record.path)
    if "date" in source.front:
        return set_front(text, "date", day.isoformat())
    reading = read_dialect(source)
    if reading.dialect in ("madr2", "log4brains") and reading.date_line:
        lines = Lines(text)
        line = lines.get(reading.date_line)
        lines.replace(reading.date_line, _labelled(line, day.isoformat()))
        return lines.text()
    return text


def _put_supersedes(form: _Form, text: str, link: str) -> str:
    lines = Lines(text)
    if not form.line:
        raise CannotBegin("states no status; write one first, such as a section `## Status`")
    old = lines.get(form.line)
    chinese = bool(re.search(r"[\u4e00-\u9fff]", old))
    if form.dialect == "table":
        lines.insert(form.line + 1, f"| {'取代' if chinese else 'Supersedes'} | {link} |")
    elif form.dialect in ("madr2", "log4brains", "status-line"):
        label = re.sub(r"(?i)status|状态", "取代" if chinese else "Supersedes", old, count=1)
        lines.insert(form.line + 1, _labelled(label, link))
    else:
        end = form.line
        while end < len(lines) and _ENTRY.match(lines.get(end + 1)):
            end += 1
        lines.insert(end + 1, "")
        lines.insert(end + 2, f"{'取代' if chinese else 'Supersedes'} {link}")
    return lines.text()


def _link(target: Record, source: Record, dialect: str) -> str:
    """A link from one record to another, labelled as its dialect labels links."""
    path = os.path.relpath(target.file, source.file.parent).replace(os.sep, "/")
    if dialect in ("nygard", "adr-tools", "chinese") and target.number is not None:
        title = re.sub(r"([\\\[\]])", r"\\\1", " ".join(target.title.split()))
        label = f"{target.number}. {title}"
    elif target.number is None:
        label = stem_of(target.file)
    else:
        label = f"ADR-{target.number:04d}"
    if dialect in ("madr3", "jekyll") and target.number is not None:
        return label
    return f"[{label}]({path})"


def _checked(record: Record, text: str, status: Status) -> str:
    """The text, once the reader has read the status back from it."""
    source, findings = parse_source(text.removeprefix("\ufeff"), record.file, record.path)
    if read_status(read_dialect(source).status) != status or findings:
        raise _by_hand(record, f"the status {status}")
    return text


def _by_hand(record: Record, what: str) -> CannotBegin:
    return CannotBegin(f"{record.path}: cannot be given {what} in its dialect; edit it by hand")
