"""In the child: run a page's snippets in one real `__main__`, and report each."""

import atexit
import builtins
import io
import linecache
import os
import sys
from _contextvars import copy_context
from _thread import get_ident
from contextlib import suppress
from signal import ITIMER_REAL, setitimer
from time import monotonic
from types import CodeType, ModuleType
from typing import Any, TypeAlias

from .frames import packed, read_frame, write_all
from .report import Failure, describe, last_line, status_of
from .script import Script
from .threads import GRACE, Threads

__all__ = ["Ends", "Job", "Page", "Row", "Streams", "time_limit"]

EXIT = os._exit  # the real one: a page gets one that it survives
OUTPUT_LIMIT = 1_000_000  # bytes of one snippet's output that are read; the rest is counted
CO_COROUTINE = 0x80
callbacks = getattr(atexit, "_ncallbacks", lambda: 0)

# The ends of pipes that a page has: requests come in, replies go out, and the bell calls the
# controlling side to them, which else would be woken for every snippet.
Ends: TypeAlias = tuple[int, int, int]

# What is written or counted here, each page pays for, in memory that is copied: a page and its
# snippets come as plain tuples and stay so.
Row: TypeAlias = tuple[
    int,  # number of the snippet
    str,  # kind
    str,  # file that holds it
    int,  # line of its first line there
    int,  # how many lines it has
    str,  # exception that it ends with, as expected
    float,  # seconds that it may take
    bool,  # whether it needs the page so far as a file
    Any,  # its code, or the examples of a session
    tuple[tuple[int, str], ...],  # its text, in pieces: line and source
]
Lent: TypeAlias = tuple[dict[str, Any], dict[str, str], dict[str, str]]
Job: TypeAlias = tuple[
    str,  # page, program or module
    tuple[str, ...],  # files to copy
    str,  # for a program, its folder
    str,  # name of the script
    str,  # module of docstrings
    float,  # seconds that importing it may take
    int,  # how many snippets to run before waiting
    Lent | None,  # names, paths and environment that pytest's fixtures give
    tuple[Row, ...],
]


class TimeLimit(BaseException):
    """The snippet took longer than it may."""

    __module__ = "builtins"  # as the last line of a traceback, it tells of no code of ours


class Ended(BaseException):
    """The snippet tried to end the process."""

    __module__ = "builtins"


class Streams:
    """A page's standard streams, and the file that standard output goes to."""

    def __init__(
        self, in_: io.TextIOWrapper, out: io.TextIOWrapper, err: io.TextIOWrapper, file: int
    ) -> None:
        self.in_, self.out, self.err, self.file = in_, out, err, file

    def stand_in(self) -> None:
        """Be the standard streams, whatever the page has made of them."""
        sys.stdin = sys.__stdin__ = self.in_  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.err  # type: ignore[misc]


class Lines(dict[str, Any]):
    """What `linecache` knows; few pages ask it, so their lines are laid out when one does."""

    def __init__(self, page: "Page") -> None:
        super().__init__()
        self._page = page

    def __contains__(self, name: object) -> bool:
        self._page.show()
        return super().__contains__(name)


class Page:
    """What runs a page; made before the fork, and used once in each child."""

    def __init__(self, ends: Ends, folder: str, streams: Streams) -> None:
        self.requests, self.replies, self.bell = ends
        self.folder, self.streams = folder, streams
        self.read = self.pid = self.thread = 0
        self.context = copy_context()
        self.loop: Any = None
        self.module: Any = None
        self.hidden: tuple[Row, ...] = ()  # rows whose lines nothing has asked for
        self.views: dict[str, list[str]] = {}
        self.rows: tuple[Row, ...] = ()
        self.raised: list[Row] = []  # what ended with an exception, expected or not
        self.threads = Threads()
        self.failed_import: Failure | None = None
        self.handlers = callbacks()
        self._dress()

    def _dress(self) -> None:
        """Give the page a `__main__`, and an `os._exit` that it survives."""
        main = ModuleType("__main__")
        self.names = main.__dict__
        self.names["__builtins__"] = builtins
        sys.modules["__main__"] = main
        sys.argv = [""]
        linecache.cache = Lines(self)
        os._exit = self._exit  # type: ignore[assignment]
        self.streams.stand_in()

    def live(self) -> None:
        """In the child: wait for a page, and run its snippets as requested; never returns."""
        status = 70  # it could not even report
        try:
            os.setsid()
            while (frame := read_frame(self.requests)) is not None:
                if frame[0] == "page":
                    self.run(frame[1])
                    break
            status = 0
        except BaseException as error:
            sys.__stderr__.write(f"{type(error).__name__}: {error}\n") if sys.__stderr__ else None
        finally:
            try:
                _save_coverage()
            finally:
                EXIT(status)

    def run(self, job: Job) -> None:
        """Run the snippets of a page."""
        kind, files, path, self.script, module, limit, until, lent, rows = job
        self.pid, self.thread = os.getpid(), get_ident()
        sys.argv[0] = self.names["__file__"] = self.script
        if path:
            sys.path[0] = path
        if files:
            _copy(files, self.folder)
        if lent is not None:
            self._take_over(*lent)
        self.rows = rows
        if kind == "page":
            self.hidden = rows
        if module:
            self._import(module, limit)
        done = 0
        for row in rows:
            while done >= until:
                os.write(self.bell, b"!")
                frame = read_frame(self.requests)
                if frame is None or frame[0] == "end":
                    self._finish()
                    return
                until = frame[1]
            done += 1  # noqa: SIM113 (it says which is the last, too)
            self._one(row, last=done == len(rows))
        self._finish()

    def _take_over(
        self, names: dict[str, Any], paths: dict[str, str], environment: dict[str, str]
    ) -> None:
        from pathlib import Path

        self.names.update(names)
        self.names.update({name: Path(path) for name, path in paths.items()})
        os.environ.clear()
        os.environ.update(environment)

    def show(self) -> None:
        """Lay out the page's lines as Python sees them: in place, without marks and indentation."""
        rows, self.hidden = self.hidden, ()
        for _, _, filename, *_, shown in rows:
            view = self.views.setdefault(filename, [])
            for line, source in shown:
                view += ["\n"] * (line - 1 - len(view))
                view[line - 1 :] = [text + "\n" for text in source.rstrip("\n").split("\n")]
        for name, lines in self.views.items() if rows else ():
            linecache.cache[name] = (1, None, lines, name)
            # Where `inspect` looks for classes: by the file of their module.
            linecache.cache.setdefault(self.script, (1, None, lines, self.script))

    def _exit(self, status: int) -> None:
        if os.getpid() != self.pid or get_ident() != self.thread:
            EXIT(status)
        raise Ended(f"os._exit({status})")

    def _import(self, name: str, limit: float) -> None:
        from importlib import import_module

        try:
            setitimer(ITIMER_REAL, limit)
            self.module = import_module(name)
        except BaseException as error:
            message = f"importing {name} failed: {describe(error)}"
            self.failed_import = Failure(message, *last_line(error, ""))
        finally:
            setitimer(ITIMER_REAL, 0)

    def _one(self, row: Row, *, last: bool) -> None:
        started = monotonic()
        output, failure = "", self.failed_import
        gots: list[tuple[Any, ...]] = []
        if failure is None:
            failure = self._guarded(row, gots)
            output = self.take()
            self.threads.note(row[3])
        if failure is None and last:
            failure = self.threads.leaked()
        if os.getpid() != self.pid:  # the snippet forked, and this is the copy: it has ended
            EXIT(0)
        wrong = (failure.message, failure.detail, failure.line) if failure else None
        seconds = monotonic() - started
        write_all(self.replies, packed(("done", row[0], output, wrong, gots, seconds)))

    def _guarded(self, row: Row, gots: list[tuple[Any, ...]]) -> Failure | None:
        """Run one snippet; whatever it raises is its failure, not ours."""
        _, kind, filename, line, _, raises, timeout, script, code, _ = row
        started = monotonic()
        try:
            setitimer(ITIMER_REAL, timeout)
            try:
                if script:
                    self._write_script(row)
                names = dict(self.module.__dict__) if self.module else self.names
                if kind == "session":
                    self._converse(row, code, names, gots)
                else:
                    self._execute(code, names)
            finally:
                setitimer(ITIMER_REAL, 0)
        except TimeLimit as error:
            self.raised.append(row)
            early = monotonic() - started < timeout
            message = ("an alarm (SIGALRM) rang that nothing handles" if early
                       else f"it took longer than {timeout:g} s")  # fmt: skip
            return Failure(message, *last_line(error, filename, line))
        except BaseException as error:
            if os.getpid() != self.pid:
                EXIT(status_of(error))
            self.raised.append(row)
            return self._raised(row, error, gots)
        if raises:
            return Failure(f"it raised nothing; the page says {raises}", "", line)
        return None

    def _converse(
        self, row: Row, examples: Any, names: dict[str, Any], gots: list[tuple[Any, ...]]
    ) -> None:
        """Type each example of a session in, after a wrong one too, and note what came back."""
        sys.displayhook = sys.__displayhook__
        self.take()
        for lineno, code, expects in examples:
            exception, detail, line = "", "", 0
            try:
                if code is not None:
                    self._execute(code, names)
            except (KeyboardInterrupt, TimeLimit, Ended):
                raise
            except BaseException as error:  # sys.exit too, as in doctest
                if os.getpid() != self.pid:
                    EXIT(status_of(error))
                exception = describe(error)
                if not expects:
                    detail, line = last_line(error, row[2], row[3] + lineno)
            gots.append((lineno, self.take(), exception, detail, line))

    def _execute(self, code: CodeType, names: dict[str, Any]) -> None:
        """Run code in the page's one context; code that awaits, in its one event loop."""
        if not code.co_flags & CO_COROUTINE:
            self.context.run(exec, code, names)
            return
        if self.loop is None:
            import asyncio

            self.loop = asyncio.Runner()
        self.loop.run(eval(code, names), context=self.context)

    def take(self) -> str:
        """What was written to standard output since the last time."""
        for stream in (sys.stdout, self.streams.out):  # a page may put its own before ours
            try:  # noqa: SIM105 (each page would load `suppress` anew)
                stream.flush()
            except Exception:  # a stream of the page's own may raise anything
                pass
        size = os.lseek(self.streams.file, 0, os.SEEK_END)
        if size <= self.read:
            return ""
        data = os.pread(self.streams.file, min(size - self.read, OUTPUT_LIMIT), self.read)
        more = size - self.read - len(data)
        self.read = size
        text = data.decode("utf-8", "replace")
        return f"{text}\n… and {more:,} bytes more\n" if more else text

    def _raised(
        self, row: Row, error: BaseException, gots: list[tuple[Any, ...]]
    ) -> Failure | None:
        _, kind, filename, line, _, raises, *_ = row
        if raises and raises in _names(type(error)):
            if kind != "session":
                gots.append((0, "", describe(error), "", 0))
            return None
        if isinstance(error, SystemExit) and kind == "program" and not error.code:
            return None
        if isinstance(error, Ended):
            message = f"it called {error}, which ends the process"
        elif raises:
            message = f"expected {raises}, got {describe(error)}"
        elif isinstance(error, SystemExit):
            message = f"it called sys.exit({error.code!r})"
        else:
            message = describe(error)
        return Failure(message, *last_line(error, filename, line))

    def _write_script(self, row: Row) -> None:
        """The page so far as a real file, for processes that start by importing `__main__`."""
        self.show()
        _, _, filename, line, size, *_ = row
        script = Script(self.views.get(filename, []))
        for before in self.rows[: self.rows.index(row) + 1]:
            _, kind, file, start, lines, *_, code, shown = before
            if before in self.raised:
                script.leave_out(start, lines)
            elif file == filename:
                script.adapt(code if kind == "session" else [(0, code, False)], shown)
        script.write(self.script, line + size - 1)

    def _finish(self) -> None:
        waiting = callbacks() > self.handlers
        if waiting or self.loop is not None:
            setitimer(ITIMER_REAL, GRACE)
        if self.loop is not None:
            self.loop.close()
        if waiting:
            atexit._run_exitfuncs()


def time_limit(_signal: int, _frame: object) -> None:
    """What a page's clock does when it rings."""
    raise TimeLimit


def _copy(files: tuple[str, ...], folder: str) -> None:
    import shutil

    for source in files:
        with suppress(OSError):
            if os.path.isdir(source):  # noqa: PTH112
                shutil.copytree(source, os.path.join(folder, os.path.basename(source)))  # noqa: PTH118, PTH119
            else:
                shutil.copy(source, folder)


def _names(kind: type) -> list[str]:
    return [name for t in kind.__mro__ for name in (t.__name__, f"{t.__module__}.{t.__name__}")]


def _save_coverage() -> None:
    coverage = sys.modules.get("coverage")
    current = coverage.Coverage.current() if coverage else None
    if current is not None:
        current.stop()
        current.save()
