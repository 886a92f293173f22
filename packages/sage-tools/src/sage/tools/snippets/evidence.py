"""Outcomes on disk: what ran, when, with which versions, and what it printed.

`.sage-dev/evidence.json` is written by runs only, atomically, merged by snippet: a run of one page
adds to what is known of the others. An entry is found by the snippet's digest, so an outcome can
never be shown for code that has changed since.

    {"schema": 1,
     "runs": {"1": {"when": "2026-11-23T22:10:00Z", "python": "3.11.2", "commit": "…",
                    "versions": {"sage-platform": "0.1.0"}}},
     "pages": {"adr/0002-register-a-factory.md": {
         "<digest>": {"line": 42, "status": "passed", "seconds": 0.01, "output": "…",
                      "message": "", "run": "1"}}}}
"""

import fcntl
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from sage.tools.kept import keep, keeping
from sage.tools.snippets.model import Outcome, Page, Snippet, Status

__all__ = ["Evidence", "entry_of", "installed_versions"]

SCHEMA = 1
FILE = ".sage-dev/evidence.json"
OUTPUT_LIMIT = 200_000  # characters of output kept for one snippet

Entry: TypeAlias = dict[str, object]
Run: TypeAlias = dict[str, object]
Told: TypeAlias = tuple[str, str, Mapping[str, str]]  # of a run: when, which Python and versions

UNTOLD: Told = ("", "", {})


class Evidence:
    """What is known of a repository's snippets. Reading it runs and imports nothing.

    >>> from sage.tools.snippets import Evidence, Kind, Outcome, Snippet, Status
    >>> evidence = Evidence.read(Path.cwd())
    >>> snippet = Snippet("a.md", 3, Kind.CODE, "python", "print(1)", "a.md", 4, 0, digest="d")
    >>> evidence.outcome(snippet) is None
    True
    >>> evidence.record(snippet, Outcome(Status.PASSED, output="1"))
    >>> evidence.write()
    >>> Evidence.read(Path.cwd()).outcome(snippet).output
    '1'
    """

    def __init__(
        self, root: Path, runs: Mapping[str, Run], pages: Mapping[str, Mapping[str, Entry]]
    ) -> None:
        self.root = root
        self._runs = {number: _told(run) for number, run in runs.items()}
        self._pages = {path: dict(entries) for path, entries in pages.items()}
        self._new: dict[str, dict[str, Entry]] = {}
        self._whole: set[str] = set()

    @classmethod
    def read(cls, root: Path) -> "Evidence":
        """The evidence of the repository at `root`; empty where there is none, or none to trust."""
        runs, pages = _load(root)
        return cls(root, runs, pages)

    def outcome(self, snippet: Snippet) -> Outcome | None:
        """What the last run of exactly this snippet gave.

        `None` when it never ran, or when anything that its digest covers has changed since.
        """
        entry = self._pages.get(snippet.page, {}).get(snippet.digest)
        if entry is None or not snippet.digest:
            return None
        when, python, versions = self._runs.get(str(entry.get("run")), UNTOLD)
        return Outcome(
            status=Status(str(entry["status"])),
            output=str(entry.get("output", "")),
            message=str(entry.get("message", "")),
            detail=str(entry.get("detail", "")),
            line=_integer(entry.get("at")),
            seconds=float(str(entry.get("seconds", 0.0))),
            when=when,
            python=python,
            versions=versions,
        )

    def has_passed(self, snippet: Snippet) -> bool:
        """Whether the last run of exactly this snippet passed; see `outcome`."""
        entry = self._pages.get(snippet.page, {}).get(snippet.digest)
        return entry is not None and snippet.digest != "" and entry["status"] == Status.PASSED

    def record(self, snippet: Snippet, outcome: Outcome) -> None:
        """Note what a run gave; `write` puts it on disk."""
        self.add(snippet.page, snippet.digest, entry_of(snippet, outcome))

    def add(self, page: str, digest: str, entry: Entry) -> None:
        """Note an entry that `entry_of` made, perhaps in another process."""
        self._new.setdefault(page, {})[digest] = entry

    def whole_if_complete(self, page: Page) -> None:
        """`whole`, where every snippet of the page was recorded."""
        new = self._new.get(page.path, {})
        if page.snippets and all(s.digest in new for s in page.snippets if s.runs):
            self.whole(page)

    def whole(self, page: Page) -> None:
        """Note that every snippet of `page` has its outcome: older entries of it are dropped."""
        self._whole.add(page.path)

    def write(self) -> None:
        """Merge what was recorded into the file, atomically; blocks while another run writes.

        Raises:
            CannotBegin: The file cannot be written, as on a full disk.
        """
        if not self._new:
            return
        with keeping(self.root / FILE), _locked(self.root):
            runs, pages = _load(self.root)
            number = str(max((int(key) for key in runs if key.isdigit()), default=0) + 1)
            runs[number] = _this_run(self.root)
            for path, entries in self._new.items():
                kept = {} if path in self._whole else pages.get(path, {})
                pages[path] = kept | {d: {**e, "run": number} for d, e in entries.items()}
            used = {str(e.get("run")) for entries in pages.values() for e in entries.values()}
            runs = {key: run for key, run in runs.items() if key in used}
            table = {"schema": SCHEMA, "runs": runs, "pages": pages}
            keep(self.root / FILE, json.dumps(table, ensure_ascii=False))  # `indent` is slow
        self._runs, self._pages = {n: _told(run) for n, run in runs.items()}, dict(pages)
        self._new, self._whole = {}, set()


def entry_of(snippet: Snippet, outcome: Outcome) -> Entry:
    """What the file holds for one outcome: plain values only."""
    return {
        "line": snippet.line,
        "status": str(outcome.status),
        "seconds": round(outcome.seconds, 4),
        "output": outcome.output[:OUTPUT_LIMIT],
        "message": outcome.message,
        "detail": outcome.detail,
        "at": outcome.line,
    }


def installed_versions() -> dict[str, str]:
    """Name and version of every distribution on `sys.path`, from the names of their folders."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder):  # noqa: PTH208 (a Path a name is slow on this path)
                if name.endswith(".dist-info"):
                    project, _, version = name.removesuffix(".dist-info").rpartition("-")
                    found.setdefault(project.replace("_", "-").lower(), version)
    return dict(sorted(found.items()))


def _told(run: Run) -> Told:
    """What outcomes say of the run that they come from."""
    versions = run.get("versions")
    known = versions.items() if isinstance(versions, dict) else ()
    named = {str(name): str(version) for name, version in known}
    return str(run.get("when", "")), str(run.get("python", "")), named


def _load(root: Path) -> tuple[dict[str, Run], dict[str, dict[str, Entry]]]:
    try:
        table = json.loads((root / FILE).read_text("utf-8", errors="surrogatepass"))
    except (OSError, ValueError):
        return {}, {}
    if not isinstance(table, dict) or table.get("schema") != SCHEMA:
        return {}, {}
    runs, pages = table.get("runs", {}), table.get("pages", {})
    sound = all(
        isinstance(each, dict) and all(isinstance(inner, dict) for inner in each.values())
        for each in (runs, pages)
    )
    return (runs, pages) if sound else ({}, {})


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / f"{FILE}.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _this_run(root: Path) -> Run:
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        "commit": _commit(root),
        "versions": installed_versions(),
    }


def _commit(root: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
