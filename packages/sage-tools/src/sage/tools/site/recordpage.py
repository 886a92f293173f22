"""A record's page as the generator knows it: its facts, and what stands around its text.

Head and evidence wait until the search has read the page: they are no text of it.
"""

import re
from html import escape
from typing import Final

from mkdocs.structure.pages import Page

from sage.tools.adr import Record
from sage.tools.site.pages import Pages, Place
from sage.tools.site.tally import Tally
from sage.tools.site.views import RecordView

__all__ = ["describe_page", "give_title", "surround"]

_MARK: Final = "<!-- decisions: text -->"


def describe_page(page: Page, record: Record, view: RecordView) -> None:
    """Tell the theme and the search what a record's page is."""
    status = "" if record.status == "accepted" else f" ({view.word})"
    page.meta.setdefault("description", view.sentence or view.title)
    # The theme writes titles as they are: a record's may hold anything.
    page.meta["title"] = escape(f"{record.id}{status} {view.title}")
    page.meta["record"] = record.id
    if record.number is not None:
        # What people type: `ADR-0002`, `adr 2`, `0002`. Tags weigh most in the search.
        # `2` also finds 20 and 200: the shorter the number, the more often it is said.
        number = str(record.number)
        page.meta["tags"] = ["ADR", f"{record.number:04d}", *[number] * max(1, 5 - len(number))]
        if len(number) == 1:
            found = page.meta.setdefault("search", {})
            found["boost"] = 2 * found.get("boost", 1)
    page.meta.setdefault("hide", []).append("navigation")


def give_title(html: str, record: Record, pages: Pages, place: Place) -> str:
    """The page's text, rendered as `html`, below the heading of a record."""
    anchor, permalink, body = _split_heading(html)
    return pages.title(record, place, anchor, permalink) + _MARK + body


def surround(html: str, record: Record, pages: Pages, place: Place, tally: Tally) -> str:
    """What `give_title` made, with the record's head and its evidence."""
    title, _, body = html.partition(_MARK)
    text = f'<div class="sd-record__text">{body}</div>'
    end = '<span class="sd-end"></span>'  # the stylesheet waits for it
    around = f'<div class="sd-record">{pages.panel(record, place, tally)}{text}{end}</div>'
    return title + pages.head(record, place) + around


def _split_heading(html: str) -> tuple[str, str, str]:
    """The id and the permalink of a page's first heading, and what follows it."""
    match = re.match(r"\s*<h1(?P<attributes>[^>]*)>(?P<words>.*?)</h1>", html, re.DOTALL)
    if match is None:
        return "", "", html
    name = re.search(r'id="([\w-]*)"', match["attributes"])
    link = re.search(r'<a class="headerlink"[^>]*>[^<]*</a>', match["words"])
    return name[1] if name else "", link[0] if link else "", html[match.end() :]
