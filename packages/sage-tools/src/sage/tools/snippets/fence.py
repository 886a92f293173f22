"""A fence of a page, as superfences takes it."""

from dataclasses import dataclass

__all__ = ["ATTRIBUTES", "Fence"]

# Attributes of a fence that speak to us: they are taken off before the page is rendered.
ATTRIBUTES = ("skip", "requires", "raises", "timeout", "session")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence as superfences took it.

    Attributes:
        line: Line of the page with the opening marks; for an included one, of the include.
        end_line: Line of the page with the closing marks.
        language: The language as written.
        classes: Further classes, such as `("output",)`.
        options: Attributes, ours included.
        source: The exact text, without the page's indentation.
        lines: The lines of the text as they stand in the page, each with its place.
        prefix: What stands before the opening marks: indentation and quote marks.
        opening: The line of the opening marks, with its place.
        key: Its place in `md.htmlStash.rawHtmlBlocks`.
        placeholder: What stands for it in the text until the page is put together.
    """

    line: int
    end_line: int
    language: str
    classes: tuple[str, ...]
    options: dict[str, str]
    source: str
    lines: tuple[str, ...]
    prefix: str
    opening: str
    key: int
    placeholder: str
