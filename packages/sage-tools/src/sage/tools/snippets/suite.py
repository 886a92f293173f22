"""Paths → pages → outcomes: what the command and the pytest plugin both do."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding, counted
from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.evidence import Evidence
from sage.tools.snippets.find import Finder
from sage.tools.snippets.model import Kind, Outcome, Page, Snippet, Status
from sage.tools.snippets.run import Runner

__all__ = [
    "Result",
    "default_paths",
    "find_files",
    "find_pages",
    "find_root",
    "finding_of",
    "nothing_in",
    "nothing_shown",
    "run_pages",
    "summary",
]

MARKDOWN = (".md", ".markdown")
DEFAULTS = ("adr", "docs_src", "docs", "snippets", "packages", "README.md")
IGNORED = {"node_modules", "site", "__pycache__", "build", "dist"}


@dataclass(frozen=True, slots=True)
class Result:
    """One snippet and what it gave.

    Attributes:
        page: The page it stands on.
        snippet: The snippet.
        outcome: What it gave.
        fresh: Whether it ran now; false for one that evidence answered.
    """

    page: Page
    snippet: Snippet
    outcome: Outcome
    fresh: bool = True


def find_root(start: Path) -> Path:
    """The repository that `start` lies in: the nearest folder with a project file or `.git`.

    Without any, it is the working directory if `start` lies below that, else the folder of `start`.
    """
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        if any(
            (candidate / name).exists()
            for name in ("mkdocs.yml", "zensical.toml", "pyproject.toml", ".git")
        ):
            return candidate
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder


def default_paths(root: Path, configured: Sequence[str]) -> list[Path]:
    """What to run when no path is named: the setting, or the usual folders that exist."""
    return [root / name for name in (configured or DEFAULTS) if (root / name).exists()]


def find_files(paths: Sequence[Path], root: Path, settings: PageSettings) -> list[Path]:
    """Every page under the paths: Markdown, programs, and modules of the sources' folders.

    Raises:
        CannotBegin: A path does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise CannotBegin(f"{path}: {_absent(path)}")
        files = [path] if path.is_file() else _walk(path)
        for file in files:
            named = path.is_file() and file.suffix in (*MARKDOWN, ".py")
            if named or is_page(file, root, settings):
                found[Path(os.path.realpath(file))] = None  # of a loop of links, too
    return list(found)


def nothing_in(paths: Sequence[Path], settings: PageSettings) -> str:
    """A sentence on paths that hold no page: what lies there, and what is read."""
    seen = Counter(file.suffix for path in paths
                   for file in ([path] if path.is_file() else _walk(path)))  # fmt: skip
    kinds = [counted(number, f"{suffix} file" if suffix else "file without a suffix",
                     "" if suffix else "files without a suffix")
             for suffix, number in seen.most_common(4)]  # fmt: skip
    more = ", …" if seen.keys() - {suffix for suffix, _ in seen.most_common(4)} else ""
    there = ", ".join(kinds) + more if kinds else "no files"
    named, suffixes = ", ".join(map(_shown, paths)), ", ".join(MARKDOWN)
    folders = ", ".join(f"{name}/" for name in (*settings.sources, *settings.programs))
    return (
        f"{named}: {there}; sage-dev reads Markdown ({suffixes}) and the Python of {folders}: "
        "name such a page or folder"
    )


def is_page(file: Path, root: Path, settings: PageSettings) -> bool:
    """Whether a file found in a folder holds snippets: by its name and place, without reading."""
    if file.suffix in MARKDOWN:
        return True
    if file.suffix != ".py" or not file.resolve().is_relative_to(root.resolve()):
        return False
    first = file.resolve().relative_to(root.resolve()).parts[0]
    return first in settings.programs or first in settings.sources


def _shown(path: Path) -> str:
    return f"{path}/" if path.is_dir() else str(path)


def _absent(path: Path) -> str:
    """What to do about a path that names nothing, or a line of a page."""
    page, line = re.fullmatch(r"(.*?)(?:::?L?(\d+))?", str(path)).groups()  # type: ignore[union-attr]
    if line and Path(page).is_file():
        return (f"a page runs as a whole: name {page}; one snippet runs by the line of its fence, "
                f"as in `pytest --snippets {page}::L{line}`")  # fmt: skip
    return "no such file or folder; name a page or a folder of pages"


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in IGNORED)
        yield from (Path(here) / name for name in sorted(files))


def run_pages(
    runner: Runner, pages: Iterable[Page], evidence: Evidence, *, changed: bool = False
) -> Iterator[Result]:
    """Run every snippet of the pages, noting each outcome in `evidence`; the caller writes it.

    Args:
        runner: Runs them.
        pages: The pages, as the runner's finder found them.
        evidence: Where outcomes go.
        changed: Take the outcome of what passed and has not changed since from `evidence`.
    """
    for page in pages:
        shown = [snippet for snippet in page.snippets if snippet.kind is not Kind.OUTPUT]
        known = {s.number: o for s in shown if changed and (o := _known(s, evidence))}
        open_ones = [snippet.number for snippet in shown if snippet.number not in known]
        for snippet in shown:
            old = known.get(snippet.number)
            if old is not None:
                yield Result(page, snippet, old, fresh=False)
                continue
            outcome = runner.outcome(page, snippet.number, until=open_ones[-1])
            if not page.fixtures:  # pytest, which has the fixtures, knows better
                note(evidence, snippet, outcome)
            yield Result(page, snippet, outcome)
        if not known and shown and not page.fixtures:
            evidence.whole(page)


def note(evidence: Evidence, snippet: Snippet, outcome: Outcome) -> None:
    """Keep an outcome that speaks of what the digest covers."""
    if snippet.runs:
        evidence.record(snippet, outcome)


def _known(snippet: Snippet, evidence: Evidence) -> Outcome | None:
    outcome = evidence.outcome(snippet)
    return outcome if outcome is not None and outcome.passed else None


def finding_of(result: Result) -> Finding | None:
    """The finding that a failure is; `None` for what passed or was skipped."""
    snippet, outcome = result.snippet, result.outcome
    if outcome.status is not Status.FAILED or snippet.wrong:  # its page has that finding
        return None
    line = outcome.line or snippet.line
    message = outcome.message
    if snippet.origin != snippet.page and not snippet.page.endswith(snippet.origin):
        message, line = f"{message} ({snippet.origin}:{line})", snippet.line
    wrong = outcome.actual and "printed something else" in outcome.message
    code = "wrong-output" if wrong else "snippet-failed"
    return Finding(snippet.page, line, code, message)


def summary(results: Sequence[Result], seconds: float, *, read: int = 0) -> str:
    """How many ran and how they ended, and why the others did not; several lines.

    Args:
        results: What the snippets gave.
        seconds: How long it took.
        read: How many pages were read, those without code too; 0 to leave it out.
    """
    if read and not results:
        return f"{nothing_shown(read)}; {seconds:.1f} s"
    statuses = Counter(result.outcome.status for result in results if result.snippet.runs)
    shown = sum(1 for result in results if not result.snippet.runs)
    kept = sum(1 for result in results if not result.fresh)
    pages = len({result.page.path for result in results})
    parts = [f"{statuses[Status.PASSED]} passed", f"{statuses[Status.FAILED]} failed",
             f"{statuses[Status.SKIPPED]} skipped", f"{shown} shown as source"]  # fmt: skip
    if kept:
        parts.append(f"{kept} unchanged since they passed")
    on = f"{pages} of {counted(read, 'page')} read" if read > pages else counted(pages, "page")
    ran = f"{counted(len(results), 'snippet')} on {on}"
    lines = [f"{ran}: {', '.join(parts)}; {seconds:.1f} s"]
    reasons = Counter(r.outcome.message for r in results if r.outcome.status is Status.SKIPPED)
    lines += [f"  skipped, {reason}: {count}" for reason, count in sorted(reasons.items())]
    return "\n".join(lines)


def nothing_shown(read: int) -> str:
    """What is said of pages without any code.

    >>> nothing_shown(12)
    '12 pages read, none shows code'
    """
    return f"{counted(read, 'page')} read, none shows code"


def find_pages(
    finder: Finder, files: Iterable[Path], *, self_check: bool = False
) -> Iterator[Page]:
    """The pages of the files that hold anything; with `self_check`, compared with the rendering."""
    if self_check:
        from sage.tools.snippets.selfcheck import SelfCheck

    check = SelfCheck(finder.root, finder.settings, finder.found) if self_check else None
    for file in files:
        page = finder.find(file)
        if check is not None:
            page = check.checked(page)
        if page.snippets or page.findings:
            yield page
