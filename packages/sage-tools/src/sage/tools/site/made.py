"""The pages that no file holds: indexes and topics, each a title and one generated part."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from sage.tools.site.topics import Topic, topics_address
from sage.tools.site.words import words

__all__ = ["MadePage", "light_assets", "made_pages"]

# Comments on lines of their own, and indents: a reader's browser need not load them.
_FOR_AUTHORS: Final = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n|^[ \t]+", re.MULTILINE | re.DOTALL)
_SPACE_OF_STYLES: Final = re.compile(r"\s*([{};,])\s*|(:)\s+")


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page's name below the pages' folder, and its Markdown."""

    uri: str
    text: str

    @property
    def address(self) -> str:
        """Its address below the site's root, with a slash at its end: our links name no file."""
        return self.uri.removesuffix(".md").removesuffix("/index") + "/"


def made_pages(topics: Iterable[Topic], languages: Iterable[str]) -> Iterator[MadePage]:
    """The indexes and one page for each topic, in English and in each of `languages`."""
    topics = tuple(topics)
    for prefix, language in (("", "en"), *((f"{name}/", name) for name in languages)):
        w = words(language)
        yield _page(f"{prefix}adr/index.md", w["decisions"], w["index_about"], "decision-index")
        yield _page(f"{prefix}adr/all.md", w["by_number"], w["all_about"], "decision-list")
        yield _page(f"{prefix}adr/history.md", w["history"], w["history_about"], "decision-history")
        overview = topics_address(language) + "index.md"
        yield _page(overview, w["topics"], w["topics_about"], "decision-topics")
        for topic in (one.spoken(language) for one in topics):
            part = f"decision-topic topic={topic.slug}"
            yield _page(topic.address.rstrip("/") + ".md", topic.label, f"{topic.label}.", part)


def light_assets(folder: Path) -> Iterator[tuple[str, str]]:
    """The styles, scripts and pictures that pages need: names, and texts without comments."""
    for asset in sorted(folder.iterdir()):
        text = asset.read_text("utf-8")
        if asset.suffix in (".css", ".js"):
            text = _FOR_AUTHORS.sub("", text)
        if asset.suffix == ".css":
            text = _SPACE_OF_STYLES.sub(r"\1\2", text)
        yield asset.name, text


def _page(uri: str, title: str, about: str, part: str) -> MadePage:
    # Quoted as JSON, which YAML reads too, and escaped, as themes write a title as it is: a tag may
    # hold anything.
    front = f"title: {json.dumps(escape(title))}\ndescription: {json.dumps(about)}\n"
    hidden = "search: {exclude: true}\nhide: [navigation, toc]\n"
    text = f'<h1 id="sd-top">{escape(title)}</h1>\n\n<!-- sage: {part} -->\n'
    return MadePage(uri, f"---\n{front}{hidden}---\n\n{text}")
