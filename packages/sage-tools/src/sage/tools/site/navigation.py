"""The navigation: in another language the same tree, and the records behind one another."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from mkdocs.structure import StructureItem
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page

from sage.tools.adr import Record
from sage.tools.site.counterparts import Counterparts
from sage.tools.site.translations import language_of
from sage.tools.site.words import words

__all__ = ["place_records", "translate", "translate_all"]


def translate_all(
    nav: Navigation,
    files: Files,
    spoken: Counterparts,
    own: Mapping[str, Mapping[str, str]],
) -> dict[str, Navigation]:
    """The navigation of each further language that the files speak; `own` translates its titles."""
    languages = {language_of(file.src_uri) for file in files.documentation_pages()} - {"en"}
    return {
        language: translate(
            nav,
            partial(_spoken, spoken, language),
            own.get(language, {}),
            words(language)["in_english"],
        )
        for language in sorted(languages)
    }


def _spoken(spoken: Counterparts, language: str, page: Page) -> Page | None:
    file = spoken.translated(page.file, language)
    return file.page if file else None


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


def place_records(
    language: str,
    files: Files,
    records: Mapping[str, tuple[Record, str]],
    *,
    navigated: Sequence[Page],
) -> None:
    """Records follow each other in their order; they and what is made from them are decisions.

    What stands in the navigation, as `navigated`, has its place there.
    """
    prefix = "" if language == "en" else f"{language}/"
    ours = [uri for uri, (_, spoken) in records.items() if spoken == language]
    listed = [files.get_file_from_path(uri) for uri in ours]
    pages = [f.page for f in listed if f and f.page and f.page not in navigated]
    for before, after in pairwise(pages):
        before.next_page, after.previous_page = after, before
    index = files.get_file_from_path(f"{prefix}adr/index.md")
    home = index.page if index else None
    for file in files.documentation_pages():
        page = file.page
        inside = file.src_uri.startswith(f"{prefix}adr/") or file.src_uri in ours
        if page and inside and page is not home and page not in navigated:
            page.parent = home  # type: ignore[assignment]  # its tab is active, as a section's is


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
