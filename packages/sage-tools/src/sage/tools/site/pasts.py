"""What version control remembers of the records: when each changed, and its earlier names.

One call reads the history of the whole folder. A record's number is for ever, its file's name is
not: an address with an earlier name still leads to the record (ADR-0018).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

__all__ = ["COMMAND", "Past", "read_past"]

COMMAND: Final = ("log", "--format=%x00%cs", "--name-status", "--find-renames", "--relative", "--")
_NUMBER: Final = re.compile(r"(\d+)-")


@dataclass(frozen=True, slots=True)
class Past:
    """What the history of a folder says.

    Attributes:
        modified: The day (ISO) of the last commit that touched each file that is there.
        names: The earlier stems of the files, by path.
    """

    modified: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_past(log: str, paths: Iterable[str]) -> Past:
    """The past of the files at `paths`, from what `git` printed for `COMMAND`, the latest first.

    A name that was given up belongs to the file it became. Where the two were too different for a
    rename to be seen, it belongs to the file with its number.
    """
    if not log:
        return Past()
    days: dict[str, str] = {}
    owner = {path: path for path in paths}
    by_number = {number: path for path in owner if (number := _number(path)) is not None}
    names: dict[str, list[str]] = {}
    for day, words in _lines(log):
        path = words[-1]
        if path not in owner and (number := _number(path)) in by_number:
            owner[path] = by_number[number]
        now = owner.get(path)
        if now is None:
            continue
        days.setdefault(now, day)
        if len(words) == 3:
            owner.setdefault(words[1], now)
    for path, now in owner.items():
        stem = PurePosixPath(path).stem
        if stem != PurePosixPath(now).stem and stem not in names.setdefault(now, []):
            names[now].append(stem)
    return Past(days, {path: tuple(sorted(stems)) for path, stems in names.items() if stems})


def _lines(log: str) -> Iterator[tuple[str, list[str]]]:
    """Day, and the words of a line: what happened, the path, and the new path of a rename."""
    for commit in log.split("\0")[1:]:
        day, *lines = commit.splitlines()
        for line in filter(None, lines):
            yield day, line.split("\t")


def _number(path: str) -> tuple[str, int] | None:
    """The folder and the number of a record's file."""
    folder, _, name = path.rpartition("/")
    match = _NUMBER.match(name)
    return (folder, int(match[1])) if match and name.endswith(".md") else None
