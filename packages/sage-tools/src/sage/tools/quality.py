"""Every check of a repository, side by side: what the independent rooms find, joined.

Nothing is checked here that a room does not check. This module knows which parts there are, what
each needs, which of them a change can have touched, and how the source document's checklist reads
in terms of what they found.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sage.tools.finding import CannotBegin, Finding, counted

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sage.tools.adr import DecisionLog
    from sage.tools.layers import Resolve
    from sage.tools.settings import Settings

__all__ = ["PARTS", "Part", "QualityReport", "check_quality", "record_names"]


@dataclass(frozen=True, slots=True)
class Part:
    """One check and what it found.

    Attributes:
        name: Its name, one of `PARTS`.
        findings: Sorted.
        summary: What it looked at, in one line.
        notes: Sentences on what it could not look at.
        skipped: Why there was nothing for it to do; empty where it ran.
        error: Why it could not begin; empty where it could.
        seconds: How long it took.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    summary: str = ""
    notes: tuple[str, ...] = ()
    skipped: str = ""
    error: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.error:
            return f"{self.name}: cannot begin: {self.error}"
        if self.skipped:
            return f"{self.name}: nothing to do: {self.skipped}"
        return f"{self.name}: {self.summary} ({self.seconds:.1f} s)"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What all parts found.

    Attributes:
        parts: In the order of `PARTS`.
        seconds: How long it took in all.
    """

    parts: tuple[Part, ...]
    seconds: float

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all parts, sorted, each once."""
        return tuple(sorted({finding for part in self.parts for finding in part.findings}))

    @property
    def errors(self) -> tuple[str, ...]:
        """Why parts could not begin."""
        return tuple(f"{part.name}: {part.error}" for part in self.parts if part.error)

    @property
    def unbegun(self) -> tuple[Finding, ...]:
        """The same as findings, for readers that look at nothing else."""
        return tuple(_unbegun(part) for part in self.parts if part.error)

    def __str__(self) -> str:
        ran = [part for part in self.parts if not part.skipped and not part.error]
        errors = sum(finding.severity == "error" for finding in self.findings)
        warnings = len(self.findings) - errors
        return (
            f"{len(ran)} of {counted(len(self.parts), 'check')} ran, {counted(errors, 'error')}, "
            f"{counted(warnings, 'warning')}; {self.seconds:.1f} s"
        )


def _unbegun(part: Part) -> Finding:
    place = re.match(r"(?P<path>[^\s:]+):(?P<line>\d+): ", part.error)
    path, line = (place["path"], int(place["line"])) if place else (".", 0)
    message = f"{part.name} cannot begin: {part.error[place.end() if place else 0 :]}"
    return Finding(path, line, "cannot-begin", message)


class NothingToDo(Exception):
    """The repository has nothing that a part could look at; the text says what is missing."""


Changed = frozenset[str] | None
"""Paths that a change touched, relative to the root; `None` for all."""


def check_quality(
    root: Path,
    *,
    only: Sequence[str] = (),
    since: str | None = None,
    on_part: Callable[[Part], None] = lambda part: None,
) -> QualityReport:
    """Run every check of the repository at `root`, side by side in processes of their own.

    Blocks until all are done.

    Args:
        root: The repository.
        only: Names of the parts to run; all where empty.
        since: A commit; only what the changes since then can have touched is run.
        on_part: Called with each part when it is done, in the order in which they end.

    Raises:
        CannotBegin: `root` is no folder, a part has no such name, `since` is no commit, or no part
            finds anything to do.
    """
    if not root.is_dir():
        raise CannotBegin(f"{root}: no such folder; give the repository with --root")
    for name in only:
        if name not in PARTS:
            raise CannotBegin(f"{name}: no such check; there are {', '.join(PARTS)}")
    changed = None if since is None else _changed(root, since)
    names = [name for name in PARTS if not only or name in only]
    started = time.perf_counter()
    done: dict[str, Part] = {}
    for part in _run(root, names, changed):
        done[part.name] = part
        on_part(part)
    parts = tuple(done[name] for name in names)
    if since is None and all(part.skipped for part in parts):
        why = "; ".join(part.skipped for part in parts)
        raise CannotBegin(f"{root}: nothing to check: {why}")
    return QualityReport(parts, time.perf_counter() - started)


def _run(root: Path, names: Sequence[str], changed: Changed) -> Iterator[Part]:
    todo = []
    for name in names:
        if changed is not None and not any(_touches(name, path) for path in changed):
            yield Part(name, skipped="the change touches nothing that it looks at")
        else:
            todo.append(name)
    if not todo:
        return
    # Processes, since one part forks to run snippets, which a process with threads must not do.
    workers = min(len(todo), max(2, os.cpu_count() or 2))
    lost = []
    for name, part in _side_by_side(root, todo, changed, workers):
        if part is None:
            lost.append(name)
        else:
            yield part
    # A process that ends takes all that it was to do with it, so each of that has one to itself.
    for name in lost:
        for _, part in _side_by_side(root, [name], changed, 1):
            yield part or Part(name, error="its process ended; run it alone to see why")


def _side_by_side(
    root: Path, names: Sequence[str], changed: Changed, workers: int
) -> Iterator[tuple[str, Part | None]]:
    """Each part as it is done; `None` for one whose process ended, or one that waited for it."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_quietly) as pool:
        waiting: dict[Future[Part], str] = {
            pool.submit(run_part, name, root, changed): name for name in names
        }
        for future in as_completed(waiting):
            name = waiting[future]
            try:
                yield name, future.result()
            except BrokenProcessPool:
                yield name, None
            except Exception as error:  # the edge of another process; the others go on
                what = f"stopped at a fault of its own ({type(error).__name__}: {error})"
                yield name, Part(name, error=f"{what}; run it alone to see where")


def _leave_quietly() -> None:
    """Let Ctrl-C end this process at once and without a traceback, unless it is not heeded."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_part(name: str, root: Path, changed: Changed = None) -> Part:
    """Run one part here and now; never raises for a fault of the repository."""
    started = time.perf_counter()
    try:
        part = PARTS[name](root, changed)
    except NothingToDo as reason:
        part = Part(name, skipped=str(reason))
    except CannotBegin as error:
        part = Part(name, error=str(error))
    return replace(part, seconds=time.perf_counter() - started)


# What a change can touch


_TOUCHES: Mapping[str, re.Pattern[str]] = {
    "layers": re.compile(r"\.pyi?$|(^|/)(layer\.yaml|pyproject\.toml|setup\.(py|cfg))$"),
    "versions": re.compile(
        r"(^|/)(pyproject\.toml|Makefile|Dockerfile.*|\.pre-commit-config\.ya?ml|\.python-version)$"
        r"|requirements|^\.github/|^\.ci/|\.sh$"
    ),
    # Records name files and modules, so what moves a file can break them.
    "records": re.compile(r"\.(md|py|toml|ya?ml)$"),
    "citations": re.compile(r""),
    "claims": re.compile(r"\.md$|(^|/)layer\.yaml$"),
    "snippets": re.compile(r"\.(md|pyi?|toml|txt|ya?ml)$"),
}


def _touches(name: str, path: str) -> bool:
    return bool(_TOUCHES[name].search(path))


def _changed(root: Path, rev: str) -> frozenset[str]:
    from sage.tools.adr.git import commit_of, git

    commit = commit_of(root, rev)
    base = git(root, "merge-base", commit, "HEAD")
    start = base.decode().strip() if base else commit
    known = git(root, "diff", "--name-only", "--relative", "-z", start, "--") or b""
    fresh = git(root, "ls-files", "--others", "--exclude-standard", "-z") or b""
    return frozenset(os.fsdecode(one) for one in (known + fresh).split(b"\0") if one)


# The parts


def _layers(root: Path, changed: Changed) -> Part:
    from sage.tools.layers import check_layers
    from sage.tools.layers.check import CACHE

    try:
        report = check_layers(root, resolve=record_names(root), cache=root / CACHE)
    except CannotBegin as error:
        if (root / "layer.yaml").exists():
            raise
        raise NothingToDo(str(error)) from error
    return Part("layers", report.findings, str(report), report.notes)


def _versions(root: Path, changed: Changed) -> Part:
    from sage.tools.versions import check_versions

    report = check_versions(root)
    return Part("versions", report.findings, str(report), report.notes)


def _records(root: Path, changed: Changed) -> Part:
    from sage.tools.adr import check_log

    settings, logs = _logs(root)
    findings = [
        finding for log in logs for finding in check_log(log, sections=settings.adr_sections)
    ]
    count = sum(len(log.records) for log in logs)
    return Part(
        "records", tuple(sorted(findings)), f"{counted(count, 'record')}: {_found(findings)}"
    )


def _citations(root: Path, changed: Changed) -> Part:
    from sage.tools.adr import check_citations, find_citations

    settings, logs = _logs(root)
    folders = tuple(f"{log.directory.relative_to(root).as_posix()}/" for log in logs)
    paths: list[Path] = []
    if changed is not None and not any(path.startswith(folders) for path in changed):
        paths = [root / path for path in sorted(changed) if (root / path).is_file()]
        if not paths:
            raise NothingToDo("the change only takes files away")
    found = find_citations(root, paths, exclude=settings.adr_cited_exclude)
    findings = check_citations(found, *logs)
    files = len({citation.path for citation in found})
    summary = f"{counted(len(found), 'citation')} in {counted(files, 'file')}: {_found(findings)}"
    return Part("citations", tuple(findings), summary)


def _claims(root: Path, changed: Changed) -> Part:
    from sage.tools.claims import Facts, check_claims, find_pages
    from sage.tools.layers import load_spec

    spec = load_spec(root)
    if not spec.given:
        raise NothingToDo("there is no layer.yaml to hold pages to")
    pages = find_pages(root, ("adr", "docs_src", "docs", "README.md", "CONTRIBUTING.md"))
    if changed is not None and "layer.yaml" not in changed:
        pages = [page for page in pages if page.relative_to(root).as_posix() in changed]
    packages = {package.name: package.layer for package in spec.packages}
    present = sum(package.present for package in spec.packages)
    findings = check_claims(root, pages, Facts(spec.layers, packages, present))
    return Part("claims", tuple(findings), f"{counted(len(pages), 'page')}: {_found(findings)}")


def _snippets(root: Path, changed: Changed) -> Part:
    from sage.tools.settings import load_settings
    from sage.tools.snippets import Evidence, load_page_settings
    from sage.tools.snippets.run import Runner
    from sage.tools.snippets.suite import (
        default_paths,
        find_files,
        find_pages,
        finding_of,
        run_pages,
        summary,
    )

    started = time.perf_counter()
    settings = load_page_settings(root)
    wanted = default_paths(root, load_settings(root).snippets_paths)
    if not wanted:
        raise NothingToDo("there is no folder of pages")
    with Runner(root, settings) as runner:
        files = find_files(wanted, root, settings)
        pages = list(find_pages(runner.finder, files, self_check=settings.self_check))
        evidence = Evidence.read(root)
        results = list(run_pages(runner, pages, evidence, changed=True))
        evidence.write()
        runner.finder.save()
        findings = [one for result in results if (one := finding_of(result))]
        findings += [finding for page in pages for finding in page.findings]
        findings += runner.finder.findings
    first, *rest = summary(results, time.perf_counter() - started).splitlines()
    notes = tuple(row.strip() for row in rest)
    return Part("snippets", tuple(sorted(set(findings))), first.partition(";")[0], notes)


PARTS: Mapping[str, Callable[[Path, Changed], Part]] = {
    "layers": _layers,
    "versions": _versions,
    "records": _records,
    "citations": _citations,
    "claims": _claims,
    "snippets": _snippets,
}
"""The checks by name, in the order in which they are reported."""


def record_names(root: Path) -> "Resolve":
    """Looks up a record's title and address by its number; finds nothing without records."""
    known: list[tuple[DecisionLog, str]] = []

    def resolve(number: int) -> tuple[str, str] | None:
        from sage.tools.adr.place import link_to, site_address

        if not known:  # read when first asked: most runs find nothing to name
            try:
                settings, logs = _logs(root)
            except NothingToDo:
                return None
            known.append((logs[0], settings.adr_url or site_address(root)))
        log, pattern = known[0]
        record = log.find(number)
        if record is None:
            return None
        return record.title, link_to(record, form="url", pattern=pattern)

    return resolve


def _logs(root: Path) -> tuple["Settings", list["DecisionLog"]]:
    from sage.tools.adr.log import read_logs
    from sage.tools.adr.place import find_folder
    from sage.tools.settings import load_settings

    settings = load_settings(root)
    try:
        folder = find_folder(root, settings.adr_dir)
    except CannotBegin as error:
        raise NothingToDo(str(error)) from error
    if not folder.is_dir():
        raise CannotBegin(f"{folder}: no such folder; correct adr-dir in [tool.sage-dev]")
    folders = {"": folder} | {name: root / place for name, place in settings.adr_logs.items()}
    return settings, read_logs(folders, root=root)


def _found(findings: Sequence[Finding]) -> str:
    return counted(len(findings), "finding") if findings else "no findings"
