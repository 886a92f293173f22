"""The fork server that snippets run in: a small interpreter that forks one child a page.

It runs as a process of its own (`python -c`, see `worker.py`), with nothing but the standard
library in it, so that a page meets a fresh interpreter and a fork copies little. Frames on its two
pipes are a length and a marshalled tuple.

Requests: `("page", job)`; then, while a page waits in the middle, `("until", count)` or `("end",)`.
Replies: `("pid", pid)`, one `("done", …)` for each snippet, `("end", status, output, errors)`.
"""

import faulthandler
import os
import select
import shutil
import signal
import sys
import tempfile
from contextlib import suppress

from .frames import read_frame, write_frame
from .page import prepare, run_page

__all__ = ["main"]

TAIL = 20_000  # bytes of output kept of a page that crashed


def main(requests: int, replies: int) -> None:
    """Serve until the requests end. Blocks; ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    compile("0", "warm", "exec")  # a child's first compile costs a millisecond otherwise
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        while (frame := read_frame(requests)) is not None:
            if frame[0] == "page":
                _serve(frame[1], requests, replies, output.fileno(), errors.fileno())
    os._exit(0)


def _serve(job: dict, requests: int, replies: int, output: int, errors: int) -> None:  # type: ignore[type-arg]
    for file in (output, errors):
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
    folder = tempfile.mkdtemp(prefix="snippets-")
    _copy(job["files"], job["root"], folder)
    prepare(job)
    pid = os.fork()
    if pid == 0:
        _become(folder, job, output, errors)
        run_page(job, requests, replies)
    write_frame(replies, ("pid", pid))
    status = _wait(pid, requests)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what the page left running
    _remove(folder)
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
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.enable(2, all_threads=False)
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ["PWD"] = folder
    sys.path[0:1] = [job["path"] or folder]  # in place of the empty entry of `python -c`
    for path in job["roots"]:
        if path not in sys.path:
            sys.path.insert(1, path)


def _copy(files: list[str], root: str, folder: str) -> None:
    for name in files:
        source = os.path.join(root, name)  # noqa: PTH118 (pathlib is not loaded in this process)
        with suppress(OSError):
            if os.path.isdir(source):  # noqa: PTH112
                shutil.copytree(source, os.path.join(folder, os.path.basename(name)))  # noqa: PTH118, PTH119
            else:
                shutil.copy(source, folder)


def _remove(folder: str) -> None:
    try:
        os.rmdir(folder)  # noqa: PTH106
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def _tail(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, TAIL, max(size - TAIL, 0)).decode("utf-8", "replace")
