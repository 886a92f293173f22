"""One architecture decision record, parsed."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

__all__ = ["PAST_SECTIONS", "SECTIONS", "Record", "Section", "Status"]

# Sections that a record must have, where a repository does not set others.
SECTIONS = ("context", "decision", "consequences")

# Sections so titled speak of the past: what they name need not exist, or hold, any more.
PAST_SECTIONS = ("provenance", "history", "出处", "历史")

Status = Literal["draft", "proposed", "accepted", "rejected", "deprecated", "superseded", "unknown"]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the record and the text under it, up to the next heading of its level.

    Attributes:
        title: The heading's words, without its marks.
        level: 1 for `#`, 2 for `##`, and so on.
        line: The heading's line in the file, from 1.
        text: What stands under it, as written.
    """

    title: str
    level: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One decision as its file states it, normalised, with the text as written beside it.

    Attributes:
        id: `"ADR-0002"`; the file's stem where there is no number.
        number: The number from the file name or the title; `None` where there is none.
        title: The title without its number; may hold any character: escape it where it is shown.
        status: The normalised status; `"unknown"` where the text says nothing we can be sure of.
        status_text: The status as written; empty where there is none.
        date: The date of the status, or `None`.
        path: The file, relative to the root, with `/` between its parts.
        file: The file itself.
        dialect: Name of the dialect it was read as, such as `"madr4"`.
        supersedes: Ids of the records that this one replaces.
        superseded_by: Ids of the records that replace this one.
        tags: Tags, in the order written.
        layers: Layers the decision speaks of, such as `("L2",)`.
        deciders: Who decided.
        governs: Glob patterns of the files that the decision rules.
        review_by: The day by which it must be looked at again, or `None`.
        log: Name of the log in a repository with several; empty for the main one.
        text: The whole file as read, without a byte order mark.
        body_line: Line on which the text after the front matter starts, from 1.
        status_line: Line on which the status stands, from 1; 0 where there is none.
        sections: The record's sections, in order.
        plain: The text's lines, comments and the insides of fences blanked.
    """

    id: str
    number: int | None
    title: str
    status: Status
    status_text: str
    date: datetime.date | None
    path: str
    file: Path
    dialect: str
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()
    governs: tuple[str, ...] = ()
    review_by: datetime.date | None = None
    log: str = ""
    text: str = ""
    body_line: int = 1
    status_line: int = 0
    sections: tuple[Section, ...] = ()
    plain: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.id} {self.title}"
