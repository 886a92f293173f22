"""The fork server that snippets run in: a small interpreter that forks one child a page.

It runs as a process of its own (`python -c`, see `worker.py`), with nothing but the standard
library in it, so that a page meets a fresh interpreter and a fork copies little. Frames on its two
pipes are a length and a marshalled tuple.

Requests: `("page", job)`; then, while a page waits in the middle, `("until", count)` or `("end",)`.
Replies: `("pid", pid)`, one `("done", …)` for each snippet, `("end", status, output, errors)`.
"""

import faulthandler
import gc
import io
import os
import select
import signal
from contextlib import suppress

from .frames import read_frame, write_frame
from .page import Streams, run_page, time_limit

__all__ = ["main"]

TAIL = 20_000  # bytes of output kept of a page that crashed

# What this process has loaded, and what is set up before the fork, is paid for once; what a child
# does, is paid for by every page, and so is every bit of memory that this process writes to between
# two forks: it is copied. Hence few imports, none that works after a fork (threading does), and
# jobs that are passed on unread.


def main(requests: int, replies: int, base: str) -> None:
    """Serve until the requests end, with temporary folders under `base`. Blocks; ends the process.

    `base` is removed by the controlling process, which made it.
    """
    signal.signal(signal.SIGALRM, time_limit)
    output = os.open(os.path.join(base, "output"), os.O_RDWR | os.O_CREAT)  # noqa: PTH118
    errors = os.open(os.path.join(base, "errors"), os.O_RDWR | os.O_CREAT)  # noqa: PTH118
    folder = os.path.join(base, "page")  # noqa: PTH118 (pathlib is not loaded in this process)
    os.mkdir(folder)  # noqa: PTH102
    os.chdir(folder)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    streams = Streams(
        io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8"),
        _writer(1),
        _writer(2),
        output,
    )
    streams.stand_in()
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ["PWD"] = folder
    faulthandler.enable(2, all_threads=False)
    gc.collect()
    gc.freeze()  # the collector of a child then touches, and so copies, none of our memory
    while (frame := read_frame(requests)) is not None:
        if frame[0] == "page":
            _serve(frame[1], requests, replies, errors, folder, streams)
    os._exit(0)


def _writer(fd: int) -> io.TextIOWrapper:
    out = io.BufferedWriter(io.FileIO(fd, "w", closefd=False))
    # Line by line, as at a terminal: what a process that the page starts prints stands in its place
    return io.TextIOWrapper(out, "utf-8", "backslashreplace", newline="\n", line_buffering=True)


def _serve(
    job: bytes, requests: int, replies: int, errors: int, folder: str, streams: Streams
) -> None:
    for file in (streams.file, errors):
        if os.lseek(file, 0, os.SEEK_END):
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)
    pid = os.fork()
    if pid == 0:
        run_page(job, requests, replies, folder, streams)
    write_frame(replies, ("pid", pid))
    status = _wait(pid, requests)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what the page left running
    _empty(folder)
    tails = (_tail(streams.file), _tail(errors)) if status else ("", "")
    write_frame(replies, ("end", os.waitstatus_to_exitcode(status), *tails))


def _wait(pid: int, requests: int) -> int:
    """Wait for the page's process; end it, and us, when nobody is there to hear of it."""
    if hasattr(os, "pidfd_open"):
        ended = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(requests, 0)  # tells of a hang-up only
        gone = all(fd != ended for fd, _ in poll.poll())
        os.close(ended)
        if gone:
            os.killpg(pid, signal.SIGKILL)
            os._exit(0)
    return os.waitpid(pid, 0)[1]


def _empty(folder: str) -> None:
    """Make the folder as new for the next page; an untouched one is."""
    with suppress(OSError):
        if not os.listdir(folder):  # noqa: PTH208
            return
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    os.chdir(folder)


def _tail(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, TAIL, max(size - TAIL, 0)).decode("utf-8", "replace")
