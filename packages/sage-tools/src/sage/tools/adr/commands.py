"""The edits of a decision log, each as a plan that the caller shows or applies."""

import datetime
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from sage.tools.adr.edit import Change, Plan
from sage.tools.adr.files import is_record_name
from sage.tools.adr.git import default_branch
from sage.tools.adr.history import NEXT, numbers_at
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.parse import parse_record
from sage.tools.adr.record import Record, Status
from sage.tools.adr.references import identify, stem_of
from sage.tools.adr.templates import fill, template_for, template_like
from sage.tools.adr.text import append_section, set_front
from sage.tools.adr.writing import write_date, write_status, write_superseded, write_supersedes
from sage.tools.finding import CannotBegin
from sage.tools.report import counted

__all__ = ["plan_fix", "plan_new", "plan_status", "plan_supersede", "plan_supersede_by_new"]

_NUMBER = re.compile(r"\d+")
_DAY = re.compile(r"(\D*)(\d{8}|\d{4}-\d{2}-\d{2})(?!\d)(.*)")


def plan_new(
    log: DecisionLog,
    title: str,
    *,
    day: datetime.date,
    template: Path | None = None,
    status: Status = "proposed",
) -> Plan:
    """A new record with the next number that is free here and on the default branch.

    Its file is named, and its title numbered, as the log's last record is. The template is
    `template`, else `template.md` in the log's folder, else the one built in for the dialect that
    the log is kept in.

    Raises:
        CannotBegin: The title is empty, or the template cannot be read.
    """
    _, change = _new(log, title, day, template, status)
    return Plan(log.root, (change,), f"new {_relative(log, change.file)}")


def plan_status(
    log: DecisionLog, record: Record, status: Status, *, day: datetime.date, reason: str = ""
) -> Plan:
    """One record with another status, and the reason in a section at its end.

    Raises:
        CannotBegin: The status may not change so, or is written where it cannot be edited.
    """
    if record.status == status:
        raise CannotBegin(f"{record.path}: is {status} already")
    if record.status != "unknown" and status not in NEXT[record.status]:
        raise CannotBegin(
            f"{record.path}: is {record.status} and cannot become {status}; write a new record"
        )

    def edit(text: str) -> str:
        text = write_status(record, text, status, day, log.records)
        return append_section(text, _reason_title(record, status), reason) if reason else text

    return Plan(log.root, (_edited(record, edit),), f"{record.id} is {status}")


def plan_supersede(log: DecisionLog, old: Record, new: Record, *, day: datetime.date) -> Plan:
    """Both records, each saying that `new` supersedes `old`.

    Raises:
        CannotBegin: They are one record, or this would close a circle.
    """
    _check_pair(log, old, new)
    changes = []
    if old.status != "superseded" or new.id not in old.superseded_by:
        changes.append(_edited(old, _superseded(log, old, new, day)))
    if old.id not in new.supersedes:
        changes.append(_edited(new, _supersedes(new, old)))
    if not changes:
        raise CannotBegin(f"{old.path}: is superseded by {new.id} already")
    return Plan(log.root, tuple(changes), f"{new.id} supersedes {old.id}")


def plan_supersede_by_new(
    log: DecisionLog, old: Record, title: str, *, day: datetime.date, template: Path | None = None
) -> Plan:
    """A new, accepted record that supersedes `old`, and both sides of the link."""
    if old.status == "superseded":
        raise CannotBegin(f"{old.path}: is superseded already")
    new, change = _new(log, title, day, template, "accepted")
    text = write_supersedes(new, (change.after or b"").decode(), old)
    return Plan(
        log.root,
        (
            _edited(old, _superseded(log, old, new, day)),
            Change(change.file, None, text.encode()),
        ),
        f"{new.id} supersedes {old.id}",
    )


def plan_fix(log: DecisionLog, *, day: datetime.date) -> Plan:
    """The missing side of every supersede that only one record states, where it can be written.

    Nothing is written into one of several records that share a number: nobody can tell which.
    """
    edits: dict[Record, list[Callable[[str], str]]] = {}
    left: list[str] = []
    for new, name, named in _named(log, lambda record: record.supersedes):
        if any(old.status == "superseded" or old is new for old in named):
            continue
        if len(named) > 1:
            left.append(_ambiguous(new, name, named))
        for old in named if len(named) == 1 else ():
            edits.setdefault(old, []).append(_superseded(log, old, new, day))
    for old, name, named in _named(log, lambda record: record.superseded_by):
        if any(old.id in new.supersedes or new is old for new in named):
            continue
        if len(named) > 1:
            left.append(_ambiguous(old, name, named))
        for new in named if len(named) == 1 else ():
            edits.setdefault(new, []).append(_supersedes(new, old))
    changes = []
    for record, each in edits.items():
        try:
            changes.append(_edited(record, *each))
        except CannotBegin as error:
            left.append(str(error))
    summary = f"{counted(len(changes), 'record')} repaired"
    return Plan(log.root, tuple(changes), summary, tuple(left))


def _named(
    log: DecisionLog, side: Callable[[Record], Iterable[str]]
) -> Iterator[tuple[Record, str, Sequence[Record]]]:
    """Each record with each name on one side of its supersedes, and the records that have it."""
    for record in log.records:
        for name in side(record):
            if named := log.by_id.get(name):
                yield record, name, named


def _ambiguous(record: Record, name: str, named: Sequence[Record]) -> str:
    paths = " and ".join(each.path for each in named)
    return f"{record.path}: names {name}, which {paths} both are; give one its own number first"


def _superseded(
    log: DecisionLog, old: Record, new: Record, day: datetime.date
) -> Callable[[str], str]:
    return lambda text: write_superseded(old, text, new, day, log.records)


def _supersedes(new: Record, old: Record) -> Callable[[str], str]:
    return lambda text: write_supersedes(new, text, old)


def _check_pair(log: DecisionLog, old: Record, new: Record) -> None:
    if old.id == new.id:
        raise CannotBegin(f"{old.path}: cannot supersede itself; name another record with --by")
    seen: set[str] = set()
    ahead = [new.id]
    while ahead:
        name = ahead.pop()
        if name == old.id:
            raise CannotBegin(
                f"{new.path}: is itself superseded by {old.id}; they would form a circle"
            )
        if name not in seen:
            seen.add(name)
            record = log.find(name)
            ahead += record.superseded_by if record else ()


def _edited(record: Record, *edits: Callable[[str], str]) -> Change:
    unread = CannotBegin(f"{record.path}: cannot be read, so it cannot be edited")
    if record.dialect == "unreadable":
        raise unread
    try:
        before = record.file.read_bytes()
        text = before.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise unread from None
    for edit in edits:
        try:
            text = edit(text)
        except CannotBegin as error:
            message = str(error)
            place = "" if message.startswith(record.path) else f"{record.path}: "
            raise CannotBegin(f"{place}{message}") from None
    return Change(record.file, before, text.encode("utf-8"))


def _reason_title(record: Record, status: Status) -> str:
    if any("\u4e00" <= c <= "\u9fff" for section in record.sections[1:] for c in section.title):
        return "否决理由" if status == "rejected" else "弃用理由"
    return "Why it was rejected" if status == "rejected" else "Why it is deprecated"


def _new(
    log: DecisionLog, title: str, day: datetime.date, template: Path | None, status: Status
) -> tuple[Record, Change]:
    title = " ".join(title.split())
    if not title:
        raise CannotBegin("the title is empty; write what is decided, in a few words")
    numbered = [record for record in log.records if record.number is not None]
    last = max(numbered, key=lambda record: record.number or 0, default=None)
    dated = [record for record in log.records if identify(stem_of(record.file))[1]]
    number = None if dated and not numbered else _free_number(log)
    like = last or next(iter((*dated[-1:], *log.records[-1:])), None)
    text = fill(
        _template(log, template, like),
        title=title,
        heading=_heading(last, title, number),
        number=number,
        status=status,
        day=day,
    )
    file = log.directory / _file_name(like, title, number, day)
    if last is not None and stem_of(last.file) != last.file.stem:
        file = file.with_suffix("") / last.file.name
    if file.exists():
        raise CannotBegin(f"{_relative(log, file)}: is there already; choose another title")
    path = _relative(log, file)
    text = _completed(text, path, title, status, day)
    record, _ = parse_record(text, path, log=log.name)
    if record is None or record.status != status:
        raise CannotBegin(f"{path}: the template gives a record without a status; add {{status}}")
    placed = parse_record(text, str(file), log=log.name)[0] or record
    return placed, Change(file, None, text.encode())


def _completed(text: str, path: str, title: str, status: Status, day: datetime.date) -> str:
    """The text with title, status and date in it, for a template that has no blanks for them."""
    record, _ = parse_record(text, path)
    if record is None:
        return text
    if title not in text and record.sections:
        line = record.sections[0].line
        lines = text.split("\n")
        lines[line - 1] = f"# {title}"
        text = "\n".join(lines)
    if record.status != status and text.startswith("---"):
        text = set_front(text, "status", status)
        return set_front(text, "date", day.isoformat())
    if record.status != status and record.status_line:
        # The template lists every status; the one that holds takes the list's place.
        return write_date(record, write_status(record, text, status, day), day)
    return text


def _free_number(log: DecisionLog) -> int:
    taken = {record.number for record in log.records if record.number is not None}
    branch = default_branch(log.root)
    if branch is not None:
        taken |= set(numbers_at(log.root, log.directory, branch))
    return max(taken, default=0) + 1


def _template(log: DecisionLog, given: Path | None, like: Record | None) -> str:
    own = log.directory / "template.md"
    path = given or (own if own.is_file() else None)
    if path is None:
        return template_like(like) if like else template_for("madr4")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CannotBegin(f"{path}: the template is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise CannotBegin(f"{path}: the template cannot be read: {error.strerror}") from None


def _heading(last: Record | None, title: str, number: int | None) -> str:
    """The title, numbered as the log's last record numbers its own."""
    if last is None or number is None or not last.sections:
        return title
    whole = last.sections[0].title
    prefix = whole[: -len(last.title)] if whole.endswith(last.title) else ""
    digits = _NUMBER.search(prefix)
    if digits is None:
        return title
    return prefix[: digits.start()] + _padded(number, digits[0]) + prefix[digits.end() :] + title


def _file_name(like: Record | None, title: str, number: int | None, day: datetime.date) -> str:
    """The new file's name, made as that of `like`: with its day, its number and their signs."""
    slug = re.sub(r"[^\w]+|_+", "-", title.lower()).strip("-")[:80].rstrip("-") or "decision"
    stem = stem_of(like.file) if like else "0000-x"
    head, rest = "", stem
    if (dated := _DAY.match(stem)) and identify(stem)[1]:
        head, rest = dated[1] + day.strftime("%Y-%m-%d" if "-" in dated[2] else "%Y%m%d"), dated[3]
    if number is None:
        return f"{head}-{slug}.md"
    digits = next((m for m in _NUMBER.finditer(rest) if like and int(m[0]) == like.number), None)
    name = f"{number:04d}-{slug}.md"
    if digits is not None:
        after = rest[digits.end() :]
        tail = f"{after[0]}{slug}" if after else ""
        name = f"{head}{rest[: digits.start()]}{_padded(number, digits[0])}{tail}.md"
    return name if is_record_name(name) else f"{number:04d}-decide-{slug}.md"


def _padded(number: int, like: str) -> str:
    return str(number).zfill(len(like)) if like.startswith("0") or len(like) > 2 else str(number)


def _relative(log: DecisionLog, file: Path) -> str:
    return os.path.relpath(file, log.root).replace(os.sep, "/")
