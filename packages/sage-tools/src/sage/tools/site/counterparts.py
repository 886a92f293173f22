"""Which page says the same in another language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mkdocs.structure.files import File, Files

from sage.tools.adr import Record
from sage.tools.site.translations import Translations, language_of
from sage.tools.site.words import LANGUAGES

__all__ = ["Counterparts"]


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Finds originals and translations among the files of one build.

    Attributes:
        files: All files.
        records: The records' pages: the generator's name of each, its record and its language.
        translations: The records in other languages.
        uri: Gives the name by which the generator knows a record.
    """

    files: Files
    records: Mapping[str, tuple[Record, str]]
    translations: Translations
    uri: Callable[[Record], str]

    def original(self, file: File) -> File | None:
        """The English file that a translated one translates."""
        found = self.records.get(file.src_uri)
        if found is not None:
            return self.files.get_file_from_path(self.uri(found[0]))
        return self.files.get_file_from_path(file.src_uri.partition("/")[2])

    def translated(self, file: File, language: str) -> File | None:
        """The file that translates an English one."""
        if file.src_uri in self.records:
            record, _ = self.records[file.src_uri]
            translated = self.translations.record(record.id, language)
            name = f"{language}/adr/{translated.file.name}" if translated else ""
        else:
            name = f"{language}/{file.src_uri}"
        return self.files.get_file_from_path(name) if name else None

    def versions(self, file: File) -> dict[str, str]:
        """Language → address of the same page, where it exists in more than one."""
        original = self.original(file) if language_of(file.src_uri) != "en" else file
        if original is None:
            return {}
        found = {"en": original.url}
        for language in LANGUAGES:
            translated = self.translated(original, language)
            if translated is not None:
                found[language] = translated.url
        return found if len(found) > 1 else {}
