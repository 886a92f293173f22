"""The pytest plugin: every snippet is an item, `page.md::L42`.

It does nothing unless asked: by the ini option `snippets`, a list of files and folders, or by
`--snippets` for whatever the command line names. Items run in the fork server; an item carries its
prerequisites, so `-k`, `--lf`, xdist and a single node id all work. Outcomes go into
`.sage-dev/evidence.json`, written by the controlling process at the end of the session.
"""

import gc
import os
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy
import pytest

# The plugin is loaded into every pytest run: it imports its core, and what pytest does not promise
# to keep (`_pytest`), only when and where a page needs it.
if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr
    from _pytest._io import TerminalWriter

    from sage.tools.finding import Finding
    from sage.tools.snippets.evidence import Evidence
    from sage.tools.snippets.model import Outcome, Page, Snippet
    from sage.tools.snippets.run import Runner
    from sage.tools.snippets.selfcheck import SelfCheck

__all__ = ["SnippetFile", "SnippetItem"]

SUITE = pytest.StashKey["Suite"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--snippets`, `--snippets-changed` and the ini option `snippets`."""
    group = parser.getgroup("snippets", "code in documentation")
    group.addoption(
        "--snippets",
        action="store_true",
        help="run the code of the Markdown pages that the command line names",
    )
    group.addoption(
        "--snippets-changed",
        action="store_true",
        help="leave out snippets that passed and have not changed since",
    )
    parser.addini("snippets", "files and folders whose snippets are run", "paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Become active where the repository or the command line asks for it."""
    if config.getini("snippets") or config.getoption("snippets"):
        from sage.tools.finding import CannotBegin

        try:
            config.stash[SUITE] = Suite(config)
        except CannotBegin as error:
            raise pytest.UsageError(str(error)) from error


class Suite:
    """What the items of one session share: the runner, the pages, the evidence."""

    def __init__(self, config: pytest.Config) -> None:
        from sage.tools.snippets.config import load_page_settings

        self.root = config.rootpath
        self.settings = load_page_settings(self.root)
        self.any = bool(config.getoption("snippets"))
        self.paths = [Path(path).resolve() for path in config.getini("snippets")]
        self.changed = bool(config.getoption("snippets_changed"))
        self.worker = hasattr(config, "workerinput")
        self.last: dict[str, int] = {}  # of each page, the last snippet that was selected
        self.pages: list[Page] = []
        self.unchanged = 0  # snippets that were left out
        self._runner: Runner | None = None
        self._evidence: Evidence | None = None
        self._check: SelfCheck | None = None

    @property
    def runner(self) -> "Runner":
        """The one runner; its fork server starts with the first snippet."""
        if self._runner is None:
            from sage.tools.snippets.run import Runner

            self._runner = Runner(self.root, self.settings)
        return self._runner

    @property
    def evidence(self) -> "Evidence":
        """What earlier runs know, and where this one's outcomes go."""
        if self._evidence is None:
            from sage.tools.snippets.evidence import Evidence

            self._evidence = Evidence.read(self.root)
        return self._evidence

    def wants(self, file: Path) -> bool:
        """Whether the file is a page that was asked for."""
        from sage.tools.snippets.suite import IGNORED, is_page

        if file.suffix not in (".md", ".markdown", ".py") or IGNORED.intersection(file.parts):
            return False
        asked = self.any or any(file.is_relative_to(path) for path in self.paths)
        return asked and is_page(file, self.root, self.settings)

    def read(self, file: Path) -> "Page":
        """The page, found as the site shows it."""
        page = self.runner.finder.find(file)
        if self.settings.self_check:
            if self._check is None:
                from sage.tools.snippets.selfcheck import SelfCheck

                found = self.runner.finder.found
                self._check = SelfCheck(self.root, self.settings, found)
            page = self._check.checked(page)
        self.pages.append(page)
        return page

    def is_known(self, snippet: "Snippet") -> bool:
        """Whether the snippet has passed and not changed since."""
        return snippet.runs and self.evidence.has_passed(snippet)

    def outcome(self, page: "Page", number: int) -> "Outcome":
        """The outcome of a snippet."""
        # Under xdist other workers run the page's other items: nobody knows which is the last.
        until = None if self.worker else self.last.get(page.path)
        return self.runner.outcome(page, number, until=until)

    def close(self) -> None:
        """End the fork server and write what was learned."""
        if self._runner is not None:
            self._runner.close()
            if not self.worker:
                self._runner.finder.save()
        if self._evidence is not None and not self.worker:
            for page in self.pages:
                self._evidence.whole_if_complete(page)
            self._evidence.write()


class SnippetFile(pytest.File):
    """A page; its items are its snippets, and what is wrong with the page itself."""

    _holder: "_FixtureHolder | None" = None

    @cached_property
    def ihook(self) -> pluggy.HookRelay:
        """The hooks for this page, and for all its items; pytest makes them up at each use."""
        return self.session.gethookproxy(self.path)

    def collect(self) -> Iterator[pytest.Item]:
        """One item a finding and one a snippet, by line."""
        suite = self.config.stash[SUITE]
        page = suite.read(self.path)
        seen: dict[str, int] = {}
        for finding in page.findings:
            name = _unique(f"L{finding.line}-{finding.code}", seen)
            yield FindingItem.from_parent(self, name=name, finding=finding)
        for snippet in page.snippets:
            if snippet.kind != "output":
                name = _unique(f"L{snippet.line}", seen)
                yield SnippetItem.from_parent(self, name=name, page=page, snippet=snippet)

    def set_up(self, page: "Page") -> None:
        """Set up the page's fixtures, once; what is plain data of them becomes names of it."""
        if self._holder is None:
            self._holder = _FixtureHolder.from_parent(self, name="fixtures", names=page.fixtures)
            self.session._setupstate.setup(self._holder)
            self.config.stash[SUITE].runner.lend(page, self._holder.values())

    def forget(self) -> None:
        """The fixtures are torn down."""
        self._holder = None


class _FixtureHolder(pytest.Item):
    """Never collected: what pytest sets a page's fixtures up for."""

    def __init__(self, *, names: tuple[str, ...], **words: object) -> None:
        from _pytest.fixtures import TopRequest

        super().__init__(**words)  # type: ignore[arg-type]
        self.obj = None
        self.add_marker(pytest.mark.usefixtures(*names))
        self._names = names
        manager = self.session._fixturemanager
        self._fixtureinfo = manager.getfixtureinfo(node=self, func=None, cls=None)
        self.fixturenames = self._fixtureinfo.names_closure
        self.funcargs: dict[str, object] = {}
        self._request = TopRequest(self, _ispytest=True)  # type: ignore[arg-type]

    def setup(self) -> None:
        """Set up the fixtures."""
        self._request._fillfixtures()

    def values(self) -> dict[str, object]:
        """The values of the fixtures that the page names."""
        return {name: self._request.getfixturevalue(name) for name in self._names}

    def runtest(self) -> None:
        """Nothing: it only holds."""


class FindingItem(pytest.Item):
    """Something wrong with a page: it fails, or warns where the command only warns."""

    def __init__(self, *, finding: "Finding", **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]
        self.finding = finding

    def runtest(self) -> None:
        """Fail with the finding, or warn."""
        if self.finding.severity == "warning":
            self.warn(pytest.PytestWarning(str(self.finding)))
            return
        pytest.fail(str(self.finding), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page and the finding's line."""
        return self.path, max(self.finding.line - 1, 0), self.name


class SnippetItem(pytest.Item):
    """One snippet."""

    def __init__(self, *, page: "Page", snippet: "Snippet", **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]
        self.page = page
        self.snippet = snippet

    @property
    def ihook(self) -> pluggy.HookRelay:
        """The page's."""
        return self.parent.ihook  # type: ignore[union-attr]

    def runtest(self) -> None:
        """Not used: `pytest_runtest_protocol` makes the one report itself."""
        raise NotImplementedError

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page and the snippet's line."""
        return self.path, self.snippet.line - 1, self.name

    @property
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
            from sage.tools.snippets.evidence import entry_of

            # A plain dictionary: it travels from an xdist worker with the report.
            report.snippet = [  # type: ignore[attr-defined]
                self.snippet.page, self.snippet.digest, entry_of(self.snippet, outcome)
            ]  # fmt: skip
        return report

    def _outcome(self) -> "Outcome":
        suite = self.config.stash[SUITE]
        if self.page.fixtures:
            try:
                self.parent.set_up(self.page)  # type: ignore[union-attr]
            except Exception as error:  # a fixture may raise anything: it is the snippet's failure
                from sage.tools.snippets.model import Outcome, Status

                message = f"the page's fixtures failed: {type(error).__name__}: {error}"
                return Outcome(Status.FAILED, message=message)
        return suite.outcome(self.page, self.snippet.number)

    def _explain(self, outcome: "Outcome") -> "tuple[str, int, str] | TerminalRepr | None":
        if outcome.status == "passed":
            return None
        if outcome.status == "skipped":
            return str(self.path), self.snippet.line, f"Skipped: {outcome.message}"
        from _pytest._code.code import (
            ExceptionChainRepr,
            ReprEntryNative,
            ReprFileLocation,
            ReprTraceback,
        )

        line = outcome.line or self.snippet.line
        where = f"{self.snippet.origin}:{line}"
        parts = [f"{where}: {outcome.message}", *self._excerpt(line), "", outcome.detail]
        text = "\n".join(parts).rstrip()
        place = ReprFileLocation(self.snippet.origin, line, outcome.message)
        entry = ReprEntryNative([text + "\n"])
        return ExceptionChainRepr([(ReprTraceback([entry], None, style="native"), place, None)])

    def _excerpt(self, line: int) -> list[str]:
        """The snippet's lines around the failure, numbered as in the file; none where it lies
        elsewhere, as in the output that the page shows."""
        numbered = dict(enumerate(self.snippet.source.split("\n"), self.snippet.origin_line))
        if line not in numbered:
            return []
        return [
            "",
            *(
                f"{'>' if number == line else ' '} {number:4d} {text}".rstrip()
                for number, text in numbered.items()
                if line - 4 <= number <= line + 2
            ),
        ]


class _Coloured:
    """What a failing snippet shows; at a terminal, what stands out stands out."""

    style = "native"

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    def toterminal(self, writer: "TerminalWriter") -> None:
        """Write the lines as they are, with marks where `writer` has some."""
        from sage.tools.snippets.compare import difference_colours

        for number, (line, colour) in enumerate(difference_colours("".join(self.lines).rstrip())):
            marks = {colour: True} if colour else {"bold": line.startswith(">")}
            if number == 0:
                marks = {"red": True, "bold": True}
            writer.line(line, **marks)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SnippetFile | None:
    """A page that was asked for."""
    suite = parent.config.stash.get(SUITE, None)
    if suite is None or not suite.wants(file_path):
        return None
    return SnippetFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--snippets-changed`, leave out what passed and has not changed since."""
    suite = config.stash.get(SUITE, None)
    if suite is None or not suite.changed:
        return
    known = [i for i in items if isinstance(i, SnippetItem) and suite.is_known(i.snippet)]
    if known:
        left_out = set(known)
        items[:] = [item for item in items if item not in left_out]
        suite.unchanged = len(known)
        config.hook.pytest_deselected(items=known)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Note how far each page will run, now that it is known what was selected."""
    suite = session.config.stash.get(SUITE, None)
    if suite is not None:
        gc.freeze()  # the items stay, too
        for item in session.items:
            if isinstance(item, SnippetItem):
                page, number = item.page.path, item.snippet.number
                suite.last[page] = max(suite.last.get(page, 0), number)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a snippet with one report; a page's fixtures live from its first item to its last."""
    if not isinstance(item, SnippetItem):
        return None
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    hook.pytest_runtest_logreport(report=item.run())
    state = item.session._setupstate
    if state.stack and (nextitem is None or nextitem.parent is not item.parent):
        state.teardown_exact(nextitem)  # the page's fixtures, and what other items have set up
        item.parent.forget()  # type: ignore[union-attr]
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


class _Collector:
    """Registered where evidence is written: in the controlling process only."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome that came with a report, from this process or a worker."""
        told = getattr(report, "snippet", None)
        if told is not None:
            page, digest, entry = told
            self.suite.evidence.add(page, digest, entry)
            if report.failed:  # plain so far, as it had to be to come from an xdist worker
                trace = report.longrepr.reprtraceback  # type: ignore[union-attr]
                trace.reprentries = [_Coloured(entry.lines) for entry in trace.reprentries]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen to reports, unless this is a worker."""
    suite = session.config.stash.get(SUITE, None)
    if suite is None:
        return
    gc.freeze()  # what is loaded stays: items in their thousands need not have it looked at again
    if not suite.worker:
        session.config.pluginmanager.register(_Collector(suite), "sage-snippet-evidence")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End the fork server and write the evidence; nothing to run is fine where nothing changed."""
    suite = session.config.stash.get(SUITE, None)
    if suite is None:
        return
    suite.close()
    if suite.worker:
        session.config.workeroutput["snippets_unchanged"] = suite.unchanged  # type: ignore[attr-defined]
    elif suite.unchanged and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Learn from an xdist worker how many snippets were left out: each worker leaves out all."""
    suite = node.config.stash.get(SUITE, None)
    if suite is not None:
        told = getattr(node, "workeroutput", {})
        suite.unchanged = max(suite.unchanged, told.get("snippets_unchanged", 0))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What was left out; on GitHub, one annotation a failure."""
    suite = config.stash.get(SUITE, None)
    if suite is not None and suite.unchanged:
        from sage.tools.finding import counted

        said = f"{counted(suite.unchanged, 'snippet')} unchanged since they passed"
        terminalreporter.write_line(said)
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    from sage.tools.finding import Finding
    from sage.tools.report import Format, render

    findings = []
    for report in terminalreporter.stats.get("failed", []):
        crash = getattr(report.longrepr, "reprcrash", None)
        if crash is not None and hasattr(report, "snippet"):
            findings.append(Finding(crash.path, crash.lineno, "snippet-failed", crash.message))
    terminalreporter.write(render(findings, Format.GITHUB))


def _unique(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}.{seen[name]}"
