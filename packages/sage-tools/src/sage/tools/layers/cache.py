"""What was read of each distribution, kept in a file until one of its files changes.

A distribution is read again as soon as a time, a size or a name among its files differs, or
layer.yaml, the set of all modules, grimp or this program does. A broken or foreign cache is
ignored; one that cannot be written is done without.
"""

import hashlib
import json
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sage.tools.finding import CannotBegin, Finding
from sage.tools.kept import keep
from sage.tools.layers.edges import Edge, Index, Readout
from sage.tools.layers.spec import Spec
from sage.tools.layers.workspace import Distribution

__all__ = ["Cache"]


class Cache:
    """The file, read; `save` writes it if anything was put in."""

    def __init__(self, file: Path, context: str, rows: dict[str, object]) -> None:
        self._file = file
        self._context = context
        self._rows = rows
        self._new: dict[str, object] = {}

    @classmethod
    def load(cls, file: Path, spec: Spec, index: Index) -> "Cache":
        """Read `file`; whatever is wrong with it, the cache is then empty."""
        context = _context(spec, index)
        try:
            data = json.loads(file.read_bytes())
            rows = data["distributions"] if data["context"] == context else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            rows = {}
        return cls(file, context, rows if isinstance(rows, dict) else {})

    def get(self, distribution: Distribution) -> Readout | None:
        """What is known of a distribution none of whose files has changed; else `None`."""
        key = _key(distribution)
        row = self._rows.get(distribution.path)
        if not key or not isinstance(row, dict) or row.get("key") != key:
            return None
        try:
            readout = _readout(row)
        except (KeyError, TypeError, ValueError):
            return None
        self._new[distribution.path] = row
        return readout

    def put(self, distribution: Distribution, readout: Readout) -> None:
        """Keep what was read, unless the distribution holds a file that cannot be looked at."""
        if key := _key(distribution):
            self._new[distribution.path] = _row(key, readout)

    def save(self) -> None:
        """Write the cache beside its final place and move it there."""
        if self._new == self._rows:
            return
        data = {"context": self._context, "distributions": self._new}
        with suppress(CannotBegin):  # without it the next run reads all files again
            keep(self._file, json.dumps(data, separators=(",", ":")))


def _context(spec: Spec, index: Index) -> str:
    program = [*sorted(Path(__file__).parent.glob("*.py"))]
    if (grimp := find_spec("grimp")) and grimp.origin:
        program += sorted(Path(grimp.origin).parent.glob("_rustgrimp*"))
    own = [f"{one}{one.stat().st_mtime_ns}" for one in program]
    text = "\n".join([repr(spec), sys.version, *own, *sorted(index.modules)])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _key(distribution: Distribution) -> str:
    stamps = [f"{one.path} {one.stamp}" for one in distribution.files if one.stamp]
    if len(stamps) < len(distribution.files):
        return ""
    text = "\n".join([distribution.name, *stamps])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _row(key: str, readout: Readout) -> dict[str, Any]:
    return {
        "key": key,
        "crossing": readout.crossing,
        "foreign": readout.foreign,
        "inner": readout.inner,
        "findings": [[one.path, one.line, one.code, one.message] for one in readout.findings],
        "unknown": readout.unknown,
        "counts": [readout.files, readout.imports, readout.tests],
    }


def _readout(row: dict[str, Any]) -> Readout:
    files, imports, tests = row["counts"]
    return Readout(
        crossing=[Edge(*edge) for edge in row["crossing"]],
        foreign=[Edge(*edge) for edge in row["foreign"]],
        inner={module: [(name, line) for name, line in rows]
               for module, rows in row["inner"].items()},
        findings=[Finding(*finding) for finding in row["findings"]],
        files=files,
        imports=imports,
        unknown=list(row["unknown"]),
        tests=tests,
    )  # fmt: skip
