"""The fork server that snippets run in: a small interpreter that forks one child a page.

It runs as a process of its own (`python -c`, see `worker.py`), with nothing but the standard
library in it, so that a page meets a fresh interpreter and a fork copies little. Frames on its
pipes are a length and a marshalled tuple; the bell is a pipe too, on which a byte says that the
page waits or has ended: replies come before it, and wake nobody.

The child is there before its page: who reads a request is whom it is for.

Requests: `("page", job)`; then, while a page waits in the middle, `("until", count)` or `("end",)`.
Replies: `("pid", pid)`, one `("done", …)` for each snippet, `("end", status, output, errors)`.
"""

import faulthandler
import gc
import io
import os
import select
import signal
import sys
from contextlib import suppress

from .frames import packed, read_frame, write_all
from .page import EXIT, Page, Streams, time_limit

__all__ = ["main"]

CODE = compile("values = [n for n in range(3)]\nassert sum(values) == 3\n", "page", "exec")
ROWS = tuple((n, "code", "page", 1, 2, "", 60.0, False, CODE, ((1, "x\ny"),)) for n in range(2))
NOTHING = ("page", (), "", "page.py", "", 60.0, 2, None, ROWS)
REHEARSALS = 12  # Python specialises what it has run about ten times
PIDFD = hasattr(os, "pidfd_open")
POLLING = 20  # milliseconds between two looks at a page's process, where nothing tells of its end
CHILDREN = f"/proc/self/task/{os.getpid()}/children"
TAIL = 20_000  # bytes of output kept of a page that crashed

# What this process has loaded, and what is set up before the fork, is paid for once; what a child
# does, is paid for by every page, and so is every bit of memory that this process writes to between
# two forks: it is copied. Hence few imports, and none that works after a fork (threading does).


def main(requests: int, replies: int, bell: int, base: str, roots: tuple[str, ...]) -> None:
    """Serve until the requests end. Blocks; ends the process.

    Args:
        requests: Where pages come from.
        replies: Where outcomes go.
        bell: Rung when there are replies that the controlling side should look at.
        base: A folder for temporary files; the controlling process made it, and removes it.
        roots: Folders that pages import from.
    """
    signal.signal(signal.SIGALRM, time_limit)
    output, errors = _log(os.path.join(base, "output")), _log(os.path.join(base, "errors"))  # noqa: PTH118
    folder = os.path.join(base, "page")  # noqa: PTH118 (pathlib is not loaded in this process)
    os.mkdir(folder)  # noqa: PTH102
    os.chdir(folder)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    sys.path[0:1] = [folder, *roots]  # in place of the empty entry of `python -c`
    for name in ("PYTEST_CURRENT_TEST", "LD_BIND_NOW"):  # pytest's; the controlling side's
        os.environ.pop(name, None)
    os.environ["PWD"] = folder
    faulthandler.enable(2, all_threads=False)
    streams = Streams(
        io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8"),
        _writer(1),
        _writer(2),
        output,
    )
    _rehearse(folder, streams)
    page = Page((requests, replies, bell), folder, streams)
    gc.collect()
    gc.freeze()  # the collector of a child then touches, and so copies, none of our memory
    while _serve(page, errors):
        pass
    import shutil

    shutil.rmtree(base, ignore_errors=True)  # the controlling side may have been killed
    EXIT(0)


def _rehearse(folder: str, streams: Streams) -> None:
    """Run a page of nothing, here.

    What Python learns of our code on the way (specialised instructions, look-ups) each child then
    has from the start, and writes and so copies nothing.
    """
    requests, jobs = os.pipe()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for _ in range(REHEARSALS):
        write_all(jobs, packed(NOTHING))
        read_frame(requests)
        Page((requests, nowhere, nowhere), folder, streams).run(NOTHING)
    for fd in (requests, jobs, nowhere):
        os.close(fd)


def _log(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)


def _writer(fd: int) -> io.TextIOWrapper:
    out = io.BufferedWriter(io.FileIO(fd, "w", closefd=False))
    # Line by line, as at a terminal: what a process that the page starts prints stands in its place
    return io.TextIOWrapper(out, "utf-8", "backslashreplace", newline="\n", line_buffering=True)


def _serve(page: Page, errors: int) -> bool:
    """Have a child wait for the next page, and run it; false when nobody is there to hear of it."""
    output = page.streams.file
    if os.lseek(output, 0, os.SEEK_END):
        os.ftruncate(output, 0)
    if os.lseek(errors, 0, os.SEEK_END):
        os.ftruncate(errors, 0)
    pid = os.fork()
    if pid == 0:
        page.live()
    write_all(page.replies, packed(("pid", pid)))
    heard = _wait(pid, page.requests)
    _end_group(pid)  # before it is reaped: until then, the group has its number for itself
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _end_orphans()
    if not heard:
        return False
    _empty(page.folder)
    tails = (_tail(output), _tail(errors)) if status else ("", "")
    write_all(page.replies, packed(("end", status, *tails)))
    os.write(page.bell, b"!")
    return True


def _wait(pid: int, requests: int) -> bool:
    """Wait until the page's process has ended; false when nobody wants to hear of it any more."""
    poll = select.poll()
    poll.register(requests, 0)  # tells of a hang-up only
    if PIDFD:
        ended = os.pidfd_open(pid)
        poll.register(ended, select.POLLIN)
        ready = poll.poll()
        os.close(ended)
        return (requests, select.POLLHUP) not in ready
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if poll.poll(POLLING):
            return False
    return True


def _end_group(pid: int) -> None:
    """End the page's process, and what it left running."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)  # it leads no group yet


def _end_orphans() -> None:
    """End what has left the page's group; without a parent, it is our child (see `worker.py`)."""
    with suppress(OSError):  # nearly always: we have no child
        while True:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                with open(CHILDREN) as stream:  # noqa: PTH123
                    for pid in stream.read().split():
                        os.kill(int(pid), signal.SIGKILL)
                os.waitpid(-1, 0)


def _empty(folder: str) -> None:
    """Make the folder as new for the next page; an untouched one is."""
    try:
        if not os.listdir(folder):  # noqa: PTH208
            return
    except OSError:
        pass
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    os.chdir(folder)


def _tail(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, TAIL, max(size - TAIL, 0)).decode("utf-8", "replace")
