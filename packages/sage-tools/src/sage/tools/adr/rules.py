"""What a sound decision log obeys."""

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from sage.tools.adr.codes import found
from sage.tools.adr.files import relative
from sage.tools.adr.front import line_of_key
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import SECTIONS, Record
from sage.tools.adr.references import stem_of
from sage.tools.adr.slips import check_layers_named, named_layers
from sage.tools.adr.source import split_lines
from sage.tools.adr.targets import Workspace, check_targets
from sage.tools.adr.tongues import SECTION_WORDS
from sage.tools.finding import Finding
from sage.tools.report import counted

__all__ = ["check_log", "section_named"]

_UNREAD = ("bad-front-matter", "empty-record", "unreadable-record")
_NO_DECISION = ("decision driver", "decision-maker", "decision maker", "decision record")


def check_log(
    log: DecisionLog,
    *,
    today: datetime.date | None = None,
    sections: Sequence[str] = SECTIONS,
) -> list[Finding]:
    """Everything that is wrong with a decision log, sorted: reading it, and the rules it breaks.

    Args:
        log: The log.
        today: The day against which `review-by` is held; the clock's where `None`.
        sections: Sections that each record must have, in lower case.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sage.tools.adr import read_log
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "0001-use-redis.md")
    ...     _ = file.write_text("# Use Redis\\n\\nStatus: Maybe\\n\\n[more](nowhere.md)\\n")
    ...     findings = check_log(read_log(Path(folder), root=Path(folder)))
    >>> [(finding.line, finding.code) for finding in findings]
    [(1, 'missing-section'), (3, 'unknown-status'), (5, 'broken-link')]
    """
    today = today or datetime.datetime.now(tz=datetime.UTC).date()
    workspace = Workspace(log.root)
    findings = list(log.findings)
    findings += _duplicates(log)
    findings += _successions(log)
    findings += _cycles(log)
    unread = _unread(log)
    findings += _missing_sections([r for r in log.records if r.path not in unread], log, sections)
    layers = named_layers(log.root)
    for record in log.records:
        if record.dialect == "unreadable":
            continue
        findings += _overdue(record, today)
        findings += check_layers_named(record, layers) if layers else ()
        findings += check_targets(record, workspace)
    return sorted(set(findings))


def section_named(record: Record, name: str) -> int | None:
    """Index of the section that answers to `name`, such as `"decision"`; `None` where none does."""
    pattern = _section_pattern(name)
    for index, section in enumerate(record.sections):
        if pattern.search(section.title):
            return index
    return None


@lru_cache(maxsize=64)
def _section_pattern(name: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, SECTION_WORDS.get(name, (name.lower(),))))
    but = "|".join(map(re.escape, _NO_DECISION)) if name == "decision" else r"(?!)"
    return re.compile(rf"^[ *_0-9.]*(?!{but})(?:{words})|(?<= )(?:{words})", re.I | re.M)


def _missing_sections(
    records: Sequence[Record], log: DecisionLog, names: Sequence[str]
) -> Iterator[Finding]:
    """Sections that a record lacks; one that most records lack is one finding of the log."""
    missing = [(record, _missing(record, names)) for record in records]
    lacking = Counter(name for _, each in missing for name in each)
    foreign = {name for name, count in lacking.items() if count > 2 and count * 2 > len(records)}
    for record, each in missing:
        if own := [name for name in each if name not in foreign]:
            line = next((section.line for section in record.sections if section.level == 1), 1)
            message = (
                f"has no {_named(own)}; write {'them' if len(own) > 1 else 'it'}, "
                "or set adr-sections in [tool.sage-dev]"
            )
            yield found("missing-section", record.path, line, message)
    for name in sorted(foreign):
        message = (
            f"{lacking[name]} of its {len(records)} records have no section {name}; "
            "set adr-sections in [tool.sage-dev] to the sections that they have"
        )
        yield found("missing-section", relative(log.directory, log.root), 0, message)


def _missing(record: Record, names: Sequence[str]) -> list[str]:
    titles = "\n".join(section.title for section in record.sections)
    return [name for name in names if not _section_pattern(name).search(titles)]


def _named(names: Sequence[str]) -> str:
    *first, last = names
    return f"sections {', '.join(first)} and {last}" if first else f"section {last}"


def _overdue(record: Record, today: datetime.date) -> Iterator[Finding]:
    holds = record.status in ("draft", "proposed", "accepted", "unknown")
    if record.review_by is not None and record.review_by < today and holds:
        line = line_of_key(split_lines(record.text)[: record.body_line], "review-by") or 1
        message = f"was to be reviewed by {record.review_by}; review it and set a new day"
        yield found("review-overdue", record.path, line, message)


def _duplicates(log: DecisionLog) -> Iterator[Finding]:
    taken: dict[int, list[Record]] = defaultdict(list)
    for record in log.records:
        if record.number is not None:
            taken[record.number].append(record)
    elsewhere: dict[str, list[tuple[Record, Record]]] = defaultdict(list)
    for number, (first, *others) in taken.items():
        for record in others:
            if (folder := _folder(record)) != _folder(first):
                elsewhere[folder].append((first, record))
                continue
            message = (
                f"the number {number} is taken by {first.path}; "
                f"run `sage-dev adr renumber {record.path}`"
            )
            yield found("duplicate-number", record.path, 0, message)
    if elsewhere:
        yield _own_numbers(log, elsewhere)


def _own_numbers(log: DecisionLog, folders: dict[str, list[tuple[Record, Record]]]) -> Finding:
    """One finding for all sub-folders that number their own records."""
    first, second = next(iter(folders.values()))[0]
    more = sum(map(len, folders.values())) - 1
    also = f", and so it is with {counted(more, 'more pair')}" if more else ""
    folder = _folder(second)
    name = re.sub(r"[^A-Za-z0-9]+", "-", Path(folder).name).strip("-") or "other"
    main = relative(log.directory, log.root)
    message = (
        f"{first.path} and {second.path} both have the number {second.number}{also}; where a "
        "folder numbers its own records, make it a log of its own, with "
        f"`--dir {main} --dir {name}={folder}` or adr-logs in [tool.sage-dev]; "
        f"else run `sage-dev adr renumber {second.path}`"
    )
    return found("duplicate-number", main, 0, message)


def _folder(record: Record) -> str:
    """The folder in which a record is numbered: its own folder's parent for a front page."""
    folder, _, _ = record.path.rpartition("/")
    own = stem_of(record.file) != record.file.stem
    return (folder.rpartition("/")[0] if own else folder) or "."


def _unread(log: DecisionLog) -> set[str]:
    """Paths of records of which too little is known to judge them: repair them first."""
    return {finding.path for finding in log.findings if finding.code in _UNREAD}


def _successions(log: DecisionLog) -> Iterator[Finding]:
    unread = _unread(log)
    for record in log.records:
        line = record.status_line or 1
        for name in (*record.supersedes, *record.superseded_by):
            if name not in log.by_id:
                message = f"{name} is no record of this log; correct the number"
                yield found("unknown-successor", record.path, line, message)
        for old in _only(log, record.supersedes):
            if old.path not in unread and old.id != record.id and old.status != "superseded":
                message = (
                    f"{record.id} supersedes this record, whose status is {old.status}; "
                    "run `sage-dev adr lint --fix`"
                )
                yield found("one-way-supersede", old.path, old.status_line or 1, message)
        for new in _only(log, record.superseded_by):
            if new.path not in unread and new.id != record.id and record.id not in new.supersedes:
                message = (
                    f"{record.id} says that this record supersedes it, and it does not say so; "
                    "run `sage-dev adr lint --fix`"
                )
                yield found("one-way-supersede", new.path, new.status_line or 1, message)


def _only(log: DecisionLog, names: Iterable[str]) -> Iterator[Record]:
    """The records of these names; none of a name that several have, which says not which."""
    for name in names:
        records = log.by_id.get(name, ())
        if len(records) == 1:
            yield records[0]


def _cycles(log: DecisionLog) -> Iterator[Finding]:
    """One finding for each circle of supersedes, at its first record."""
    records = {record.id: record for record in reversed(log.records)}
    heirs = {name: [n for n in r.superseded_by if n in records] for name, r in records.items()}
    done: set[str] = set()
    for start in records:
        trail: list[str] = []
        place: dict[str, int] = {}
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            name, depth = stack.pop()
            for dropped in trail[depth:]:
                place.pop(dropped, None)
            del trail[depth:]
            if name in place:
                circle = trail[place[name] :]
                first = min(circle)
                words = " is superseded by ".join((*circle, name))
                message = f"{words}; take out the wrong link"
                yield found(
                    "supersede-cycle",
                    records[first].path,
                    records[first].status_line or 1,
                    message,
                )
                continue
            if name in done:
                continue
            place[name] = len(trail)
            trail.append(name)
            stack += [(heir, len(trail)) for heir in heirs[name]]
            if not heirs[name]:
                done.add(name)
        done |= {start}
