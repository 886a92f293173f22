"""Which files stand beside the pages: the log as data and feeds, text for machines, redirects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sage.tools.adr import Record
from sage.tools.site.addresses import aliases, record_address, relative
from sage.tools.site.facts import Facts
from sage.tools.site.outputs import atom, index_json, llms_text, redirect, schema_json
from sage.tools.site.pages import OPEN
from sage.tools.site.translations import Translations
from sage.tools.site.views import RecordView, Shelf

__all__ = ["Beside"]


@dataclass(frozen=True)
class Beside:
    """Writes them; every method yields names below the site's root and texts.

    Attributes:
        facts: What they are made from.
        shelf: The records, ready to be shown.
        translations: The records in other languages.
        site: Address of the site, with a slash at its end.
        name: The site's name.
        author: Who is named where a record names nobody.
        description: What the site is, in one sentence.
    """

    facts: Facts
    shelf: Shelf
    translations: Translations
    site: str
    name: str
    author: str
    description: str

    def files(
        self,
        records: Mapping[str, tuple[Record, str]],
        moved: Mapping[str, str],
        pages: Sequence[tuple[str, str, str]],
        *,
        preview: bool,
    ) -> Iterator[tuple[str, str]]:
        """All of them; a preview does without copies and redirects of each record.

        Args:
            records: The records that are pages and the language of each, by the generator's name.
            moved: Where the generator would have put a record, by the address at which it lives.
            pages: Title, address and description of each other page.
            preview: Whether the site is looked at while it is written.
        """
        yield from self.data(pages)
        if preview:
            return
        known = [found for _, found in sorted(records.items())]
        yield from self.copies(known)
        yield from self.redirects(known)
        yield from self.moved(moved)

    def data(self, pages: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
        """The log as JSON and as feeds, and `llms.txt`, which lists `pages` as well."""
        yield "adr/index.schema.json", schema_json(f"{self.site}adr/index.schema.json")
        for language in ("en", *sorted(self.translations.records)):
            home = "adr/" if language == "en" else f"{language}/adr/"
            schema = relative("adr/index.schema.json", home)
            yield f"{home}index.json", index_json(self._views(home, language), schema=schema)
        views = self._views("")
        proposed = [view for view in views if view.status in OPEN]
        yield "adr/feed.xml", self._feed("adr/feed.xml", "all decisions", views)
        yield "adr/proposed.xml", self._feed("adr/proposed.xml", "open for review", proposed)
        about = {"title": self.name, "description": self.description, "site": self.site}
        yield "llms.txt", llms_text(views, pages, **about)

    def copies(self, records: Sequence[tuple[Record, str]]) -> Iterator[tuple[str, str]]:
        """Each record, in its language, as Markdown."""
        for record, language in records:
            spoken = self.translations.record(record.id, language) or record
            yield record_address(record, language) + "index.md", spoken.text

    def redirects(self, records: Sequence[tuple[Record, str]]) -> Iterator[tuple[str, str]]:
        """Every other spelling of a record's address; names that it once had come last."""
        names = self.facts.past.names
        for former in (False, True):
            for record, language in records:
                home = record_address(record, language)
                stems = names.get(record.path, ()) if former else ()
                for address in aliases(record, language, former=stems):
                    text = redirect(home, address, canonical=self.site + home)
                    yield address + "index.html", text

    def moved(self, addresses: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """From where its file lies among the pages to each record: address → that one."""
        for home, address in addresses.items():
            if address != home:
                text = redirect(home, address, canonical=self.site + home)
                yield address.removesuffix("index.html") + "index.html", text

    def _views(self, page: str, language: str = "en") -> list[RecordView]:
        return [self.shelf.show(record, page, language) for record in self.facts.log.records]

    def _feed(self, name: str, what: str, views: Sequence[RecordView]) -> str:
        return atom(
            views,
            title=f"{self.name}: {what}",
            author=self.author,
            site=self.site,
            feed=self.site + name,
            changed=lambda record: self.facts.past.modified.get(record.path, ""),
        )
