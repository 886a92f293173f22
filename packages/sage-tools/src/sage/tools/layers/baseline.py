"""The ratchet: today's findings, frozen with a reason; new ones fail, and so do gone ones."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding
from sage.tools.layers.codes import CODES

__all__ = ["Baseline", "read_baseline", "write_baseline"]

# What a baseline must not hide: that something was not looked at.
NEVER = frozenset(
    {"unreadable-file", "broken-metadata", "missing-metadata", "nothing-read", "stale-baseline"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One frozen finding, or several alike on different lines of one file.

    Attributes:
        code: The rule.
        path: The file.
        text: The message up to its first colon, which names both ends of an import.
        count: How many findings are alike in all of this.
        reason: Why they are left.
        line: Line in the baseline file, from 1.
    """

    code: str
    path: str
    text: str
    count: int
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline file, read.

    Attributes:
        name: How messages name the file.
        entries: What it freezes.
    """

    name: str
    entries: tuple[Entry, ...]

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """What is new, plus a finding for each entry that has gone or gives no reason.

        Lines are not compared, so that moving code about changes nothing.
        """
        left = Counter({_key(one): one.count for one in self.entries})
        result: list[Finding] = []
        for finding in findings:
            if finding.code not in NEVER and left[_mark(finding)] > 0:
                left[_mark(finding)] -= 1
            else:
                result.append(finding)
        for entry in self.entries:
            if gone := left[_key(entry)]:
                left[_key(entry)] = 0
                what = f"{entry.path}: {entry.code} {entry.text}"
                result.append(self._finding(entry, "stale-baseline", _stale(what, gone)))
            if not entry.reason.strip():
                what = (
                    f"the entry for {entry.path} ({entry.code}) gives no reason; say why it stays"
                )
                result.append(self._finding(entry, "reasonless-exception", what))
        return sorted(set(result))

    def _finding(self, entry: Entry, code: str, message: str) -> Finding:
        return Finding(self.name, entry.line, code, message)


def _stale(what: str, gone: int) -> str:
    return f"{gone} of this has gone: {what}; take it out of the baseline"


def read_baseline(path: Path) -> Baseline:
    """Read a baseline that `write_baseline` wrote.

    Raises:
        CannotBegin: It is not there, is not JSON, or has another shape.
    """
    try:
        text = path.read_text("utf-8-sig")
        data = json.loads(text)
    except FileNotFoundError as error:
        what = f"{path}: no such baseline; write one with --write-baseline {path} --reason TEXT"
        raise CannotBegin(what) from error
    except json.JSONDecodeError as error:
        raise CannotBegin(f"{path}:{error.lineno}: is not JSON: {error.msg}") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise CannotBegin(f"{path}: cannot be read: {error}") from error
    rows = data.get("findings") if isinstance(data, dict) else None
    if not isinstance(rows, list) or data.get("version") != 1:
        raise CannotBegin(f'{path}: expected {{"version": 1, "findings": [...]}}')
    starts = [number for number, line in enumerate(text.splitlines(), 1) if '"code"' in line]
    entries = []
    for index, row in enumerate(rows):
        line = starts[index] if index < len(starts) else 1
        entries.append(_entry(row, line, f"{path}:{line}"))
    return Baseline(path.name, tuple(entries))


def _entry(row: object, line: int, place: str) -> Entry:
    if not isinstance(row, dict):
        raise CannotBegin(f"{place}: an entry is an object with code, path, text, count, reason")
    fields: dict[str, str] = {}
    for key in ("code", "path", "text", "reason"):
        value = row.get(key)
        if not isinstance(value, str):
            raise CannotBegin(f"{place}: {key} is missing or no text")
        fields[key] = value
    count = row.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise CannotBegin(f"{place}: count {count!r} is no number from 1")
    if fields["code"] not in CODES or fields["code"] in NEVER:
        why = ": it says that something could not be looked at" if fields["code"] in NEVER else ""
        raise CannotBegin(f"{place}: {fields['code']} is no rule that a baseline can freeze{why}")
    return Entry(fields["code"], fields["path"], fields["text"], count, fields["reason"], line)


def write_baseline(findings: Iterable[Finding], path: Path, *, reason: str) -> int:
    """Freeze `findings` in `path`, each with `reason`; returns how many entries were written.

    What says that something could not be looked at is not frozen: a file that could not be read, a
    package without metadata or without a module. Reasons that `path` gives already are kept.

    Raises:
        CannotBegin: `reason` is empty, or the file cannot be written.
    """
    if not reason.strip():
        raise CannotBegin("a baseline needs --reason TEXT: say why these findings are left")
    old: dict[tuple[str, str, str], str] = {}
    if path.is_file():
        old = {_key(one): one.reason for one in read_baseline(path).entries}
    counts = Counter(_mark(one) for one in findings if one.code not in NEVER)
    rows = [
        {
            "code": code,
            "path": file,
            "text": text,
            "count": count,
            "reason": old.get((code, file, text), reason),
        }
        for (code, file, text), count in sorted(counts.items())
    ]
    text = json.dumps({"version": 1, "findings": rows}, ensure_ascii=False, indent=2) + "\n"
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise CannotBegin(f"{path}: cannot be written: {error.strerror}") from error
    return len(rows)


def _mark(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.path, finding.message.partition(": ")[0]


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.code, entry.path, entry.text
