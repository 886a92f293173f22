"""Snippet → outcome: each page in a process of its own, with a clock, whatever happens in it.

Names flow down a page, so a snippet's prerequisites are the code before it. They run once a page
and runner; asking for a snippet's outcome runs the page up to there. When a snippet ends the
process (a crash, an endless loop in C), later ones that use no name of the lost ones go on in a
fresh process; the others fail and say why. Nothing is run twice: a replay would repeat effects.
"""

import doctest
import json
import os
import re
import signal
import time
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path, PurePath
from typing import TypeAlias

import yaml

from sage.tools.finding import CannotBegin
from sage.tools.snippets.compare import compare_output
from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.console import run_console
from sage.tools.snippets.find import Finder
from sage.tools.snippets.model import Kind, Outcome, Page, Snippet, Status
from sage.tools.snippets.modules import source_roots
from sage.tools.snippets.names import names_bound, names_used
from sage.tools.snippets.requirements import missing
from sage.tools.snippets.worker import Frame, Worker

__all__ = ["Runner"]

GRACE = 3.0  # seconds beyond its limit before a snippet's process is killed
SPAWNS = re.compile(r"multiprocessing|ProcessPool|__file__|\bspawn\b|joblib")
PAGE_KINDS = (Kind.CODE, Kind.SESSION)
Job: TypeAlias = dict[str, object]


class Runner:
    """Runs pages, one at a time; `close()` it.

    >>> runner = Runner(Path("."), PageSettings())
    >>> runner.close()
    """

    def __init__(self, root: Path, settings: PageSettings) -> None:
        self.root = root.resolve()
        self.settings = settings
        self.finder = Finder(self.root, settings)
        self._worker = Worker()
        self._page: _PageRun | None = None
        self._programs: dict[str, Outcome] = {}
        self._lent: dict[str, dict[str, object]] = {}

    @cached_property
    def _roots(self) -> list[str]:
        return [str(path) for path in source_roots(self.root)]

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork server. Outcomes stay."""
        self._leave()
        self._worker.close()

    def lend(self, page: Page, values: Mapping[str, object]) -> None:
        """Give a page names that it starts with: those of `values` that are plain data or paths.

        The page's process also gets the environment as it is now.
        """
        self._lent[page.path] = {name: v for name, v in values.items() if is_plain(v)}

    def lent(self, page: Page) -> Job:
        """What `lend` gave the page, as its process takes it; empty for most pages."""
        values = self._lent.get(page.path)
        if values is None:
            return {"names": {}, "paths": {}, "environment": {}}
        paths = {name: str(v) for name, v in values.items() if isinstance(v, PurePath)}
        names = {name: v for name, v in values.items() if name not in paths}
        return {"names": names, "paths": paths, "environment": dict(os.environ)}

    def forget(self) -> None:
        """Run programs anew when they are asked for again: their files may have changed."""
        self._leave()
        self._programs.clear()

    def run(self, page: Page) -> dict[int, Outcome]:
        """Outcomes of every snippet of `page` that has one, by number. Blocks."""
        numbers = [s.number for s in page.snippets if s.kind is not Kind.OUTPUT]
        return {n: self.outcome(page, n, until=numbers[-1]) for n in numbers}

    def outcome(self, page: Page, number: int, *, until: int | None = None) -> Outcome:
        """The outcome of one snippet; runs what it builds on first. Blocks.

        Args:
            page: The page, as found.
            number: Which snippet of it.
            until: The last snippet of this page that will be asked for; lets the page's process
                run ahead. `None`: not known, so the process waits after `number`.
        """
        snippet = page.snippets[number]
        skipped = self._skipped(snippet)
        if skipped:
            return skipped
        if page.fixtures and page.path not in self._lent:
            return Outcome(Status.SKIPPED, message="uses pytest's fixtures; run it with pytest")
        if snippet.kind is Kind.SOURCE:
            return _shown(snippet)
        if snippet.kind is Kind.DATA:
            return _parse(snippet)
        if snippet.kind is Kind.CONSOLE:
            return run_console(snippet, self.root, self.limit(snippet))
        if snippet.kind is Kind.PROGRAM:
            return self._checked(page, snippet, self._program(page, snippet))
        run = self._enter(page)
        return self._checked(page, snippet, run.outcome(number, until))

    def _enter(self, page: Page) -> "_PageRun":
        if self._page is None or self._page.page is not page:
            self._leave()
            self._page = _PageRun(self, self._worker, page, self._roots)
        return self._page

    def _leave(self) -> None:
        if self._page is not None:
            self._page.end()
            self._page = None

    def program(self, path: str) -> Outcome | None:
        """The outcome of a program that this runner has run, by its path."""
        return self._programs.get(path)

    def _program(self, page: Page, snippet: Snippet) -> Outcome:
        known = self._programs.get(snippet.program)
        if known is None:
            whole = page if page.path == snippet.program else self.finder.find(
                self.root / snippet.program
            )  # fmt: skip
            known = self._run_program(whole)
            self._programs[snippet.program] = known
        return known

    def _run_program(self, page: Page) -> Outcome:
        if not page.snippets:
            return Outcome(Status.FAILED, message=str(page.findings[0]))
        skipped = self._skipped(page.snippets[0])
        if skipped:
            return skipped
        self._leave()
        run = _PageRun(self, self._worker, page, self._roots)
        outcome = run.outcome(0, 0)
        run.end()
        return outcome

    def _skipped(self, snippet: Snippet) -> Outcome | None:
        if snippet.skip:
            return Outcome(Status.SKIPPED, message=snippet.skip)
        absent = missing(snippet.requires) if snippet.requires else []
        if not absent:
            return None
        promised = [name for name in absent if name in self.settings.ci_has]
        if promised and os.environ.get("CI"):
            message = f"CI has to have {promised[0]}, which is missing: install it there"
            return Outcome(Status.FAILED, message=message, line=snippet.line)
        return Outcome(Status.SKIPPED, message=f"needs {', '.join(absent)}")

    def _checked(self, page: Page, snippet: Snippet, outcome: Outcome) -> Outcome:
        """A snippet with an output fence has passed only when it printed that."""
        if snippet.expected is None or not outcome.passed:
            return outcome
        return compare_output(page.snippets[snippet.expected], outcome)

    def limit(self, snippet: Snippet) -> float:
        """Seconds that a snippet may take."""
        return snippet.timeout or self.settings.timeout


class _PageRun:
    """One page in its process, or in several when it loses one."""

    def __init__(self, runner: Runner, worker: Worker, page: Page, roots: list[str]) -> None:
        self.page = page
        self._runner = runner
        self._worker = worker
        self._roots = roots
        self._done: dict[int, Outcome] = {}
        self._todo = [snippet for snippet in page.snippets if _in_process(snippet, page)]
        self._alive = False
        self._job: list[int] = []  # numbers of the snippets that the process was given
        self._at = 0  # position in the job of the snippet under way
        self._until = 0  # how many of the job the process may run before it waits
        self._clock = 0.0

    def outcome(self, number: int, until: int | None) -> Outcome:
        """The outcome of one snippet. Blocks until it is there."""
        while number not in self._done:
            self._ask(max(number, until or 0))
            self._take_reply()
        return self._done[number]

    def end(self) -> None:
        """Let the process finish."""
        if self._alive:
            self._worker.send(("end",))
            self._drain()

    def _ask(self, number: int) -> None:
        """See to it that the process may run up to `number`."""
        if not self._alive:
            self._job = [-1] * bool(self.page.setup) + [snippet.number for snippet in self._todo]
            self._at, self._until, self._alive = 0, self._count(number), True
            self._worker.send(("page", self._describe()))
            self._clock = time.monotonic()
        elif self._count(number) > self._until:
            self._until = self._count(number)
            self._worker.send(("until", self._until))
            self._clock = time.monotonic()

    def _count(self, number: int) -> int:
        return sum(1 for given in self._job if given <= number)

    def _describe(self) -> Job:
        page = self.page
        program = bool(page.snippets) and page.snippets[0].program == page.path
        return {
            "kind": "program" if program else "module" if page.module else "page",
            "root": str(self._runner.root),
            "files": list(page.files),
            "roots": self._roots,
            "path": str(page.file.parent) if program else "",
            "script": str(page.file) if program else "page.py",
            "module": page.module,
            "limit": self._runner.settings.timeout,
            "until": self._until,
            **self._runner.lent(page),
            "snippets": [self._row(number) for number in self._job],
        }

    def _row(self, number: int) -> Job:
        snippet = self._snippet(number)
        return {
            "number": snippet.number,
            "kind": str(snippet.kind),
            "source": snippet.source,
            "filename": str(self._runner.root / snippet.origin),
            "line": snippet.origin_line,
            "raises": snippet.raises,
            "timeout": self._runner.limit(snippet),
            "script": snippet.kind is Kind.CODE and bool(SPAWNS.search(snippet.source)),
            "flags": _doctest_flags(self._runner.settings.doctest_options),
        }

    def _snippet(self, number: int) -> Snippet:
        if number >= 0:
            return self.page.snippets[number]
        page = self.page
        return Snippet(page.path, page.setup_line, Kind.CODE, "python", page.setup, page.path,
                       page.setup_line, number)  # fmt: skip

    def _take_reply(self) -> None:
        """Take one reply, or lose the process that does not give it in time."""
        limit = self._runner.limit(self._snippet(self._job[self._at]))
        frame = self._worker.receive(self._clock + limit + GRACE - time.monotonic())
        if frame is None:
            self._worker.kill_page()
            self._lose(f"it took longer than {limit:g} s and was killed", self._drain())
        elif frame[0] == "done":
            self._clock = time.monotonic()
            self._note(frame)
        elif frame[0] == "end":
            self._alive = False
            if self._at < self._until:
                self._lose(_death(_integer(frame[1])), str(frame[3]))
        elif frame[0] == "dead":
            self._alive = False
            self._lose("the process that runs the pages ended with it", "")

    def _note(self, frame: Frame) -> None:
        _, number, output, wrong, gots, seconds = frame
        outcome = _outcome(self._runner.root, output, wrong, gots, seconds)
        self._at += 1
        if number != -1:
            self._settle(_integer(number), outcome)
        elif not outcome.passed:
            self._fail_all(f"the page's hidden set-up failed: {outcome.message}", outcome.detail)

    def _settle(self, number: int, outcome: Outcome) -> None:
        self._done[number] = outcome
        self._todo = [snippet for snippet in self._todo if snippet.number != number]

    def _drain(self) -> str:
        """Read on until the process has ended; what it wrote to standard error when it crashed."""
        while self._alive:
            frame = self._worker.receive(self._runner.settings.timeout + GRACE)
            if frame is None:
                self._worker.kill_page()
            elif frame[0] in ("end", "dead"):
                self._alive = False
                return str(frame[3]) if frame[0] == "end" else ""
        return ""

    def _lose(self, message: str, errors: str) -> None:
        """The process is gone: fail the snippet under way, and what builds on the lost names."""
        number = self._job[self._at]
        if number == -1:
            self._fail_all(f"the page's hidden set-up failed: {message}", errors)
            return
        snippet = self.page.snippets[number]
        line = _crash_line(errors, snippet) or snippet.origin_line
        detail = _readable(errors).replace(f"{self._runner.root}/", "")
        self._settle(number, Outcome(Status.FAILED, message=message, detail=detail, line=line))
        if not self.page.module:
            self._block(
                snippet, [self.page.snippets[n] for n in self._job[: self._at + 1] if n >= 0]
            )

    def _block(self, culprit: Snippet, gone: Sequence[Snippet]) -> None:
        lost = {name for snippet in gone for name in names_bound(snippet)}
        for snippet in list(self._todo):
            needed = sorted(names_used(snippet) & lost)
            if needed:
                message = (
                    f"not run: it uses {', '.join(needed[:3])} from before line {culprit.line}, "
                    "where the page's process ended"
                )
                self._settle(
                    snippet.number,
                    Outcome(Status.FAILED, message=message, line=snippet.origin_line),
                )
                lost |= names_bound(snippet)

    def _fail_all(self, message: str, detail: str) -> None:
        for snippet in list(self._todo):
            failed = Outcome(Status.FAILED, message=message, detail=detail,
                             line=self.page.setup_line)  # fmt: skip
            self._settle(snippet.number, failed)
        self.end()


def is_plain(value: object) -> bool:
    """Whether a value can go to a page's process as it is."""
    if isinstance(value, list | tuple):
        return all(is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(is_plain(key) and is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, str | bytes | int | float | PurePath)


def _in_process(snippet: Snippet, page: Page) -> bool:
    if snippet.skip or (snippet.requires and missing(snippet.requires)):
        return False
    return snippet.kind in PAGE_KINDS or snippet.program == page.path


def _shown(snippet: Snippet) -> Outcome:
    """A section of a package: it is not run here, and must not be empty."""
    if snippet.source.strip():
        return Outcome(Status.PASSED)
    message = f"{snippet.origin} has nothing to show here; correct the include"
    return Outcome(Status.FAILED, message=message, line=snippet.line)


def _outcome(root: Path, output: object, wrong: object, gots: object, seconds: object) -> Outcome:
    actual = tuple((line, text) for line, text in gots) if isinstance(gots, list) else ()
    took = float(str(seconds))
    if not isinstance(wrong, list) or not wrong:
        return Outcome(Status.PASSED, output=str(output), seconds=took)
    message, detail, line = wrong
    return Outcome(
        Status.FAILED,
        output=str(output),
        message=message,
        detail=detail.replace(f"{root}/", ""),
        line=line,
        seconds=took,
        actual=actual,
    )


def _death(status: int) -> str:
    if status < 0:
        return f"the interpreter crashed: {signal.Signals(-status).name}"
    return f"it ended the process, with exit status {status}"


def _crash_line(errors: str, snippet: Snippet) -> int:
    """The line in faulthandler's report that belongs to the snippet's file."""
    found = re.findall(rf'File "[^"]*{re.escape(snippet.origin)}", line (\d+)', errors)
    return int(found[0]) if found else 0


def _readable(errors: str) -> str:
    """What a dying process wrote, without our own frames."""
    lines = errors.rstrip().split("\n")
    ours = ("snippet_worker", 'File "<string>"')
    return "\n".join(line for line in lines if not any(mark in line for mark in ours))


def _parse(snippet: Snippet) -> Outcome:
    """JSON, YAML or TOML: whether it can be read at all."""
    try:
        if snippet.language == "json":
            json.loads(snippet.source)
        elif snippet.language == "toml":
            tomllib.loads(snippet.source)
        else:
            list(yaml.compose_all(snippet.source, Loader=yaml.SafeLoader))
    except (ValueError, yaml.YAMLError) as error:
        at = snippet.origin_line + _error_line(error)
        message = f"it is no {snippet.language.upper()}: {' '.join(str(error).split())}"
        return Outcome(Status.FAILED, message=message, line=at)
    return Outcome(Status.PASSED)


def _error_line(error: Exception) -> int:
    if isinstance(error, json.JSONDecodeError):
        return error.lineno - 1
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return int(error.problem_mark.line)
    found = re.search(r"at line (\d+)", str(error))
    return int(found.group(1)) - 1 if found else 0


@cache
def _doctest_flags(names: tuple[str, ...]) -> int:
    unknown = [name for name in names if name not in doctest.OPTIONFLAGS_BY_NAME]
    if unknown:
        known = ", ".join(sorted(doctest.OPTIONFLAGS_BY_NAME))
        raise CannotBegin(f"snippets-doctest-options: {unknown[0]} is none of doctest's: {known}")
    return sum(doctest.OPTIONFLAGS_BY_NAME[name] for name in set(names))


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
