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
import sys
from contextlib import suppress

from .frames import read_frame, write_frame
from .page import prepare, run_page, time_limit

__all__ = ["main"]

TAIL = 20_000  # bytes of output kept of a page that crashed

# Whatever this process has loaded, and whatever is set up before the fork, is paid for once; what
# a child does itself is paid for by every page. Hence few imports, and those inside functions.


def main(requests: int, replies: int, base: str) -> None:
    """Serve until the requests end, with temporary folders under `base`. Blocks; ends the process.

    `base` is removed by the controlling process, which made it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, time_limit)
    output = os.open(os.path.join(base, "output"), os.O_RDWR | os.O_CREAT)  # noqa: PTH118
    errors = os.open(os.path.join(base, "errors"), os.O_RDWR | os.O_CREAT)  # noqa: PTH118
    folder = os.path.join(base, "page")  # noqa: PTH118 (pathlib is not loaded in this process)
    os.mkdir(folder)  # noqa: PTH102
    compile("0", "warm", "exec")  # a child's first compile costs a millisecond otherwise
    streams = _stream(1), _stream(2)
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ["PWD"] = folder
    faulthandler.enable(2, all_threads=False)
    gc.collect()
    gc.freeze()  # the collector of a child then touches, and so copies, none of our memory
    while (frame := read_frame(requests)) is not None:
        if frame[0] == "page":
            _serve(frame[1], requests, replies, output, errors, folder, streams)
    os._exit(0)


def _stream(fd: int) -> io.TextIOWrapper:
    raw = io.FileIO(fd, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace", newline="\n")


def _serve(
    job: dict,  # type: ignore[type-arg]
    requests: int,
    replies: int,
    output: int,
    errors: int,
    folder: str,
    streams: tuple[io.TextIOWrapper, io.TextIOWrapper],
) -> None:
    for file in (output, errors):
        if os.lseek(file, 0, os.SEEK_END):
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)
    if job["files"]:
        _copy(job["files"], job["root"], folder)
    prepare(job)
    pid = os.fork()
    if pid == 0:
        _become(folder, job, output, errors)
        run_page(job, requests, replies, streams)
    write_frame(replies, ("pid", pid))
    status = _wait(pid, requests)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what the page left running
    _empty(folder)
    crashed = status != 0
    tails = (_tail(output), _tail(errors)) if crashed else ("", "")
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


def _become(folder: str, job: dict, output: int, errors: int) -> None:  # type: ignore[type-arg]
    """In the child: a session, a folder and standard streams of its own."""
    os.setsid()
    os.chdir(folder)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[0:1] = [job["path"] or folder]  # in place of the empty entry of `python -c`
    for path in job["roots"]:
        if path not in sys.path:
            sys.path.insert(1, path)


def _copy(files: list[str], root: str, folder: str) -> None:
    import shutil

    for name in files:
        source = os.path.join(root, name)  # noqa: PTH118
        with suppress(OSError):
            if os.path.isdir(source):  # noqa: PTH112
                shutil.copytree(source, os.path.join(folder, os.path.basename(name)))  # noqa: PTH118, PTH119
            else:
                shutil.copy(source, folder)


def _empty(folder: str) -> None:
    """Make the folder as new for the next page; an untouched one is."""
    if os.path.isdir(folder) and not os.listdir(folder):  # noqa: PTH112, PTH208
        return
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103


def _tail(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, TAIL, max(size - TAIL, 0)).decode("utf-8", "replace")
