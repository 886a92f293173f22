"""Which decisions rule a file: by `governs`, by citation, and by the rules about layers."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sage.tools.adr.citations import find_citations
from sage.tools.adr.globs import matches
from sage.tools.adr.log import read_ruling
from sage.tools.adr.record import Record
from sage.tools.adr.source import split_lines
from sage.tools.finding import CannotBegin

if TYPE_CHECKING:
    from sage.tools.layers.spec import Spec

__all__ = ["Reason", "Ruling", "why"]


@dataclass(frozen=True, slots=True)
class Reason:
    """How a record came to rule a file.

    Attributes:
        kind: `"governs"`, `"citation"` or `"layers"`.
        text: What says so: the pattern, the citing line, or the rules' names.
        path: The file that says so, relative to the root.
        line: The line in that file, from 1; 0 where no one line does.
    """

    kind: Literal["governs", "citation", "layers"]
    text: str
    path: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """A record that rules one file, and every reason.

    Attributes:
        path: The file, relative to the root.
        record: The record.
        reasons: Why it rules the file; never empty.
    """

    path: str
    record: Record
    reasons: tuple[Reason, ...]


def why(root: Path, paths: Sequence[Path], logs: Mapping[str, Path]) -> list[Ruling]:
    """The records that rule each of `paths`, sorted by path and then by record.

    A path need not exist: a file that a change deletes is ruled as well. A folder is ruled by what
    rules the files that it holds. Superseded, rejected and deprecated records rule by citation
    only: their `governs` no longer holds.

    Args:
        root: The repository.
        paths: Files and folders.
        logs: The folders of the repository's logs, by their names; the main one's is empty.

    Raises:
        CannotBegin: A path lies outside `root`, a log's folder cannot be opened, or `layer.yaml`
            is broken.
    """
    places = sorted({_relative(root, path) for path in paths})
    below = {place: _below(root, place) for place in places}
    reasons: dict[str, dict[str, list[Reason]]] = {place: {} for place in places}
    for place, name, reason in (*_cited(root, places), *_layered(root, places)):
        reasons[place].setdefault(name, []).append(reason)
    ids = {name for each in reasons.values() for name in each}
    files = {file for each in below.values() for file in each}
    read = [
        read_ruling(
            path,
            root=root,
            files=files,
            ids=ids,
            log=name,
            without=[each for each in logs.values() if each != path],
        )
        for name, path in logs.items()
    ]
    records = {record.id: record for log in read for record in log.records}
    for place in places:
        for name, reason in _governing(below[place], records.values()):
            reasons[place].setdefault(name, []).insert(0, reason)
    rulings = (
        Ruling(place, records[name], _told_elsewhere(reasons[place][name], records[name]))
        for place in places
        for name in sorted(reasons[place].keys() & records, key=lambda name: records[name].path)
    )
    return [ruling for ruling in rulings if ruling.reasons]


def _told_elsewhere(reasons: Iterable[Reason], record: Record) -> tuple[Reason, ...]:
    """The reasons, each once, without the record's own title, which cites nobody."""
    return tuple(
        each
        for each in dict.fromkeys(reasons)
        if each.kind != "citation" or each.path != record.path
    )


def _relative(root: Path, path: Path) -> str:
    place = os.path.relpath(path, root).replace(os.sep, "/")
    if place.startswith("../") or place == "..":
        raise CannotBegin(f"{path}: lies outside {root}; name a file of this repository")
    return place


def _governing(files: Sequence[str], records: Iterable[Record]) -> list[tuple[str, Reason]]:
    return [
        (record.id, Reason("governs", glob, record.path, _line(record, glob)))
        for record in records
        if record.status in ("accepted", "proposed", "draft")
        for glob in record.governs
        if any(matches(glob, file) for file in files)
    ]


def _below(root: Path, path: str) -> list[str]:
    """The path, and for a folder every file in it, relative to the root."""
    found = [path]
    for folder, folders, files in os.walk(root / path):
        folders[:] = [name for name in folders if name[0] != "." and name != "__pycache__"]
        base = os.path.relpath(folder, root).replace(os.sep, "/")
        found += [name if base == "." else f"{base}/{name}" for name in files]
    return found


def _line(record: Record, glob: str) -> int:
    head = split_lines(record.text)[: record.body_line]
    return next((number for number, line in enumerate(head, start=1) if glob in line), 0)


def _cited(root: Path, places: Sequence[str]) -> list[tuple[str, str, Reason]]:
    there = [root / place for place in places if os.path.lexists(root / place)]
    return [
        (place, each.record, Reason("citation", each.text, each.path, each.line))
        for each in (find_citations(root, there) if there else ())
        for place in places
        if place in (each.path, ".") or each.path.startswith(f"{place}/")
    ]


def _layered(root: Path, places: Sequence[str]) -> list[tuple[str, str, Reason]]:
    """The records behind the rules that hold for the package in which a file lies."""
    if not (root / "layer.yaml").exists():
        return []
    # Here, because it takes longer to import than the rest of the answer takes.
    from sage.tools.layers.spec import load_spec

    spec = load_spec(root)
    rules: dict[int, list[str]] = {}
    for code, numbers in spec.rules.items():
        for number in numbers:
            rules.setdefault(number, []).append(code)
    owners = {place: _owner(place, spec) for place in places}
    return [
        (place, f"ADR-{number:04d}", Reason("layers", f"{owner}: {', '.join(codes)}", "layer.yaml"))
        for place, owner in owners.items()
        if owner
        for number, codes in rules.items()
    ]


def _owner(place: str, spec: "Spec") -> str:
    if place == "layer.yaml":
        return place
    packages = (spec.package(part) for part in place.split("/"))
    package = next((each for each in packages if each is not None and each.present), None)
    return f"{package.name} is {package.layer}" if package else ""
