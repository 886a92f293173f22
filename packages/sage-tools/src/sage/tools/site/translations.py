"""Translations: pages below a language's folder, each naming the digest of what it translates."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sage.tools.adr.log import read_record
from sage.tools.adr.record import Record
from sage.tools.finding import Finding
from sage.tools.site.words import LANGUAGES

__all__ = ["Translations", "digest", "language_of"]

DIGITS = 12


def digest(text: str) -> str:
    """What a translation names to say which text it translates: 12 hexadecimal digits.

    >>> digest("# Queues\\r\\n") == digest("# Queues\\n")
    True
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()[:DIGITS]


def language_of(page: str) -> str:
    """The language of a page by its first folder.

    >>> language_of("zh/start.md"), language_of("start.md")
    ('zh', 'en')
    """
    first, slash, _ = page.partition("/")
    return first if slash and first in LANGUAGES else "en"


@dataclass(frozen=True)
class Translations:
    """Which records are translated, and into what.

    Attributes:
        records: Language → record id → the translation, read as a record.
    """

    records: dict[str, dict[str, Record]]

    @classmethod
    def read(cls, docs: Path, root: Path) -> "Translations":
        """The translated records below `docs`, such as `docs/zh/adr/0002.md`."""
        found: dict[str, dict[str, Record]] = {}
        for language in LANGUAGES:
            for file in sorted((docs / language / "adr").glob("*.md")):
                record, _ = read_record(file, root=root)
                if record is not None and record.number is not None:
                    found.setdefault(language, {})[record.id] = record
        return cls(found)

    def record(self, id: str, language: str) -> Record | None:
        """The translation of a record into `language`; `None` where there is none."""
        return self.records.get(language, {}).get(id)

    def check(self, path: str, named: object, original: str, text: str | None) -> Finding | None:
        """What is wrong with the translation at `path`, if anything.

        Args:
            path: The translation, relative to the root.
            named: What its front matter names in `translates`.
            original: The original's path, relative to the root.
            text: The original's text; `None` where there is no such file.
        """
        if text is None:
            message = f"it translates {original}, and there is no such file; move or remove it"
            return Finding(path, 1, "translation-of-nothing", message)
        now = digest(text)
        if str(named) == now:
            return None
        if named is None:
            message = f'it names no original; add `translates: "{now}"` to its front matter'
            return Finding(path, 1, "translation-without-digest", message, severity="warning")
        message = (
            f"{original} has changed since it was translated; "
            f'bring it up to date, then write `translates: "{now}"`'
        )
        return Finding(path, 1, "stale-translation", message, severity="warning")
