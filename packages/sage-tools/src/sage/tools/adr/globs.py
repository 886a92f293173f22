"""Glob patterns over the paths of a repository."""

import re
from functools import lru_cache

__all__ = ["glob_pattern", "matches"]

_WILD = re.compile(r"[*?]")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=1024)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` and `?` stay in a folder, `**` crosses folders.

    A glob that ends in `/` means everything below that folder.
    """
    glob = glob.removeprefix("./")
    if glob.endswith("/"):
        glob += "**"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(_MEANING.get(part) or re.escape(part) for part in parts), re.S)


def matches(glob: str, path: str) -> bool:
    """Whether `path`, relative to the root with `/` between its parts, answers to `glob`.

    >>> matches("packages/**/queue/*.py", "packages/sage-platform/src/queue/base.py")
    True
    >>> matches("packages/*.py", "packages/a/b.py")
    False
    """
    # Most globs are ruled out by what stands before their first wildcard.
    start = _WILD.split(glob.removeprefix("./"), 1)[0]
    return path.startswith(start) and glob_pattern(glob).fullmatch(path) is not None
