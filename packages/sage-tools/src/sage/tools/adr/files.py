"""Which files of a folder are decision records, by their names."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path, PurePath

from sage.tools.adr.codes import found
from sage.tools.adr.references import identify, stem_of
from sage.tools.finding import CannotBegin, Finding

__all__ = [
    "Listing",
    "check_folder",
    "is_record_name",
    "is_record_path",
    "is_template_name",
    "list_files",
    "relative",
    "speakable",
]

_SUFFIXES = (".md", ".markdown")
_OTHER_MARKUP = (".rst", ".adoc", ".asciidoc", ".asc", ".org", ".textile", ".mdx", ".txt")
_SKIPPED_FOLDERS = {"node_modules", "templates", "template", "__pycache__"}
_PAGES = {
    *("readme", "index", "summary", "changelog", "contributing", "toc", "contents", "license"),
    *("glossary", "about", "process", "目录", "说明", "索引"),
}
_TEMPLATES = {
    *("template", "templates", "plantilla", "plantillas", "gabarit", "modele", "modèle", "modelo"),
    *("vorlage", "vorlagen", "szablon", "шаблон", "模板", "テンプレート", "템플릿"),
}
_FIRST_TEMPLATE = re.compile(r"\D*0+[-_. ]template(?![a-z])", re.I)
_FILLERS = {
    *(
        "adr",
        "adrs",
        "madr",
        "ladr",
        "nygard",
        "log",
        "list",
        "decision",
        "decisions",
        "record",
        "records",
    ),
    *("architecture", "architectural", "short", "long", "full", "bare", "minimal", "simple", "new"),
    *("the", "of", "example", "en", "zh", "cn", "my", "and", "guide", "rfc", "rfcs", "doc", "docs"),
    *("proposal", "proposals", "design"),
}
# A page so named, such as decision_records.md, lists the records.
_PLURALS = {"adrs", "madrs", "decisions", "records", "rfcs", "proposals", "log", "list"}


@dataclass
class Listing:
    """What a folder and its sub-folders hold.

    Attributes:
        records: The files that may be records, by their names.
        beside: Those of them that lie in a record's own folder, beside its front page.
        others: The names of the other files.
        foreign: Paths of files with a record's name in a markup that is not read.
        findings: Folders that could not be opened.
    """

    records: list[str] = field(default_factory=list)
    beside: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def unread(self) -> str:
        """The foreign files, in words; empty where each has a record of its number beside it."""
        read = {identify(stem_of(PurePath(path))) for path in self.records}
        left = [path for path in self.foreign if identify(stem_of(PurePath(path))) not in read]
        return _counted([path.rpartition("/")[2] for path in left])

    def describe(self, pages: Sequence[str]) -> str:
        """The files that are no record, in words: `README.md and 12 .png files`."""
        return _counted([*pages, *self.others])


def is_record_name(name: str) -> bool:
    """Whether a file so named may be a record: Markdown, and no template, readme or index.

    >>> is_record_name("0001-use-redis.md"), is_record_name("0000-template.md")
    (True, False)
    """
    stem, dot, suffix = name.rpartition(".")
    if dot + suffix.lower() not in _SUFFIXES or name.startswith("."):
        return False
    words = _words(stem)
    if _TEMPLATES & set(words):
        return not is_template_name(name)
    if identify(stem)[0]:
        return True  # a decision about the glossary, and no glossary
    numbered = identify(stem)[0] is not None
    listed = set(words) & (_PAGES if numbered else _PAGES | _PLURALS)
    return not (listed and not set(words) - _FILLERS - _PAGES)


def is_template_name(name: str) -> bool:
    """Whether a file so named is what new records are copied from.

    >>> is_template_name("adr-template.md"), is_template_name("0012-template-engine.md")
    (True, False)
    """
    stem, dot, suffix = name.rpartition(".")
    words = set(_words(stem))
    if dot + suffix.lower() not in _SUFFIXES or not words & _TEMPLATES:
        return False
    return not words - _FILLERS - _TEMPLATES or _FIRST_TEMPLATE.match(stem) is not None


def _words(stem: str) -> list[str]:
    return [word for word in re.split(r"[-_. ]+", stem.lower()) if word and not word.isdecimal()]


def is_record_path(path: PurePath) -> bool:
    """Whether a file so placed may be a record: by its name, or as its own folder's front page.

    >>> is_record_path(PurePath("adr/0001-x/index.md")), is_record_path(PurePath("adr/index.md"))
    (True, False)
    """
    if is_record_name(path.name):
        return True
    return path.suffix.lower() in _SUFFIXES and stem_of(path) != path.stem


def list_files(directory: Path, root: Path, without: Collection[Path] = ()) -> Listing:
    """What lies in `directory` and its sub-folders, save those in `without`.

    Raises:
        CannotBegin: The folder is not there, is no folder, or may not be opened.
    """
    check_folder(directory)
    listing = Listing()
    _list(str(directory), root, {str(folder) for folder in without}, listing)
    listing.records.sort()
    return listing


def check_folder(directory: Path) -> None:
    """Make sure that the folder of the records can be opened.

    Raises:
        CannotBegin: It is not there, is no folder, or may not be opened.
    """
    try:
        with os.scandir(directory):
            return
    except NotADirectoryError:
        raise CannotBegin(f"{directory}: is a file; name the folder of the records") from None
    except FileNotFoundError:
        message = "no such folder; name the folder of the records with --dir"
        raise CannotBegin(f"{directory}: {message}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotBegin(f"{directory}: cannot be opened: {reason}") from None


def relative(file: Path, root: Path) -> str:
    """The file's path from `root`, with `/` between its parts."""
    path, base = str(file), f"{root}{os.sep}"
    inside = path.startswith(base)
    path = path.removeprefix(base) if inside else os.path.relpath(path, root)
    return speakable(path.replace(os.sep, "/"))


def speakable(path: str) -> str:
    """The path without lone surrogates, which no output could print."""
    return path.encode("utf-8", "replace").decode("utf-8") if not path.isascii() else path


def _list(directory: str, root: Path, without: Collection[str], listing: Listing) -> None:
    try:
        with os.scandir(directory) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        message = f"the folder cannot be opened: {error.strerror}; its records are not read"
        finding = found("unreadable-record", relative(Path(directory), root), 0, message)
        listing.findings.append(finding)
        return
    own = len(listing.records)
    others = []
    for entry in listed:
        # A link to a folder is not followed, so that a loop of links ends.
        if entry.is_dir(follow_symlinks=False):
            if (
                entry.name not in _SKIPPED_FOLDERS
                and not entry.name.startswith(".")
                and entry.path not in without
            ):
                _list(entry.path, root, without, listing)
        elif is_record_name(entry.name):
            listing.records.append(entry.path)
        else:
            others.append(entry)
    front = _front_page(directory, [entry.name for entry in others])
    if front and not any(_numbered(path) for path in listing.records[own:]):
        listing.beside |= set(listing.records[own:])
        listing.records.append(f"{directory}/{front}")
    for entry in others:
        if entry.name != front and not entry.name.startswith("."):
            _note_other(entry.name, entry.path, listing)


def _front_page(directory: str, names: Sequence[str]) -> str:
    """The page that is the record of a folder so named; empty where there is none."""
    pages = {
        PurePath(name).stem.lower(): name
        for name in names
        if is_record_path(PurePath(directory, name))
    }
    return pages.get("index") or pages.get("readme") or ""


def _numbered(path: str) -> bool:
    return identify(PurePath(path).stem) != (None, None)


def _note_other(name: str, path: str, listing: Listing) -> None:
    listing.others.append(name)
    place = PurePath(path)
    if place.suffix.lower() in _OTHER_MARKUP and identify(stem_of(place)) != (None, None):
        listing.foreign.append(path)


def _counted(names: Sequence[str]) -> str:
    """Names in words, those with one suffix counted: `README.md and 12 .rst files`."""

    def suffix(name: str) -> str:
        return PurePath(name).suffix

    parts = []
    for ending, group in groupby(sorted(names, key=lambda name: (suffix(name), name)), suffix):
        alike = sorted(set(listed := list(group)))
        few = len(listed) <= 2
        parts += alike if few else [f"{len(listed)} {ending or 'other'} files"]
    shown = [speakable(part) for part in (*parts[:4], *(["more"] if len(parts) > 4 else []))]
    return " and ".join([*([", ".join(shown[:-1])] if shown[1:] else []), *shown[-1:]])
