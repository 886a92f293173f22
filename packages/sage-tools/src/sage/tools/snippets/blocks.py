"""Tells a renderer which snippet each block of a page is.

A Markdown extension that renders pages learns which `Snippet` each block is from the same hook
that the finder uses:

    blocks = PageBlocks(Finder(root, settings), wrap)   # one for the whole site
    blocks.attach(md)                    # in `extendMarkdown`, for every Markdown instance
    blocks.begin(file, text)             # before each page; `text` is what goes to `convert`

`wrap(snippet, html)` gets each block's highlighted HTML and returns what stands in the page
instead: the block with its badge and output. It is called for every kind of snippet, expected
output too, once a block, when superfences is done and before the page is put together. Conversions
within a conversion (docstrings, for example) are left alone. Our attributes (`skip`, `requires`,
`raises`, `timeout`) never reach the HTML. `blocks.page` is then the `Page`, for its findings: it is
made from that one conversion, except where only a second one can tell whether a fence is shown.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import markdown

from sage.tools.snippets.fences import FenceHook
from sage.tools.snippets.find import Finder
from sage.tools.snippets.front import Front, read_front
from sage.tools.snippets.model import Page, Snippet
from sage.tools.snippets.text import read_page, settle

__all__ = ["PageBlocks"]

Wrap: TypeAlias = Callable[[Snippet, str], str]


class PageBlocks:
    """Tells a renderer which snippet each of a page's blocks is; see the module's docstring.

    >>> from sage.tools.snippets import Finder, PageBlocks, PageSettings
    >>> file = Path("page.md")
    >>> _ = file.write_text("```python\\nprint(1)\\n```\\n")
    >>> finder = Finder(Path.cwd(), PageSettings())
    >>> blocks = PageBlocks(finder, lambda snippet, html: f"<b>{snippet.kind}</b>")
    >>> md = markdown.Markdown(extensions=["pymdownx.superfences"])
    >>> blocks.attach(md)
    >>> blocks.begin(file, file.read_text())
    >>> md.convert(file.read_text())
    '<p><b>code</b></p>'
    """

    def __init__(
        self, finder: Finder, wrap: Wrap, *, formatter: Callable[..., str] | None = None
    ) -> None:
        self.page: Page | None = None
        self._file: Path | None = None
        self._name = ""
        self._front: Front | None = None
        self._finder = finder
        self._wrap = wrap
        self._hook = FenceHook(
            formatter=formatter, after=self._wrap_all, directives=not finder.settings.config
        )

    def attach(self, md: markdown.Markdown) -> None:
        """Listen to `md`; call it for each instance that renders pages."""
        self._hook.attach(md)

    def begin(self, file: Path, text: str, *, written: str | None = None) -> None:
        """Expect `text`, the part of `file` after its front matter, in the next conversion.

        `written` is the whole text of `file`, for who has read it already.
        """
        name = self._finder.name(file)
        written, _ = read_page(file, name) if written is None else settle(written, name)
        line = _body_line(written or "", text)
        self.page, self._file, self._name, self._front = None, file, name, None
        if written and written.rstrip().endswith(text.rstrip()) and "<!--" not in text:
            # Who took the front matter off has read it: only our own key in it is left to read.
            known = line > 1 and "\nsnippets:" not in written
            self._front = Front(line) if known else read_front(written, name)
        self._hook.begin(line)

    def _find(self, file: Path) -> Page:
        if self._front is None:  # not the file's own text, or a comment may hide a fence
            return self._finder.find(file)
        rendered = self._finder.find_rendered(file, self._name, self._front, self._hook)
        return rendered or self._finder.find(file)

    def _wrap_all(self, md: markdown.Markdown) -> None:
        if self._file is None:
            return
        self.page = self._find(self._file)
        waiting: dict[int, list[Snippet]] = {}
        for snippet in self.page.snippets:
            waiting.setdefault(snippet.line, []).append(snippet)
        blocks = md.htmlStash.rawHtmlBlocks
        for fence in self._hook.fences:
            same = waiting.get(fence.line, [])
            found = next((s for s in same if s.source == fence.source), None)
            if found is not None:
                same.remove(found)
                blocks[fence.key] = self._wrap(found, str(blocks[fence.key]))


def _body_line(written: str, text: str) -> int:
    """Line of `written` on which `text`, its end, starts."""
    body = text.rstrip("\n")
    place = written.rstrip("\n").rfind(body) if body else -1
    return written.count("\n", 0, place) + 1 if place >= 0 else read_front(written, "").body_line
