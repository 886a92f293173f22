"""Gives the generator's warnings about links a file and a line."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["LinkLines"]

_WARNING: Final = re.compile(
    r"Doc file '(?P<page>[^']+)' contains an? [\w ]*link '(?P<link>[^']*)'"
)


class LinkLines(logging.Filter):
    """Rewrites `Doc file 'a.md' contains a link …` so that it starts with `docs/a.md:12:`."""

    def __init__(self, log: logging.Logger) -> None:
        """`log` is where the warnings appear."""
        super().__init__()
        self._log = log
        self._find: Callable[[str], tuple[str, Path] | None] = lambda _: None

    def watch(self, find: Callable[[str], tuple[str, Path] | None]) -> None:
        """Rewrite from here on; `find` gives, for a page's name, its path below the root and file.

        Until `close`, or for ever; who watches already goes on with the new `find`.
        """
        self._find = find
        self._log.addFilter(self)

    def close(self) -> None:
        """Leave the log as it was; once or often."""
        self._log.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the place in front of the message; always lets the message through."""
        message = record.getMessage()
        match = _WARNING.match(message)
        found = self._find(match["page"]) if match else None
        if match and found:
            path, file = found
            record.msg = f"{path}:{_line_of(match['link'], file)}: dead-link {message}"
            record.args = ()
        return True


def _line_of(link: str, file: Path) -> int:
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    marks = (f"]({link}", f"]: {link}", f'"{link}"', link, link.rpartition("/")[2])
    for mark in marks:
        for number, line in enumerate(lines, 1):
            if mark in line:
                return number
    return 0
