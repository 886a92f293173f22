"""The anchors of a Markdown page: what a link may name after its `#`."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

from sage.tools.adr.source import Source

__all__ = ["anchors_of", "leads_to"]

_ATTRIBUTES = re.compile(r"\{:?[^{}]*?#([\w:.-]+)[^{}]*\}")
_HTML_ID = re.compile(r"<[A-Za-z][^<>]*?\b(?:id|name)\s*=\s*[\"']?([^\"'\s<>]+)", re.I)
_HTML_HEADING = re.compile(r"<h[1-6][^<>]*>(.*?)</h[1-6]>", re.I)
_LINK = re.compile(r"!?\[([^\]\[]*)\](?:\([^()]*\)|\[[^\]\[]*\])")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# Marks of emphasis and code, but no underscore inside a word.
_MARKS = re.compile(r"(?<![\w\\])[*_]{1,3}|(?<!\\)[*_]{1,3}(?!\w)|(?<!\\)[*~]")
_NO_MARKS = re.compile(r"(?!)")
_CODE = re.compile(r"`+\s*(.+?)\s*`+")
_ESCAPED = re.compile(r"\\([^\w\s])")
# What a page takes in when it is built, and headings with it: mkdocstrings, snippets, Jekyll.
_TAKES_IN = re.compile(r"\s*(?:::: |-{1,2}8<-{1,2}|\{[%{!])")
_EMOJI = re.compile(r":[a-z0-9_+-]+:")
# Anchors that no heading makes: footnotes, lines of a source file, words of the page, its top.
_BUILT_IN = re.compile(r"(?:fn|fnref)[:\d-].*|user-content-fn.*|L\d+(?:-L?\d+)?|:~:.*|top|", re.I)


def leads_to(fragment: str, anchors: Iterable[str]) -> bool:
    """Whether a link's fragment is one of a page's anchors, or one that every page has.

    Case does not count, because GitHub's does not.
    """
    wanted = unquote(fragment).casefold().removeprefix("user-content-")
    return _BUILT_IN.fullmatch(wanted) is not None or wanted in anchors


def anchors_of(source: Source) -> frozenset[str] | None:
    """Every anchor of a page, in lower case: as GitHub and as Python-Markdown name headings.

    `None` where they cannot be known, because the page takes other text in when it is built.
    An anchor that either would make is taken, because a record is read in both places; so is
    every `{#id}`, `id="…"` and `<a name="…">`.
    """
    if any(map(_TAKES_IN.match, source.plain)):
        return None
    found: set[str] = set()
    taken: Counter[tuple[str, str]] = Counter()
    for title in _titles(source):
        # Whether a mark is emphasis or a letter takes a whole parser to say, so both will do.
        slugs = {
            each
            for plain in {_plain(title, _MARKS), _plain(title, _NO_MARKS)}
            for each in (("-", _github(plain)), *(("_", s) for s in _python_markdown(plain)))
        }
        for joint, slug in slugs:
            # The second heading so named is `name-1` or `name_1`; one without a letter is `_1`.
            number = taken[joint, slug] + (not slug)
            taken[joint, slug] += 1
            name = f"{slug}{joint}{number}" if number else slug
            found |= {name, name.strip("-")}
    for line in source.plain:
        if "#" in line:
            found.update(_ATTRIBUTES.findall(line))
        if "<" in line:
            found.update(map(unescape, _HTML_ID.findall(line)))
    return frozenset(each.casefold() for each in found)


def _titles(source: Source) -> Iterator[str]:
    yield from (heading.title for heading in source.headings)
    front = source.front.get("title")
    if isinstance(front, str):
        yield front
    for line in source.plain:
        if "</h" in line or "</H" in line:
            yield from _HTML_HEADING.findall(line)


def _plain(title: str, marks: re.Pattern[str]) -> str:
    """The words of a heading as its reader sees them, without `marks`."""
    title = _ATTRIBUTES.sub("", _LINK.sub(r"\1", title))
    # Inside of code, marks are what they are.
    parts = _CODE.split(title)
    parts[::2] = (_ESCAPED.sub(r"\1", marks.sub("", _TAG.sub("", part))) for part in parts[::2])
    return unescape("".join(parts)).strip()


def _github(title: str) -> str:
    """As GitHub does: lower case, marks dropped, each space a hyphen; Chinese stays."""
    title = _EMOJI.sub("", title).strip().casefold()
    return re.sub(r"[^\w -]", "", title).replace(" ", "-")


def _python_markdown(title: str) -> Iterator[str]:
    """As Python-Markdown's `toc` does: only ASCII; or, where it is set so, every letter."""
    for form in ("NFKD", "NFKC"):
        text = unicodedata.normalize(form, title)
        if form == "NFKD":
            text = text.encode("ascii", "ignore").decode("ascii")
        text = re.sub(r"[^\w\s-]", "", text).strip().lower()
        yield re.sub(r"[-\s]+", "-", text)
