"""Giving a record another number, and every citation of it with it."""

# adr: off (the numbers here are examples)

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sage.tools.adr.citations import MARK, listed_files, read_bytes
from sage.tools.adr.edit import Change, Plan
from sage.tools.adr.git import default_branch, files_at, read_at, top
from sage.tools.adr.history import numbers_at
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import Record
from sage.tools.adr.references import identify, stem_of
from sage.tools.adr.text import Lines
from sage.tools.finding import CannotBegin

__all__ = ["plan_renumber"]


@dataclass(frozen=True, slots=True)
class _Move:
    """One record's old and new number, its old and new file name."""

    old: int
    new: int
    old_stem: str
    new_stem: str
    log: str

    def rewrite(self, line: str) -> str:
        """The line with the record's number and file name replaced wherever it cites them."""
        line = re.sub(rf"(?<![\w-]){re.escape(self.old_stem)}(?![\w-])", self.new_stem, line)
        log = rf"{re.escape(self.log)}/" if self.log else r"(?<![\w.-]/)(?<![\w.-])"
        pattern = rf"(?a:({log}ADR(?:[-_ ]|(?=0)))(0*{self.old})(?![\w]|\.\d))"
        line = re.sub(pattern, lambda m: m[1] + _padded(self.new, m[2]), line)
        address = rf"(/adr/{re.escape(self.log) + '/' if self.log else ''})(0*{self.old})(?=/)"
        return re.sub(address, lambda m: m[1] + _padded(self.new, m[2]), line)


def plan_renumber(log: DecisionLog, record: Record, number: int | None = None) -> Plan:
    """The record under another number: its file moved, its title and every citation rewritten.

    Where another record has the old number too, only those lines are rewritten that the default
    branch does not have: the others mean the other record.

    Args:
        log: The log.
        record: The record; not yet on the default branch.
        number: The new number; the next free one where `None`.

    Raises:
        CannotBegin: The record is on the default branch, has no number, or the new one is taken.
    """
    if record.number is None:
        raise CannotBegin(f"{record.path}: has no number that could be changed")
    if record.dialect == "unreadable":
        raise CannotBegin(f"{record.path}: cannot be read; repair it first")
    if top(log.root) is None:
        raise CannotBegin(
            f"{log.root}: is in no Git repository, so nobody can tell whether others have this "
            "record already; move the file by hand"
        )
    branch = default_branch(log.root)
    held = files_at(log.root, branch, log.root) if branch else {}
    if record.path in held:
        raise CannotBegin(
            f"{record.path}: is on {_short(branch)} already, and its number is for ever; "
            "write a new record and supersede this one"
        )
    theirs = numbers_at(log.root, log.directory, branch) if branch else {}
    taken = {r.number for r in log.records if r.number is not None and r.path != record.path}
    free = max({*taken, *theirs, record.number}, default=0) + 1
    new = free if number is None else number
    if new in taken or new in theirs or new < 0:
        raise CannotBegin(f"the number {new} is taken; the next free one is {free}")
    if new == record.number:
        raise CannotBegin(f"{record.path}: has the number {new} already")
    stem = stem_of(record.file)
    move = _Move(record.number, new, stem, _new_stem(stem, record.number, new), log.name)
    shared = record.number in taken or record.number in theirs
    return Plan(
        log.root,
        tuple(_changes(log, record, move, held, held if shared else {})),
        f"{record.id} is ADR-{new:04d}",
    )


def _changes(
    log: DecisionLog,
    record: Record,
    move: _Move,
    settled: Mapping[str, str],
    held: Mapping[str, str],
) -> list[Change]:
    """The record's own change, then those of the files that cite or translate it.

    `settled` are the files of the default branch, which keep their names; `held` those of them
    whose lines mean another record, and so are kept.
    """
    file = _moved(record.file, record, move)
    if file != record.file and file.exists():
        raise CannotBegin(f"{file}: is there already; move it away first")
    before = record.file.read_bytes()
    text = _rewritten(before.decode("utf-8"), move, frozenset())
    text = _retitled(text, record, move)
    changes = [Change(record.file, before, None), Change(file, None, text.encode("utf-8"))]
    if file == record.file:
        changes = [Change(file, before, text.encode("utf-8"))]
    candidates = _candidates(log.root, record, move)
    known = read_at(log.root, (held[path] for path in candidates if path in held))
    for path, data in candidates.items():
        lines = known.get(held.get(path, ""), b"").decode("utf-8", "replace").splitlines()
        try:
            old = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        new = _rewritten(old, move, frozenset(line.strip() for line in lines))
        new = _renumbered_lists(new, path, log, move, frozenset(line.strip() for line in lines))
        source = log.root / path
        target = source if path in settled else log.root / _translation(path, log, move)
        target = _moved(target, record, move)
        if target != source and not target.exists():
            changes.append(Change(source, data, None))
            changes.append(Change(target, None, new.encode("utf-8")))
        elif new != old:
            changes.append(Change(source, data, new.encode("utf-8")))
    done = {change.file for change in changes}
    for source in _beside(record):
        if source not in done and (target := _moved(source, record, move)) != source:
            data = source.read_bytes()
            changes += (Change(source, data, None), Change(target, None, data))
    return changes


def _moved(file: Path, record: Record, move: _Move) -> Path:
    """Where a file is once the record has its new name, and so has the folder that is its own."""
    home = record.file.parent
    if move.old_stem == home.name and record.file.stem != move.old_stem:
        inside = file.is_relative_to(home)
        return home.with_name(move.new_stem) / file.relative_to(home) if inside else file
    return file.with_name(f"{move.new_stem}{file.suffix}") if file == record.file else file


def _beside(record: Record) -> Iterator[Path]:
    """The files of the folder that is a record's own, such as its pictures."""
    if stem_of(record.file) != record.file.stem:
        for folder, _, names in os.walk(record.file.parent):
            yield from (Path(folder, name) for name in sorted(names))


def _translation(path: str, log: DecisionLog, move: _Move) -> str:
    """The new path of a page that translates the record, such as `docs/zh/adr/0012.md`."""
    place = PurePosixPath(path)
    own = (log.root / path).is_relative_to(log.directory)
    if own or place.parent.name != log.directory.name or not place.stem.isdecimal():
        return path
    if int(place.stem) != move.old:
        return path
    return str(place.with_stem(_padded(move.new, place.stem)))


def _candidates(root: Path, record: Record, move: _Move) -> dict[str, bytes]:
    """The files that may cite the record, and what they hold."""
    digits = str(move.old).encode()
    found: dict[str, bytes] = {}
    for path in listed_files(root):
        if path == record.path:
            continue
        data = read_bytes(f"{root}/{path}")
        if data is None or b"\0" in data:
            continue
        if digits in data or digits in path.encode():
            found[path] = data
    return found


def _rewritten(text: str, move: _Move, kept: frozenset[str]) -> str:
    """The text with citations rewritten, save on the lines in `kept` and where a mark says off."""
    out = []
    off = False
    for line in text.splitlines(keepends=True):
        mark = MARK.search(line) if "adr:" in line else None
        if mark and mark[1] in ("off", "on"):
            off = mark[1] == "off"
        silent = off or (mark is not None and mark[1] == "elsewhere") or line.strip() in kept
        out.append(line if silent else move.rewrite(line))
    return "".join(out)


def _renumbered_lists(
    text: str, path: str, log: DecisionLog, move: _Move, kept: frozenset[str]
) -> str:
    """The text with the bare numbers of `supersedes` in records, and of `adr` in layer.yaml."""
    number = rf"(?<![\w./-])(0*{move.old})(?![\w./-])"
    if path == "layer.yaml":
        key = r"\badr:"
    elif log.find(path) is not None:
        key = r"^(?:supersedes|superseded[-_]by):"
    else:
        return text
    out = []
    for line in text.splitlines(keepends=True):
        match = re.search(key, line)
        if match and line.strip() not in kept:
            head, rest = line[: match.end()], line[match.end() :]
            value, mark, remark = rest.partition("#")
            value = re.sub(number, lambda m: _padded(move.new, m[1]), value)
            line = head + value + mark + remark
        out.append(line)
    return "".join(out)


def _retitled(text: str, record: Record, move: _Move) -> str:
    """The text with the number in its title, where it has one there."""
    if not record.sections:
        return text
    lines = Lines(text)
    line = lines.get(record.sections[0].line)
    cut = line.rfind(record.title)
    head = line[:cut] if cut >= 0 else line
    head = re.sub(rf"(?<!\d)(0*{move.old})(?!\d)", lambda m: _padded(move.new, m[1]), head)
    lines.replace(record.sections[0].line, head + (line[cut:] if cut >= 0 else ""))
    return lines.text()


def _new_stem(stem: str, old: int, new: int) -> str:
    for match in re.finditer(r"\d+", stem):
        if int(match[0]) == old:
            renamed = stem[: match.start()] + _padded(new, match[0]) + stem[match.end() :]
            if identify(renamed)[0] == new:
                return renamed
    # The number stands in the title only; the file keeps its name.
    return stem


def _padded(number: int, like: str) -> str:
    return str(number).zfill(len(like)) if like.startswith("0") or len(like) > 3 else str(number)


def _short(branch: str | None) -> str:
    return (branch or "").removeprefix("refs/heads/").removeprefix("refs/remotes/")
