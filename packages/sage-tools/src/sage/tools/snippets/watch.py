"""Tells which pages have changed on disk."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

__all__ = ["watch"]

PAUSE = 0.3  # seconds between two looks


def watch(
    find: Callable[[], Sequence[Path]], *, stop: Callable[[], bool] = lambda: False
) -> Iterator[list[Path]]:
    """Files that are new or have changed, each time that there are some.

    Blocks between two changes, looking every 0.3 seconds. A file that is gone is no change.

    Args:
        find: The files to watch, asked anew at every look.
        stop: Ends the watch when it says so; asked at every look.
    """
    known = _look(find())
    while not stop():
        now = _look(find())
        changed = [file for file, state in now.items() if known.get(file) != state]
        known = now
        if changed:
            yield changed
        else:
            time.sleep(PAUSE)


def _look(files: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        found[file] = (state.st_mtime_ns, state.st_size)
    return found
