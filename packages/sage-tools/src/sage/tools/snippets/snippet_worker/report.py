"""What went wrong, in words and with the page's line."""

import os
import resource
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["Failure", "describe", "last_line", "status_of"]

LONGEST = 2_000  # characters of an exception's message that are kept
MOST = 20_000  # characters of a traceback that are kept
HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120


class Failure:
    """One snippet's failure: a sentence, its traceback, and the line that it happened on."""

    def __init__(self, message: str, detail: str, line: int) -> None:
        self.message = message
        self.detail = detail
        self.line = line


def describe(error: BaseException) -> str:
    """The exception as a traceback ends with it: its name, its message, its notes."""
    try:
        with _room(error) as limit:
            lines = traceback.format_exception_only(error)
            while len(lines) > 1 and lines[0].startswith(" "):  # where a SyntaxError's code stands
                del lines[0]
            said = _text("".join(lines)).rstrip("\n")
        if isinstance(error, MemoryError) and limit > 0:
            said += f": a page may take {limit / 2**30:.3g} GiB; `snippets-memory` sets it"
        return said if len(said) < LONGEST else f"{said[:LONGEST]}…"
    except BaseException:  # an exception's own `__str__` may raise
        return type(error).__name__


def status_of(error: BaseException) -> int:
    """The exit status of a copy of the process that ends with `error`, which it has then shown."""
    status = 1
    if not isinstance(error, SystemExit):
        traceback.print_exception(error)
    elif error.code is None or isinstance(error.code, int):
        status = error.code or 0
    else:
        print(error.code, file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    return status & 0xFF


def last_line(error: BaseException, filename: str, default: int = 0) -> tuple[str, int]:
    """The traceback without our own frames, and the last line of `filename` in it."""
    try:
        with _room(error):
            report = traceback.TracebackException.from_exception(error)
            for part in _chain(report):
                part.stack[:] = [f for f in part.stack if not f.filename.startswith(HERE)]
            own = [n for n, frame in enumerate(report.stack) if frame.filename == filename]
            lines = [report.stack[n].lineno for n in own]
            del report.stack[: own[0] if own else 0]  # what awaits the page's code is not shown
            detail = _text("".join(report.format())).rstrip()
        if len(detail) > MOST:
            detail = f"{detail[: MOST // 2]}\n…\n{detail[-MOST // 2 :]}"
    except BaseException as broken:
        return f"{type(error).__name__} (and its report raised {type(broken).__name__})", default
    return detail, (lines[-1] or default) if lines else default


@contextmanager
def _room(error: BaseException) -> Iterator[int]:
    """Memory to tell of an error with, where there was none left; gives the limit in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if isinstance(error, MemoryError):
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    try:
        yield soft
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _text(message: str) -> str:
    """A message that can be written to files and terminals: it may hold halves of characters."""
    return message.encode("utf-8", "backslashreplace").decode("utf-8")


def _chain(report: traceback.TracebackException) -> list[traceback.TracebackException]:
    found, waiting = [], [report]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting += [p for p in (part.__cause__, part.__context__) if p is not None]
        waiting += list(part.exceptions or ())
    return found
