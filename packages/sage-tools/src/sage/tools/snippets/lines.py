"""Lines of Markdown that remember where they were written, whatever a preprocessor does to them."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

__all__ = ["Line", "carry"]


class Line(str):
    """A line of text with its place.

    Attributes:
        at: Line of the page on which it stands, or on which it is included, from 1.
        file: The included file that holds it; empty for the page itself.
        number: Its line in that file, or in the page, from 1.

    >>> line = "  " + Line("x = 1", 7)
    >>> line, line.at
    ('  x = 1', 7)
    """

    __slots__ = ("at", "file", "number")

    at: int
    file: str
    number: int

    def __new__(cls, text: str, at: int, file: str = "", number: int = 0) -> "Line":
        """`text` at line `at` of the page."""
        self = super().__new__(cls, text)
        self.at = at
        self.file = file
        self.number = number or at
        return self

    def __radd__(self, prefix: str) -> "Line":
        # An include is indented by `prefix + line`: this is how its lines keep their place.
        return self.moved(prefix + str(self))

    def moved(self, text: str) -> "Line":
        """Another text at the same place."""
        return Line(text, self.at, self.file, self.number)


def carry(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """`after`, where every line has the place of the line of `before` that it was made from."""
    if all(isinstance(line, Line) for line in after):
        return list(after)
    extra = len(after) - len(before)
    if 0 <= extra <= 2 and not any(line.strip() for line in after[len(before) :]):
        return _by_position(before, after)
    return _by_content(before, after)


def _by_position(before: Sequence[str], after: Sequence[str]) -> list[str]:
    last = before[-1] if before else Line("", 1)
    sources = [*before, *[last] * (len(after) - len(before))]
    return list(_place(zip(sources, after, strict=True)))


def _by_content(before: Sequence[str], after: Sequence[str]) -> list[str]:
    matcher = SequenceMatcher(
        None, [line.strip() for line in before], [line.strip() for line in after], autojunk=False
    )
    sources: list[str] = [Line("", 1)] * len(after)
    for old, new, size in matcher.get_matching_blocks():
        sources[new : new + size] = before[old : old + size]
        for index in range(new + size, len(after)):
            sources[index] = before[max(old + size - 1, 0)] if before else Line("", 1)
    return list(_place(zip(sources, after, strict=True)))


def _place(pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    for source, line in pairs:
        if isinstance(line, Line) or not isinstance(source, Line):
            yield line
        elif line == source:
            yield source
        else:
            yield source.moved(line)
