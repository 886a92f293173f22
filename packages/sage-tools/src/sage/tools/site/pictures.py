"""The log's history: when records were decided, and which one replaced which, as a picture.

Colours are custom properties of the site's stylesheet. Every record in a picture is a link, and
what a picture shows stands in its description as text.
"""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Final

from sage.tools.site.views import RecordView

__all__ = ["LIMIT", "relations", "timeline"]

LIMIT: Final = 120  # records in one picture; the lists hold them all
MARGIN: Final = 24
ROW: Final = 30
BOX: Final = 96


def timeline(views: Sequence[RecordView]) -> list[tuple[str, list[tuple[str, list[RecordView]]]]]:
    """The dated records by year and day, the latest first, at most `LIMIT` of them."""
    dated = sorted((view for view in views if view.date), key=lambda view: (view.date, view.id))
    latest = dated[-LIMIT:]
    days = [(day, list(decided)) for day, decided in groupby(latest, key=lambda view: view.date)]
    return [(year, list(those)) for year, those in groupby(days[::-1], key=lambda day: day[0][:4])]


def relations(views: Mapping[str, RecordView], *, title: str) -> str:
    """Which record replaced which, from left to right; empty where none replaced another."""
    edges = [
        (old, view.id) for view in views.values() for old in view.record.supersedes if old in views
    ][:LIMIT]
    if not edges:
        return ""
    places = _place(edges)
    parts = []
    for old, new in edges:
        parts.append(_arrow(places[old], places[new]))
    parts += [_node(views[id], *place) for id, place in places.items()]
    height = max(y for _, y in places.values()) + ROW
    width = max(x for x, _ in places.values()) + BOX + MARGIN
    words = "; ".join(f"{new} replaced {old}" for old, new in edges)
    return _svg("sd-graph", height + 6, title, words, parts, width)


def _place(edges: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Columns by how many records came before; rows in the order of the edges."""
    column: dict[str, int] = {}
    for _ in range(min(len(edges), 40) + 1):  # as many rounds as the longest chain; cycles end
        changed = False
        for old, new in edges:
            wanted = min(column.setdefault(old, 0) + 1, 40)
            if column.get(new, 0) < wanted:
                column[new] = wanted
                changed = True
        if not changed:
            break
    used: dict[int, int] = {}
    places = {}
    for id in sorted(column, key=lambda id: (column[id], id)):
        row = used.get(column[id], 0)
        used[column[id]] = row + 1
        places[id] = (float(MARGIN + column[id] * (BOX + 60)), float(8 + row * (ROW + 6)))
    return places


def _node(view: RecordView, x: float, y: float) -> str:
    label = escape(f"{view.id} {view.title} ({view.word})")
    kind = f"sd-node sd-node--{view.status}"
    return (
        f'<a href="{escape(view.href)}" aria-label="{label}" class="{kind}">'
        f"<title>{label}</title>"
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX}" height="22" rx="5"/>'
        f'<text x="{x + BOX / 2:.0f}" y="{y + 15:.0f}" text-anchor="middle">'
        f"{escape(_short(view.id))}</text></a>"
    )


def _arrow(old: tuple[float, float], new: tuple[float, float]) -> str:
    x1, y1, x2, y2 = old[0] + BOX, old[1] + 11, new[0] - 7, new[1] + 11
    if x2 <= x1:  # a cycle, or a record that replaced itself: no way to the right
        return ""
    bend = (x1 + x2) / 2
    return (
        f'<path class="sd-edge" d="M{x1:.0f} {y1:.0f}C{bend:.0f} {y1:.0f} {bend:.0f} {y2:.0f} '
        f'{x2:.0f} {y2:.0f}"/><path class="sd-tip" d="M{x2:.0f} {y2 - 5:.0f}v10l8-5z"/>'
    )


def _svg(
    name: str,
    height: float,
    title: str,
    words: str,
    parts: Sequence[str],
    width: float,
) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sd-picture-svg {name}" role="group" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(words)}</desc>{"".join(parts)}</svg>'
    )


def _short(id: str) -> str:
    return id if len(id) <= 12 else id[:11] + "…"
