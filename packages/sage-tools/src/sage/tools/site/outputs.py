"""Files beside the pages: the log as JSON and feeds, text for machines, redirects.

Every writer returns the file's text; nothing here touches a disk.
"""

import json
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable, Iterable
from datetime import date
from html import escape
from typing import Final

from sage.tools.adr.record import Record
from sage.tools.site.addresses import relative
from sage.tools.site.views import RecordView
from sage.tools.site.words import STATUSES

__all__ = ["SCHEMA", "atom", "index_json", "llms_text", "printable", "redirect", "schema_json"]

SCHEMA: Final = 1
_UNPRINTABLE: Final = re.compile("[^\t\n\x20-\x7e\x85-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ATOM: Final = "http://www.w3.org/2005/Atom"


def index_json(views: Iterable[RecordView], *, schema: str) -> str:
    """The log for programs and for the site's own filter; `schema` is its schema's address."""
    rows = [
        {
            "id": view.id,
            "number": view.record.number,
            "title": view.title,
            "status": view.status,
            "date": view.date or None,
            "decision": view.sentence,
            "tags": list(view.record.tags),
            "layers": list(view.record.layers),
            "deciders": list(view.record.deciders),
            "supersedes": list(view.record.supersedes),
            "superseded_by": list(view.record.superseded_by),
            "url": view.href,
        }
        for view in views
    ]
    table = {"$schema": schema, "version": SCHEMA, "records": rows}
    return json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n"


def schema_json(address: str) -> str:
    """The JSON Schema of `index_json`, published at `address`."""
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    record = {
        "id": {**text, "description": "Such as ADR-0002; the file's name where it has no number."},
        "number": {"type": ["integer", "null"]},
        "title": text,
        "status": {"enum": list(STATUSES)},
        "date": {"type": ["string", "null"], "format": "date"},
        "decision": {**text, "description": "What was decided, in one sentence; may be empty."},
        "tags": texts,
        "layers": texts,
        "deciders": texts,
        "supersedes": {**texts, "description": "Ids of the records that this one replaces."},
        "superseded_by": {**texts, "description": "Ids of the records that replace this one."},
        "url": {**text, "description": "The record's address, relative to this file's."},
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "A decision log",
        "type": "object",
        "required": ["version", "records"],
        "additionalProperties": False,
        "properties": {
            "$schema": text,
            "version": {"const": SCHEMA},
            "records": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": list(record),
                    "additionalProperties": False,
                    "properties": record,
                },
            },
        },
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def atom(
    views: Iterable[RecordView],
    *,
    title: str,
    author: str,
    site: str,
    feed: str,
    changed: Callable[[Record], str],
) -> str:
    """An Atom feed of the records, the latest first.

    Args:
        views: The records, as seen from the site's root.
        title: The feed's title.
        author: Who is named where a record names nobody.
        site: Address of the site, with a slash at its end.
        feed: Address of this feed.
        changed: The day (ISO) a record was last changed; empty where that is not known.
    """
    dated = sorted(
        ((_moment(view.record, changed(view.record)), view) for view in views),
        key=lambda pair: (pair[0], pair[1].id),
        reverse=True,
    )
    etree.register_namespace("", ATOM)
    root = etree.Element(f"{{{ATOM}}}feed")
    _add(root, "title", title)
    _add(root, "id", feed)
    _add(root, "updated", dated[0][0] if dated else "1970-01-01T00:00:00Z")
    _add(_add(root, "author"), "name", author)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed)
    _add(root, "link", rel="alternate", type="text/html", href=site)
    for moment, view in dated:
        entry = _add(root, "entry")
        _add(entry, "title", f"{view.id} ({view.word}) {view.title}")
        _add(entry, "id", site + view.href)
        _add(entry, "updated", moment)
        for decider in view.record.deciders:
            _add(_add(entry, "author"), "name", decider)
        for tag in view.record.tags:
            _add(entry, "category", term=tag)
        _add(entry, "link", rel="alternate", type="text/html", href=site + view.href)
        _add(entry, "summary", view.sentence or view.title)
    etree.indent(root)
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def llms_text(
    views: Iterable[RecordView],
    pages: Iterable[tuple[str, str, str]],
    *,
    title: str,
    description: str,
    site: str,
) -> str:
    """`llms.txt`: what the site holds, as Markdown, with links to Markdown copies.

    `pages` are title, address below the site's root, and description.
    """
    lines = [f"# {title}", "", f"> {description}", "", "## Decisions", ""]
    for view in views:
        what = f"{view.id} ({view.status}) {view.title}"
        lines.append(f"- [{_flat(what)}]({site}{view.href}index.md): {_flat(view.sentence)}")
    lines += ["", "## Pages", ""]
    lines += [
        f"- [{_flat(name)}]({site}{url}): {_flat(description)}" for name, url, description in pages
    ]
    return "\n".join(lines) + "\n"


def redirect(target: str, page: str, *, canonical: str) -> str:
    """A page at address `page` that leads to `target`, both below the site's root."""
    link = escape(relative(target, page))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Moved</title>\n'
        f'<link rel="canonical" href="{escape(canonical)}">\n'
        f'<meta name="robots" content="noindex">\n'
        f'<meta http-equiv="refresh" content="0; url={link}">\n'
        f"<script>location.replace({_script(link)} + location.search + location.hash)</script>\n"
        f'</head><body><p>It lives at <a href="{link}">{link}</a>.</p></body></html>\n'
    )


def printable(text: str) -> str:
    """`text` without the characters that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)


def _script(text: str) -> str:
    return json.dumps(text).replace("<", "\\u003c")


def _add(parent: etree.Element, name: str, text: str = "", **attributes: str) -> etree.Element:
    pairs = {key: printable(value) for key, value in attributes.items()}
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", pairs)
    if text:
        child.text = printable(text)
    return child


def _moment(record: Record, changed: str) -> str:
    day = date.fromisoformat(changed) if changed else record.date or date(1970, 1, 1)
    return f"{day.isoformat()}T00:00:00Z"


def _flat(text: str) -> str:
    return " ".join(text.replace("[", "(").replace("]", ")").split())
