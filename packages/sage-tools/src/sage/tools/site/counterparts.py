"""Which page says the same in another language, and whether it still does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mkdocs.structure.files import File, Files

from sage.tools.adr import Record
from sage.tools.finding import Finding
from sage.tools.site.build import read_source
from sage.tools.site.sources import Sources
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
        sources: Names files, in the repository and for the generator.
    """

    files: Files
    records: Mapping[str, tuple[Record, str]]
    translations: Translations
    sources: Sources

    def original(self, file: File) -> File | None:
        """The English file that a translated one translates."""
        found = self.records.get(file.src_uri)
        if found is not None:
            return self.files.get_file_from_path(self.sources.uri(found[0]))
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

    def path(self, file: File) -> str:
        """The file's path below the root; the generator's name of one that was made up."""
        return self.sources.below(file.abs_src_path) if file.abs_src_path else file.src_uri

    def find(self, name: str) -> tuple[str, Path] | None:
        """The path below the root and the file that the generator calls `name`, if any."""
        file = self.files.get_file_from_path(name)
        if file is None or file.abs_src_path is None:
            return None
        return self.path(file), Path(file.abs_src_path)

    def check(self, file: File, translates: object) -> Finding | None:
        """What is wrong with a translation whose front matter names `translates`, if anything."""
        original = self.original(file)
        if original is None:
            if file.generated_by:
                return None
            name, text = file.src_uri.partition("/")[2], None
        elif original.abs_src_path is None:
            return None
        else:
            name, text = self.path(original), read_source(Path(original.abs_src_path))
        return self.translations.check(self.path(file), translates, name, text)
