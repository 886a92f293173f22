"""Lines of a TOML file: where a key stands, and where a file that is no TOML goes wrong."""

import re
from collections.abc import Iterator

__all__ = ["explain", "find", "keys"]

PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*(\.|$)""")


def explain(error: ValueError, raw: bytes) -> tuple[int, str]:
    """The line of an error that `tomllib`, or decoding for it, raised; and the error without it.

    >>> import tomllib
    >>> try:
    ...     tomllib.loads("a = 1\\nb =\\n")
    ... except ValueError as error:
    ...     explain(error, b"a = 1\\nb =\\n")
    (2, 'Invalid value')
    """
    if isinstance(error, UnicodeDecodeError):
        return raw.count(b"\n", 0, error.start) + 1, "it is not UTF-8; save it as UTF-8"
    said = str(error)
    place = PLACE.search(said)
    end = raw.rstrip().count(b"\n") + 1
    if place is None:
        return end, said
    return int(place[1] or end), said[: place.start()]


def find(text: str, *path: str) -> int:
    """The line on which a key of a TOML text stands: `path` is the key below all its tables.

    Where the key has no line of its own, as in an inline table, that of the nearest table around
    it; 1 where there is none.

    >>> find("[tool.a]\\nx = 1\\n\\n[tool.b]\\nx = 2\\n", "tool", "b", "x")
    5
    """
    best, length = 1, 0
    for here, number in keys(text):
        shared = len(here) if here == path[: len(here)] else len(path) * (here[: len(path)] == path)
        if shared > length:
            best, length = number, shared
    return best


def keys(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every table and every key that has a line of its own, in parts, with that line.

    >>> list(keys("[a.b]\\nx = 1\\n"))
    [(('a', 'b'), 1), (('a', 'b', 'x'), 2)]
    """
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := HEADER.match(line):
            table = here = _parts(header[1])
        else:
            key, equals, _ = line.partition("=")
            here = (*table, *parts) if equals and (parts := _parts(key)) else ()
        if here:
            yield here, number


def _parts(key: str) -> tuple[str, ...]:
    """The parts of a dotted key; none where it is no key."""
    parts, at = [], 0
    while match := PART.match(key, at):
        parts.append(next(part for part in match.groups()[:3] if part is not None))
        at = match.end()
        if not match[4]:
            return tuple(parts)
    return ()
