"""A decision log held against its own past and against other branches."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from sage.tools.adr.codes import found
from sage.tools.adr.files import is_record_path
from sage.tools.adr.git import commit_of, files_at, merge_base, read_at, refs
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.parse import parse_record
from sage.tools.adr.record import Record, Status
from sage.tools.adr.references import identify, stem_of
from sage.tools.adr.rules import section_named
from sage.tools.finding import Finding

__all__ = ["NEXT", "check_against", "check_since", "numbers_at"]

NEXT: Mapping[Status, frozenset[Status]] = {
    "draft": frozenset(("proposed", "accepted", "rejected")),
    "proposed": frozenset(("draft", "accepted", "rejected", "superseded")),
    "accepted": frozenset(("deprecated", "superseded")),
    "rejected": frozenset(("superseded",)),
    "deprecated": frozenset(("superseded",)),
    "superseded": frozenset(),
}


def check_against(log: DecisionLog, branch: str) -> list[Finding]:
    """Numbers that a new record here and a record on another branch have both taken.

    A record that was renamed on either side since the branches parted is no clash.

    Args:
        log: The log, as it is in the work tree.
        branch: A branch or commit, or a pattern such as `origin/*`.

    Raises:
        CannotBegin: Git knows no such branch.
    """
    return sorted(
        {finding for ref in refs(log.root, branch) for finding in _clashes(log, ref, branch)}
    )


def numbers_at(root: Path, directory: Path, ref: str) -> dict[int, list[str]]:
    """The numbers that records have at `ref`, and the paths of those records.

    Raises:
        CannotBegin: Git knows no such branch.
    """
    return _numbers(files_at(root, commit_of(root, ref), directory))


def check_since(log: DecisionLog, rev: str) -> list[Finding]:
    """Decisions rewritten after they were accepted, statuses that went back, records removed.

    Args:
        log: The log, as it is in the work tree.
        rev: The branch or commit to compare with.

    Raises:
        CannotBegin: Git knows no such commit.
    """
    before = _records_at(log, rev)
    now = {record.path: record for record in log.records}
    by_id = {record.id: record for record in log.records}
    findings: list[Finding] = []
    for path, old in before.items():
        new = now.get(path) or by_id.get(old.id)
        if new is None:
            if old.status not in ("draft", "proposed", "unknown"):
                message = f"{old.id} was {old.status} at {rev} and is gone; bring it back"
                findings.append(found("record-removed", path, 0, message))
            continue
        findings += _changes(old, new, rev)
    return sorted(findings)


def _clashes(log: DecisionLog, ref: str, named: str) -> Iterator[Finding]:
    commit = commit_of(log.root, ref)
    theirs = _numbers(files_at(log.root, commit, log.directory))
    base = merge_base(log.root, "HEAD", commit)
    shared = set(files_at(log.root, base, log.directory)) if base else set()
    ours = {record.path for record in log.records}
    shown = ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    for record in log.records:
        if record.number is None or record.path in shared:
            continue
        for path in theirs.get(record.number, ()):
            moved_here = path in shared and path not in ours
            if path == record.path or moved_here:
                continue
            message = (
                f"the number {record.number} is taken on {shown} by {path}; "
                f"run `sage-dev adr renumber {record.path}`"
            )
            yield found("number-taken", record.path, 0, message)
            break


def _numbers(files: Mapping[str, str]) -> dict[int, list[str]]:
    numbers: dict[int, list[str]] = {}
    for path in files:
        place = PurePosixPath(path)
        if is_record_path(place):
            number, _ = identify(stem_of(place))
            if number is not None:
                numbers.setdefault(number, []).append(path)
    return numbers


def _records_at(log: DecisionLog, rev: str) -> dict[str, Record]:
    files = files_at(log.root, commit_of(log.root, rev), log.directory)
    files = {path: blob for path, blob in files.items() if is_record_path(PurePosixPath(path))}
    held = read_at(log.root, files.values())
    records = {}
    for path, blob in files.items():
        text = held.get(blob, b"").decode("utf-8-sig", "replace")
        if text.strip() and (record := parse_record(text, path, log=log.name)[0]):
            records[path] = record
    return records


def _changes(old: Record, new: Record, rev: str) -> Iterator[Finding]:
    line = new.status_line or 1
    known = old.status != "unknown" and new.status != "unknown"
    if known and new.status != old.status and new.status not in NEXT[old.status]:
        allowed = ", ".join(sorted(NEXT[old.status])) or "nothing"
        message = f"went from {old.status} at {rev} to {new.status}; it may become {allowed}"
        yield found("status-change", new.path, line, message)
    if old.status in ("draft", "proposed", "unknown"):
        return
    was, place = _decision(old), section_named(new, "decision")
    if was is not None and was != _decision(new):
        message = (
            f"the decision was {old.status} at {rev} and has been rewritten; "
            "restore it, and supersede it with a new record"
        )
        where = new.sections[place].line if place is not None else 1
        yield found("decision-rewritten", new.path, where, message)


def _decision(record: Record) -> str | None:
    """The words of the decision, without the space between them and without comments."""
    place = section_named(record, "decision")
    if place is None:
        return None
    text = re.sub(r"<!--.*?-->", "", record.sections[place].text, flags=re.S)
    return " ".join(text.split())
