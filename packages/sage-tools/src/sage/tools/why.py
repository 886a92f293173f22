"""Which decisions rule a file: by `governs`, by citation, and by the rules about layers."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sage.tools.adr.citations import find_citations
from sage.tools.adr.globs import matches
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import Record
from sage.tools.adr.source import split_lines
from sage.tools.finding import CannotBegin

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


def why(root: Path, paths: Sequence[Path], logs: Sequence[DecisionLog]) -> list[Ruling]:
    """The records that rule each of `paths`, sorted by path and then by record.

    A path need not exist: a file that a change deletes is ruled as well. A folder is ruled by what
    rules the files that it holds. Superseded, rejected and deprecated records rule by citation
    only: their `governs` no longer holds.

    Args:
        root: The repository.
        paths: Files and folders.
        logs: The repository's logs.

    Raises:
        CannotBegin: A path lies outside `root`, or `layer.yaml` is broken.
    """
    records = {record.id: record for log in logs for record in log.records}
    rulings: list[Ruling] = []
    for path in sorted({_relative(root, path) for path in paths}):
        reasons: dict[str, list[Reason]] = {}
        for name, reason in (
            *_governing(root, path, records.values()),
            *_cited(root, path),
            *_layered(root, path),
        ):
            if name in records and reason not in reasons.setdefault(name, []):
                reasons[name].append(reason)
        rulings += [
            Ruling(path, records[name], tuple(reasons[name]))
            for name in sorted(reasons, key=lambda name: records[name].path)
            if reasons[name]
        ]
    return rulings


def _relative(root: Path, path: Path) -> str:
    place = os.path.relpath(path, root).replace(os.sep, "/")
    if place.startswith("../") or place == "..":
        raise CannotBegin(f"{path}: lies outside {root}; name a file of this repository")
    return place


def _governing(root: Path, path: str, records: Iterable[Record]) -> list[tuple[str, Reason]]:
    holds = [r for r in records if r.governs and r.status in ("accepted", "proposed", "draft")]
    if not holds:
        return []
    files = _below(root, path)
    return [
        (record.id, Reason("governs", glob, record.path, _line(record, glob)))
        for record in holds
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


def _cited(root: Path, path: str) -> list[tuple[str, Reason]]:
    if not os.path.lexists(root / path):
        return []
    return [
        (citation.record, Reason("citation", citation.text, citation.path, citation.line))
        for citation in find_citations(root, [root / path])
    ]


def _layered(root: Path, path: str) -> list[tuple[str, Reason]]:
    """The records behind the rules that hold for the package in which the file lies."""
    if not (root / "layer.yaml").exists():
        return []
    # Here, because it takes longer to import than the rest of the answer takes.
    from sage.tools.layers.spec import load_spec

    spec = load_spec(root)
    if path == "layer.yaml":
        owner = "layer.yaml"
    else:
        parts = path.split("/")
        package = next((spec.package(part) for part in parts if spec.package(part)), None)
        if package is None or not package.present:
            return []
        owner = f"{package.name} is {package.layer}"
    rules: dict[int, list[str]] = {}
    for code, numbers in spec.rules.items():
        for number in numbers:
            rules.setdefault(number, []).append(code)
    return [
        (f"ADR-{number:04d}", Reason("layers", f"{owner}: {', '.join(codes)}", "layer.yaml"))
        for number, codes in rules.items()
    ]
