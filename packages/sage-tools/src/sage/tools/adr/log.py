"""The decision log: every record of a folder, read once."""

import datetime
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sage.tools.adr.codes import found
from sage.tools.adr.dialects import Reading, read_dialect
from sage.tools.adr.front import FrontMatterError, parse_front_matter
from sage.tools.adr.globs import matches
from sage.tools.adr.record import Record, Section
from sage.tools.adr.source import (
    Source,
    Unreadable,
    parse_source,
    read_source,
    read_text,
    split_lines,
)
from sage.tools.adr.words import identify, read_date, read_status
from sage.tools.finding import CannotBegin, Finding

__all__ = [
    "DecisionLog",
    "is_record_name",
    "parse_record",
    "read_log",
    "read_record",
    "read_ruling",
]

_SUFFIXES = (".md", ".markdown")
_SKIPPED_FOLDERS = {"node_modules", "templates", "template", "__pycache__"}
_PAGES = {
    *("readme", "index", "summary", "changelog", "contributing", "toc", "contents", "license"),
    *("glossary", "about", "目录", "模板", "说明", "索引"),
}
_FILLERS = {
    *("adr", "adrs", "madr", "nygard", "log", "list", "decision", "decisions", "record", "records"),
    *("architecture", "architectural", "short", "long", "full", "bare", "minimal", "simple", "new"),
    *("the", "of", "example", "en", "zh", "cn", "my", "and", "process", "guide"),
}
_TITLE = re.compile(
    r"^\W*?(?:(?:[A-Za-z]+[-_ ])*?\b(?:ADR|Architecture Decision Records?|ARCH|决策)[-_ #:№]*)"
    r"(\d{1,6})\b\s*[.:：·、)\]|–—-]*\s*(.*)$"
    r"|^\W*?(\d{1,6})(?:\s*[.:：·、)\]|–—-]+\s+|\.\s*(?=\D))(\S.*)$",
    re.I | re.S,
)
_DECISION_WORDS = re.compile(
    r"\b(?:decision|context|consequences|alternatives)\b|决策|上下文|背景", re.I
)


@dataclass(frozen=True)
class DecisionLog:
    """Every record of one folder, and what was wrong with reading them.

    Attributes:
        directory: The folder.
        root: The repository; every path is relative to it.
        name: The log's name in a repository with several; empty for the main one.
        records: The records, sorted by path.
        findings: What could not be read, sorted.
    """

    directory: Path
    root: Path
    name: str
    records: tuple[Record, ...]
    findings: tuple[Finding, ...] = ()

    def find(self, number_or_id: int | str) -> Record | None:
        """The record with that number or id (`2`, `"2"`, `"ADR-0002"`, a file's stem or path).

        `None` where there is none. Where two records share a number, the first by path.
        """
        key = str(number_or_id).strip()
        numbered = re.fullmatch(r"(?:ADR[-_ ]?)?(\d{1,8})", key, re.I)
        if numbered and (record := self._by_number.get(int(numbered[1]))):
            return record
        return self._by_name.get(key)

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def _by_number(self) -> dict[int, Record]:
        numbers: dict[int, Record] = {}
        for record in self.records:
            if record.number is not None:
                numbers.setdefault(record.number, record)
        return numbers

    @cached_property
    def _by_name(self) -> dict[str, Record]:
        names: dict[str, Record] = {}
        for record in self.records:
            for name in (record.id, record.file.stem, record.path, record.file.name):
                names.setdefault(name, record)
        return names


def read_log(directory: Path, *, root: Path, log: str = "") -> DecisionLog:
    """Every record in `directory` and its sub-folders, whatever dialect each is written in.

    Templates, readmes and indexes are no records. A file that cannot be read is listed with
    status `"unknown"` and a finding, and the others are still read.

    Args:
        directory: The folder of the records.
        root: The repository; paths in records and findings are relative to it.
        log: The log's name in a repository with several: ids become `<log>/ADR-0002`.

    Raises:
        CannotBegin: The folder is not there, is no folder, or may not be opened.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "0001-use-redis.md")
    ...     _ = file.write_text("# 1. Use Redis\\n\\nStatus: Approved\\n")
    ...     log = read_log(Path(folder), root=Path(folder))
    >>> record = log.find(1)
    >>> record.id, record.title, record.status, record.status_text
    ('ADR-0001', 'Use Redis', 'accepted', 'Approved')
    """
    findings: list[Finding] = []
    _check_folder(directory)
    records = []
    for file in sorted(_files(directory, root, findings)):
        record, found_here = read_record(Path(file), root=root, log=log)
        findings += found_here
        if record is not None:
            records.append(record)
    records.sort(key=lambda record: record.path)
    linked = _with_successors(records)
    return DecisionLog(directory, root, log, linked, tuple(sorted(findings)))


def read_ruling(
    directory: Path, *, root: Path, files: Collection[str], ids: Collection[str], log: str = ""
) -> DecisionLog:
    """Of a log, only the records that may rule `files` by `governs`, or whose id is in `ids`.

    Much quicker than reading the whole log; successors that only the other side names are not
    known here.

    Raises:
        CannotBegin: The folder is not there, is no folder, or may not be opened.
    """
    _check_folder(directory)
    records = []
    for name in sorted(_files(directory, root, [])):
        file = Path(name)
        number, _ = identify(file.stem)
        if (_id(number, file.stem, log) in ids or number is None or _governs(file, files)) and (
            record := read_record(file, root=root, log=log)[0]
        ):
            records.append(record)
    return DecisionLog(directory, root, log, tuple(records))


def _governs(file: Path, files: Collection[str]) -> bool:
    """Whether the record's front matter may hold a pattern that matches one of `files`."""
    try:
        text = read_text(file)
        if "governs" not in text:
            return False
        lines = split_lines(text)
        front, _ = parse_front_matter(lines) if lines[0].rstrip() == "---" else ({}, 0)
    except (OSError, Unreadable, FrontMatterError):
        return False
    globs = _list(front.get("governs"))
    return any(matches(glob, name) for glob in globs for name in files)


def read_record(file: Path, *, root: Path, log: str = "") -> tuple[Record | None, list[Finding]]:
    """One file, as a record, and what is wrong with it; never raises.

    `None` where the file is a page beside the records.
    """
    path = _relative(file, root)
    source, findings = read_source(file, path)
    if source is None:
        number, day = identify(file.stem)
        name = _id(number, file.stem, log)
        nothing = Record(
            name, number, file.stem, "unknown", "", day, path, file, "unreadable", log=log
        )
        return nothing, findings
    return _record(source, findings, log)


def parse_record(text: str, path: str, *, log: str = "") -> tuple[Record | None, list[Finding]]:
    """The record that `text` is, read as if it stood in a file at `path`; never raises."""
    source, findings = parse_source(text, Path(path), path)
    return _record(source, findings, log)


def is_record_name(name: str) -> bool:
    """Whether a file so named may be a record: Markdown, and no template, readme or index.

    >>> is_record_name("0001-use-redis.md"), is_record_name("0000-template.md")
    (True, False)
    """
    stem, dot, suffix = name.rpartition(".")
    if dot + suffix.lower() not in _SUFFIXES or name.startswith("."):
        return False
    words = [word for word in re.split(r"[-_. ]+", stem.lower()) if word and not word.isdecimal()]
    if "template" in words or "templates" in words:
        return bool(set(words) - _FILLERS - {"template", "templates"})
    return not (set(words) & _PAGES and not set(words) - _FILLERS - _PAGES)


def _check_folder(directory: Path) -> None:
    try:
        with os.scandir(directory):
            return
    except NotADirectoryError:
        raise CannotBegin(f"{directory}: is a file; name the folder of the records") from None
    except FileNotFoundError:
        message = "no such folder; name the folder of the records with --dir"
        raise CannotBegin(f"{directory}: {message}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotBegin(f"{directory}: cannot be opened: {reason}") from None


def _files(directory: Path | str, root: Path, findings: list[Finding]) -> Iterator[str]:
    try:
        with os.scandir(directory) as entries:
            listed = list(entries)
    except OSError as error:
        message = f"the folder cannot be opened: {error.strerror}; its records are not read"
        findings.append(found("unreadable-record", _relative(Path(directory), root), 0, message))
        return
    for entry in listed:
        # A link to a folder is not followed, so that a loop of links ends.
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith("."):
                yield from _files(entry.path, root, findings)
        elif is_record_name(entry.name):
            yield entry.path


def _relative(file: Path, root: Path) -> str:
    path, base = str(file), str(root)
    if path.startswith(base + os.sep):
        path = path[len(base) + 1 :]
    elif path != base:
        path = os.path.relpath(path, base)
    return _speakable(path.replace(os.sep, "/"))


def _speakable(path: str) -> str:
    """The path without lone surrogates, which no output could print."""
    return path.encode("utf-8", "replace").decode("utf-8") if not path.isascii() else path


def _id(number: int | None, stem: str, log: str) -> str:
    name = _speakable(stem) if number is None else f"ADR-{number:04d}"
    return f"{log}/{name}" if log else name


def _record(
    source: Source, findings: list[Finding], log: str
) -> tuple[Record | None, list[Finding]]:
    stem = source.file.stem
    number, day = identify(stem)
    reading = read_dialect(source)
    titled, title, title_line = _title(source)
    if number is None and day is None:
        number = titled
        if titled is None and not _looks_decided(source, reading, findings):
            return None, []
    elif titled is not None and number is not None and titled != number:
        message = f"the title says {titled}, the file name {number}; make them agree"
        findings.append(found("number-mismatch", source.path, title_line, message))
    if not title:
        findings.append(found("missing-title", source.path, 0, "has no title; write `# Title`"))
        title = stem
    status = read_status(reading.status)
    findings += _status_findings(source, reading)
    date = read_date(reading.date) if reading.date else day
    findings += _date_findings(source, reading, date)
    review, review_findings = _review_by(source)
    front = source.front
    record = Record(
        id=_id(number, stem, log),
        number=number,
        title=title,
        status=status,
        status_text=reading.status,
        date=date,
        path=source.path,
        file=source.file,
        dialect=reading.dialect,
        supersedes=_own(reading.supersedes, log),
        superseded_by=_own(reading.superseded_by, log),
        tags=reading.tags,
        layers=_list(front.get("layers")),
        deciders=reading.deciders,
        governs=_list(front.get("governs")),
        review_by=review,
        log=log,
        text=source.text,
        body_line=source.body + 1,
        status_line=reading.status_line,
        sections=_sections(source),
    )
    return record, findings + review_findings


def _own(ids: tuple[str, ...], log: str) -> tuple[str, ...]:
    return tuple(f"{log}/{name}" for name in ids) if log else ids


def _looks_decided(source: Source, reading: Reading, findings: list[Finding]) -> bool:
    """Whether a file without a number is a record, and not a page beside the records."""
    if reading.status or findings:
        return True
    return any(_DECISION_WORDS.search(heading.title) for heading in source.headings[1:])


def _title(source: Source) -> tuple[int | None, str, int]:
    """The number in the title, the title without it, and its line."""
    heading = next((h for h in source.headings if h.level == 1), None)
    front = source.front.get("title")
    if heading is None and isinstance(front, str) and front:
        text, line = front, 1
    elif heading is not None:
        text, line = heading.title, heading.line
    else:
        return None, "", 0
    match = _TITLE.match(text) if len(text) < 1000 else None
    if match is None:
        return None, text.strip(), line
    number, title = (match[1], match[2]) if match[1] else (match[3], match[4])
    return int(number), title.strip() or text.strip(), line


def _status_findings(source: Source, reading: Reading) -> list[Finding]:
    if not reading.status.strip():
        message = "states no status; write one of draft, proposed, accepted, rejected, …"
        return [found("missing-status", source.path, reading.status_line, message)]
    if read_status(reading.status) == "unknown":
        written = " ".join(reading.status.split())[:80]
        message = (
            f"the status {written!r} is not one of draft, proposed, accepted, rejected, "
            "deprecated, superseded; write one of them"
        )
        return [found("unknown-status", source.path, reading.status_line, message)]
    return []


def _date_findings(source: Source, reading: Reading, date: datetime.date | None) -> list[Finding]:
    if date is not None or not any(c.isdecimal() for c in reading.date):
        return []
    written = " ".join(reading.date.split())[:60]
    message = f"{written!r} is not a day that can be read in one way; write YYYY-MM-DD"
    return [found("bad-date", source.path, reading.date_line, message)]


def _review_by(source: Source) -> tuple[datetime.date | None, list[Finding]]:
    written = source.front.get("review-by")
    if not isinstance(written, str) or not written:
        return None, []
    day = read_date(written)
    if day is not None:
        return day, []
    line = next((i + 1 for i in range(source.body) if "review" in source.lines[i].lower()), 1)
    message = f"review-by {written!r} is not a day; write YYYY-MM-DD"
    return None, [found("bad-date", source.path, line, message)]


def _list(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else value


def _sections(source: Source) -> tuple[Section, ...]:
    headings = source.headings
    sections = []
    for place, heading in enumerate(headings):
        later = (h.line for h in headings[place + 1 :] if h.level <= heading.level)
        end = next(later, len(source.lines) + 1) - 1
        start = heading.line
        if source.lines[start - 1][:4].lstrip()[:1] != "#":
            start += 1  # the rule under a heading that is underlined
        text = "\n".join(source.lines[start:end]).strip("\n")
        sections.append(Section(heading.title, heading.level, heading.line, text))
    return tuple(sections)


def _with_successors(records: list[Record]) -> tuple[Record, ...]:
    """The records, each with the successors that only the other side names."""
    successors: dict[str, list[str]] = defaultdict(list)
    for record in records:
        for name in record.supersedes:
            successors[name].append(record.id)
    return tuple(
        replace(record, superseded_by=tuple(dict.fromkeys((*record.superseded_by, *more))))
        if (more := successors.get(record.id))
        else record
        for record in records
    )
