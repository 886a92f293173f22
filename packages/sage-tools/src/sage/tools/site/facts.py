"""Everything one build of the site knows, read once: records, layers, rules, citations, runs.

Nothing here executes a snippet: what ran is read from the evidence file (ADR-0017).
"""

import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sage.tools.adr import Citation, DecisionLog, Record, check_log, find_citations
from sage.tools.adr.git import top
from sage.tools.adr.globs import glob_pattern
from sage.tools.adr.log import read_logs
from sage.tools.adr.place import USUAL_FOLDERS
from sage.tools.finding import CannotBegin, Finding
from sage.tools.settings import load_settings
from sage.tools.site.addresses import record_address
from sage.tools.site.pasts import COMMAND, Past, read_past
from sage.tools.site.summary import summary

if TYPE_CHECKING:
    from sage.tools.layers import LayerReport

__all__ = ["Facts", "Rule", "find_folders", "read_facts"]

_DEEP: Final = 2  # folders above a package of this repository: deeper ones are somebody's fixtures
_BUILT: Final = {"site", "build", "dist", "node_modules", "__pycache__"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that some record lays down, and what checking it found.

    Attributes:
        code: The rule's stable name.
        records: Ids of the records that it enforces.
        findings: What broke it, in this build.
        looked: How many files or packages were looked at for it.
        what: Which of the two: `file` or `package`.
    """

    code: str
    records: tuple[str, ...]
    findings: tuple[Finding, ...]
    looked: int
    what: str

    @property
    def holds(self) -> bool:
        """Whether nothing broke the rule."""
        return not self.findings


@dataclass
class Facts:
    """What the pages of one build are made from.

    Attributes:
        root: The repository.
        log: The decision log, further ones included.
        layers: What the layer check found; `None` in a repository without `layer.yaml`.
        sentences: What each record decided, in one sentence, by the record's path.
        findings: What the read-only checks found.
        folders: Where the records lie.
    """

    root: Path
    log: DecisionLog
    layers: "LayerReport | None"
    sentences: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    folders: tuple[Path, ...] = ()
    _scan: Callable[[], Sequence[Citation]] = field(default=tuple, repr=False)

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """The records by id, the first of each id."""
        found: dict[str, Record] = {}
        for record in self.log.records:
            found.setdefault(record.id, record)
        return found

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of `layer.yaml`, sorted by name, with this build's result."""
        if self.layers is None:
            return ()
        return tuple(
            Rule(
                code,
                tuple(f"ADR-{number:04d}" for number in records),
                tuple(f for f in self.layers.findings if f.code == code),
                *self.layers.looked_at(code),
            )
            for code, records in sorted(self.layers.spec.rules.items())
        )

    @cached_property
    def rules_by_record(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that rest on each record."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for record in rule.records:
                found.setdefault(record, []).append(rule)
        return {record: tuple(rules) for record, rules in found.items()}

    @cached_property
    def citations(self) -> Mapping[str, tuple[Citation, ...]]:
        """Who cites each record; a record citing itself is left out."""
        own = {record.path: record.id for record in self.log.records}
        found: dict[str, list[Citation]] = {}
        for citation in self._scan():
            if own.get(citation.path) != citation.record:
                found.setdefault(citation.record, []).append(citation)
        return {record: tuple(cited) for record, cited in found.items()}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files under version control or new; without git, all but built and hidden ones."""
        listed = _git(self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is not None:
            return tuple(sorted(set(filter(None, listed.split("\0")))))
        return tuple(sorted(_walk(self.root)))

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """The distributions of this repository, by the names that their versions go by."""
        files = (path for path in self.files if path.endswith("pyproject.toml"))
        near = (self.root / path for path in files if path.count("/") <= _DEEP)
        return tuple(sorted(set(filter(None, map(_distribution, near)))))

    @cached_property
    def past(self) -> Past:
        """When each record changed, and its file's earlier names; empty without git."""
        log = _git(self.root, *COMMAND, *map(str, self.folders))
        return read_past(log or "", (record.path for record in self.log.records))

    def governed(self, record: Record) -> tuple[str, ...]:
        """The files that the record's `governs` patterns match."""
        if not record.governs:
            return ()
        patterns = [glob_pattern(glob) for glob in record.governs]
        return tuple(path for path in self.files if any(p.fullmatch(path) for p in patterns))

    def ruling(self, folder: str) -> tuple[Record, ...]:
        """The records in force that govern a file at or below `folder`."""
        below = [path for path in self.files if path == folder or path.startswith(f"{folder}/")]
        return tuple(
            record
            for record in self.log.records
            if record.status == "accepted"
            and any(glob_pattern(glob).fullmatch(path) for glob in record.governs for path in below)
        )


def find_folders(root: Path, named: str = "") -> dict[str, Path]:
    """Where each log lies, by its name; the main one has none and comes first.

    That is the folder `named`, else the one that the repository's settings name, else a usual one.

    Raises:
        CannotBegin: There is no such folder.
    """
    settings = load_settings(root)
    configured = named or settings.adr_dir
    names = (configured,) if configured else USUAL_FOLDERS
    found = next((name for name in names if (root / name).is_dir()), None)
    if found is None:
        missing = (
            f"no folder {configured}" if configured else f"none of the folders {', '.join(names)}"
        )
        raise CannotBegin(
            f"there is {missing}; write a first record with `sage-dev adr new`, "
            "or set the plugin's `dir` in mkdocs.yml"
        )
    return {"": root / found, **{name: root / path for name, path in settings.adr_logs.items()}}


def read_facts(root: Path, folders: Mapping[str, Path]) -> Facts:
    """Read the logs and run the read-only checks of the repository at `root`.

    `folders` is where each log lies, by its name; the main one has none and comes first.

    Raises:
        CannotBegin: The repository is another user's, and Git tells nothing of it.
    """
    top(root)  # raises; who cites a record is only asked for when a page says it
    logs = read_logs(folders, root=root)
    log = replace(
        logs[0],
        records=tuple(record for one in logs for record in one.records),
        findings=tuple(finding for one in logs for finding in one.findings),
    )
    findings = [*log.findings, *(finding for one in logs for finding in check_log(one))]
    log = replace(log, records=tuple(_both_ways(tuple(_in_order(log.records)))))
    findings += _one_page_for_two(log.records)
    layers = None
    if (root / "layer.yaml").exists():
        from sage.tools.layers import check_layers  # not there: nothing of it is loaded

        try:
            layers = check_layers(root)
            findings += layers.findings
        except CannotBegin as error:
            findings.append(Finding("layer.yaml", 0, "unreadable-layers", str(error)))
    sentences = {record.path: summary(record) for record in log.records}
    return Facts(
        root,
        replace(log, records=tuple(_lighten(record) for record in log.records)),
        layers,
        sentences,
        tuple(sorted(set(findings))),
        tuple(folders.values()),
        lambda: find_citations(root),
    )


def _in_order(records: Iterable[Record]) -> Iterator[Record]:
    """The records by number; one whose number is taken has none: it lives at its file's name."""
    taken = set()
    for record in sorted(records, key=lambda one: (one.log, one.number or 0, one.path)):
        twin = record.number is not None and (record.log, record.number) in taken
        taken.add((record.log, record.number))
        yield replace(record, number=None) if twin else record


def _both_ways(records: Sequence[Record]) -> Iterator[Record]:
    """The records, each with those that name it as their successor among what it supersedes."""
    olds: dict[str, list[str]] = {}
    for record in records:
        for new in record.superseded_by:
            olds.setdefault(new, []).append(record.id)
    for record in records:
        more = [old for old in olds.get(record.id, ()) if old not in record.supersedes]
        yield replace(record, supersedes=(*record.supersedes, *more)) if more else record


def _one_page_for_two(records: Iterable[Record]) -> Iterator[Finding]:
    """Records without a number whose files have one name: their pages have one address."""
    first: dict[str, Record] = {}
    for record in records:
        other = first.setdefault(record_address(record), record)
        if other is not record and record.number is None:
            message = f"has the address of {other.path}; give it a number, or another name"
            yield Finding(record.path, 1, "same-address", message)


def _lighten(record: Record) -> Record:
    """The record without the parts of its text, which is kept as a whole: memory for thousands."""
    return replace(record, sections=(), plain=())


def _distribution(file: Path) -> str:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        name = (data.get("project") or data["tool"]["poetry"])["name"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""  # what is wrong with the file is told by those who check it
    return re.sub(r"[-_.]+", "-", str(name)).lower()


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "." and name not in _BUILT]
        for name in names:
            yield Path(folder, name).relative_to(root).as_posix()


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "-c", "core.quotePath=false", *words],
            capture_output=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
