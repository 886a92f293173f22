"""In the child: run a page's snippets in one real `__main__`, and report each."""

import atexit
import builtins
import io
import linecache
import marshal
import os
import signal
import sys
import time
from _thread import get_ident
from contextlib import suppress
from types import CodeType, ModuleType
from typing import Any

from .frames import read_frame, write_frame
from .report import Failure, describe, last_line, status_of
from .script import Script

__all__ = ["Streams", "run_page", "time_limit"]

EXIT = os._exit  # the real one: a page gets one that it survives
GRACE = 2.0  # seconds that threads have to end when the page has
OUTPUT_LIMIT = 1_000_000  # bytes of one snippet's output that are read; the rest is counted


class TimeLimit(BaseException):
    """The snippet took longer than it may."""


class Ended(BaseException):
    """The snippet tried to end the process."""


class Job:
    """A page to run. Jobs travel as plain tuples: reading those touches the least memory."""

    __slots__ = ("environment", "files", "kind", "limit", "module", "names", "path", "paths",
                 "root", "roots", "script", "snippets", "until")  # fmt: skip

    def __init__(self, values: tuple[Any, ...]) -> None:
        (self.kind, self.root, self.files, self.roots, self.path, self.script, self.module,
         self.limit, self.until, self.names, self.paths, self.environment,
         rows) = values  # fmt: skip
        self.snippets = [Row(row) for row in rows]


class Row:
    """A snippet of a page: `code` is its code, or the examples of a session."""

    __slots__ = ("code", "filename", "kind", "line", "number", "raises", "script", "shown",
                 "size", "timeout")  # fmt: skip

    def __init__(self, values: tuple[Any, ...]) -> None:
        (self.number, self.kind, self.filename, self.line, self.size, self.raises, self.timeout,
         self.script, self.code, self.shown) = values  # fmt: skip


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


def run_page(job: bytes, requests: int, replies: int, folder: str, streams: Streams) -> None:
    """Run the snippets up to the job's `until`, then as requested; never returns."""
    status = 70  # it could not even report
    try:
        os.setsid()
        _Page(Job(marshal.loads(job)), requests, replies, folder, streams).run()
        status = 0
    except BaseException as error:
        sys.__stderr__.write(f"{type(error).__name__}: {error}\n") if sys.__stderr__ else None
    finally:
        with suppress(BaseException):
            _save_coverage()
        EXIT(status)


class _Page:
    def __init__(
        self, job: Job, requests: int, replies: int, folder: str, streams: Streams
    ) -> None:
        self.job = job
        self.requests, self.replies = requests, replies
        self.folder, self.streams = folder, streams
        self.read = 0
        self.loop: Any = None
        self.views: dict[str, list[str]] = {}
        self.raised: list[Row] = []  # what ended with an exception, expected or not
        self.pid, self.thread = os.getpid(), get_ident()
        self.handlers = getattr(atexit, "_ncallbacks", lambda: 0)()

    def run(self) -> None:
        self._dress()
        until, done = self.job.until, 0
        snippets = self.job.snippets
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
        """Give the page a `__main__`, files, streams and an `os._exit` that it survives."""
        job = self.job
        if job.files:
            _copy(job.files, job.root, self.folder)
        # In place of the empty entry of `python -c`.
        sys.path[0:1] = [job.path or self.folder, *job.roots]
        main = ModuleType("__main__")
        main.__dict__.update(job.names, __builtins__=builtins, __file__=job.script,
                             __spec__=None)  # fmt: skip
        if job.paths:
            from pathlib import Path

            main.__dict__.update({name: Path(path) for name, path in job.paths.items()})
        if job.environment:
            os.environ.clear()
            os.environ.update(job.environment)
        sys.modules["__main__"] = self.main = main
        sys.argv = [job.script]
        os._exit = self._exit  # type: ignore[assignment]
        if job.kind == "page":
            self._show()
        self.failed_import = self._import() if job.module else None

    def _show(self) -> None:
        """Lay out the page's lines as Python sees them: in place, without marks and indentation."""
        for snippet in self.job.snippets:
            view = self.views.setdefault(snippet.filename, [])
            for line, source in snippet.shown:
                view += ["\n"] * (line - 1 - len(view))
                view[line - 1 :] = [text + "\n" for text in source.rstrip("\n").split("\n")]
        for name, lines in self.views.items():
            linecache.cache[name] = (1, None, lines, name)
            # Where `inspect` looks for classes: by the file of their module.
            linecache.cache.setdefault(self.job.script, (1, None, lines, self.job.script))

    def _exit(self, status: int) -> None:
        if os.getpid() != self.pid or get_ident() != self.thread:
            EXIT(status)
        raise Ended(f"os._exit({status})")

    def _import(self) -> Failure | None:
        from importlib import import_module

        try:
            signal.setitimer(signal.ITIMER_REAL, self.job.limit)
            self.module = import_module(self.job.module)
        except BaseException as error:
            message = f"importing {self.job.module} failed: {describe(error)}"
            return Failure(message, *last_line(error, ""))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return None

    def _one(self, snippet: Row, *, last: bool) -> None:
        started = time.perf_counter()
        self.streams.stand_in()
        output, failure = "", self.failed_import
        gots: list[tuple[Any, ...]] = []
        if failure is None:
            failure = self._guarded(snippet, gots)
            output = self.take()
        if failure is None and last:
            failure = self._leaked()
        if os.getpid() != self.pid:  # the snippet forked, and this is the copy: it has ended
            EXIT(0)
        wrong = [] if failure is None else [failure.message, failure.detail, failure.line]
        seconds = time.perf_counter() - started
        write_frame(self.replies, ("done", snippet.number, output, wrong, gots, seconds))

    def _guarded(self, snippet: Row, gots: list[tuple[Any, ...]]) -> Failure | None:
        """Run one snippet; whatever it raises is its failure, not ours."""
        started = time.monotonic()
        try:
            signal.setitimer(signal.ITIMER_REAL, snippet.timeout)
            try:
                self._run(snippet, gots)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeLimit as error:
            self.raised.append(snippet)
            early = time.monotonic() - started < snippet.timeout
            message = ("an alarm (SIGALRM) rang that nothing handles" if early
                       else f"it took longer than {snippet.timeout:g} s")  # fmt: skip
            return Failure(message, *last_line(error, snippet.filename, snippet.line))
        except BaseException as error:
            if os.getpid() != self.pid:
                EXIT(status_of(error))
            self.raised.append(snippet)
            return self._raised(snippet, error, gots)
        if snippet.raises:
            return Failure(f"it raised nothing; the page says {snippet.raises}", "",
                           snippet.line)  # fmt: skip
        return None

    def _run(self, snippet: Row, gots: list[tuple[Any, ...]]) -> None:
        names = dict(self.module.__dict__) if self.job.module else self.main.__dict__
        if snippet.script:
            self._write_script(snippet)
        if snippet.kind == "session":
            self._converse(snippet, names, gots)
        else:
            self._execute(snippet.code, names)

    def _converse(self, snippet: Row, names: dict[str, Any], gots: list[tuple[Any, ...]]) -> None:
        """Type each example of a session in, after a wrong one too, and note what came back."""
        sys.displayhook = sys.__displayhook__
        self.take()
        for lineno, code, expects in snippet.code:
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
                    where = snippet.line + lineno
                    detail, line = last_line(error, snippet.filename, where)
            gots.append((lineno, self.take(), exception, detail, line))

    def _execute(self, code: CodeType, names: dict[str, Any]) -> None:
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
        with suppress(OSError, ValueError):  # the page may have closed it
            self.streams.out.flush()
        size = os.fstat(self.streams.file).st_size
        if size <= self.read:
            return ""
        data = os.pread(self.streams.file, min(size - self.read, OUTPUT_LIMIT), self.read)
        more = size - self.read - len(data)
        self.read = size
        text = data.decode("utf-8", "replace")
        return f"{text}\n… and {more:,} bytes more\n" if more else text

    def _raised(
        self, snippet: Row, error: BaseException, gots: list[tuple[Any, ...]]
    ) -> Failure | None:
        if snippet.raises and snippet.raises in _names(type(error)):
            if snippet.kind != "session":
                gots.append((0, "", describe(error), "", 0))
            return None
        if isinstance(error, SystemExit) and snippet.kind == "program" and not error.code:
            return None
        if isinstance(error, Ended):
            message = f"it called {error}, which ends the process"
        elif snippet.raises:
            message = f"expected {snippet.raises}, got {describe(error)}"
        elif isinstance(error, SystemExit):
            message = f"it called sys.exit({error.code!r})"
        else:
            message = describe(error)
        return Failure(message, *last_line(error, snippet.filename, snippet.line))

    def _write_script(self, snippet: Row) -> None:
        """The page so far as a real file, for processes that start by importing `__main__`."""
        script = Script(self.views.get(snippet.filename, []))
        for row in self.job.snippets[: self.job.snippets.index(snippet) + 1]:
            if row in self.raised:
                script.leave_out(row.line, row.size)
            elif row.filename == snippet.filename:
                examples = row.code if row.kind == "session" else [(0, row.code, False)]
                script.adapt(examples, row.shown)
        script.write(self.job.script, snippet.line + snippet.size - 1)

    def _leaked(self) -> Failure | None:
        threading = sys.modules.get("threading")
        if threading is None:
            return None
        left = [t for t in threading.enumerate()
                if t is not threading.main_thread() and not t.daemon]  # fmt: skip
        deadline = time.monotonic() + GRACE
        if left:
            _end_pools(threading)
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


def _end_pools(threading: ModuleType) -> None:
    """Let pools of threads end, as the interpreter does before it waits for threads."""

    def end() -> None:
        for call in reversed(getattr(threading, "_threading_atexits", [])):
            call()

    # In a thread of its own: a join that a signal interrupts takes its thread for ended.
    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(GRACE)


def time_limit(_signal: int, _frame: object) -> None:
    """What a page's clock does when it rings."""
    raise TimeLimit


def _copy(files: list[str], root: str, folder: str) -> None:
    import shutil

    for name in files:
        source = os.path.join(root, name)  # noqa: PTH118
        with suppress(OSError):
            if os.path.isdir(source):  # noqa: PTH112
                shutil.copytree(source, os.path.join(folder, os.path.basename(name)))  # noqa: PTH118, PTH119
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
