"""What opens a record's page: its heading, its status and facts, how to cite it, its banner."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import shorten

from sage.tools.site.marks import badge, cite, coded
from sage.tools.site.summary import plain_text
from sage.tools.site.views import RecordView
from sage.tools.site.words import words

__all__ = ["Head", "write_head", "write_title"]


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a record's page says besides what the record does.

    Attributes:
        address: The page's address, whole.
        citing: What the Cite button copies: the name of each form, and the text.
        layers: Each of its layers, and the link to its topic.
        tags: Each of its tags, and the link to its topic.
        replaced_by: The records that supersede it.
        source: Where its file can be seen; empty for nowhere.
        modified: The day (ISO) of its last change; empty where that is not known.
    """

    address: str
    citing: Sequence[tuple[str, str]]
    layers: Sequence[tuple[str, str]]
    tags: Sequence[tuple[str, str]]
    replaced_by: Sequence[RecordView]
    source: str
    modified: str


def write_title(view: RecordView, anchor: str, permalink: str) -> str:
    """The heading; `anchor` is its id, and `permalink` the link to it as rendered, or empty."""
    name = f' id="{escape(anchor)}"' if anchor else ""
    number = f'<span class="sd-head__id">{escape(view.id)}</span>'
    return f'<h1 class="sd-title"{name}>{number} {coded(view.heading)}{permalink}</h1>'


def write_head(view: RecordView, head: Head) -> str:
    """What stands between a record's heading and its text."""
    return "\n".join(
        (
            '<div class="sd-head">',
            *_line(_facts(view)),
            *_line(_topics(view, head)),
            '<div class="sd-head__foot">',
            *_citing(view, head),
            *_sources(view, head),
            "</div>",
            "</div>",
            *_banner(view, head),
        )
    )


def _line(parts: Iterable[str]) -> tuple[str, ...]:
    return ('<div class="sd-head__line">', *parts, "</div>")


def _facts(view: RecordView) -> Iterator[str]:
    w, record = words(view.language), view.record
    yield badge(view)
    if view.date:
        yield _day(view.date)
    if record.deciders:
        yield f"<span>{w['by']} {escape(', '.join(record.deciders))}</span>"
    if record.review_by:
        yield f"<span>{w['review_by']} {_day(record.review_by.isoformat())}</span>"


def _topics(view: RecordView, head: Head) -> Iterator[str]:
    w = words(view.language)
    for name, topics, kind in (
        ("layers", head.layers, " sd-chip--layer"),
        ("tags", head.tags, ""),
    ):
        if topics:
            yield f'<ul class="sd-plain sd-chips" aria-label="{w[name]}">'
            for value, link in topics:
                text = f'<a href="{escape(link)}">{escape(value)}</a>'
                yield f'<li class="sd-chip{kind}">{text}</li>'
            yield "</ul>"


def _citing(view: RecordView, head: Head) -> Iterator[str]:
    w = words(view.language)
    yield f'<details class="sd-citing" data-address="{escape(head.address)}">'
    yield f'<summary>{w["cite"]}</summary>\n<ul class="sd-plain">'
    for name, text in head.citing:
        told, label = escape(text), w[name]
        yield (
            f"<li><span>{label}</span> <code>{told}</code> "
            f'<button type="button" class="sd-button" data-copy="{told}" '
            f'aria-label="{w["copy_this"]}: {label}" hidden>{w["copy_this"]}</button></li>'
        )
    yield "</ul>\n</details>"


def _sources(view: RecordView, head: Head) -> Iterator[str]:
    w = words(view.language)
    yield (
        '<p class="sd-head__line sd-head__source">'
        f'<a class="sd-head__evidence" href="#evidence">{w["evidence"]}</a>'
    )
    if head.source:
        yield _source(view, head)
    if head.modified:
        yield f"<span>{w['modified']} {_day(head.modified)}</span>"
    yield "</p>"


def _banner(view: RecordView, head: Head) -> Iterator[str]:
    w, text = words(view.language), escape(view.guidance)
    kind: str = view.status
    if head.replaced_by:
        kind = "superseded"
        ways = ", ".join(f"{cite(next)} {escape(next.title)}" for next in head.replaced_by)
        text = f"{w['superseded_lead']} {ways}."
    elif kind == "superseded":
        text = w["superseded_unknown"]
    elif kind in ("proposed", "draft"):
        asks = w["asks_review"] if kind == "proposed" else text
        text = f"{asks} {_source(view, head)}" if head.source else asks
    elif kind == "accepted":
        return
    elif kind == "unknown" and view.record.status_text:
        said = shorten(plain_text(view.record.status_text), 60, placeholder="…")
        text = f"“{escape(said)}”{w['colon']}{text}"
    yield f'<div class="sd-banner sd-banner--{kind}" role="note"><p>{text}</p></div>'


def _source(view: RecordView, head: Head) -> str:
    return f'<a href="{escape(head.source)}">{words(view.language)["source"]}</a>'


def _day(day: str) -> str:
    return f'<time datetime="{escape(day)}">{escape(day)}</time>'
