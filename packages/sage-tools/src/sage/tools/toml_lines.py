"""Lines of a TOML file: where a key stands, and where a file that is no TOML goes wrong."""

import re

__all__ = ["explain", "find"]

PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
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
    table: tuple[str, ...] = ()
    best, length = 1, 0
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            table = here = _parts(header[1])
        else:
            key, equals, _ = line.partition("=")
            here = (*table, *_parts(key)) if equals and _parts(key) else ()
        shared = len(here) if here == path[: len(here)] else len(path) * (here[: len(path)] == path)
        if shared > length:
            best, length = number, shared
    return best


def _parts(key: str) -> tuple[str, ...]:
    """The parts of a dotted key; none where it is no key."""
    parts, at = [], 0
    while match := PART.match(key, at):
        parts.append(next(part for part in match.groups()[:3] if part is not None))
        at = match.end()
        if not match[4]:
            return tuple(parts)
    return ()
