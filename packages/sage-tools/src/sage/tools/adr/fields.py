"""The labelled values at a record's head: `Status: Accepted`, in lines, bullets and tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sage.tools.adr.front import FrontMatter
from sage.tools.adr.source import Source
from sage.tools.adr.tongues import DATE_LABELS, STATUS_LABELS

__all__ = [
    "BEGUN",
    "LABELS",
    "LABEL_OF",
    "META_SECTIONS",
    "Field",
    "bare",
    "end_of_value",
    "front_key",
    "list_fields",
    "read_fields",
]

LABELS = {
    "status": {
        "status",
        "current status",
        "adr status",
        "decision status",
        "状态",
        "狀態",
        "當前狀態",
        "当前状态",
        *STATUS_LABELS,
    },
    "date": {
        "date",
        "日期",
        "时间",
        *("last updated", "updated", "created", "creation date", "date created", "introduced"),
        *("decision date", "决策日期", "决策时间", "創建日期", "创建日期", "创建时间", "建立日期"),
        *("更新日期", "更新时间", "最后更新", "提案发起时间", "決策日期"),
        *("since", "start date", "data"),
        *DATE_LABELS,
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
LABEL_OF = {word: label for label, words in LABELS.items() for word in words}
# Labels of the day on which a record was begun, which stays when its status changes.
BEGUN = {
    *("created", "creation date", "date created", "introduced", "start date", "提案发起时间"),
    *("创建日期", "创建时间", "創建日期", "建立日期", "作成日", "작성일"),
}
# Labels of a date, and of other things as well: `Since: v2`.
_DOUBTFUL = ("since", "data")
META_SECTIONS = {"metadata", "meta", "meta data", "information", "元数据", "属性", "基本信息"}
_SECOND = re.compile(
    r"(?<=\w)\s*[(（][^()（）]*[)）]\W*$|(?<=\w)\s+/\s.*$|(?<=[\u4e00-\u9fff])/.*$"
)
_LETTER = r"A-Za-z\u00c0-\u04ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
_FIELD = re.compile(
    rf"[ \t>]*([*+-][ \t]+)?([*_]{{0,3}})([{_LETTER}][{_LETTER} -]{{0,24}}?)"
    r"(?:[ \t]*[(（][^()（）:：]{1,20}[)）])?"
    r"([*_]{0,3})[ \t]*[:：][ \t]*([*_]{0,3})[ \t]*(.*)"
)


_NEXT = re.compile(
    r"[ \t]*(?:[|·•]|<br ?/?>)[ \t]*"
    rf"(?=[*_]{{0,3}}[{_LETTER}][{_LETTER} -]{{0,24}}[*_]{{0,3}}[:：])"
)


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value, as written, and its line, from 1."""

    value: str
    line: int
    form: str = "line"


def read_fields(source: Source) -> dict[str, Field]:
    """The labelled values at a record's head; of several with one label, the first."""
    return dict(reversed(list_fields(source)))


def front_key(front: Mapping[str, FrontMatter], label: str) -> str:
    """The key of front matter that says `label`, in whatever language; empty where none does.

    >>> front_key({"statut": "accepté"}, "status"), front_key({"date": "2025-01-02"}, "status")
    ('statut', '')
    """
    if label in front:
        return label
    return next((key for key in front if LABEL_OF.get(key.replace("-", " ")) == label), "")


def list_fields(source: Source) -> list[tuple[str, Field]]:
    """The labelled values at a record's head, in order."""
    found: list[tuple[str, Field]] = []
    for start, end in _regions(source):
        previous: list[str] = []
        for index in range(start, end):
            line = source.plain[index]
            labelled = list(_labelled(line, index + 1)) if ":" in line or "：" in line else []
            if labelled:
                found += labelled
            elif "|" in line:
                found += _row(line, previous, index + 1)
                previous = previous if _is_rule(line) else _split(line)
    return found


def _labelled(line: str, number: int) -> Iterator[tuple[str, Field]]:
    """The labelled values of one line: `Status: Accepted | Date: 2025-01-02` has two."""
    form = ""
    while match := _FIELD.match(line):
        line = line[match.start(6) :]
        end = end_of_value(line)
        value, line = line[:end], line[end:].lstrip(" |·•<br/>")
        form = form or (match[1].strip() if match[1] else "line")
        word = match[3].strip().lower()
        label = LABEL_OF.get(word)
        if label and (word not in _DOUBTFUL or value[:4].isdecimal()):
            yield label, Field(_unmark(match, value), number, form)


def end_of_value(text: str) -> int:
    """Where a labelled value ends because another begins on its line.

    >>> end_of_value("Accepted | **Date:** 2025-01-02"), end_of_value("a | b")
    (8, 5)
    """
    match = _NEXT.search(text)
    return match.start() if match else len(text)


def _regions(source: Source) -> Iterator[tuple[int, int]]:
    """Where labelled values may stand: before the second heading, and in sections for them."""
    headings = source.headings
    first = headings[1].line - 1 if len(headings) > 1 else min(len(source.lines), source.body + 60)
    yield source.body, first
    for place, heading in enumerate(headings[1:], start=1):
        if bare(heading.title) in META_SECTIONS:
            end = headings[place + 1].line - 1 if place + 1 < len(headings) else len(source.lines)
            yield heading.line, end


def _unmark(match: re.Match[str], value: str) -> str:
    value = value.strip()
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
    name = bare(cells[0])
    if (label := LABEL_OF.get(name)) and (name not in _DOUBTFUL or cells[1][:4].isdecimal()):
        if not (LABEL_OF.get(bare(cells[1])) or bare(cells[1]) in ("value", "date", "author")):
            return [(label, Field(cells[1], number, "table"))]
        return []
    columns = [
        (LABEL_OF.get(bare(title)), cell) for title, cell in zip(header, cells, strict=False)
    ]
    if sum(label is not None for label, _ in columns) < 2:
        return []
    return [(label, Field(cell, number, "table")) for label, cell in columns if label and cell]


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _is_rule(line: str) -> bool:
    return not line.strip(" \t|:-")


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """The words of a heading or label, in lower case, without marks and numbers.

    Of one in two languages the first: `状态 (Status)`, `Status / 状态`.
    """
    text = _SECOND.sub("", text)
    text = re.sub(r"^[\d.)\s]+", "", re.sub(r"[*_`:：#]|[^\w\s.-]", "", text))
    return " ".join(text.lower().split())
