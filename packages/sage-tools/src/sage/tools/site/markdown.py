"""A Python-Markdown extension: citations become links, placeholders become generated parts.

It knows no site generator: MkDocs, ProperDocs or a plain `markdown.Markdown` can load it, since
all that a page needs comes from the `Site` given to it (ADR-0017).

Placeholders stand alone on a line, outside fences, and are invisible elsewhere:

    <!-- sage: package-table -->
    <!-- sage: decisions-at-a-glance tag=queue -->
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Mapping
from typing import Final, Protocol

from markdown import Extension, Markdown
from markdown.extensions.codehilite import CodeHiliteExtension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.superfences import SuperFencesBlockPreprocessor

from sage.tools.site.docstrings import DocstringExamples

__all__ = ["Cited", "DecisionsExtension", "Site", "makeExtension"]

# Starts with letters, which `re` finds fast; what stands before them is looked at afterwards.
_CITATION: Final = re.compile(r"ADR-(?<![A-Za-z0-9_#.-]ADR-)\d{1,6}(?![A-Za-z0-9_-]|\.md)")
_NO_CITATIONS: Final = ("a", "h1", "code", "pre")
_LOG: Final = re.compile(r"(?:^|[^A-Za-z0-9_/#.-])([a-z][a-z0-9-]*/)$")
_PLACEHOLDER: Final = re.compile(r"^(?P<indent>[ \t]*)<!--\s*sage:\s*(?P<words>.*?)\s*-->\s*$")


class Cited(Protocol):
    """What a link to a record says of it."""

    title: str
    status: str
    tooltip: str
    sentence: str


class Site(Protocol):
    """What the extension asks of the build it runs in."""

    def attach(self, md: Markdown) -> None:
        """Hear of the code blocks that `md` renders."""

    def example(self, session: str) -> str:
        """The HTML of the badge below a docstring's example; may be empty."""

    def cited(self, record: str) -> Cited | None:
        """The record with this id; `None`, and a finding, where there is none."""

    def link(self, record: str) -> str:
        """The link from the current page to that record."""

    def resolve(self, link: str) -> str:
        """A link of the current page to a file, as the generator knows it; empty for no link."""

    def part(self, name: str, options: Mapping[str, str]) -> str:
        """The HTML of a generated part: one block-level element."""


class DecisionsExtension(Extension):
    """Links citations and fills placeholders of the pages it renders."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the processors; called by Python-Markdown."""
        _read_fences(md)
        self.site.attach(md)
        links = _Links(md, self.site)
        # Before fences (25), which then highlight it.
        md.preprocessors.register(DocstringExamples(md, self.site.example), "sage-examples", 27)
        # After fences (25) took their text away, before raw HTML (20) takes the comments.
        md.preprocessors.register(_Placeholders(md, self.site), "sage-placeholders", 22)
        # After code spans, links and raw HTML (20) are read, so that none of them is touched.
        md.treeprocessors.register(_Citations(md, self.site, links), "sage-cite", 18)
        # Before the generator resolves links (0) by its own names.
        md.treeprocessors.register(_Files(md, self.site), "sage-files", 4)
        # After the generator has resolved the page's own relative links (0).
        md.treeprocessors.register(links, "sage-links", -10)


def makeExtension(**options: Site) -> DecisionsExtension:
    """The extension, for loading by its module's name."""
    return DecisionsExtension(**options)


def _read_fences(md: Markdown) -> None:
    """Where Markdown's own reader takes the fences, let superfences take them, and look the same.

    It alone says which fence each block is, and so whether its code ran.
    """
    if any(isinstance(one, SuperFencesBlockPreprocessor) for one in md.preprocessors):
        return
    coloured = any(isinstance(one, CodeHiliteExtension) for one in md.registeredExtensions)
    look = {"css_class": "codehilite"} if coloured else {"use_pygments": False}
    md.registerExtensions(
        ["pymdownx.highlight", "pymdownx.superfences"],
        {"pymdownx.highlight": look},
    )


class _Citations(Treeprocessor):
    """Makes links of what cites a record, in the text that Markdown leaves as it is."""

    def __init__(self, md: Markdown, site: Site, links: "_Links") -> None:
        super().__init__(md)
        self.site = site
        self.links = links

    def run(self, root: etree.Element) -> None:
        for place, child in reversed(list(enumerate(root))):
            holds = len(child) or (child.text and "ADR-" in child.text)
            if holds and child.tag not in _NO_CITATIONS and isinstance(child.tag, str):
                self.run(child)
            if child.tail and "ADR-" in child.tail:
                child.tail = self._link(child.tail, root, place + 1)
        if root.text and "ADR-" in root.text:
            root.text = self._link(root.text, root, 0)

    def _link(self, text: str, parent: etree.Element, place: int) -> str:
        """The text before its first citation; the links, and what follows each, go to `place`."""
        if isinstance(text, AtomicString):
            return text
        rest = len(text)
        for match in reversed(list(_CITATION.finditer(text))):
            name = _name(text, match)
            cited = self.site.cited(name) if name else None
            if cited is not None:
                link = etree.Element("a", {"class": f"sd-cite sd-cite--{cited.status}", "href": ""})
                link.set("title", cited.tooltip)
                link.set("data-decision", cited.sentence)
                link.text, link.tail = AtomicString(name), text[match.end() : rest]
                self.links.pending.append((link, name))
                parent.insert(place, link)
                rest = match.end() - len(name)
        return text[:rest]


def _name(text: str, match: re.Match[str]) -> str:
    """The record's id, with the name of its log where that stands before it; empty for a path."""
    start = match.start()
    if text[start - 1 : start] != "/":
        return match[0]
    log = _LOG.search(text, max(0, start - 80), start)
    return log[1] + match[0] if log else ""


class _Links(Treeprocessor):
    """Fills in the addresses last: a generator would take them for files of its own."""

    def __init__(self, md: Markdown, site: Site) -> None:
        super().__init__(md)
        self.site = site
        self.pending: list[tuple[etree.Element, str]] = []

    def run(self, root: etree.Element) -> None:
        for link, record in self.pending:
            link.set("href", self.site.link(record))
        self.pending.clear()


class _Files(Treeprocessor):
    """Makes links between files of the repository links that the generator understands."""

    def __init__(self, md: Markdown, site: Site) -> None:
        super().__init__(md)
        self.site = site

    def run(self, root: etree.Element) -> None:
        for link in root.iter("a"):
            if href := link.get("href"):
                target = self.site.resolve(href)
                link.set("href", target)
                if not target:
                    link.tag = "span"
                    link.attrib.clear()
        for picture in root.iter("img"):
            source = picture.get("src", "")
            picture.set("src", self.site.resolve(source) or source)


class _Placeholders(Preprocessor):
    def __init__(self, md: Markdown, site: Site) -> None:
        super().__init__(md)
        self.site = site

    def run(self, lines: list[str]) -> list[str]:
        if not any("sage:" in line for line in lines):
            return lines
        return [part for line in lines for part in self._line(line)]

    def _line(self, line: str) -> list[str]:
        match = _PLACEHOLDER.match(line)
        if match is None:
            return [line]
        name, *options = match["words"].split() or [""]
        pairs = dict(option.partition("=")[::2] for option in options)
        html = self.site.part(name, pairs)
        return ["", match["indent"] + self.md.htmlStash.store(html), ""]
