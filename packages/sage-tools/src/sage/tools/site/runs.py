"""A page's code with what running it gave: its badge, its output, the way to its program."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from markdown import Markdown

from sage.tools.finding import Finding
from sage.tools.site.docstrings import Examples
from sage.tools.site.pages import Pages, Place
from sage.tools.site.shown import Ran, write_example, write_snippet
from sage.tools.site.tally import Tally
from sage.tools.snippets import (
    Evidence,
    Finder,
    Kind,
    Outcome,
    Page,
    PageBlocks,
    PageSettings,
    Snippet,
)

__all__ = ["Runs"]

NOTHING: Final = "<!---->"  # of an empty text, Markdown leaves an empty paragraph


class Runs:
    """Wraps each code block of each page in what is known of its run; executes nothing."""

    def __init__(
        self,
        root: Path,
        settings: PageSettings,
        pages: Pages,
        report: Callable[[Finding], None],
    ) -> None:
        self.evidence = Evidence.read(root)
        self.place = Place("")
        self.tally = Tally()
        self._pages = pages
        self._report = report
        finder = Finder(root, settings)
        self._blocks = PageBlocks(finder, self._wrap)
        self._examples = Examples(root, pages.facts.files, finder)
        self._merged: set[int] = set()
        self._stale: dict[str, list[int]] = {}
        self.examples: list[Snippet] = []
        # Who read these as records has said that they are no text.
        found = pages.facts.findings
        self._lost = {one.path for one in found if one.code == "unreadable-record"}

    def attach(self, md: Markdown) -> None:
        """Listen to a Markdown instance."""
        self._blocks.attach(md)

    def enter(self, place: Place, file: Path, text: str, written: str | None = None) -> None:
        """Expect the page at `place`, whose `text` is the end of `file`, which holds `written`."""
        self.place, self.tally, self._merged = place, Tally(), set()
        self._stale.clear()
        self.examples.clear()
        self._blocks.begin(file, text, written=written)

    @property
    def page(self) -> Page | None:
        """The page rendered last, with its snippets."""
        return self._blocks.page

    def leave(self) -> None:
        """The page is rendered: report what is wrong with its code."""
        for finding in self.page.findings if self.page else ():
            if finding.path not in self._lost:
                self._report(finding)
        for path, lines in self._stale.items():
            self._report(_stale(path, lines))

    def example(self, session: str) -> str:
        """The badge of a docstring's example; empty where the session is in no docstring."""
        snippet = self._examples.find(session)
        if snippet is None:
            return ""
        ran = Ran(snippet, self._outcome(snippet))
        self.examples.append(snippet)
        self._complain(ran)
        return write_example(ran, self.place.language, self._pages.file)

    def _wrap(self, snippet: Snippet, html: str) -> str:
        if snippet.kind is Kind.OUTPUT:
            return NOTHING if snippet.number in self._merged else html
        ran = Ran(snippet, self._outcome(snippet) if snippet.runs else None)
        self._complain(ran)
        if snippet.kind is Kind.DATA and ran.state in ("passed", "skipped"):
            return html
        self.tally.add(ran.state, ran.outcome)
        return write_snippet(
            ran, html, self._expected(snippet), self.place.language, self._pages.file
        )

    def _outcome(self, snippet: Snippet) -> Outcome | None:
        """What is known of its run; of all versions that it had, those of this repository."""
        outcome = self.evidence.outcome(snippet)
        if outcome is None:
            return None
        had, names = outcome.versions, self._pages.facts.packages
        return replace(outcome, versions={name: had[name] for name in names if name in had})

    def _expected(self, snippet: Snippet) -> str:
        page = self._blocks.page
        if snippet.expected is None or page is None:
            return ""
        self._merged.add(snippet.expected)
        return page.snippets[snippet.expected].source

    def _complain(self, ran: Ran) -> None:
        place = ran.snippet
        if ran.state == "failed" and ran.outcome is not None:
            message = f"failed when it last ran: {ran.outcome.message}"
            self._report(
                Finding(place.page, ran.outcome.line or place.line, "snippet-failed", message)
            )
        elif ran.state == "stale":
            self._stale.setdefault(place.page, []).append(place.line)


def _stale(path: str, lines: list[int]) -> Finding:
    """One finding for a file, however much of it is to be run again."""
    subject = "has not run as it now stands"
    if len(lines) > 1:
        places = ", ".join(str(line) for line in lines[:5]) + (", …" if lines[5:] else "")
        subject = f"{len(lines)} snippets have not run as they now stand (lines {places})"
    message = f"{subject}; run `make test`, or `sage-dev snippets`"
    return Finding(path, lines[0], "stale-snippet", message, severity="warning")
