"""Tells which pages have changed on disk."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

__all__ = ["State", "look", "watch"]

State: TypeAlias = dict[Path, tuple[int, int]]

PAUSE = 0.3  # seconds between two looks


def watch(
    find: Callable[[], Sequence[Path]],
    *,
    since: State | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[Path]]:
    """Files that are new or have changed, each time that there are some.

    Blocks between two changes, looking every 0.3 seconds. A file that is gone is no change.

    Args:
        find: The files to watch, asked anew at every look.
        since: How the files were when their content was last used; `None`: as they are now.
        stop: Ends the watch when it says so; asked at every look.
    """
    known = look(find()) if since is None else since
    while not stop():
        now = look(find())
        changed = [file for file, state in now.items() if known.get(file) != state]
        known = now
        if changed:
            yield changed
        else:
            time.sleep(PAUSE)


def look(files: Sequence[Path]) -> State:
    """When each file was changed last, and its size; files that are gone are left out."""
    found = {}
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        found[file] = (state.st_mtime_ns, state.st_size)
    return found
