"""One file, as the record that it is."""

import datetime
import re
from itertools import chain
from pathlib import Path

from sage.tools.adr.codes import found
from sage.tools.adr.days import doubt_of, read_date
from sage.tools.adr.dialects import Reading, read_dialect
from sage.tools.adr.fields import LABEL_OF, bare
from sage.tools.adr.files import relative, speakable
from sage.tools.adr.front import line_of_key
from sage.tools.adr.record import Record, Section
from sage.tools.adr.references import SERIES, identify, stem_of
from sage.tools.adr.slips import check_keys
from sage.tools.adr.source import Heading, Source, parse_source, read_source
from sage.tools.adr.tongues import SECTION_WORDS, TITLE_LABELS
from sage.tools.adr.words import read_status
from sage.tools.finding import Finding

__all__ = ["id_of", "list_of", "parse_record", "read_record"]

_TITLE = re.compile(
    r"^\W*?(?:(?:[A-Za-z]+[-_ ])*?\b(?:ADR|Architecture Decision Records?|ARCH|决策)[-_ #:№]*)"
    r"(\d{1,6})\b\s*[.:：·、)\]|–—-]*\s*(.*)$"
    r"|^\W*?(\d{1,6})(?:\s*[.:：·、)\]|–—-]+\s+|\.\s*(?=\D))(\S.*)$",
    re.I | re.S,
)
_OWN_NUMBER = re.compile(
    r"\W*([A-Za-z][\w-]*(?: \d+)?)\s*(?:[:：]|[.–—|-](?=\s))\s*(\S.*)|(\d{1,6})\s+(\S.*)", re.S
)
_SERIES = re.compile(
    rf"(?:[A-Za-z]+[ -]){{0,3}}(?:{SERIES})[ #-]*(\d{{1,6}})(?:\s*[:：.–—-]\s*|\s+)(\S.*)",
    re.I | re.S,
)
_KIND = re.compile(rf"(?:ADR|MADR|{SERIES})\s*[:：]\s*(\S.*)", re.I | re.S)
# A title that nobody has filled in: `RFC-NNNN Title`, `ADR-NNNN: {short title}`.
_BLANK = re.compile(
    rf"(?:(?:ADR|{SERIES})?[-_ #]*(?:[NX]{{2,}}|0+)\W*)?"
    r"(?:(?:short |decision |your )?title|\[[^\]]*\]|\{[^}]*\}|<[^>]*>)?",
    re.I,
)
_PARTS = re.compile(rf"(?:{'|'.join(chain.from_iterable(SECTION_WORDS.values()))})s?")
# Words that only a decision's page has in its headings: others have solutions and results too.
_DECIDED = {*SECTION_WORDS["decision"]} - {"outcome", "proposal", "solution", "结论"}
_DECISION_WORDS = re.compile(
    rf"(?<![A-Za-z])(?:alternatives\b|contexto?\b|consequences\b|上下文|背景|{'|'.join(_DECIDED)})",
    re.I,
)


def read_record(
    file: Path, *, root: Path, log: str = "", certain: bool = False
) -> tuple[Record | None, list[Finding]]:
    """One file, as a record, and what is wrong with it; never raises.

    `None` where the file is a page beside the records, or a template; `certain` says that it is
    no page, whatever it looks like.
    """
    path = relative(file, root)
    source, findings = read_source(file, path)
    if source is None:
        number, day = identify(stem_of(file))
        name = id_of(number, stem_of(file), log)
        nothing = Record(
            name, number, stem_of(file), "unknown", "", day, path, file, "unreadable", log=log
        )
        return nothing, findings
    return _record(source, findings, log, certain=certain)


def parse_record(text: str, path: str, *, log: str = "") -> tuple[Record | None, list[Finding]]:
    """The record that `text` is, read as if it stood in a file at `path`; never raises."""
    source, findings = parse_source(text, Path(path), path)
    return _record(source, findings, log)


def id_of(number: int | None, stem: str, log: str) -> str:
    name = speakable(stem) if number is None else f"ADR-{number:04d}"
    return f"{log}/{name}" if log else name


def _record(
    source: Source, findings: list[Finding], log: str, *, certain: bool = False
) -> tuple[Record | None, list[Finding]]:
    stem = stem_of(source.file)
    # Of front matter that cannot be read, nothing is known that could be wrong besides.
    broken = bool(findings)
    number, day = identify(stem)
    reading = read_dialect(source)
    titled, title, title_line = _title(source)
    # A name that starts with a month, such as 2024-05-names.md, has neither, and is a record's.
    unnamed = number is None and day is None and not stem[:4].isdecimal()
    # The front page of a numbered folder may be its table of contents.
    shelved = stem != source.file.stem and (number is None or titled != number)
    doubtful = (unnamed and titled is None) or shelved
    if doubtful and not certain and not _looks_decided(source, reading, findings):
        return None, []
    if not number and title and _BLANK.fullmatch(title):
        return None, []  # a template
    if unnamed:
        number = titled
    elif titled is not None and number is not None and titled != number:
        message = f"the title says {titled}, the file name {number}; make them agree"
        findings.append(found("number-mismatch", source.path, title_line, message))
    if not title and not broken:
        findings.append(found("missing-title", source.path, 0, "has no title; write `# Title`"))
    title = title or stem
    status = read_status(reading.status)
    if not broken:
        findings += _status_findings(source, reading)
    findings += check_keys(source.path, source.lines[: source.body], source.front)
    date = read_date(reading.date) if reading.date else day
    findings += _date_findings(source, reading, date)
    review, review_findings = _review_by(source)
    front = source.front
    record = Record(
        id=id_of(number, stem, log),
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
        layers=list_of(front.get("layers")),
        deciders=reading.deciders,
        governs=list_of(front.get("governs")),
        review_by=review,
        log=log,
        text=source.text,
        body_line=source.body + 1,
        status_line=reading.status_line,
        sections=_sections(source),
        plain=source.plain,
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
    heading = None if heading and _names_part(heading) else heading
    keys = (key for key in source.front if key == "title" or key in TITLE_LABELS)
    front = source.front.get(next(keys, ""))
    first = heading is not None and heading == source.headings[0]
    if not first and isinstance(front, str) and front:
        text, line = front, 1
    elif heading is not None:
        text, line = heading.title, heading.line
    else:
        return None, "", 0
    match = _TITLE.match(text) if len(text) < 1000 else None
    if match is None:
        return None, _without_own_number(text.strip(), stem_of(source.file)), line
    number, title = (match[1], match[2]) if match[1] else (match[3], match[4])
    return int(number), title.strip() or text.strip(), line


def _names_part(heading: Heading) -> bool:
    """Whether a heading is that of a part: in some records the parts are of the title's level."""
    label = bare(heading.title.replace("：", ":").partition(":")[0])
    labelled = LABEL_OF.get(label) in ("status", "date")
    return labelled or _PARTS.fullmatch(bare(heading.title)) is not None


def _without_own_number(title: str, stem: str) -> str:
    """The title without the name that the file starts with, too: `API-001: Names`, `23 Logging`."""
    if kind := _KIND.fullmatch(title):
        return kind[1]
    if (series := _SERIES.match(title)) and identify(stem)[0] == int(series[1]):
        return series[2]
    match = _OWN_NUMBER.match(title)
    if match is None:
        return title
    own, name, rest = _slug(stem), _slug(match[1] or match[3]), match[2] or match[4]
    if match[3]:
        # A bare number is one only where the file's name goes on as the title does.
        name = f"{int(name)}-{_slug(rest).partition('-')[0]}"
        own = own.lstrip("0")
        if match[3][0] == "0" and int(match[3]) == identify(stem)[0]:
            return rest
    return rest if re.search(r"\d", name) and f"{own}-".startswith(f"{name}-") else title


def _slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def _status_findings(source: Source, reading: Reading) -> list[Finding]:
    if not reading.status.strip():
        message = "states no status; write one of draft, proposed, accepted, rejected, …"
        return [found("missing-status", source.path, reading.status_line or 1, message)]
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
    message = f"the date {written!r} is no day: {doubt_of(reading.date)}; write YYYY-MM-DD"
    return [found("bad-date", source.path, reading.date_line, message)]


def _review_by(source: Source) -> tuple[datetime.date | None, list[Finding]]:
    written = source.front.get("review-by")
    if not isinstance(written, str) or not written:
        return None, []
    day = read_date(written)
    if day is not None:
        return day, []
    line = line_of_key(source.lines[: source.body], "review-by") or 1
    message = f"review-by {written!r} is no day: {doubt_of(written)}; write YYYY-MM-DD"
    return None, [found("bad-date", source.path, line, message)]


def list_of(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else value


def _sections(source: Source) -> tuple[Section, ...]:
    lines = source.lines
    sections = []
    # For each level, the line of the next heading of that level or a higher one, from below.
    ends = [len(lines) + 1] * 7
    for heading in reversed(source.headings):
        title, level, start = heading
        end = ends[level] - 1
        ends[level:] = [start] * (7 - level)
        first = start
        if lines[start - 1][:4].lstrip()[:1] != "#":
            first += 1  # the rule under a heading that is underlined
        sections.append(Section(title, level, start, "\n".join(lines[first:end]).strip("\n")))
    return tuple(reversed(sections))
