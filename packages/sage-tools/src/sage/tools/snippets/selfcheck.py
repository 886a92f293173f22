"""Compares what was found on a page with the page itself, rendered.

The finder and the renderer share superfences, so they ought to agree. This is the proof: the page
is converted in full, with each fence that the finder reported replaced by a mark; any Python block
in the resulting HTML that carries no mark was missed, and each mark that is not in the HTML was
reported without a reader seeing it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import markdown

from sage.tools.finding import Finding
from sage.tools.snippets.blocks import PageBlocks
from sage.tools.snippets.config import PageSettings, anchored
from sage.tools.snippets.find import Finder
from sage.tools.snippets.found import Found
from sage.tools.snippets.front import read_front
from sage.tools.snippets.model import Page, Snippet
from sage.tools.snippets.reader import HIDING
from sage.tools.snippets.text import read_page

__all__ = ["SelfCheck"]

MARK = "⟦{number}⟧"
MARKED = re.compile(r"⟦(\d+)⟧")
PYTHON = re.compile(
    r"<(div|pre|code|span)\b[^>]*class=\"[^\"]*\b(?:language-(?:python3?|py3?|pycon)\b"
    r"(?![\w-]))[^\"]*\"[^>]*>(.*?)</(?:pre|div|code)>",
    re.DOTALL | re.IGNORECASE,
)


class SelfCheck:
    """Renders pages to prove that the finder missed none of their Python.

    Args:
        root: Root of the repository.
        settings: How its pages are read.
        found: Where a page that is unchanged since its proof is known; `None` to prove each.
    """

    def __init__(self, root: Path, settings: PageSettings, found: Found | None = None) -> None:
        self._found = found
        self._blocks = PageBlocks(Finder(root, settings), _mark, formatter=_plain)
        self._md = markdown.Markdown()
        for name, options in settings.extensions.items():
            try:
                self._md.registerExtensions([name], {name: anchored(name, options, root)})
            except (ImportError, AttributeError, TypeError, KeyError, ValueError):
                continue  # the finder reports it
        self._blocks.attach(self._md)

    def checked(self, page: Page) -> Page:
        """`page`, with a finding for each difference between what was found and what is shown."""
        if page.file.suffix == ".py" or (self._found and self._found.is_proven(page.path)):
            return page
        if any(finding.code == "unreadable-page" for finding in page.findings):
            return page
        text, _ = read_page(page.file, page.path)
        wrong = self._check(page, text) if text is not None else []
        if self._found and not wrong:
            self._found.prove(page.path)
        return replace(page, findings=(*page.findings, *wrong)) if wrong else page

    def _check(self, page: Page, text: str) -> list[Finding]:
        line = read_front(text, page.path).body_line
        body = text.split("\n", line - 1)[line - 1]
        self._md.reset()
        self._blocks.begin(page.file, body)
        try:
            rendered = HIDING.sub("", self._md.convert(body))
        except Exception as error:  # a third party's extension may raise anything
            message = f"the page cannot be rendered: {type(error).__name__}: {error}"
            return [Finding(page.path, line, "unreadable-page", message)]
        return [*self._missed(page, rendered), *self._unseen(page, rendered)]

    def _missed(self, page: Page, rendered: str) -> Iterator[Finding]:
        for match in PYTHON.finditer(MARKED.sub("", rendered)):
            code = html.unescape(re.sub(r"<[^>]+>", "", match.group(2))).strip()
            inline = match.group(1) not in ("div", "pre") and not re.search(r"\s", code)
            if code and not inline:
                message = f"the page shows Python that was not found: {code.splitlines()[0]!r}"
                yield Finding(page.path, 0, "missed-snippet", message)

    def _unseen(self, page: Page, rendered: str) -> Iterator[Finding]:
        shown = {int(number) for number in MARKED.findall(rendered)}
        for snippet in page.snippets:
            if snippet.number not in shown:
                message = "this was found as a snippet, and the page does not show it"
                yield Finding(page.path, snippet.line, "unseen-snippet", message)


def _plain(src: str, language: str | None, **_options: object) -> str:
    """A fence's HTML without its colours."""
    return (
        f'<pre class="language-{html.escape(language or "")}"><code>{html.escape(src)}</code></pre>'
    )


def _mark(snippet: Snippet, _html: str) -> str:
    return MARK.format(number=snippet.number)
