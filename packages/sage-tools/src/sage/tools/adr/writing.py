"""A record's status and its successions, written in the dialect that the record is in."""

# adr: off (the numbers here are examples)

import datetime
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sage.tools.adr.days import read_date
from sage.tools.adr.dialects import read_dialect
from sage.tools.adr.fields import BEGUN, LABEL_OF, bare, end_of_value, front_key, read_fields
from sage.tools.adr.record import Record, Status
from sage.tools.adr.references import LINK, relations, stem_of
from sage.tools.adr.source import Source, parse_source
from sage.tools.adr.text import Lines, append_to_front, set_front
from sage.tools.adr.tongues import CHINESE, STATUS_LABELS, TONGUES, Tongue
from sage.tools.adr.words import read_status
from sage.tools.finding import CannotBegin

__all__ = ["write_date", "write_status", "write_superseded", "write_supersedes"]

_FRONT = ("madr4", "madr3", "jekyll")
_CHINESE_DONE = re.compile("完成|实施|实现|實施|實現|落地")
_STATUS_LABEL = re.compile(
    rf"(?:status|状态|狀態|{'|'.join(STATUS_LABELS)})(?:\s*[(（][^()（）]*[)）])?", re.I
)
_KANA = re.compile(r"[\u3040-\u30ff]")  # Japanese, and not Chinese
_ENTRY = re.compile(r"([ \t>]*(?:[-*+][ \t]+)?)(\d{4}-\d{2}-\d{2})([^\w]+)")
_BUILT = re.compile(r"\s+(?:not |partially )?implemented\b.*", re.I)
_BRACKETED = re.compile(r"[(（][^()（）\n]*[)）]")
_SENTENCE_END = re.compile(r"[.;](?=\s|$)|[。；]")
_NO_STATUS = "states no status; write one first, such as a section `## Status`"
_MARKS = re.compile(r"([*_`]{1,3})\w")
# Words of a log that say more than that it was decided so.
_BUILT_WORDS = ("implemented", "active", "done", "complete", "completed", "final")
# A longer status that nothing is read in is a text of its own.
_MAX_STATUS = 60
_STARTS = re.compile(r"[>*+|#-]|[*_]*[A-Za-z\u4e00-\u9fff][^:：.。]{0,24}[:：]")
_USUAL = re.compile(r"([^\w\s*_`\[(<{|>\"'~#:.-]+\s+)?([^\W\d_]+)")
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
    usual: Mapping[Status, tuple[str, str]] = field(default_factory=dict)


def write_status(
    record: Record, text: str, status: Status, day: datetime.date, like: Sequence[Record] = ()
) -> str:
    """The record's text with another status, everything else as it is.

    A date in front matter or a bullet follows when the record is accepted or rejected; a dated
    history gets one more entry. What follows the status's first sentence stays.

    Args:
        record: The record.
        text: Its text.
        status: The status.
        day: The day of the change.
        like: The log's records, whose words and signs for the status are used: `✅ Approved`.

    Raises:
        CannotBegin: The record states no status in a place that can be edited.
    """
    form = _form(record, text, like)
    text = _put_status(form, text, status, "", day)
    if status in ("accepted", "rejected"):
        text = write_date(record, text, day)
    return _checked(record, text, status)


def write_superseded(
    record: Record, text: str, successor: Record, day: datetime.date, like: Sequence[Record] = ()
) -> str:
    """The text of a record that `successor` replaces, everything else as it is."""
    form = _form(record, text, like)
    link = _link(successor, record, form.dialect)
    text = _put_status(form, text, "superseded", link, day)
    return _checked(record, text, "superseded")


def write_supersedes(record: Record, text: str, old: Record) -> str:
    """The text of a record that replaces `old`, everything else as it is."""
    form = _form(record, text)
    if not form.line and not form.source.front:
        raise CannotBegin(_NO_STATUS)
    if form.dialect in _FRONT or not form.line or "supersedes" in form.source.front:
        written = append_to_front(text, "supersedes", old.file.name, old.number)
    else:
        written = _put_supersedes(form, text, _link(old, record, form.dialect))
    source, _ = parse_source(written.removeprefix("\ufeff"), record.file, record.path)
    if old.id.rpartition("/")[2] not in read_dialect(source).supersedes:
        raise _by_hand(record, f"that it supersedes {old.id}")
    return written


def _form(record: Record, text: str, like: Sequence[Record] = ()) -> _Form:
    source, _ = parse_source(text.removeprefix("\ufeff"), record.file, record.path)
    reading = read_dialect(source)
    usual = {status: _usual(like, status) for status in {each.status for each in like}}
    return _Form(source, reading.dialect, reading.status_line, usual)


def _usual(like: Sequence[Record], status: Status) -> tuple[str, str]:
    """The sign before a status, and the word for it, that most records of the log use."""
    texts = (each.status_text for each in like if each.status == status)
    forms = Counter((m[1] or "", m[2]) for text in texts if (m := _USUAL.match(text)))
    sign, word = forms.most_common(1)[0][0] if forms else ("", "")
    more = word.lower() in _BUILT_WORDS or _CHINESE_DONE.search(word)
    return sign, word if not more and read_status(word) == status else ""


def _put_status(form: _Form, text: str, status: Status, link: str, day: datetime.date) -> str:
    if form.dialect in _FRONT or (not form.line and form.source.front):
        # ADR-0011: the successor names what it ends; other dialects' readers need both links.
        named = link if form.dialect in ("madr3", "jekyll") else ""
        key = front_key(form.source.front, "status") or "status"
        old = form.source.front.get(key)
        words = _words(form, old if isinstance(old, str) and old else status, status, named)
        return set_front(text, key, words)
    if not form.line:
        raise CannotBegin(_NO_STATUS)
    lines = Lines(text)
    old = lines.get(form.line)
    words = _words(form, old, status, link)
    if form.dialect == "table":
        lines.replace(form.line, _table_row(row=old, words=words))
    elif form.dialect in ("madr2", "log4brains", "status-line", "heading"):
        value = _value(old)
        lines.replace(form.line, _labelled(old, _restated(value, words, _below(lines, form.line))))
    elif entry := _ENTRY.match(old):
        words = f"{entry[1]}{day.isoformat()}{entry[3]}{words}"
        lines.insert(_after_history(lines, form.line), words)
    else:
        prefix = re.match(r"[ \t>]*(?:[-*+][ \t]+)?", old)
        lead = prefix[0] if prefix else ""
        kept = _BUILT.search(old) if form.dialect == "cosmos" and not link else None
        words += kept[0] if kept else ""
        words = _restated(old[len(lead) :], words, _below(lines, form.line))
        lines.replace(form.line, lead + words)
    return lines.text()


def _words(form: _Form, old: str, status: Status, link: str) -> str:
    """The status in the language and the case of the old one, and in the words of the log."""
    sign, usual = form.usual.get(status, ("", ""))
    if re.search(r"[\u4e00-\u9fff]", old) and not _KANA.search(form.source.text):
        return sign + (f"被 {link} 取代" if link else usual or CHINESE[status][0])
    head = _SENTENCE_END.split(old, maxsplit=1)[0]
    first = re.search(r"[^\W\d_]{2,}", head.partition(":")[2] or head)
    like = first[0] if first else ""
    tongue = next((each for each in TONGUES if like.lower() in _all_words(each)), None)
    word = tongue.words[status][0] if tongue and status in tongue.words else status
    word = word if link or re.search(r"[\u4e00-\u9fff]", usual) else usual.lower() or word
    word = word.upper() if like.isupper() else word if like.islower() else word.capitalize()
    return sign + (f"{word} {tongue.by if tongue else 'by'} {link}" if link else word)


def _all_words(tongue: Tongue) -> set[str]:
    return {word for words in tongue.words.values() for word in words}


def _restated(value: str, words: str, below: str) -> str:
    """`value` with `words` in the place of its first sentence; what follows stays."""

    def blank(match: re.Match[str]) -> str:
        return "_" * len(match[0])

    masked = _BRACKETED.sub(blank, LINK.sub(blank, value))
    end = _SENTENCE_END.search(masked)
    stop = end.start() if end else len(value.rstrip())
    first = masked[:stop]
    goes_on = not end and re.match(r"[ \t>]*(?:[a-z(（]|\[)", below)
    prose = len(first) > _MAX_STATUS and read_status(value) == "unknown"
    if re.search(r"[()（）]", first) or goes_on or prose:
        raise CannotBegin("its status is several lines or a text of its own; edit it by hand")
    marks = _MARKS.match(value)
    if marks and "[" not in words:
        words = f"{marks[1]}{words}{marks[1]}"
    return words + value[stop:]


def _after_paragraph(lines: Lines, line: int) -> int:
    """The line after the last one that goes on with what the line says."""
    while (below := _below(lines, line).strip()) and not _STARTS.match(below):
        line += 1
    return line + 1


def _below(lines: Lines, line: int) -> str:
    return lines.get(line + 1) if line < len(lines) else ""


def _value(line: str) -> str:
    """The value of a labelled line, without the marks that end the emphasis of the whole."""
    _, value, tail = _parts(line)
    return value[: len(value) - len(_whole_marks(line, value))] if not tail else value


def _parts(line: str) -> tuple[str, str, str]:
    """A labelled line's label, its first value, and what follows, with the marks around it."""
    match = _LABELLED.fullmatch(line)
    if match is None:
        raise CannotBegin("its status is not written so that it can be edited; edit it by hand")
    end = end_of_value(match[2])
    return match[1], match[2][:end], match[2][end:] + match[3]


def _whole_marks(line: str, value: str) -> str:
    """The marks at the end of `**Status: accepted**`, which is emphasised as a whole."""
    whole = re.match(r"[ \t]*[*_]{2}[^*_]+:[^*_]", line)
    marks = re.search(r"[*_]{1,3}$", value) if whole else None
    return marks[0] if marks else ""


def _labelled(line: str, words: str) -> str:
    label, value, tail = _parts(line)
    return label + words + _whole_marks(line, value) + tail


def _table_row(row: str, words: str) -> str:
    cells = row.split("|")
    words = words.replace("|", "\\|")
    status = [place for place, cell in enumerate(cells) if read_status(cell) != "unknown"]
    named = [place for place, cell in enumerate(cells) if LABEL_OF.get(bare(cell)) == "status"]
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
    if key := front_key(source.front, "date"):
        begun = key.replace("-", " ") in BEGUN
        return text if begun else set_front(text, key, day.isoformat())
    reading = read_dialect(source)
    if reading.dialect in ("madr2", "log4brains") and reading.date_line:
        lines = Lines(text)
        line = lines.get(reading.date_line)
        if bare(re.split("[:：]", line, maxsplit=1)[0].lstrip(" *+-")) in BEGUN:
            return text
        if read_date(line[: end_of_value(line)]):
            lines.replace(reading.date_line, _labelled(line, day.isoformat()))
        else:
            lines.replace(reading.date_line, line.replace(reading.date, day.isoformat(), 1))
        return lines.text()
    return text


def _put_supersedes(form: _Form, text: str, link: str) -> str:
    lines = Lines(text)
    if not form.line:
        raise CannotBegin(_NO_STATUS)
    old = lines.get(form.line)
    chinese = bool(re.search(r"[\u4e00-\u9fff]", old))
    if named := read_fields(form.source).get("supersedes"):
        value = f"{named.value}, {link}" if relations(f"Supersedes {named.value}")[0] else link
        row = lines.get(named.line)
        if named.form == "table":
            lines.replace(named.line, row.replace(named.value, value.replace("|", "\\|"), 1))
        else:
            lines.replace(named.line, _labelled(row, value))
    elif form.dialect == "table":
        if LABEL_OF.get(bare(old.strip().strip("|").split("|")[0])) != "status":
            raise CannotBegin("its table has no row to add; edit it by hand")
        ruled = not _below(lines, form.line).strip(" \t|:-")
        lines.insert(form.line + 1 + ruled, f"| {'取代' if chinese else 'Supersedes'} | {link} |")
    elif form.dialect in ("madr2", "log4brains", "status-line"):
        alone = old[: end_of_value(old)]
        label = _STATUS_LABEL.sub("取代" if chinese else "Supersedes", alone, count=1)
        lines.insert(_after_paragraph(lines, form.line), _labelled(label, link))
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
