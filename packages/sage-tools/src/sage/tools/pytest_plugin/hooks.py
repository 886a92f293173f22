"""What pytest calls in a session that was asked for pages: from files to evidence."""

import gc
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sage.tools.finding import CannotBegin, Finding, counted
from sage.tools.pytest_plugin.items import SnippetFile, SnippetItem
from sage.tools.pytest_plugin.suite import Suite

__all__ = ["Hooks"]


class Hooks:
    """Registered by `pytest_configure`, for one session."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.lost = ""  # why evidence could not be kept

    def pytest_sessionstart(self) -> None:
        """Spare the garbage collector what is loaded: it stays."""
        gc.freeze()

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> SnippetFile | None:
        """A page that was asked for."""
        if not self.suite.wants(file_path):
            return None
        return SnippetFile.from_parent(parent, path=file_path, suite=self.suite)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """With `--snippets-changed`, leave out what passed and has not changed since."""
        if not self.suite.changed:
            return
        known = [item for item in _snippets(items) if self.suite.is_known(item.snippet)]
        if known:
            left_out = set(known)
            items[:] = [item for item in items if item not in left_out]
            self.suite.unchanged = len(known)
            config.hook.pytest_deselected(items=known)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Note how far each page will run, now that it is known what was selected."""
        gc.freeze()  # items in their thousands need not be looked at again
        for item in _snippets(session.items):
            self.suite.select(item.page, item.snippet)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        """Run a snippet with one report; a page's fixtures live from its first item to its last."""
        if not isinstance(item, SnippetItem):
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        hook.pytest_runtest_logreport(report=item.run())
        state = item.session._setupstate
        if state.stack and (nextitem is None or nextitem.parent is not item.file):
            # The page's fixtures, and what other items have set up.
            call = pytest.CallInfo.from_call(
                lambda: state.teardown_exact(nextitem),
                when="teardown",
                reraise=(pytest.exit.Exception, KeyboardInterrupt),
            )
            item.file.forget()
            if call.excinfo is not None:
                report = pytest.TestReport.from_item_and_call(item, call)
                hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Where evidence is written, keep what came with a report, of this process or a worker."""
        told = getattr(report, "snippet", None)
        if told is None or self.suite.worker:
            return
        page, digest, entry = told
        self.suite.evidence.add(page, digest, entry)
        if report.failed:  # plain so far, as it had to be to come from an xdist worker
            from sage.tools.pytest_plugin.failure import colour

            colour(report.longrepr)  # type: ignore[arg-type]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """End the fork server, write the evidence; nothing to run is fine if nothing changed."""
        try:
            self.suite.close()
        except CannotBegin as error:
            self.lost = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if self.suite.worker:
            session.config.workeroutput["snippets_unchanged"] = self.suite.unchanged  # type: ignore[attr-defined]
        elif self.suite.unchanged and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from a worker how many snippets were left out: each worker leaves out all."""
        told = getattr(node, "workeroutput", {})
        self.suite.unchanged = max(self.suite.unchanged, told.get("snippets_unchanged", 0))

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """What was left out, and what could not be kept; on GitHub, one annotation a failure."""
        if self.lost:
            terminalreporter.write_line(self.lost, red=True)
        if self.suite.unchanged:
            said = f"{counted(self.suite.unchanged, 'snippet')} unchanged since they passed"
            terminalreporter.write_line(said)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from sage.tools.report import Format, render

            failed = terminalreporter.stats.get("failed", [])
            findings = [finding for report in failed if (finding := _finding(report))]
            terminalreporter.write(render(findings, Format.GITHUB))


def _snippets(items: Iterable[pytest.Item]) -> Iterator[SnippetItem]:
    return (item for item in items if isinstance(item, SnippetItem))


def _finding(report: pytest.TestReport) -> Finding | None:
    """The finding that a failure of ours is; `None` for one of a test."""
    code = dict(report.user_properties).get("finding")
    if code is None and not hasattr(report, "snippet"):
        return None
    crash = report.longrepr.reprcrash  # type: ignore[union-attr]
    return Finding(crash.path, crash.lineno, str(code or "snippet-failed"), crash.message)
