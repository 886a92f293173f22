"""The ways in which people write a record's status, each as one small function.

A dialect takes a file as read and says what it finds there, or `None` where the file is not
written so. To read one more dialect, write one more function and add it to `DIALECTS`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sage.tools.adr.days import read_date
from sage.tools.adr.front import FrontMatter
from sage.tools.adr.references import references, relations
from sage.tools.adr.source import Source
from sage.tools.adr.words import read_status

__all__ = ["DIALECTS", "Dialect", "Field", "Reading", "read_dialect", "section_lines"]


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value, as written, and its line, from 1."""

    value: str
    line: int
    form: str = "line"


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

_LABELS = {
    "status": {
        "status",
        "current status",
        "adr status",
        "decision status",
        "状态",
        "狀態",
        "當前狀態",
        "当前状态",
    },
    "date": {
        "date",
        "日期",
        "时间",
        *("last updated", "updated", "created", "creation date", "date created", "introduced"),
        *("decision date", "决策日期", "决策时间", "創建日期", "创建日期", "创建时间", "建立日期"),
        *("更新日期", "更新时间", "最后更新", "提案发起时间", "決策日期"),
    },
    "deciders": {
        *("deciders", "decider", "decision-makers", "decision makers", "authors", "author"),
        *("owner", "owners", "决策者", "决策人", "作者"),
    },
    "tags": {"tags", "tag", "labels", "标签"},
    "supersedes": {"supersedes", "supercedes", "replaces", "取代", "替代"},
    "superseded-by": {
        "superseded by",
        "superceded by",
        "replaced by",
        "superseded-by",
        "被取代",
        "取代者",
    },
}
_LABEL_OF = {word: label for label, words in _LABELS.items() for word in words}
_META_SECTIONS = {"metadata", "meta", "meta data", "information", "元数据", "属性", "基本信息"}
_FIELD = re.compile(
    r"[ \t>]*([*+-][ \t]+)?([*_]{0,3})([A-Za-z\u4e00-\u9fff][A-Za-z\u4e00-\u9fff -]{0,24}?)"
    r"([*_]{0,3})[ \t]*[:：][ \t]*([*_]{0,3})[ \t]*(.*)"
)
_CHECKED = re.compile(r"[*+-]\s+\[([ xX])\]\s*")
_FRONT_MADR4 = {"decision-makers", "consulted", "informed"}
_FRONT_JEKYLL = {"layout", "permalink", "nav-order", "parent", "slug", "description", "id"}


def read_dialect(source: Source) -> Reading:
    """What the first dialect that knows this file finds in it.

    Where none does, `dialect` is `"jekyll"` if the front matter is that of a page of a site, else
    `"unknown"`.
    """
    fields = dict(_fields(source))
    for dialect in DIALECTS:
        if reading := dialect(source):
            return _complete(reading, source, fields)
    name = "jekyll" if _FRONT_JEKYLL & source.front.keys() else "unknown"
    return _complete(Reading(name), source, fields)


def front_matter(source: Source) -> Reading | None:
    """MADR 3 and 4, and anything else that has `status` in its front matter."""
    status = source.front.get("status")
    if not isinstance(status, str) or not status:
        return None
    over, by = relations(status)
    if _FRONT_MADR4 & source.front.keys():
        dialect = "madr4" if "deciders" not in source.front else "madr3"
    elif "deciders" in source.front:
        dialect = "madr3"
    else:
        dialect = "jekyll" if _FRONT_JEKYLL & source.front.keys() else "madr4"
    return Reading(
        dialect, status, _front_line(source, "status"), supersedes=over, superseded_by=by
    )


def changelog(source: Source) -> Reading | None:
    """Cosmos: a `Changelog` of dated lines, whose last is the date, beside a `Status` section."""
    dated = [
        (line, text)
        for line, text in section_lines(source, {"changelog", "change log", "变更记录"})
        if read_date(text)
    ]
    reading = section(source)
    if not dated or reading is None:
        return None
    line, text = max(dated, key=lambda entry: (read_date(entry[1]), entry[0]))
    return replace(reading, dialect="cosmos", date=reading.date or text, date_line=line)


def section(source: Source) -> Reading | None:
    """Nygard and adr-tools: a `Status` section, in English or Chinese, with or without history."""
    lines = [
        (line, text)
        for line, text in section_lines(source, _LABELS["status"])
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
    elif re.search(r"^Date:\s", "\n".join(source.plain[:8]), re.M):
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
    for heading in source.headings[1:]:
        label, colon, value = heading.title.replace("：", ":").partition(":")
        if colon and value.strip() and heading.level <= 3 and _bare(label) in _LABELS["status"]:
            below = section_lines(source, {_bare(heading.title)})
            over, by = relations("\n".join((value, *(text for _, text in below))))
            value = value.strip()
            return Reading("heading", value, heading.line, supersedes=over, superseded_by=by)
    return None


def bullets(source: Source) -> Reading | None:
    """MADR 2 (`* Status: accepted`) and log4brains (`- Status: accepted`)."""
    field = dict(_fields(source)).get("status")
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

    Sections deeper than level 3 are no part of a record's head.
    """
    for place, heading in enumerate(source.headings):
        if heading.level <= 3 and _bare(heading.title) in titles:
            later = source.headings[place + 1 :]
            end = later[0].line - 1 if later else len(source.lines)
            return [
                (index + 1, source.plain[index])
                for index in range(heading.line, end)
                if source.plain[index].strip(" \t>*-_=|")
            ]
    return []


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
    return next((h.title for h in source.headings if _bare(h.title) in _LABELS["status"]), "")


def _labelled(source: Source, form: str, dialect: str) -> Reading | None:
    field = dict(_fields(source)).get("status")
    if field is None or field.form != form:
        return None
    over, by = relations(field.value)
    return Reading(dialect, field.value, field.line, supersedes=over, superseded_by=by)


def _fields(source: Source) -> Iterator[tuple[str, Field]]:
    """The labelled values at a record's head, last label first, so that the first one counts."""
    found: list[tuple[str, Field]] = []
    for start, end in _regions(source):
        previous: list[str] = []
        for index in range(start, end):
            line = source.plain[index]
            match = _FIELD.match(line) if ":" in line or "：" in line else None
            label = _LABEL_OF.get(match[3].strip().lower()) if match else None
            if match and label:
                form = match[1].strip() if match[1] else "line"
                found.append((label, Field(_unmark(match), index + 1, form)))
            elif "|" in line:
                found += _row(line, previous, index + 1)
                previous = previous if _is_rule(line) else _split(line)
    yield from reversed(found)


def _regions(source: Source) -> Iterator[tuple[int, int]]:
    """Where labelled values may stand: before the second heading, and in sections for them."""
    headings = source.headings
    first = headings[1].line - 1 if len(headings) > 1 else min(len(source.lines), source.body + 60)
    yield source.body, first
    for place, heading in enumerate(headings[1:], start=1):
        if _bare(heading.title) in _META_SECTIONS:
            end = headings[place + 1].line - 1 if place + 1 < len(headings) else len(source.lines)
            yield heading.line, end


def _unmark(match: re.Match[str]) -> str:
    value = match[6].strip()
    before, label_end, after = match[2], match[4], match[5]
    if after and (not before or label_end):
        # The marks belong to the value: `Status: **Accepted** on Monday`.
        return value[: -len(after)].strip() if value.endswith(after) else after + value
    marks = before if not label_end else ""
    return value[: -len(marks)].strip() if marks and value.endswith(marks) else value


def _row(line: str, header: list[str], number: int) -> list[tuple[str, Field]]:
    cells = _split(line)
    if _is_rule(line) or len(cells) < 2:
        return []
    if label := _LABEL_OF.get(_bare(cells[0])):
        if not (_LABEL_OF.get(_bare(cells[1])) or _bare(cells[1]) in ("value", "date", "author")):
            return [(label, Field(cells[1], number, "table"))]
        return []
    columns = [
        (_LABEL_OF.get(_bare(title)), cell) for title, cell in zip(header, cells, strict=False)
    ]
    if sum(label is not None for label, _ in columns) < 2:
        return []
    return [(label, Field(cell, number, "table")) for label, cell in columns if label and cell]


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _is_rule(line: str) -> bool:
    return not line.strip(" \t|:-")


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    text = re.sub(r"^[\d.)\s]+", "", re.sub(r"[*_`:：#]|[^\w\s.-]", "", text))
    return " ".join(text.lower().split())


def _front_line(source: Source, key: str) -> int:
    for index in range(1, source.body):
        name, colon, _ = source.lines[index].partition(":")
        if colon and name.strip().strip("\"'").lower().replace("_", "-") == key:
            return index + 1
    return 0


def _complete(reading: Reading, source: Source, fields: Mapping[str, Field]) -> Reading:
    """The reading, with what is written elsewhere in the file's head."""
    front = source.front
    day, line = reading.date, reading.date_line
    if key := next((key for key in _date_keys(front) if front[key]), ""):
        day, line = str(front[key]), _front_line(source, key)
    elif not day and (field := fields.get("date")):
        day, line = field.value, field.line
    elif not day and (dated := section_lines(source, {"date", "日期"})):
        line, day = dated[0]
    over = _ids(front.get("supersedes")) or _field_ids(fields, "supersedes")
    by = _ids(front.get("superseded-by")) or _field_ids(fields, "superseded-by")
    return replace(
        reading,
        date=day.strip(),
        date_line=line,
        supersedes=_merge(reading.supersedes, over),
        superseded_by=_merge(reading.superseded_by, by),
        tags=_words(front.get("tags")) or _field_words(fields, "tags"),
        deciders=_words(front.get("decision-makers"))
        or _words(front.get("deciders"))
        or _field_words(fields, "deciders"),
    )


def _date_keys(front: Mapping[str, FrontMatter]) -> list[str]:
    """The front matter's keys that hold a day, `date` first."""
    keys = [key for key, value in front.items() if isinstance(value, str)]
    named = [key for key in keys if _LABEL_OF.get(key.replace("-", " ")) == "date"]
    return sorted(named, key=lambda key: key != "date")


def _merge(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + two))


def _ids(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if not value:
        return ()
    items = (value,) if isinstance(value, str) else value
    return tuple(dict.fromkeys(name for item in items for name in references(item)))


def _field_ids(fields: Mapping[str, Field], label: str) -> tuple[str, ...]:
    if label not in fields:
        return ()
    value = fields[label].value
    if label == "supersedes":
        return relations(f"Supersedes {value}")[0]
    return relations(f"Superseded by {value}")[1]


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
    return _words(re.sub(r"<!--.*|`", "", value))
