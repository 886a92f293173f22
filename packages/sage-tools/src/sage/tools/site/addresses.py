"""Where a record lives on the site: by its number, whatever its title becomes (ADR-0018)."""

import posixpath
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from sage.tools.adr.record import Record

__all__ = ["aliases", "record_address", "relative"]

_REST: Final = re.compile("[#?]")  # a fragment or a query starts here


def record_address(record: Record, language: str = "en") -> str:
    """The record's address below the site's root, with a slash at its end.

    The number with four digits, or the file's stem where there is no number; below the name of
    its log where there are several, and below the language where it is not English.
    """
    name = f"{record.number:04d}" if record.number is not None else _stem(record)
    parts = ["adr", *([record.log] if record.log else []), name]
    if language != "en":
        parts.insert(0, language)
    return "/".join(parts) + "/"


def aliases(record: Record, language: str = "en", *, former: Iterable[str] = ()) -> tuple[str, ...]:
    """Further addresses that lead to the record: short number, id and file name.

    `former` are names without suffix that the file once had.
    """
    if record.number is None:
        return ()
    home = record_address(record, language)
    folder = posixpath.dirname(home.rstrip("/"))
    above = posixpath.dirname(folder)
    plain = f"ADR-{record.number:04d}"
    names = [
        f"{folder}/{record.number}/",
        f"{folder}/{_stem(record)}/",
        f"{folder}/{plain}/",
        f"{above}/{plain}/" if above else f"{plain}/",
        *(f"{folder}/{stem}/" for stem in former),
    ]
    return tuple(dict.fromkeys(name for name in names if name != home))


def relative(target: str, page: str) -> str:
    """The link from the page at address `page` to `target`, both below the site's root.

    A fragment or a query on `target` is kept.

    >>> relative("adr/0002/", "concepts/layers/")
    '../../adr/0002/'
    >>> relative("adr/0002/#evidence", "")
    'adr/0002/#evidence'
    >>> relative("", "adr/0002/")
    '../../'
    """
    mark = _REST.search(target)
    path, rest = (target[: mark.start()], target[mark.start() :]) if mark else (target, "")
    *here, _ = page.split("/")
    *above, _ = there = path.split("/")
    shared = 0
    for folder, other in zip(here, above, strict=False):
        if folder != other:
            break
        shared += 1
    link = "../" * (len(here) - shared) + "/".join(there[shared:])
    return quote(link or "./") + rest


def _stem(record: Record) -> str:
    return PurePosixPath(record.path).stem
