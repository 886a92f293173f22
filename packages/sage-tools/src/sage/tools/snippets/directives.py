"""MyST directives with arguments, such as `{include} a.md`, on pages that MkDocs does not render.

Superfences takes no such header for an opening, and so would take the closing marks for one and
swallow the page below. MyST shows what stands within as text, or as Markdown: taking the two lines
of marks away leaves just that. What it shows as code, such as `{code-block} python`, becomes a
fence.
"""

import re
from collections.abc import Sequence

__all__ = ["without_directives"]

DIRECTIVE = re.compile(r"[> \t]*(?:`{3,}|~{3,})\{\w[\w:.+-]*\}[ \t]+[^\s`][^`]*$")
CODE = re.compile(
    r"(?P<marks>[> \t]*(?:`{3,}|~{3,}))\{(?:code|code-block|code-cell|sourcecode)\}[ \t]+"
    r"(?P<language>[\w.+#-]+)[ \t]*$"
)
OPTION = re.compile(r"[> \t]*:[\w-]+:(?:[ \t].*)?$")
FENCE = re.compile(r"[> \t]*(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")


def without_directives(lines: Sequence[str]) -> list[str]:
    """`lines` with the marks of each closed directive blank; those shown within a fence stay.

    >>> without_directives(["```{include} a.md", ":end-line: 3", "```", "```python", "```"])
    ['', ':end-line: 3', '', '```python', '```']
    """
    kept = list(lines)
    if not any(map(DIRECTIVE.match, lines)):
        return kept
    opened: list[tuple[str, int]] = []  # directives under way: their marks and line
    code = ""  # the marks of the fence under way
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if not fence:
            continue
        marks, closes = fence["marks"], not fence["info"].strip()
        if code:
            code = "" if closes and marks.startswith(code) else code
        elif closes and opened and marks.startswith(opened[-1][0]):
            for end in (opened.pop()[1], number):
                kept[end] = _prefix(lines[end])
        elif shown := CODE.match(line):
            code = marks
            _open_fence(kept, number, shown)
        elif DIRECTIVE.match(line):
            opened.append((marks, number))
        else:
            code = marks
    return kept


def _prefix(line: str) -> str:
    """The quote marks that the line starts with."""
    return line[: len(line) - len(line.lstrip("> \t"))].rstrip()


def _open_fence(lines: list[str], number: int, shown: re.Match[str]) -> None:
    """Write a directive that shows code as a fence, without its options."""
    lines[number] = f"{shown['marks']}{shown['language']}"
    for at in range(number + 1, len(lines)):
        if not OPTION.match(lines[at]):
            break
        lines[at] = _prefix(lines[at])
