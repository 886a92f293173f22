"""One page in its process, or in several when it loses one."""

import re
import signal
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

from sage.tools.snippets.code import Broken, compile_at
from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.model import Kind, Outcome, Page, Snippet, Status
from sage.tools.snippets.names import names_bound, names_needed
from sage.tools.snippets.requirements import missing
from sage.tools.snippets.worker import Frame, Worker

if TYPE_CHECKING:  # doctest takes long to import, and most pages hold no session
    from sage.tools.snippets.sessions import Got, Session
    from sage.tools.snippets.snippet_worker.page import Job, Lent, Row

__all__ = ["PageRun", "Place"]

GRACE = 3.0  # seconds beyond its limit before a snippet's process is killed
BROKEN = 70  # exit status of a process that can report no more
SKIPPED = "each example says `# doctest: +SKIP`"
SETUP = -1  # the number that a page's hidden set-up goes by
SPAWNS = re.compile(r"multiprocessing|ProcessPool|__file__|\bspawn\b|joblib")
UNDEFINED = re.compile(r"NameError: name '(?P<name>\w+)' is not defined")
PAGE_KINDS = (Kind.CODE, Kind.SESSION)


@dataclass(frozen=True)
class Place:
    """Where pages run: the repository, its settings, the fork server."""

    root: Path
    settings: PageSettings
    worker: Worker

    def limit(self, snippet: Snippet) -> float:
        """Seconds that a snippet may take."""
        return snippet.timeout or self.settings.timeout


class PageRun:
    """A page under way: knows what it was given, what came back, and what to do when it dies."""

    def __init__(self, place: Place, page: Page, lent: "Lent | None" = None) -> None:
        self.page = page
        self._place = place
        self._worker = place.worker
        self._lent = lent
        self._done: dict[int, Outcome] = {}
        self._todo = [snippet for snippet in page.snippets if _in_process(snippet, page)]
        self._sessions: dict[int, Session] = {}
        self._alive = False
        self._job: list[int] = []  # numbers of the snippets that the process was given
        self._at = 0  # position in the job of the snippet under way
        self._until = 0  # how many of the job the process may run before it waits
        self._clock = 0.0
        self._path = cache(lambda origin: str(place.root / origin))

    def outcome(self, number: int, until: int | None) -> Outcome:
        """The outcome of one snippet. Blocks until it is there."""
        while number not in self._done:
            self._ask(max(number, until or 0))
            if number not in self._done:
                self._take_reply()
        return self._done[number]

    def end(self) -> None:
        """Let the process finish."""
        if self._alive:
            if self._until < len(self._job):
                self._worker.send(("end",))
            self._drain()

    def _ask(self, number: int) -> None:
        """See to it that the process may run up to `number`."""
        if not self._alive:
            self._begin(number)
        elif self._count(number) > self._until:
            self._until = self._count(number)
            self._worker.send(("until", self._until))
            self._clock = time.monotonic()

    def _begin(self, number: int) -> None:
        """Start a process with all that is still to do and can be compiled."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what compiling warns of is the page's
            hidden = [row for row in [self._row(self._setup)] if row] if self.page.setup else []
            rows = [*hidden, *(row for s in list(self._todo) if (row := self._row(s)))]
        if not self._todo:
            return
        self._job = [row[0] for row in rows]
        self._at, self._until, self._alive = 0, self._count(number), True
        self._worker.send_job(self._describe(rows))
        self._clock = time.monotonic()

    def _count(self, number: int) -> int:
        return sum(1 for given in self._job if given <= number)

    def _describe(self, rows: "Sequence[Row]") -> "Job":
        """The page, as the worker takes it."""
        page = self.page
        program = bool(page.snippets) and page.snippets[0].program == page.path
        return (
            "program" if program else "module" if page.module else "page",
            tuple(str(self._place.root / name) for name in page.files),
            str(page.file.parent) if program else "",
            str(page.file) if program else "page.py",
            page.module,
            self._place.settings.timeout,
            self._until,
            self._lent,
            tuple(rows),
        )

    def _row(self, snippet: Snippet) -> "Row | None":
        """A snippet, as the worker takes it; `None` and failed if it has no code."""
        filename, line = self._path(snippet.origin), snippet.origin_line
        session = snippet.kind is Kind.SESSION
        read = self._read_session(snippet, filename) if session else None
        code = read or compile_at(snippet.source, filename, line)
        if isinstance(code, Broken):
            self._break(snippet, code)
            return None
        return (
            snippet.number,
            str(snippet.kind),
            filename,
            line,
            snippet.source.count("\n") + 1,
            snippet.raises,
            self._place.limit(snippet),
            snippet.kind is Kind.CODE and bool(SPAWNS.search(snippet.source)),
            code if isinstance(code, CodeType) else code.typed,
            ((line, snippet.source),) if isinstance(code, CodeType) else code.shown(line),
        )

    def _read_session(self, snippet: Snippet, filename: str) -> "Session | Broken":
        from sage.tools.snippets.sessions import option_flags, read_session

        flags = option_flags(self._place.settings.doctest_options)
        session = read_session(snippet, filename, flags)
        if not isinstance(session, Broken):
            self._sessions[snippet.number] = session
        return session

    def _break(self, snippet: Snippet, broken: Broken) -> None:
        if snippet.number == SETUP:
            self._fail_all(f"the page's hidden set-up failed: {broken.message}", broken.detail)
            return
        if snippet.raises and snippet.raises in broken.names:  # as the page expects
            self._settle(snippet.number, Outcome(Status.PASSED, message=broken.message))
            return
        wrong = (broken.message, broken.detail, broken.line)
        self._settle(snippet.number, _outcome(self._place.root, "", wrong, 0.0))

    def _snippet(self, number: int) -> Snippet:
        return self.page.snippets[number] if number >= 0 else self._setup

    @property
    def _setup(self) -> Snippet:
        page = self.page
        return Snippet(page.path, page.setup_line, Kind.CODE, "python", page.setup, page.path,
                       page.setup_line, SETUP)  # fmt: skip

    def _take_reply(self) -> None:
        """Take one reply, or lose the process that does not give it in time."""
        limit = self._place.limit(self._snippet(self._job[self._at]))
        frame = self._worker.receive(self._clock + limit + GRACE - time.monotonic())
        if frame is None:
            self._worker.kill_page()
            self._lose(f"it took longer than {limit:g} s and was killed", self._drain())
        elif frame[0] == "done" and frame[1] == self._job[self._at]:
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
        number = _integer(number)
        rows = gots if isinstance(gots, list) else []
        session = self._sessions.get(number)
        if session is not None:
            output = "".join([got for _, got, *_ in rows])
        outcome = _outcome(self._place.root, output, wrong, seconds)
        if session is not None:
            outcome = self._judged(session, self._snippet(number), outcome, rows)
        elif rows and outcome.passed:
            outcome = replace(outcome, message=str(rows[0][2]))  # as the page expects
        self._at += 1
        if number != SETUP:
            self._settle(number, outcome)
        elif not outcome.passed:
            self._fail_all(f"the page's hidden set-up failed: {outcome.message}", outcome.detail)

    def _judged(
        self, session: "Session", snippet: Snippet, outcome: Outcome, gots: "Sequence[Got]"
    ) -> Outcome:
        """A session has passed when each example gave what the page shows."""
        from sage.tools.snippets.sessions import judge

        if not outcome.passed:
            return outcome
        if snippet.source.strip() and not session.examples:
            return replace(outcome, status=Status.SKIPPED, message=SKIPPED)
        wrong = judge(session, snippet, gots)
        if wrong is None:
            return outcome
        found = (wrong.message, wrong.detail, wrong.line)
        failed = _outcome(self._place.root, outcome.output, found, outcome.seconds)
        return replace(failed, actual=wrong.actual)

    def _settle(self, number: int, outcome: Outcome) -> None:
        self._done[number] = self._traced(outcome)
        self._todo = [snippet for snippet in self._todo if snippet.number != number]

    def _traced(self, outcome: Outcome) -> Outcome:
        """A name that is missing because the code that binds it failed is no fault of its own."""
        missing = UNDEFINED.match(outcome.message) if outcome.status is Status.FAILED else None
        if missing is None:
            return outcome
        for number, earlier in sorted(self._done.items()):
            snippet = self.page.snippets[number]
            if earlier.status is Status.FAILED and missing["name"] in names_bound(snippet):
                where = f"the code of line {snippet.line}, which binds it, failed"
                rest = outcome.message[missing.end() :]
                return replace(outcome, message=f"{missing[0]}: {where}{rest}")
        return outcome

    def _drain(self) -> str:
        """Read on until the process has ended; what it wrote to standard error when it crashed."""
        patience = [GRACE, self._place.settings.timeout + GRACE]
        while self._alive:
            frame = self._worker.receive(patience[-1])
            if frame is None and len(patience) > 1:
                patience.pop()
                self._worker.kill_page()
            elif frame is None:  # the page has stopped the server, too
                self._worker.close()
                self._alive = False
            elif frame[0] in ("end", "dead"):
                self._alive = False
                return str(frame[3]) if frame[0] == "end" else ""
        return ""

    def _lose(self, message: str, errors: str) -> None:
        """The process is gone: fail the snippet under way, and what builds on the lost names."""
        number = self._job[self._at]
        if number == SETUP:
            self._fail_all(f"the page's hidden set-up failed: {message}", errors)
            return
        snippet = self.page.snippets[number]
        line = _crash_line(errors, snippet) or snippet.origin_line
        detail = _readable(errors).replace(f"{self._place.root}/", "")
        self._settle(number, Outcome(Status.FAILED, message=message, detail=detail, line=line))
        if not self.page.module:
            self._block(
                snippet, [self.page.snippets[n] for n in self._job[: self._at + 1] if n >= 0]
            )

    def _block(self, culprit: Snippet, gone: Sequence[Snippet]) -> None:
        lost = {name for snippet in gone for name in names_bound(snippet)}
        for snippet in list(self._todo):
            needed = sorted(names_needed(snippet) & lost)
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
            else:  # it binds them anew
                lost -= names_bound(snippet)

    def _fail_all(self, message: str, detail: str) -> None:
        for snippet in list(self._todo):
            failed = Outcome(Status.FAILED, message=message, detail=detail,
                             line=self.page.setup_line)  # fmt: skip
            self._settle(snippet.number, failed)
        self.end()


def _in_process(snippet: Snippet, page: Page) -> bool:
    if snippet.skip or snippet.wrong or (snippet.requires and missing(snippet.requires)):
        return False
    return snippet.kind in PAGE_KINDS or snippet.program == page.path


def _outcome(root: Path, output: object, wrong: object, seconds: object) -> Outcome:
    took = float(str(seconds))
    if not isinstance(wrong, tuple):
        return Outcome(Status.PASSED, output=str(output), seconds=took)
    message, detail, line = wrong
    detail = detail.replace(f"{root}/", "")
    return Outcome(Status.FAILED, str(output), message, detail, line, took)


def _death(status: int) -> str:
    if -status in (signal.SIGKILL, signal.SIGTERM):
        return f"its process was ended by {signal.Signals(-status).name}"
    if status < 0:
        return f"the interpreter crashed: {signal.Signals(-status).name}"
    if status == BROKEN:
        return "it closed or broke what its process reports through"
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


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
