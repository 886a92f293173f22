"""The controlling side of the fork server: start it, send it pages, watch its clock."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from sage.tools.snippets.modules import source_roots
from sage.tools.snippets.snippet_worker.frames import Inbox, packed, write_all

__all__ = ["Frame", "Worker"]

Frame: TypeAlias = tuple[object, ...]

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
LOOK = 0.1  # seconds after which replies are looked for that no bell has told of

# Our own folder is on the path for this import only: a page never sees it.
START = """
import sys
sys.path.insert(0, {folder!r})
import snippet_worker.server
sys.path.remove({folder!r})
snippet_worker.server.main({requests}, {replies}, {bell}, {base!r}, {roots!r})
"""


class Worker:
    """One fork server for the pages of a repository; one at a time. `close()` it.

    Args:
        root: The repository.
        memory: GiB that each process of a page may take; `None` for half of the machine's.
    """

    def __init__(self, root: Path, memory: float | None = None) -> None:
        self.pid = 0  # of the page under way
        self._root = root
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._requests = self._bell = -1
        self._base = ""
        self._inbox = Inbox(-1)

    def send(self, frame: Frame) -> None:
        """Send a request; starts the server when there is none."""
        if self._process is None:
            self._start()
        with suppress(BrokenPipeError):
            write_all(self._requests, packed(frame))

    def send_job(self, job: tuple[Any, ...]) -> None:
        """Send a page."""
        self.send(("page", job))

    def receive(self, seconds: float) -> Frame | None:
        """The next reply; `None` after `seconds` without one. `("dead",)` when the server died."""
        deadline, gone = time.monotonic() + seconds, False
        while (frame := self._inbox.take()) is None:
            left = deadline - time.monotonic()
            if self._inbox.closed or gone:
                self.close()
                return ("dead",)
            if left <= 0:
                return None
            # What a page has left running may hold the pipe open.
            gone = not self._wait(min(left, LOOK)) and self._has_ended()
        if frame[0] == "pid":
            self.pid = int(frame[1])
        return frame

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _wait(self, seconds: float) -> bool:
        """Wait for the bell; where a frame has come in part, for the rest of it."""
        source = self._inbox.fd if self._inbox.partial else self._bell
        poll = select.poll()
        poll.register(source, select.POLLIN)
        heard = bool(poll.poll(seconds * 1000))
        if heard and source == self._bell:
            os.read(self._bell, 64)
        return heard

    def kill_page(self) -> None:
        """End the page under way, and every process of its session."""
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server, and with it the page under way. May be called twice."""
        process, self._process = self._process, None
        if process is None:
            return
        self.kill_page()
        for fd in (self._requests, self._inbox.fd, self._bell):
            os.close(fd)
        process.kill()
        process.wait()
        shutil.rmtree(self._base, ignore_errors=True)

    def _start(self) -> None:
        requests, self._requests = os.pipe()
        inbox, replies = os.pipe()
        self._bell, bell = os.pipe()
        os.set_blocking(inbox, False)
        self._inbox = Inbox(inbox)
        folder = str(Path(__file__).parent)
        roots = tuple(str(path) for path in source_roots(self._root))
        self._base = tempfile.mkdtemp(prefix="snippets-")
        code = START.format(folder=folder, requests=requests, replies=replies, bell=bell,
                            base=self._base, roots=roots)  # fmt: skip
        environment = dict(os.environ)
        environment.pop("PYTHONSTARTUP", None)
        environment.setdefault("LD_BIND_NOW", "1")  # or each child would bind its functions anew
        with warnings.catch_warnings():  # Python 3.12 warns of forks beside threads
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=(requests, replies, bell),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_prepare(self._memory),
                env=environment,
            )
        for fd in (requests, replies, bell):
            os.close(fd)


def _prepare(memory: float | None) -> Callable[[], object] | None:
    """What is done in the server's process before it is one; nothing where the system cannot.

    It becomes the parent of those whose parent has ended below it, and all of them get a bound on
    what they allocate (not on what they reserve, as numerical libraries do).
    """
    if sys.platform != "linux":
        return None
    import ctypes
    import resource

    adopt = partial(ctypes.CDLL(None).prctl, SUBREAPER, 1, 0, 0, 0)
    size = (
        memory * 2**30 if memory else os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2
    )
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    bound = int(size) if most == resource.RLIM_INFINITY else min(int(size), most)

    def prepare() -> None:
        adopt()
        resource.setrlimit(resource.RLIMIT_DATA, (bound, most))

    return prepare
