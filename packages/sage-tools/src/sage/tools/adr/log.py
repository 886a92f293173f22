"""The decision log: every record of a folder, read once."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sage.tools.adr.codes import found
from sage.tools.adr.files import list_files, relative
from sage.tools.adr.front import FrontMatterError, parse_front_matter
from sage.tools.adr.globs import matches
from sage.tools.adr.parse import id_of, list_of, read_record
from sage.tools.adr.record import Record
from sage.tools.adr.references import LINK, identify, references, stem_of
from sage.tools.adr.source import Unreadable, read_text, split_lines
from sage.tools.finding import CannotBegin, Finding

__all__ = ["DecisionLog", "read_log", "read_logs", "read_record", "read_ruling"]


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
    def by_id(self) -> Mapping[str, Sequence[Record]]:
        """The records by their ids; several where they share a number."""
        ids: dict[str, list[Record]] = {}
        for record in self.records:
            ids.setdefault(record.id, []).append(record)
        return ids

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
            for name in (record.id, stem_of(record.file), record.path, record.file.name):
                names.setdefault(name, record)
        return names


def read_logs(folders: Mapping[str, Path], *, root: Path) -> list[DecisionLog]:
    """The logs of a repository, each by its name; a log that lies in another is no part of it.

    Raises:
        CannotBegin: A folder is not there, is no folder, or may not be opened.
    """
    return [
        read_log(folder, root=root, log=name, without=_inner(folder, folders))
        for name, folder in folders.items()
    ]


def _inner(folder: Path, folders: Mapping[str, Path]) -> list[Path]:
    return [each for each in folders.values() if each != folder]


def read_log(
    directory: Path, *, root: Path, log: str = "", without: Collection[Path] = ()
) -> DecisionLog:
    """Every record in `directory` and its sub-folders, whatever dialect each is written in.

    Templates, readmes and indexes are no records; the front page of a folder whose name carries
    a number is one. A file that cannot be read is listed with status `"unknown"` and a finding,
    and the others are still read. A folder without any record is a finding.

    Args:
        directory: The folder of the records.
        root: The repository; paths in records and findings are relative to it.
        log: The log's name in a repository with several: ids become `<log>/ADR-0002`.
        without: Folders that are logs of their own.

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
    listing = list_files(directory, root, without)
    findings = list(listing.findings)
    records = []
    pages = []
    read = [(file, *read_record(file, root=root, log=log)) for file in map(Path, listing.records)]
    for file, record, found_here in _with_front_pages(read, root, log):
        if record is None or (str(file) in listing.beside and _no_record(record, found_here)):
            pages.append(file.name)
        else:
            records.append(record)
            findings += found_here
    records.sort(key=lambda record: record.path)
    unread = listing.unread()
    place = relative(directory, root)
    if not records:
        findings.append(found("empty-log", place, 0, _why_empty(unread, listing.describe(pages))))
    elif unread:
        message = f"has {unread} beside its records, and sage-dev reads Markdown; convert to .md"
        findings.append(found("unreadable-record", place, 0, message))
    findings = _lenient(findings, len(records))
    linked = _with_successors(_without_requests(records))
    return DecisionLog(directory, root, log, linked, tuple(sorted(findings)))


_Read = tuple[Path, Record | None, list[Finding]]


def _with_front_pages(read: list[_Read], root: Path, log: str) -> list[_Read]:
    """What was read; where most numbered folders are records by their front page, the rest too."""

    def shelf(file: Path) -> Path | None:
        return file.parent.parent if stem_of(file) != file.stem else None

    weight: Counter[Path | None] = Counter()
    for file, record, _ in read:
        weight[shelf(file)] += -1 if record is None else 1
    return [
        (file, *read_record(file, root=root, log=log, certain=True))
        if record is None and shelf(file) and weight[shelf(file)] > 0
        else (file, record, findings)
        for file, record, findings in read
    ]


def _no_record(record: Record, findings: list[Finding]) -> bool:
    """Whether a page in another record's folder is none: it could be read, and has no status."""
    return record.status == "unknown" and all(each.code.endswith("-status") for each in findings)


def _why_empty(unread: str, held: str) -> str:
    if unread:
        return (
            f"holds no record: it has {unread}, and sage-dev reads Markdown; convert to .md, "
            "or name another folder with --dir"
        )
    if held:
        return (
            f"holds no record: it has {held}, none with a number, a status or a decision; "
            "name the folder of the records with --dir"
        )
    return "holds no record: the folder is empty; write the first with `sage-dev adr new TITLE`"


def read_ruling(
    directory: Path,
    *,
    root: Path,
    files: Collection[str],
    ids: Collection[str],
    log: str = "",
    without: Collection[Path] = (),
) -> DecisionLog:
    """Of a log, only the records that may rule `files` by `governs`, or whose id is in `ids`.

    Much quicker than reading the whole log; successors that only the other side names are not
    known here.

    Raises:
        CannotBegin: The folder is not there, is no folder, may not be opened, or holds no record.
    """
    listing = list_files(directory, root, without)
    if not listing.records:
        reason = _why_empty(listing.unread(), listing.describe(()))
        raise CannotBegin(f"{directory}: {reason}")
    records = []
    for file in map(Path, listing.records):
        number, _ = identify(stem := stem_of(file))
        named = id_of(number, stem, log) in ids
        if (named or number is None or _governs(file, files)) and (
            record := read_record(file, root=root, log=log, certain=named)[0]
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
    globs = list_of(front.get("governs"))
    return any(matches(glob, name) for glob in globs for name in files)


def _lenient(findings: list[Finding], records: int) -> list[Finding]:
    """The findings; a missing status is a warning in a log that does without statuses."""
    silent = sum(finding.code == "missing-status" for finding in findings)
    if silent < 3 or silent * 2 <= records:
        return findings
    return [
        replace(each, severity="warning") if each.code == "missing-status" else each
        for each in findings
    ]


def _without_requests(records: list[Record]) -> list[Record]:
    """The records without successions by what is none of the log: a request, a web address."""
    last = max((record.number for record in records if record.number is not None), default=0)

    here = {record.id for record in records}

    def kept(record: Record, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            each
            for each in names
            if each in here
            or not (_is_request(record.text, each, last) or _is_elsewhere(record.text, each))
        )

    return [
        replace(
            record,
            supersedes=kept(record, record.supersedes),
            superseded_by=kept(record, record.superseded_by),
        )
        if record.supersedes or record.superseded_by
        else record
        for record in records
    ]


def _is_request(text: str, name: str, last: int) -> bool:
    """Whether `name` is no more than a `#88` beside the word superseded, past the log's end."""
    number = name.rpartition("ADR-")[2]
    if not number.isdecimal() or int(number) <= last:
        return False
    return bool(
        re.search(
            r"(?:supers|superc|replac|取代|替代)[^\n]*?\n?[^\n]*?"
            rf"(?<!adr)(?<!adr )(?<!adr-)#0*{int(number)}(?!\w)",
            text,
            re.I,
        )
    )


def _is_elsewhere(text: str, name: str) -> bool:
    """Whether every link of `text` that names `name` leads to another site."""
    name = name.rpartition("/")[2]
    links = [link for link in LINK.finditer(text) if name in references(link[0])]
    return bool(links) and all("://" in (link[2] or link[3] or "") for link in links)


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
