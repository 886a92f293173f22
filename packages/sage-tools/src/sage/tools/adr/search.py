"""Finding records by their words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import Record

__all__ = ["Hit", "search"]

_ACCENT = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that holds every word asked for, and the line that shows it best.

    Attributes:
        record: The record.
        line: That line's number, from 1.
        text: That line, without the space around it.
        score: How well it fits; higher is better.
    """

    record: Record
    line: int
    text: str
    score: int


def search(log: DecisionLog, words: Sequence[str]) -> list[Hit]:
    """The records that hold every one of `words`, the best first.

    Neither case nor accents matter; a word also answers as part of a longer one. A word in the
    title counts ten times, in a tag five times, in a heading three times as much as in the text.
    """
    asked = _plain(" ".join(words)).split()
    if not asked:
        return []
    hits = [hit for record in log.records if (hit := _hit(record, asked))]
    return sorted(hits, key=lambda hit: (-hit.score, hit.record.path))


def _hit(record: Record, asked: Sequence[str]) -> Hit | None:
    body = _plain(record.text)
    facts = _plain(f"{record.id} {record.title} {' '.join(record.tags)} {record.status}")
    if not all(word in body or word in facts for word in asked):
        return None
    tags = _plain(" ".join(record.tags))
    headings = _plain(" ".join(section.title for section in record.sections[1:]))
    title = _plain(f"{record.id} {record.title}")
    score = sum(
        10 * (word in title) + 5 * (word in tags) + 3 * (word in headings) + (word in body)
        for word in asked
    )
    line, text = _best_line(record, asked)
    return Hit(record, line, text, score)


def _best_line(record: Record, asked: Sequence[str]) -> tuple[int, str]:
    lines = re.split(r"\r\n|\r|\n", record.text)
    start = record.body_line - 1
    best, most = start, 0
    for index in range(start, len(lines)):
        held = sum(word in _plain(lines[index]) for word in asked)
        # The title repeats what is printed beside it, so a line of the text shows more.
        if held > most or (held == most and most and lines[best].startswith("#")):
            best, most = index, held
    text = lines[best].strip() if most else record.title
    return best + 1, text[:200]


def _plain(text: str) -> str:
    """The text in lower case, without the accents on its letters."""
    text = text.casefold()
    return text if text.isascii() else _ACCENT.sub("", unicodedata.normalize("NFKD", text))
