"""Puts records, the pages made from them and our assets among the generator's files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from sage.tools.adr import Record
from sage.tools.site.addresses import record_address
from sage.tools.site.build import Build
from sage.tools.site.made import light_assets, made_pages
from sage.tools.site.sources import Sources
from sage.tools.site.translations import Translations

__all__ = ["ASSETS", "Placement", "place_files"]

ASSETS: Final = "assets/decisions"
_FOLDER: Final = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class Placement:
    """Which pages are records.

    Attributes:
        records: The record of each such page, and the page's language, by the generator's name.
        moved: Where the generator would have put a record that lies among the pages, by the
            address at which it lives.
    """

    records: dict[str, tuple[Record, str]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)


def place_files(
    files: Files,
    config: MkDocsConfig,
    build: Build,
    sources: Sources,
    translations: Translations,
) -> Placement:
    """Add to `files` what the site has beside its own pages.

    A page that is there already stands in for what would have its name.
    """
    placed = Placement()
    for record in build.facts.log.records:
        _place_record(record, files, config, sources, placed)
    for language, translated in translations.records.items():
        for id, record in translated.items():
            original = build.facts.records.get(id)
            if original is not None:
                placed.records[f"{language}/adr/{record.file.name}"] = (original, language)
    for path, uri in build.links.brought.items():
        if files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, abs_src_path=str(sources.root / path)))
    for page in made_pages(build.pages.topics, sorted(translations.records)):
        if files.get_file_from_path(page.uri) is None:
            made = File.generated(config, page.uri, content=page.text)
            _move(made, page.address)
            if page.uri != "adr/index.md":  # the index leads to the others
                made.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(made)
    for name, text in light_assets(_FOLDER):
        files.append(File.generated(config, f"{ASSETS}/{name}", content=text))
    return placed


def _place_record(
    record: Record, files: Files, config: MkDocsConfig, sources: Sources, placed: Placement
) -> None:
    uri, address = sources.uri(record), record_address(record)
    file = files.get_file_from_path(uri)
    if file is None:
        file = File.generated(config, uri, abs_src_path=str(record.file))
        file.edit_uri = "../" + record.path
        files.append(file)
    elif file.abs_src_path == str(record.file):  # records among the pages
        placed.moved[address] = file.url
    else:
        return  # a page of that name stands in for the record
    _move(file, address)
    # Out of a navigation made from files, and not missed in one that is written.
    file.inclusion = InclusionLevel.NOT_IN_NAV
    placed.records[uri] = (record, "en")


def _move(file: File, address: str) -> None:
    """Let a page live at an address, whatever the generator would call it."""
    file.dest_uri = address + "index.html"
    for known in ("url", "abs_dest_path"):  # made from the one before, and kept
        vars(file).pop(known, None)
