"""A record as a page shows it: words in the page's language, links from the page's address."""

from collections.abc import Iterable
from dataclasses import dataclass

from sage.tools.adr import Record
from sage.tools.site.addresses import record_address, relative
from sage.tools.site.facts import Facts
from sage.tools.site.summary import plain_text, summary
from sage.tools.site.translations import Translations
from sage.tools.site.words import guidance, status_word

__all__ = ["RecordView", "Shelf"]


@dataclass(frozen=True)
class RecordView:
    """One record, seen from one page.

    Attributes:
        record: The record.
        language: The language of the page.
        heading: The title in Markdown, in the page's language where it is translated.
        title: The same as plain text.
        sentence: What was decided, in one sentence.
        href: The link from the page to the record.
    """

    record: Record
    language: str
    heading: str
    title: str
    sentence: str
    href: str

    @property
    def id(self) -> str:
        """Such as `ADR-0002`."""
        return self.record.id

    @property
    def status(self) -> str:
        """The normalised status, for a CSS class."""
        return self.record.status

    @property
    def word(self) -> str:
        """The status as a word in the page's language."""
        return status_word(self.record.status, self.language)

    @property
    def guidance(self) -> str:
        """What the status asks of the reader."""
        return guidance(self.record.status, self.language)

    @property
    def date(self) -> str:
        """The day of the status, as ISO writes it; empty where there is none."""
        return self.record.date.isoformat() if self.record.date else ""

    @property
    def tooltip(self) -> str:
        """Title and status on one line."""
        separator = " — " if self.title else ""
        return f"{self.title}{separator}{self.word}"


class Shelf:
    """All records of a log, ready to be shown: sentences and titles are worked out once."""

    def __init__(self, facts: Facts, translations: Translations) -> None:
        self._facts = facts
        self._translations = translations
        self._sentences = dict(facts.sentences)  # and those of translations, when they are asked
        self._titles: dict[str, str] = {}
        self._page = ("", "")
        self._shown: dict[str, RecordView] = {}

    def view(self, id: str, page: str, language: str = "en") -> RecordView | None:
        """The record `id` as the page at address `page` shows it; `None` where there is none."""
        record = self._facts.records.get(id)
        return None if record is None else self.show(record, page, language)

    def show(self, record: Record, page: str, language: str = "en") -> RecordView:
        """`record` as the page at address `page` shows it."""
        if self._page != (page, language):
            self._page, self._shown = (page, language), {}
        if record.path not in self._shown:
            spoken = self._translations.record(record.id, language) or record
            link = relative(self.home(record, language), page)
            title, sentence = self._title(spoken), self._sentence(spoken)
            view = RecordView(record, language, spoken.title, title, sentence, link)
            self._shown[record.path] = view
        return self._shown[record.path]

    def home(self, record: Record, language: str) -> str:
        """The address of the record below the site's root: in `language`, where it is translated.

        With a slash at its end, as `record_address` gives it.
        """
        translated = self._translations.record(record.id, language)
        return record_address(record, language if translated else "en")

    def show_all(
        self, ids: Iterable[str], page: str, language: str = "en"
    ) -> tuple[RecordView, ...]:
        """Those of `ids` that exist."""
        views = (self.view(id, page, language) for id in ids)
        return tuple(view for view in views if view is not None)

    def _title(self, record: Record) -> str:
        if record.path not in self._titles:
            self._titles[record.path] = plain_text(record.title)
        return self._titles[record.path]

    def _sentence(self, record: Record) -> str:
        if record.path not in self._sentences:
            self._sentences[record.path] = summary(record)
        return self._sentences[record.path]
