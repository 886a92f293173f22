"""The fences of plain pages, whose Markdown leaves nothing to doubt.

On most pages each fence stands at the start of a line, says its language and no more, and is closed
as it was opened; nothing is included, nothing is hidden. What superfences makes of such a page
needs no Markdown to tell. Any other page is read by `Reader`.
"""

import re
from collections.abc import Sequence

from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.fence import Fence

__all__ = ["find_plain", "is_plain_site"]

# Extensions that change no line of a plain page before superfences reads it.
KNOWN = {"abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "sane_lists",
         "smarty", "tables", "toc", "pymdownx.betterem", "pymdownx.caret", "pymdownx.details",
         "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys", "pymdownx.magiclink",
         "pymdownx.mark", "pymdownx.smartsymbols", "pymdownx.snippets", "pymdownx.superfences",
         "pymdownx.tabbed", "pymdownx.tasklist", "pymdownx.tilde"}  # fmt: skip
# Tabs, characters that Markdown keeps to itself, lines of blanks, comments, includes.
NOT_PLAIN = re.compile("[\t\x02\x03]|^ +$|<!--|8<", re.MULTILINE)
FENCE = re.compile(r"```(?P<language>(?:[A-Za-z][\w+-]*)?)$")
# HTML, other marks, and what a writer may have meant for code.
MARK = re.compile("<|~~~|>>>|:::|#!")  # what few lines hold is looked for first
NOT_TEXT = re.compile(r"<|~~~| .*(?:>>>|:::|#!)")


def is_plain_site(settings: PageSettings) -> bool:
    """Whether a site's plain pages can be read without its Markdown."""
    short = {name.removeprefix("markdown.extensions."): options
             for name, options in settings.extensions.items()}  # fmt: skip
    return (
        short.keys() <= KNOWN
        and not short.get("pymdownx.superfences")
        and not short.get("pymdownx.snippets", {}).get("auto_append")
    )


def find_plain(body: str, body_line: int) -> list[Fence] | None:
    """The fences of a page whose text starts on line `body_line`; `None` if it is not plain.

    >>> [fence.language for fence in find_plain("```python\\nx = 1\\n```\\n", 1)]
    ['python']
    >>> find_plain("- ```python\\n  x = 1\\n  ```\\n", 1) is None
    True
    """
    if NOT_PLAIN.search(body):
        return None
    found: list[Fence] = []
    language, start, lines = "", -1, body.split("\n")
    for number, line in enumerate(lines):
        if "```" not in line:
            if start < 0 and MARK.search(line) and NOT_TEXT.search(line):
                return None
        elif start < 0:
            opened = FENCE.match(line)
            if opened is None:
                return None
            language, start = opened["language"], number
        elif line == "```":
            found.append(_fence(lines[start:number], language, body_line + start))
            start = -1
        else:
            return None
    return found if start < 0 else None


def _fence(lines: Sequence[str], language: str, line: int) -> Fence:
    return Fence(
        line=line,
        end_line=line + len(lines),
        language=language,
        classes=(),
        options={},
        source="\n".join(lines[1:]),
        lines=tuple(lines[1:]),
        prefix="",
        opening=lines[0],
        key=-1,
        placeholder="",
    )
