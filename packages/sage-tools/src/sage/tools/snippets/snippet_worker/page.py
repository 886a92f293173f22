"""In the child: run a page's snippets in one real `__main__`, and report each."""

import atexit
import builtins
import io
import linecache
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import CodeType, ModuleType
from typing import Any

from .code import Broken, compile_code
from .frames import read_frame, write_frame
from .report import Failure, describe, last_line

__all__ = ["prepare", "run_page", "time_limit"]

EXIT = os._exit  # the real one: a page gets one that it survives
GRACE = 2.0  # seconds that threads have to end when the page has


class TimeLimit(BaseException):
    """The snippet took longer than it may."""


class Ended(BaseException):
    """The snippet tried to end the process."""


def prepare(job: dict[str, Any]) -> None:
    """Compile every snippet and lay out the lines of the page, before the fork."""
    views: dict[str, list[str]] = {}
    for snippet in job["snippets"]:
        if snippet["kind"] == "session":
            from .session import compile_session  # brings doctest, when a page first needs it

            snippet["code"] = compile_session(snippet, views)
        else:
            snippet["code"] = compile_code(snippet, views)
    if job["kind"] == "page":
        for name, lines in views.items():
            # A page's lines as Python sees them: at their place, without marks and indentation.
            linecache.cache[name] = (1, None, lines, name)
            # Where `inspect` looks for classes: by the file of their module.
            linecache.cache.setdefault(job["script"], (1, None, lines, job["script"]))
    job["views"] = views


def run_page(
    job: dict[str, Any],
    requests: int,
    replies: int,
    streams: tuple[io.TextIOWrapper, io.TextIOWrapper],
) -> None:
    """Run the snippets up to `job["until"]`, then as requested; never returns."""
    status = 70
    try:
        _Page(job, requests, replies, *streams).run()
        status = 0
    except BaseException as error:
        sys.__stderr__.write(f"{type(error).__name__}: {error}\n") if sys.__stderr__ else None
    finally:
        with suppress(BaseException):
            _save_coverage()
        EXIT(status)


class _Page:
    def __init__(
        self,
        job: dict[str, Any],
        requests: int,
        replies: int,
        out: io.TextIOWrapper,
        err: io.TextIOWrapper,
    ) -> None:
        self.job = job
        self.requests, self.replies = requests, replies
        self.out, self.err = out, err
        self.read = 0
        self.loop: Any = None
        self.failed: list[dict[str, Any]] = []
        self.pid = os.getpid()
        self.handlers = getattr(atexit, "_ncallbacks", lambda: 0)()

    def run(self) -> None:
        self._dress()
        until, done = self.job["until"], 0
        snippets = self.job["snippets"]
        while done < len(snippets):
            if done >= until:
                frame = read_frame(self.requests)
                if frame is None or frame[0] == "end":
                    break
                until = frame[1]
                continue
            self._one(snippets[done], last=done + 1 == len(snippets))
            done += 1
        self._finish()

    def _dress(self) -> None:
        """Give the page a `__main__`, streams, a clock and an `os._exit` that it survives."""
        main = ModuleType("__main__")
        main.__dict__.update(__builtins__=builtins, __file__=self.job["script"], __spec__=None)
        main.__dict__.update(self.job["names"])
        if self.job["paths"]:
            from pathlib import Path

            main.__dict__.update({name: Path(path) for name, path in self.job["paths"].items()})
        if self.job["environment"]:
            os.environ.clear()
            os.environ.update(self.job["environment"])
        sys.modules["__main__"] = self.main = main
        sys.argv = [self.job["script"]]
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.__stdin__ = sys.stdin  # type: ignore[misc]
        os._exit = self._exit  # type: ignore[assignment]
        self.failed_import = self._import() if self.job["module"] else None

    def _exit(self, status: int) -> None:
        if os.getpid() != self.pid or threading.current_thread() is not threading.main_thread():
            EXIT(status)
        raise Ended(f"os._exit({status})")

    def _import(self) -> Failure | None:
        from importlib import import_module

        try:
            signal.setitimer(signal.ITIMER_REAL, self.job["limit"])
            self.module = import_module(self.job["module"])
        except BaseException as error:
            message = f"importing {self.job['module']} failed: {describe(error)}"
            return Failure(message, *last_line(error, ""))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return None

    def _one(self, snippet: dict[str, Any], *, last: bool) -> None:
        started = time.perf_counter()
        sys.stdout, sys.stderr = self.out, self.err
        sys.__stdout__, sys.__stderr__ = self.out, self.err  # type: ignore[misc]
        output, failure = "", self.failed_import
        gots: list[tuple[int, str]] = []
        if failure is None:
            failure, gots = self._guarded(snippet)
            output = self.take()
        if failure is not None:
            self.failed.append(snippet)
        elif last:
            failure = self._leaked()
        output = output if snippet["kind"] != "session" else "".join(got for _, got in gots)
        wrong = [] if failure is None else [failure.message, failure.detail, failure.line]
        mismatches = failure.gots if failure is not None else []
        write_frame(self.replies, ("done", snippet["number"], output, wrong, mismatches,
                                   time.perf_counter() - started))  # fmt: skip

    def _guarded(self, snippet: dict[str, Any]) -> tuple[Failure | None, list[tuple[int, str]]]:
        """Run one snippet; whatever it raises is its failure, not ours."""
        gots: list[tuple[int, str]] = []
        try:
            signal.setitimer(signal.ITIMER_REAL, snippet["timeout"])
            try:
                failure = self._run(snippet, gots)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeLimit as error:
            message = f"it took longer than {snippet['timeout']:g} s"
            return Failure(message, *last_line(error, snippet["filename"], snippet["line"])), gots
        except BaseException as error:
            return self._raised(snippet, error), gots
        if failure is None and snippet["raises"]:
            return Failure(f"it raised nothing; the page says {snippet['raises']}", "",
                           snippet["line"]), gots  # fmt: skip
        return failure, gots

    def _run(self, snippet: dict[str, Any], gots: list[tuple[int, str]]) -> Failure | None:
        code = snippet["code"]
        if isinstance(code, Broken):
            return Failure(code.message, code.detail, code.line)
        names = dict(self.module.__dict__) if self.job["module"] else self.main.__dict__
        if snippet["script"]:
            self._write_script(snippet)
        if snippet["kind"] == "session":
            from .session import run_session

            return run_session(snippet, names, self.take, self.execute, gots)
        self.execute(code, names)
        return None

    def execute(self, code: CodeType, names: dict[str, Any]) -> None:
        """Run code; code that awaits at its top level runs in the page's one event loop."""
        if not code.co_flags & 0x80:  # CO_COROUTINE
            exec(code, names)
            return
        if self.loop is None:
            import asyncio

            self.loop = asyncio.Runner()
        self.loop.run(eval(code, names))

    def take(self) -> str:
        """What was written to standard output since the last time."""
        self.out.flush()
        size = os.fstat(1).st_size
        if size <= self.read:
            return ""
        data = os.pread(1, size - self.read, self.read)
        self.read = size
        return data.decode("utf-8", "replace")

    def _raised(self, snippet: dict[str, Any], error: BaseException) -> Failure | None:
        if snippet["raises"] and snippet["raises"] in _names(type(error)):
            return None
        if isinstance(error, SystemExit) and snippet["kind"] == "program" and not error.code:
            return None
        if isinstance(error, Ended):
            message = f"it called {error}, which ends the process"
        elif isinstance(error, SystemExit):
            message = f"it called sys.exit({error.code!r})"
        else:
            message = describe(error)
        return Failure(message, *last_line(error, snippet["filename"], snippet["line"]))

    def _write_script(self, snippet: dict[str, Any]) -> None:
        """The page so far as a real file, for processes that start by importing `__main__`."""
        lines = list(self.job["views"].get(snippet["filename"], []))
        until = snippet["line"] + snippet["source"].count("\n")
        for failed in self.failed:
            start, size = failed["line"] - 1, failed["source"].count("\n") + 1
            lines[start : start + size] = ["\n"] * size
        with open(self.job["script"], "w", encoding="utf-8") as stream:  # noqa: PTH123
            stream.writelines(lines[:until])

    def _leaked(self) -> Failure | None:
        left = [t for t in threading.enumerate()
                if t is not threading.main_thread() and not t.daemon]  # fmt: skip
        deadline = time.monotonic() + GRACE
        for thread in left:
            thread.join(max(deadline - time.monotonic(), 0))
        alive = [thread.name for thread in left if thread.is_alive()]
        if not alive:
            return None
        names = ", ".join(alive)
        return Failure(f"the page leaves a thread running, so it would never end: {names}", "", 0)

    def _finish(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        if self.loop is not None:
            self.loop.close()
        if getattr(atexit, "_ncallbacks", lambda: 0)() > self.handlers:
            atexit._run_exitfuncs()


def time_limit(_signal: int, _frame: object) -> None:
    """What a page's clock does when it rings."""
    raise TimeLimit


def _names(kind: type) -> list[str]:
    return [name for t in kind.__mro__ for name in (t.__name__, f"{t.__module__}.{t.__name__}")]


def _save_coverage() -> None:
    coverage = sys.modules.get("coverage")
    current = coverage.Coverage.current() if coverage else None
    if current is not None:
        current.stop()
        current.save()
