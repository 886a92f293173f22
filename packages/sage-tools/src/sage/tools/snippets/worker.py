"""The controlling side of the fork server: start it, send it pages, watch its clock."""

import marshal
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from sage.tools.snippets.snippet_worker.frames import Inbox, write_frame

__all__ = ["Frame", "Worker"]

Frame: TypeAlias = tuple[object, ...]

# Our own folder is on the path for this import only: a page never sees it.
START = """
import sys
sys.path.insert(0, {folder!r})
import snippet_worker
sys.path.remove({folder!r})
snippet_worker.main({requests}, {replies}, {base!r})
"""


class Worker:
    """One fork server; one page at a time. Start it late, and `close()` it."""

    def __init__(self) -> None:
        self.pid = 0  # of the page under way
        self._process: subprocess.Popen[bytes] | None = None
        self._requests = self._replies = -1
        self._base = ""
        self._inbox = Inbox()
        self._poll = select.poll()

    def send(self, frame: Frame) -> None:
        """Send a request; starts the server when there is none."""
        if self._process is None:
            self._start()
        with suppress(BrokenPipeError):
            write_frame(self._requests, frame)

    def send_job(self, job: tuple[Any, ...]) -> None:
        """Send a page; packed once more, so that the server passes it on without reading it."""
        self.send(("page", marshal.dumps(job)))

    def receive(self, seconds: float) -> Frame | None:
        """The next reply; `None` after `seconds` without one. `("dead",)` when the server died."""
        deadline = time.monotonic() + seconds
        while (frame := self._inbox.take()) is None:
            if not self._poll.poll(max(deadline - time.monotonic(), 0) * 1000):
                if time.monotonic() >= deadline:
                    return None
            elif not self._inbox.fill(self._replies):
                self.close()
                return ("dead",)
        if frame[0] == "pid":
            self.pid = int(frame[1])
        return frame

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
        for fd in (self._requests, self._replies):
            os.close(fd)
        process.kill()
        process.wait()
        shutil.rmtree(self._base, ignore_errors=True)

    def _start(self) -> None:
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        folder = str(Path(__file__).parent)
        self._base = tempfile.mkdtemp(prefix="snippets-")
        code = START.format(folder=folder, requests=requests, replies=replies, base=self._base)
        environment = dict(os.environ)
        environment.pop("PYTHONSTARTUP", None)
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=(requests, replies),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
        os.close(requests)
        os.close(replies)
        self._inbox, self._poll = Inbox(), select.poll()
        self._poll.register(self._replies, select.POLLIN)
