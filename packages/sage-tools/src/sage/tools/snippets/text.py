"""A page's text: read once, with one kind of line end, or refused with a reason."""

import os
from pathlib import Path

from sage.tools.finding import Finding

__all__ = ["LONGEST", "read_page", "read_seconds", "relative", "settle"]

LONGEST = 86_400.0  # seconds: a day
LIMIT = 20_000  # characters on one line, above which the line is data, not text


def read_page(file: Path, name: str) -> tuple[str | None, list[Finding]]:
    """The text of a page with `\\n` at each line's end, or `None` and why it cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        return None, [_unreadable(name, 0, f"cannot be opened: {error.strerror}")]
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        return None, [_unreadable(name, line, "holds a NUL byte; a page is UTF-8 text")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reason = f"is not UTF-8 (byte {raw[error.start]:#04x}); save it as UTF-8"
        return None, [_unreadable(name, line, reason)]
    return settle(text, name)


def settle(text: str, name: str) -> tuple[str | None, list[Finding]]:
    """The text of a page as `read_page` gives it, for who has read the file already."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LIMIT:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LIMIT:
                reason = f"has {len(line)} characters on one line; break it, or link to the data"
                return None, [_unreadable(name, number, reason)]
    return text, []


def read_seconds(value: object) -> float | None:
    """Seconds that a page allows, above 0 and up to a day; `None` for anything else.

    >>> read_seconds("5"), read_seconds(0.5), read_seconds("inf"), read_seconds(True)
    (5.0, 0.5, None, None)
    """
    try:
        seconds = 0.0 if isinstance(value, bool) else float(str(value))
    except ValueError:
        return None
    return seconds if 0 < seconds <= LONGEST else None


def relative(file: Path, root: Path, folders: dict[str, str] | None = None) -> str:
    """The file as it is named everywhere: below the root, with `/` between its parts.

    `folders` keeps, for who asks for many files, where their folders really are.
    """
    # Asked for each page of thousands: as text, this takes a tenth of what `Path` does.
    kept = {} if folders is None else folders
    folder, last = os.path.split(file)
    if folder not in kept:
        kept[folder] = os.path.realpath(folder)
    real, inside = f"{kept[folder]}{os.sep}{last}", str(root).rstrip(os.sep) + os.sep
    if os.path.islink(real):  # noqa: PTH114 - see above
        real = os.path.realpath(real)
    return real[len(inside) :].replace(os.sep, "/") if real.startswith(inside) else file.as_posix()


def _unreadable(name: str, line: int, reason: str) -> Finding:
    return Finding(name, line, "unreadable-page", f"the page {reason}")
