"""The ways in which people write a record's status, each as one small function.

A dialect takes a file as read and says what it finds there, or `None` where the file is not
written so. To read one more dialect, write one more function and add it to `DIALECTS`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sage.tools.adr.days import read_date
from sage.tools.adr.fields import (
    BEGUN,
    LABEL_OF,
    LABELS,
    META_SECTIONS,
    Field,
    bare,
    front_key,
    list_fields,
    read_fields,
)
from sage.tools.adr.front import FrontMatter, line_of_key
from sage.tools.adr.references import LINK, references, relations
from sage.tools.adr.source import Source
from sage.tools.adr.words import read_status

__all__ = ["DIALECTS", "Dialect", "Reading", "read_dialect", "section_lines"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a dialect found, as written; empty text and line 0 where it found nothing."""

    dialect: str
    status: str = ""
    status_line: int = 0
    date: str = ""
    date_line: int = 0
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()


Dialect = Callable[[Source], Reading | None]

_DATED = re.compile(r"[*_]{0,2}Date[*_]{0,2}:")
_DATED_SECTIONS = LABELS["date"] - BEGUN - {"since", "data"}
_HEAD_LINES = 12
_DAY = re.compile(
    r"[*_(]*(?:date\s+)?\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|[*_(]*\d{1,2}(?:st|nd|rd|th)?(?: of)? [A-Z][a-z]{2,8},? \d{4}"
    r"|[*_(]*[A-Z][a-z]{2,8} \d{1,2}(?:st|nd|rd|th)?,? \d{4}",
    re.I,
)
_CHECKED = re.compile(r"[*+-]\s+\[([ xX])\]\s*")
_SUCCESSION = re.compile(r"[ \t]*[*+-]\s+[*_]{0,2}(?:supers|superc|replace|取代|被)", re.I)
_FRONT_MADR4 = {"decision-makers", "consulted", "informed"}
_FRONT_JEKYLL = {"layout", "permalink", "nav-order", "parent", "slug", "description", "id"}


def read_dialect(source: Source) -> Reading:
    """What the first dialect that knows this file finds in it.

    Where none does, `dialect` is `"jekyll"` if the front matter is that of a page of a site, else
    `"unknown"`.
    """
    for dialect in DIALECTS:
        if reading := dialect(source):
            return _complete(reading, source)
    name = "jekyll" if _FRONT_JEKYLL & source.front.keys() else "unknown"
    return _complete(Reading(name), source)


def front_matter(source: Source) -> Reading | None:
    """MADR 3 and 4, and anything else that has `status` in its front matter."""
    key = front_key(source.front, "status")
    status = source.front.get(key)
    if not isinstance(status, str) or not status:
        return None
    over, by = relations(status)
    if _FRONT_MADR4 & source.front.keys():
        dialect = "madr4" if "deciders" not in source.front else "madr3"
    elif "deciders" in source.front:
        dialect = "madr3"
    else:
        dialect = "jekyll" if _FRONT_JEKYLL & source.front.keys() else "madr4"
    line = line_of_key(source.lines[: source.body], key)
    return Reading(dialect, status, line, supersedes=over, superseded_by=by)


def changelog(source: Source) -> Reading | None:
    """Cosmos: a `Changelog` of dated lines, whose last is the date, and mostly a `Status`."""
    dated = [
        (line, text)
        for line, text in section_lines(source, {"changelog", "change log", "变更记录"})
        if read_date(text)
    ]
    if not dated:
        return None
    reading = section(source) or titled(source) or Reading("cosmos")
    line, text = max(dated, key=lambda entry: (read_date(entry[1]), entry[0]))
    return replace(reading, dialect="cosmos", date=reading.date or text, date_line=line)


def section(source: Source) -> Reading | None:
    """Nygard and adr-tools: a `Status` section, in English or Chinese, with or without history."""
    lines = [
        (line, text)
        for line, text in _unwrapped(section_lines(source, LABELS["status"]))
        if not (checked := _CHECKED.match(text.strip())) or checked[1] != " "
    ]
    if not lines:
        return None
    line, status, day = _current(lines)
    everything = " \n".join(text for _, text in lines)
    over, by = relations(everything)
    dialect = "nygard"
    if re.search(r"[\u4e00-\u9fff]", _status_heading(source)):
        dialect = "chinese"
    elif any(map(_DATED.match, source.plain[source.body : source.body + 8])):
        dialect = "adr-tools"
    return Reading(
        dialect,
        status,
        line,
        date=day,
        date_line=line if day else 0,
        supersedes=over,
        superseded_by=by,
    )


def titled(source: Source) -> Reading | None:
    """A heading that says it all: `## Status: Accepted`, `## 状态：已接受`."""
    for place, heading in enumerate(source.headings[1:], start=1):
        label, colon, value = heading.title.replace("：", ":").partition(":")
        named = colon and value.strip() and bare(label) in LABELS["status"]
        if named and _at_top(source, place):
            below = section_lines(source, {bare(heading.title)})
            over, by = relations("\n".join((value, *(text for _, text in below))))
            value = value.strip()
            return Reading("heading", value, heading.line, supersedes=over, superseded_by=by)
    return None


def bullets(source: Source) -> Reading | None:
    """MADR 2 (`* Status: accepted`) and log4brains (`- Status: accepted`)."""
    field = read_fields(source).get("status")
    if field is None or field.form not in ("*", "-", "+"):
        return None
    over, by = relations(field.value)
    dialect = "log4brains" if field.form == "-" else "madr2"
    return Reading(dialect, field.value, field.line, supersedes=over, superseded_by=by)


def table(source: Source) -> Reading | None:
    """A table of facts: `| Status | Implemented |`, in rows or in columns."""
    return _labelled(source, "table", "table")


def status_line(source: Source) -> Reading | None:
    """A line of its own: `Status: Accepted`, `**Status**: ✅ Accepted`, `状态：通过`."""
    return _labelled(source, "line", "status-line")


# What stands at the head of a file counts before a section further down.
DIALECTS: tuple[Dialect, ...] = (
    front_matter,
    table,
    bullets,
    status_line,
    changelog,
    section,
    titled,
)


def section_lines(source: Source, titles: set[str]) -> list[tuple[int, str]]:
    """Lines that say something, each with its number, of the first section so titled.

    One within another section is no part of a record's head: it is the status of something else.
    """
    for place, heading in enumerate(source.headings):
        if bare(heading.title) in titles and _at_top(source, place):
            later = source.headings[place + 1 :]
            end = later[0].line - 1 if later else len(source.lines)
            return [
                (index + 1, source.plain[index])
                for index in range(heading.line, end)
                if source.plain[index].strip(" \t>*-_=|")
            ]
    return []


def _at_top(source: Source, place: int) -> bool:
    """Whether a heading is one of the record's own, and of no section: none stands over it.

    In a section for such things, and beside a decision of the same level, it is the record's.
    """
    level = source.headings[place].level
    above = [each for each in source.headings[:place] if each.level < level]
    owner = above[-1] if above else source.headings[0]
    if level > 3 or owner.level == 1 or owner.line == source.headings[0].line:
        return level <= 3
    beside = {bare(each.title) for each in source.headings if each.level == level}
    return bare(owner.title) in META_SECTIONS or "decision" in beside


def _unwrapped(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines; one whose brackets are open at its end with those that close them."""
    whole: list[tuple[int, str]] = []
    last = 0
    for line, text in lines:
        if whole and line == last + 1 and any(map(partial(_opens, whole[-1][1]), ("()", "[]"))):
            whole[-1] = (whole[-1][0], f"{whole[-1][1].rstrip()} {text.strip()}")
        else:
            whole.append((line, text))
        last = line
    return whole


def _opens(text: str, pair: str) -> bool:
    return text.count(pair[0]) > text.count(pair[1])


def _current(lines: list[tuple[int, str]]) -> tuple[int, str, str]:
    """The line that counts: the newest of a dated history, else the last word on the matter."""
    dated = [
        (day, line, text) for line, text in lines if (day := read_date(text)) and _is_entry(text)
    ]
    if len(dated) > 1:
        _, line, text = max(dated)
        return line, _cells(text), text
    first = next((entry for entry in lines if not _only_relates(entry[1])), lines[0])
    for line, text in lines:
        if line != first[0] and len(text) < 300 and read_status(text) == "superseded":
            return line, text.strip(), ""
    line, text = first
    rivals = {read_status(other) for number, other in lines if number != line and len(other) < 60}
    own = read_status(text)
    if rivals - {"unknown", own}:
        text = " / ".join(other.strip() for _, other in lines)
    dates = next((other for _, other in lines if read_date(other) and len(other) < 120), "")
    return line, _cells(text), dates


def _is_entry(text: str) -> bool:
    """Whether a line starts with its date or its status: an entry of a history, not prose."""
    plain = text.strip(" \t>*-+|_[]")
    return plain[:4].isdecimal() or read_status(plain) != "unknown"


def _only_relates(text: str) -> bool:
    over, by = relations(text)
    return bool(over) and not by and read_status(text) == "unknown"


def _cells(text: str) -> str:
    text = _CHECKED.sub("", text.strip())
    return re.sub(r"^[*+>-]\s+", "", text).strip("|").strip()


def _status_heading(source: Source) -> str:
    return next((h.title for h in source.headings if bare(h.title) in LABELS["status"]), "")


def _labelled(source: Source, form: str, dialect: str) -> Reading | None:
    field = read_fields(source).get("status")
    if field is None or field.form != form:
        return None
    over, by = relations(field.value)
    return Reading(dialect, field.value, field.line, supersedes=over, superseded_by=by)


def _complete(reading: Reading, source: Source) -> Reading:
    """The reading, with what is written elsewhere in the file's head."""
    front, written = source.front, list_fields(source)
    fields = dict(reversed(written))
    day, line = reading.date, reading.date_line
    if key := next((key for key in _date_keys(front) if front[key]), ""):
        day, line = str(front[key]), line_of_key(source.lines[: source.body], key)
    elif not day and (field := fields.get("date")):
        day, line = field.value, field.line
    elif not day and (
        dated := section_lines(source, _DATED_SECTIONS) or section_lines(source, BEGUN)
    ):
        line, day = dated[0]
    elif not day:
        line, day = _bare_day(source)
    over = _ids(front.get("supersedes")) or _field_ids(written, "supersedes")
    by = _ids(front.get("superseded-by")) or _field_ids(written, "superseded-by")
    linked_over, linked_by = _linked(source)
    return replace(
        reading,
        date=day.strip(),
        date_line=line,
        supersedes=_merge(reading.supersedes, over + linked_over),
        superseded_by=_merge(reading.superseded_by, by + linked_by),
        tags=_words(front.get("tags")) or _field_words(fields, "tags"),
        deciders=_words(front.get("decision-makers"))
        or _words(front.get("deciders"))
        or _field_words(fields, "deciders"),
    )


def _linked(source: Source) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a section `Links` says of successions, as log4brains and MADR 2 have it."""
    over: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    for _, text in section_lines(source, {"links"}):
        if _SUCCESSION.match(text):
            more_over, more_by = relations(text)
            over, by = over + more_over, by + more_by
    return over, by


def _bare_day(source: Source) -> tuple[int, str]:
    """A line of the head that is a day and nothing else, and its number."""
    ahead = [heading.line for heading in source.headings[1:2]]
    end = ahead[0] - 1 if ahead else source.body
    for index in range(source.body, min(end, source.body + _HEAD_LINES)):
        line = source.plain[index].strip()
        if line and line[-1].isdecimal() and len(line) < 30 and _DAY.fullmatch(line):
            return index + 1, line
    return 0, ""


def _date_keys(front: Mapping[str, FrontMatter]) -> list[str]:
    """The front matter's keys that hold a day; `date` alone where it is there."""
    if isinstance(front.get("date"), str) and front["date"]:
        return ["date"]
    keys = [key for key, value in front.items() if isinstance(value, str) and value[:4].isdecimal()]
    return [key for key in keys if LABEL_OF.get(key.replace("-", " ")) == "date"]


def _merge(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + two))


def _ids(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if not value:
        return ()
    items = (value,) if isinstance(value, str) else value
    return tuple(dict.fromkeys(name for item in items for name in references(item)))


def _field_ids(written: Sequence[tuple[str, Field]], label: str) -> tuple[str, ...]:
    """The ids in every value so labelled."""
    said = "Supersedes" if label == "supersedes" else "Superseded by"
    values = "\n".join(f"{said} {field.value}" for name, field in written if name == label)
    over, by = relations(values)
    return over or by


def _words(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if not value:
        return ()
    if isinstance(value, tuple):
        return tuple(item.strip() for item in value if item.strip())
    return tuple(part.strip() for part in re.split(r"[,，、;]", value) if part.strip())


def _field_words(fields: Mapping[str, Field], label: str) -> tuple[str, ...]:
    if label not in fields:
        return ()
    value = re.sub(r"^\[(.*)\]$", r"\1", fields[label].value)
    return _words(re.sub(r"<!--.*|`", "", LINK.sub(r"\1", value)))
