"""Snippet → outcome: each page in a process of its own, with a clock, whatever happens in it.

Names flow down a page, so a snippet's prerequisites are the code before it. They run once a page
and runner; asking for a snippet's outcome runs the page up to there. When a snippet ends the
process (a crash, an endless loop in C), later ones that use no name of the lost ones go on in a
fresh process; the others fail and say why. Nothing is run twice: a replay would repeat effects.
"""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.find import Finder
from sage.tools.snippets.model import Kind, Outcome, Page, Snippet, Status
from sage.tools.snippets.requirements import missing

if TYPE_CHECKING:  # what runs pages is loaded with the first page that has to run
    from sage.tools.snippets.page_run import PageRun, Place
    from sage.tools.snippets.snippet_worker.page import Lent

__all__ = ["Runner"]


class Runner:
    """Runs pages, one at a time; `close()` it.

    >>> runner = Runner(Path("."), PageSettings())
    >>> runner.close()
    """

    def __init__(self, root: Path, settings: PageSettings) -> None:
        self.root = root.resolve()
        self.settings = settings
        self.finder = Finder(self.root, settings)
        self._page: PageRun | None = None
        self._programs: dict[str, Outcome] = {}
        self._lent: dict[str, dict[str, object]] = {}

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork server. Outcomes stay."""
        self._leave()
        if "_place" in self.__dict__:
            self._place.worker.close()

    @cached_property
    def _place(self) -> "Place":
        from sage.tools.snippets.page_run import Place
        from sage.tools.snippets.worker import Worker

        return Place(self.root, self.settings, Worker(self.root, self.settings.memory))

    def _run_of(self, page: Page) -> "PageRun":
        from sage.tools.snippets.page_run import PageRun

        return PageRun(self._place, page, self._lend_to(page))

    def lend(self, page: Page, values: Mapping[str, object]) -> None:
        """Give a page names that it starts with: those of `values` that are plain data or paths.

        The page's process also gets the environment as it is now.
        """
        self._lent[page.path] = {name: v for name, v in values.items() if is_plain(v)}

    def _lend_to(self, page: Page) -> "Lent | None":
        """What `lend` gave the page, as its process takes it; nothing for most pages."""
        values = self._lent.get(page.path)
        if values is None:
            return None
        paths = {name: str(v) for name, v in values.items() if isinstance(v, PurePath)}
        names = {name: v for name, v in values.items() if name not in paths}
        return names, paths, dict(os.environ)

    def forget(self) -> None:
        """Read files and run programs anew when they are asked for again; they may have changed."""
        self._leave()
        self._programs.clear()
        self.finder = Finder(self.root, self.settings)

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
        if snippet.wrong:
            return Outcome(Status.FAILED, message=snippet.wrong, line=snippet.line)
        skipped = self._skipped(snippet)
        if skipped:
            return skipped
        if page.fixtures and page.path not in self._lent:
            return Outcome(Status.SKIPPED, message="not run here: needs pytest, for its fixtures")
        if snippet.kind is Kind.SOURCE:
            return _shown(snippet)
        if snippet.kind is Kind.DATA:
            from sage.tools.snippets.data import parse_data

            return parse_data(snippet)
        if snippet.kind is Kind.CONSOLE:
            from sage.tools.snippets.console import run_console

            return run_console(snippet, self.root, self._place.limit(snippet))
        if snippet.kind is Kind.PROGRAM:
            return self._checked(page, snippet, self._program(page, snippet))
        run = self._enter(page)
        return self._checked(page, snippet, run.outcome(number, until))

    def _enter(self, page: Page) -> "PageRun":
        if self._page is None or self._page.page is not page:
            self._leave()
            self._page = self._run_of(page)
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
        run = self._run_of(page)
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
        return Outcome(Status.SKIPPED, message=f"not run here: needs {', '.join(absent)}")

    def _checked(self, page: Page, snippet: Snippet, outcome: Outcome) -> Outcome:
        """A snippet with an output fence has passed only when it printed that."""
        if snippet.expected is None or not outcome.passed:
            return outcome
        from sage.tools.snippets.compare import compare_output

        return compare_output(page.snippets[snippet.expected], outcome)


def is_plain(value: object) -> bool:
    """Whether a value can go to a page's process as it is."""
    if isinstance(value, list | tuple):
        return all(is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(is_plain(key) and is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, str | bytes | int | float | PurePath)


def _shown(snippet: Snippet) -> Outcome:
    """A section of a package: it is not run here, and must not be empty."""
    if snippet.source.strip():
        return Outcome(Status.PASSED)
    message = f"{snippet.origin} has nothing to show here; correct the include"
    return Outcome(Status.FAILED, message=message, line=snippet.line)
