"""Pages as pytest collects them: a file, its snippets, and what is wrong with it."""

import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pluggy
import pytest

from sage.tools.finding import Finding
from sage.tools.pytest_plugin.suite import Suite
from sage.tools.snippets.evidence import entry_of
from sage.tools.snippets.model import Kind, Outcome, Page, Snippet, Status

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from sage.tools.pytest_plugin.fixtures import Fixtures

__all__ = ["FindingItem", "SnippetFile", "SnippetItem"]


class SnippetFile(pytest.Module):
    """A page; its items are its snippets, and what is wrong with the page itself.

    To pytest it is a module, as its own files of doctests are: fixtures may live as long as one.
    """

    obj = None

    def __init__(self, *, suite: Suite, **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]
        self.suite = suite
        self._fixtures: Fixtures | None = None
        self._without: Outcome | None = None  # what comes of all snippets where there are none

    @cached_property
    def ihook(self) -> pluggy.HookRelay:
        """The hooks for this page, and for all its items; pytest makes them up at each use."""
        return self.session.gethookproxy(self.path)

    def collect(self) -> Iterator[pytest.Item]:
        """One item a finding, then one a snippet, each by line."""
        page = self.suite.read(self.path)
        seen: dict[str, int] = {}
        for finding in page.findings:
            name = _unique(f"L{finding.line}-{finding.code}", seen)
            yield FindingItem.from_parent(self, name=name, finding=finding)
        for snippet in page.snippets:
            if snippet.kind is not Kind.OUTPUT:
                name = _unique(f"L{snippet.line}", seen)
                yield SnippetItem.from_parent(self, name=name, page=page, snippet=snippet)

    def set_up(self, page: Page) -> Outcome | None:
        """Set up the page's fixtures, once; what is plain data of them becomes names of it.

        Gives the outcome of all of the page's snippets where they cannot be set up.
        """
        if self._fixtures is None:
            from sage.tools.pytest_plugin.fixtures import Fixtures

            self._fixtures = Fixtures.from_parent(self, name="fixtures", names=page.fixtures)
            self._without = self._fixtures.set_up()
            if self._without is None:
                self.suite.runner.lend(page, self._fixtures.values())
        return self._without

    def forget(self) -> None:
        """The fixtures are torn down."""
        self._fixtures = None


class FindingItem(pytest.Item):
    """Something wrong with a page: it fails, or warns where the command only warns."""

    def __init__(self, *, finding: Finding, **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]
        self.finding = finding
        self.user_properties.append(("finding", finding.code))

    def runtest(self) -> None:
        """Fail with the finding, or warn."""
        if self.finding.severity == "warning":
            self.warn(pytest.PytestWarning(str(self.finding)))
            return
        pytest.fail(str(self.finding), pytrace=False)

    def repr_failure(self, excinfo: object, style: object = None) -> "TerminalRepr":
        """The finding, with its place in the page."""
        from sage.tools.pytest_plugin.failure import explain_finding

        return explain_finding(self.finding)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page and the finding's line."""
        return self.path, max(self.finding.line - 1, 0), self.name


class SnippetItem(pytest.Item):
    """One snippet."""

    def __init__(self, *, page: Page, snippet: Snippet, **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]
        self.file = cast(SnippetFile, self.parent)
        self.page = page
        self.snippet = snippet

    @property
    def ihook(self) -> pluggy.HookRelay:
        """The page's."""
        return self.file.ihook

    def runtest(self) -> None:
        """Not used: `pytest_runtest_protocol` makes the one report itself."""
        raise NotImplementedError

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page and the snippet's line."""
        return self.path, self.snippet.line - 1, self.name

    @cached_property
    def location(self) -> tuple[str, int, str]:
        """The page and the snippet's line, as reports show it."""
        return self.page.path, self.snippet.line - 1, self.name

    def run(self) -> pytest.TestReport:
        """Run the snippet, and what it builds on, and report."""
        start = time.time()
        outcome = self._outcome()
        report = pytest.TestReport(
            nodeid=self.nodeid,
            location=self.location,
            keywords={self.name: 1},
            outcome=str(outcome.status),  # type: ignore[arg-type]
            longrepr=self._explain(outcome),
            when="call",
            sections=[("Captured stdout", outcome.output)] if outcome.output else [],
            duration=outcome.seconds,
            start=start,
            stop=time.time(),
        )
        if self.snippet.runs:
            # A plain dictionary: it travels from an xdist worker with the report.
            report.snippet = [  # type: ignore[attr-defined]
                self.snippet.page, self.snippet.digest, entry_of(self.snippet, outcome)
            ]  # fmt: skip
        return report

    def _outcome(self) -> Outcome:
        without = self.file.set_up(self.page) if self.page.fixtures else None
        return without or self.file.suite.outcome(self.page, self.snippet.number)

    def _explain(self, outcome: Outcome) -> "tuple[str, int, str] | TerminalRepr | None":
        if outcome.passed:
            return None
        if outcome.status is Status.SKIPPED:
            return str(self.path), self.snippet.line, f"Skipped: {outcome.message}"
        from sage.tools.pytest_plugin.failure import explain

        return explain(self.snippet, outcome)


def _unique(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}.{seen[name]}"
