"""The navigation in another language: the same tree, with each page that is translated."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from mkdocs.structure import StructureItem
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page

__all__ = ["translate"]


def translate(
    nav: Navigation,
    counterpart: Callable[[Page], Page | None],
    words: Mapping[str, str],
    untranslated: str = "{title}",
) -> Navigation:
    """`nav` with the translated pages in place of the originals; `words` translates its titles.

    A page without a translation stays out: its readers would leave their language unawares. A whole
    part of the site without one is a link to the original, named by `untranslated`, which says so.
    Where nothing is translated, `nav` itself.
    """
    pages: list[Page] = []
    items = [_item(item, counterpart, words, pages) for item in nav.items]
    if not pages:
        return nav
    for place, original in enumerate(nav.items):
        if items[place] is None and isinstance(original, Section):
            items[place] = _original(original, words, untranslated)
    translated = Navigation([item for item in items if item is not None], pages)
    translated.homepage = pages[0]
    for before, after in pairwise(pages):
        before.next_page, after.previous_page = after, before
    return translated


def _original(section: Section, words: Mapping[str, str], name: str) -> Link | None:
    first = next((child for child in section.children if isinstance(child, Page)), None)
    title = name.format(title=words.get(section.title, section.title))
    return Link(title, first.url) if first else None


def _item(
    item: StructureItem,
    counterpart: Callable[[Page], Page | None],
    words: Mapping[str, str],
    pages: list[Page],
) -> StructureItem | None:
    if isinstance(item, Section):
        children = [_item(child, counterpart, words, pages) for child in item.children]
        kept = [child for child in children if child is not None]
        if not kept:
            return None
        section = Section(words.get(item.title, item.title), kept)
        for child in kept:
            child.parent = section
        return section
    page = counterpart(item) if isinstance(item, Page) else None
    if page is None:
        return None
    if item.title and item.title in words:
        page.title = words[item.title]
    pages.append(page)
    return page
