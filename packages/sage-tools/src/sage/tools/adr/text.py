"""Edits of a record's text that touch nothing but what they change (ADR-0011)."""

import re

import yaml

from sage.tools.adr.front import key_of
from sage.tools.finding import CannotBegin

__all__ = ["Lines", "append_section", "append_to_front", "set_front"]

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class Lines:
    """A text as lines that keep their own endings; numbers start at 1.

    >>> lines = Lines("one\\r\\ntwo")
    >>> lines.replace(2, "three"); lines.insert(3, "four"); lines.text()
    'one\\r\\nthree\\r\\nfour'
    """

    def __init__(self, text: str) -> None:
        self._lines: list[str] = _LINE.findall(text)
        first = self._lines[0] if self._lines else ""
        self.ending = first[len(first.rstrip("\r\n")) :] or "\n"

    def __len__(self) -> int:
        return len(self._lines)

    def get(self, number: int) -> str:
        """The line, without its ending."""
        return self._lines[number - 1].rstrip("\r\n")

    def replace(self, number: int, text: str) -> None:
        """Put `text` in the place of a line, which keeps its ending."""
        old = self._lines[number - 1]
        self._lines[number - 1] = text + old[len(old.rstrip("\r\n")) :]

    def insert(self, number: int, text: str) -> None:
        """Put a new line before line `number`, or at the end."""
        place = number - 1
        if 0 < place == len(self._lines) and not self._lines[-1].endswith(("\r", "\n")):
            # The last line had no ending, and the new last line has none either.
            self._lines[-1] += self.ending
            self._lines.append(text)
            return
        self._lines.insert(place, text + self.ending)

    def text(self) -> str:
        return "".join(self._lines)


def set_front(text: str, key: str, value: str) -> str:
    """The text with a key of its front matter set to a plain word; added where it is not there.

    A blank in braces, such as a template's `{YYYY-MM-DD}`, is filled.

    Raises:
        CannotBegin: The front matter is not written so that it can be edited in place.
    """
    node = _find(text, key)
    if node is None:
        return _add(text, f"{key}: {value}")
    start, end = node.start, node.end
    blank = isinstance(node.node, yaml.MappingNode) and node.node.flow_style
    if not isinstance(node.node, yaml.ScalarNode) and not blank:
        raise CannotBegin(f"the front matter's {key} is not one word; edit it by hand")
    if isinstance(node.node, yaml.ScalarNode) and node.node.style in ("'", '"'):
        value = f"{node.node.style}{value}{node.node.style}"
    space = " " if start == end else ""
    return text[:start] + space + value + text[end:]


def append_to_front(text: str, key: str, name: str, number: int | None) -> str:
    """The text with one more entry in a list of its front matter, written as the others are.

    Args:
        text: The record's text.
        key: The list's key; the list is added where it is not there.
        name: The entry as a file name.
        number: The entry as a number; `None` where it has none.
    """
    entry = str(number) if number is not None else f'"{name}"'
    node = _find(text, key)
    if node is None:
        return _add(text, f"{key}: [{entry}]")
    if isinstance(node.node, yaml.ScalarNode):
        old = text[node.start : node.end].strip()
        entry = _like(node.node, entry, name, number)
        space = " " if node.start == node.end else ""
        return (
            text[: node.start]
            + space
            + f"[{', '.join(filter(None, (old, entry)))}]"
            + text[node.end :]
        )
    if not isinstance(node.node, yaml.SequenceNode):
        raise CannotBegin(f"the front matter's {key} is no list; edit it by hand")
    items = node.node.value
    if items:
        entry = _like(items[-1], entry, name, number)
    if node.node.flow_style:
        place = node.offset + items[-1].end_mark.index if items else node.end - 1
        return text[:place] + (", " if items else "") + entry + text[place:]
    last = node.offset + items[-1].end_mark.index
    dash = text.rindex("\n", 0, node.offset + items[-1].start_mark.index) + 1
    indent = re.match(r"[ ]*", text[dash:])
    ending = _ending(text)
    line = f"{ending}{indent[0] if indent else ''}- {entry}"
    stop = _line_end(text, last)
    return text[:stop] + line + text[stop:]


def append_section(text: str, title: str, words: str) -> str:
    """The text with a second-level section at its end, below an empty line."""
    ending = _ending(text)
    body = words.strip().replace("\r\n", "\n").replace("\n", ending)
    last = text[len(text.rstrip("\r\n")) :].replace("\r\n", "\n")
    gap = ending * max(0, 2 - len(last))
    return f"{text}{gap}## {title}{ending}{ending}{body}{ending}"


class _Place:
    def __init__(self, node: yaml.Node, offset: int) -> None:
        self.node = node
        self.offset = offset
        self.start = offset + node.start_mark.index
        self.end = offset + node.end_mark.index


def _find(text: str, key: str) -> _Place | None:
    start, stop = _front(text)
    try:
        root = yaml.compose(text[start:stop], _LOADER)
    except (yaml.YAMLError, RecursionError):
        raise CannotBegin("the front matter is not YAML; repair it first") from None
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise CannotBegin("the front matter has no `key: value` lines; edit it by hand")
    for name, value in root.value:
        if isinstance(name, yaml.ScalarNode) and key_of(name.value) == key:
            return _Place(value, start)
    return None


def _front(text: str) -> tuple[int, int]:
    """Where the front matter's lines start and end, as indexes of characters."""
    lines = _LINE.finditer(text)
    bounds = [m for m in lines if m[0].lstrip("\ufeff").rstrip() in ("---", "...")]
    if len(bounds) < 2 or bounds[0].start() > 0:
        raise CannotBegin("the record has no front matter; edit it by hand")
    return bounds[0].end(), bounds[1].start()


def _add(text: str, line: str) -> str:
    _, stop = _front(text)
    return text[:stop] + line + _ending(text) + text[stop:]


def _like(example: yaml.Node, entry: str, name: str, number: int | None) -> str:
    """The entry, spelled as `example` is."""
    if not isinstance(example, yaml.ScalarNode) or number is None:
        return entry
    style = example.style if example.style in ("'", '"') else ""
    written = example.value
    if written.lower().endswith(".md"):
        return f"{style}{name}{style}"
    if match := re.fullmatch(r"(\D*)(\d+)", written):
        digits = str(number).zfill(len(match[2])) if match[2][0] == "0" or match[1] else number
        return f"{style}{match[1]}{digits}{style}"
    return entry


def _ending(text: str) -> str:
    return Lines(text).ending


def _line_end(text: str, index: int) -> int:
    """The end of the last line that says something, at or before `index`; comments stay on it."""
    while index > 0 and text[index - 1] in "\r\n ":
        index -= 1
    ends = [place for mark in "\r\n" if (place := text.find(mark, index)) >= 0]
    return min(ends, default=len(text))
