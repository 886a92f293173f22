"""Slips of the pen in front matter: what is misspelt there rules nothing, and nobody is told."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from sage.tools.adr.codes import found
from sage.tools.adr.fields import LABEL_OF
from sage.tools.adr.front import KNOWN_KEYS, FrontMatter, line_of_key
from sage.tools.adr.record import Record
from sage.tools.adr.source import split_lines
from sage.tools.adr.tongues import TITLE_LABELS
from sage.tools.finding import CannotBegin, Finding

__all__ = ["check_keys", "check_layers_named", "named_layers"]

# Words that other tools have in front matter, one letter from a key that is read here.
_FOREIGN = ("data", "layer", "tag")
_LONG = 10


def check_keys(path: str, lines: Sequence[str], front: Mapping[str, FrontMatter]) -> list[Finding]:
    """One finding for each key that is so near a known one that it must be meant.

    >>> [str(each) for each in check_keys("x.md", ["---", "govern: a", "---"], {"govern": "a"})]
    ['x.md:2: unknown-key govern is no key sage-dev knows; did you mean governs?']
    """
    findings = []
    for key in front:
        translated = LABEL_OF.get(key.replace("-", " ")) in ("date", "status")
        known = key in KNOWN_KEYS or translated or key in TITLE_LABELS
        meant = "" if known else _meant(key)
        if meant and meant not in front:
            message = f"{key} is no key sage-dev knows; did you mean {meant}?"
            findings.append(found("unknown-key", path, line_of_key(lines, key) or 1, message))
    return findings


def named_layers(root: Path) -> tuple[str, ...]:
    """The layers that the root's layer.yaml names; empty where it names none that can be read."""
    if not (root / "layer.yaml").is_file():
        return ()
    from sage.tools.yaml_file import read_yaml

    try:
        layers = read_yaml(root / "layer.yaml", name="layer.yaml").values.get("layers")
    except (CannotBegin, OSError):
        return ()  # `sage-dev layers` tells what is wrong with it
    return tuple(filter(_is_text, layers)) if isinstance(layers, list) else ()


def check_layers_named(record: Record, known: Collection[str]) -> Iterator[Finding]:
    """One finding for each layer of a record that layer.yaml does not name."""
    head = split_lines(record.text)[: record.body_line]
    if not record.layers:
        if (line := line_of_key(head, "layer")) > 1:
            message = "layer is no key sage-dev knows; did you mean layers?"
            yield found("unknown-key", record.path, line, message)
        return
    for name in record.layers:
        if name not in known:
            message = f"{name!r} is no layer of layer.yaml; {_nearest(name, known)}"
            yield found("unknown-layer", record.path, line_of_key(head, "layers") or 1, message)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = [each for each in known if _apart(name.lower(), each.lower()) < 2]
    them = ", ".join(known)
    return f"did you mean {near[0]}?" if len(near) == 1 else f"its layers are {them}"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


@lru_cache(maxsize=1024)
def _meant(key: str) -> str:
    """The known key that `key` is a slip of; empty where it is a word of its own."""
    if key in _FOREIGN:
        return ""
    if key == "superseded":  # as near to supersedes, and the other thing
        return "superseded-by"
    near = [(_apart(key, known), known) for known in KNOWN_KEYS if abs(len(known) - len(key)) < 3]
    apart, known = min(near, default=(9, ""))
    return known if apart <= (2 if len(known) >= _LONG else 1) else ""


def _apart(one: str, two: str) -> int:
    """How many letters are wrong, missing, too many, or changed places with their neighbour."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, start=1):
        above, before, row = before, row, [i]
        for j, b in enumerate(two, start=1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and b == one[i - 2]:
                steps = min(steps, above[j - 2] + 1)
            row.append(steps)
    return row[-1]
