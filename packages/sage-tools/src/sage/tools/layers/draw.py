"""The layers as a picture: packages by layer, bottom to top, and the imports that break the order.

The colours are `currentColor` and custom properties (`--layers-accent`, `--layers-alarm`,
`--layers-paper`), so that a page themes the picture; without a page it is dark on light.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from sage.tools.layers.check import LayerReport
from sage.tools.layers.spec import Package

__all__ = ["draw_svg"]

WIDTH = 760
NARROW = 600
GAP = 14
BOX_HEIGHT = 40
PADDING = 16
SHORT = 42.0  # how wide a layer's name may be to be written large
LETTER = 8.4  # how wide one is in the widest font in use, at the size that _STYLE names
SIGN = 15.0  # how wide a Chinese one is
NO_LAYER = "no layer"

_STYLE = """
.layers-picture { color: inherit; font-family: inherit, system-ui, sans-serif; max-width: 100% }
.layers-picture text { fill: currentColor; font-size: 15px }
.layers-picture .lp-band { fill: currentColor; fill-opacity: .05 }
.layers-picture .lp-layer { font-size: 17px; font-weight: 700 }
.layers-picture .lp-mark .lp-band { fill: var(--layers-accent, #5571d6); fill-opacity: .13;
  stroke: var(--layers-accent, #5571d6); stroke-width: 2 }
.layers-picture .lp-box { fill: var(--layers-paper, var(--md-default-bg-color, Canvas));
  stroke: currentColor; stroke-width: 1.5 }
.layers-picture .lp-absent .lp-box { stroke-dasharray: 5 4; stroke-opacity: .75 }
.layers-picture .lp-absent text, .layers-picture .lp-note { fill-opacity: .8 }
.layers-picture .lp-edge { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 1.5 }
.layers-picture .lp-head { fill: currentColor; fill-opacity: .5 }
.layers-picture .lp-bad .lp-box { stroke: var(--layers-alarm, #e03c3c); stroke-width: 2.5 }
.layers-picture .lp-edge.lp-alarm { stroke: var(--layers-alarm, #e03c3c); stroke-opacity: 1;
  stroke-width: 3 }
.layers-picture .lp-head.lp-alarm { fill: var(--layers-alarm, #e03c3c); fill-opacity: 1 }
.layers-picture a { cursor: pointer; text-decoration: none }
.layers-picture a:hover .lp-box, .layers-picture a:focus-visible .lp-box {
  stroke: var(--layers-accent, #5571d6); stroke-width: 3 }
.layers-picture a:focus-visible { outline: none }
.layers-picture a:hover .lp-layer, .layers-picture a:focus-visible .lp-layer {
  text-decoration: underline }
"""


_Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class _Box:
    name: str
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class _Arrow:
    source: str
    target: str
    bad: bool
    count: int


def draw_svg(
    report: LayerReport,
    *,
    hrefs: Mapping[str, str] | None = None,
    mark: str = "L2",
    ident: str = "layers-picture",
    title: str = "The layers and their packages",
    width: int = WIDTH,
    words: Mapping[str, str] | None = None,
) -> str:
    """The packages by layer, the lowest layer at the bottom, as one accessible `<svg>` element.

    Packages that live elsewhere are dashed; imports that break the order are red.

    Args:
        report: What `check_layers` found.
        hrefs: Layer or package name → address; those become links.
        mark: The layer to set off, if it is one of the layers.
        ident: Beginning of the ids in the picture; give each picture on a page its own.
        title: The picture's name for screen readers.
        width: Room for the picture, in pixels of its text; 390 suits a phone.
        words: What the picture says, summaries included, by its English, for a page in another
            language; what is missing there stays English.
    """
    links = hrefs or {}
    say = _speaker(words or {})
    bands = _bands(report)
    arrows = _arrows(report)
    label = _label(bands, width)
    boxes, tops, height = _place(bands, width, label)
    bad = {name for arrow in arrows if arrow.bad for name in (arrow.source, arrow.target)}
    parts = [
        _band(name, width, label, *tops[name], links.get(name), say, marked=name == mark)
        for name, _ in bands
    ]
    parts += [_arrow(arrow, boxes, say) for arrow in arrows if arrow.source in boxes]
    for _, packages in bands:
        for package in packages:
            box = boxes[package.name]
            parts.append(_box(box, package, links.get(package.name), say, bad=package.name in bad))
        if len(packages) == 1:
            parts.append(_aside(boxes[packages[0].name], say(packages[0].summary), width))
    legend = _legend(arrows, width, say)
    parts += [_note(_margin(width), height + 18 + 18 * i, text) for i, text in enumerate(legend)]
    # Links inside role="img" are hidden from assistive technology, so a linked picture is a group.
    role = "group" if links else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="layers-picture" role="{role}" '
        f'viewBox="0 0 {width} {height + 16 + 18 * len(legend):.0f}" width="{width}" '
        f'aria-labelledby="{ident}-title {ident}-desc">'
        f'<title id="{ident}-title">{escape(say(title))}</title>'
        f'<desc id="{ident}-desc">{escape(_description(bands, arrows, mark, say))}</desc>'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _speaker(words: Mapping[str, str]) -> _Say:
    def say(english: str, **values: object) -> str:
        text = words.get(english, english)
        return text.format(**values) if values else text

    return say


def _bands(report: LayerReport) -> list[tuple[str, list[Package]]]:
    """Layers from top to bottom with their packages; what has no layer comes first."""
    spec = report.spec
    known = {package.name for package in spec.packages}
    stray = [Package(name, NO_LAYER) for name in report.packages if name not in known]
    bands = [(layer, list(spec.on(layer))) for layer in reversed(spec.layers)]
    if not spec.given:
        return [("packages", stray)]
    return [(NO_LAYER, stray), *bands] if stray else bands


def _arrows(report: LayerReport) -> list[_Arrow]:
    """One arrow for each pair of packages; all that break a rule, the others while they are few."""
    broken = {
        (finding.path, finding.line)
        for finding in report.findings
        if finding.code in ("upward-import", "same-layer-import", "forbidden-import")
    }
    pairs: dict[tuple[str, str], list[bool]] = {}
    for edge in report.graph.crossing:
        pairs.setdefault((edge.source, edge.target), []).append((edge.path, edge.line) in broken)
    found = [
        _Arrow(source, target, any(bad), sum(bad) or len(bad))
        for (source, target), bad in sorted(pairs.items())
    ]
    return found if len(found) <= 20 else [arrow for arrow in found if arrow.bad]


def _label(bands: Iterable[tuple[str, object]], width: int) -> float:
    """How much of the picture's left side names the layers; at most a third of it."""
    least = 84 if width >= NARROW else 48
    longest = max(_length(name) for name, _ in bands)
    return max(least, min(_margin(width) + longest + GAP, width / 3))


def _margin(width: int) -> int:
    return 18 if width >= NARROW else 10


def _place(
    bands: list[tuple[str, list[Package]]], whole: int, label: float
) -> tuple[dict[str, _Box], dict[str, tuple[float, float]], float]:
    longest = max((len(one.name) for _, packages in bands for one in packages), default=8)
    room = whole - label - PADDING
    width = min(max(128.0, 8.2 * longest + 26), room)
    columns = max(1, int((room + GAP) // (width + GAP)))
    boxes: dict[str, _Box] = {}
    tops: dict[str, tuple[float, float]] = {}
    y = 2.0
    for name, packages in bands:
        rows = max(1, -(-len(packages) // columns))
        height = rows * (BOX_HEIGHT + GAP) - GAP + 2 * PADDING
        tops[name] = (y, height)
        for index, package in enumerate(packages):
            row, column = divmod(index, columns)
            left = label + column * (width + GAP)
            top = y + PADDING + row * (BOX_HEIGHT + GAP)
            boxes[package.name] = _Box(package.name, left, top, width)
        y += height + 10
    return boxes, tops, y


def _band(
    name: str,
    width: int,
    room: float,
    y: float,
    height: float,
    href: str | None,
    say: _Say,
    *,
    marked: bool,
) -> str:
    size = "lp-layer" if _length(name) <= SHORT else "lp-note"
    place = f'x="{_margin(width)}" y="{y + height / 2 + 6:.0f}"'
    label = f'<text class="{size}" {place}>{escape(_cut(name, room - _margin(width)))}</text>'
    area = f'width="{width - 4}" height="{height:.0f}"'
    band = f'<rect class="lp-band" x="2" y="{y:.0f}" {area} rx="10"/>'
    kind = "lp-row lp-mark" if marked else "lp-row"
    return f'<g class="{kind}">{band}{_linked(label, href, say("layer {name}", name=name))}</g>'


def _box(box: _Box, package: Package, href: str | None, say: _Say, *, bad: bool) -> str:
    kinds = ["lp-package", "lp-here" if package.present else "lp-absent", "lp-bad" if bad else ""]
    where = "" if package.present else f" ({say('lives in another repository')})"
    summary = say(package.summary) or say("layer {name}", name=package.layer)
    tip = f"{package.name}: {summary}{where}"
    shape = (
        f'<g class="{" ".join(kind for kind in kinds if kind)}"><title>{escape(tip)}</title>'
        f'<rect class="lp-box" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" '
        f'height="{BOX_HEIGHT}" rx="7"/>'
        f'<text x="{box.middle:.0f}" y="{box.y + 25:.0f}" text-anchor="middle">'
        f"{escape(box.name)}</text></g>"
    )
    return _linked(shape, href, tip)


def _aside(box: _Box, summary: str, width: int) -> str:
    """What a lonely package holds, in the room beside it: two lines at most, or nothing."""
    left = box.x + box.width + GAP
    room = width - left - PADDING / 2
    lines = _lines(summary.split(), " ", room)
    if len(lines) > 2 or any(_length(line) > room for line in lines):
        return ""
    top = box.y + 25 - 9 * (len(lines) - 1)
    return "".join(_note(left, top + 18 * i, line) for i, line in enumerate(lines))


def _note(x: float, y: float, text: str) -> str:
    return f'<text class="lp-note" x="{x:.0f}" y="{y:.0f}" aria-hidden="true">{escape(text)}</text>'


def _linked(shape: str, href: str | None, name: str) -> str:
    if not href:
        return shape
    return f'<a href="{escape(href)}" aria-label="{escape(name)}">{shape}</a>'


def _arrow(arrow: _Arrow, boxes: Mapping[str, _Box], say: _Say) -> str:
    source, target = boxes[arrow.source], boxes.get(arrow.target)
    if target is None:
        return ""
    down = target.y > source.y
    shift = 22 if arrow.bad else 0  # beside the lawful import of the same two packages
    x1, x2 = source.middle + shift, target.middle + shift
    if source.y == target.y:
        y1 = y2 = source.y
        bend = y1 - 34
        path = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {bend:.0f} {x2:.0f} {bend:.0f} {x2:.0f} {y2 - 8:.0f}"
        tip = f"M{x2 - 6:.0f} {y2 - 10:.0f}h12l-6 10z"
    else:
        y1 = source.y + (BOX_HEIGHT if down else 0)
        y2 = target.y + (0 if down else BOX_HEIGHT)
        step = -9 if down else 9
        bend = (y1 + y2) / 2
        side1, side2 = x1, x2
        if x1 == x2 and abs(y2 - y1) > 2 * BOX_HEIGHT:  # past the boxes between the two
            x1, x2 = source.x + 16, target.x + 16
            side1 = side2 = source.x - 26 if source.x > 60 else source.x - 8
        path = (
            f"M{x1:.0f} {y1:.0f}C{side1:.0f} {bend:.0f} {side2:.0f} {bend:.0f} "
            f"{x2:.0f} {y2 + step:.0f}"
        )
        tip = f"M{x2 - 6:.0f} {y2 + step:.0f}h12l-6 {-step}z"
    kind = " lp-alarm" if arrow.bad else ""
    what = say(
        "{source} imports {target}, {count} times",
        source=arrow.source,
        target=arrow.target,
        count=arrow.count,
    )
    return (
        f"<g><title>{escape(what)}</title>"
        f'<path class="lp-edge{kind}" d="{path}"/><path class="lp-head{kind}" d="{tip}"/></g>'
    )


def _legend(arrows: Iterable[_Arrow], width: int, say: _Say) -> list[str]:
    """What the strokes mean, in as many lines as the width asks for."""
    words = [say("solid: in this repository"), say("dashed: documented, lives in another one")]
    drawn = list(arrows)
    if drawn:
        words.append(say("arrow: imports"))
    if any(arrow.bad for arrow in drawn):
        words.append(say("red: breaks the order"))
    return _lines(words, " · ", width - 2 * _margin(width))


def _lines(words: Iterable[str], between: str, room: float) -> list[str]:
    """The words in as few lines as hold them; one that is too long has a line of its own."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}{between}{word}" if lines else ""
        if longer and _length(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _length(text: str) -> float:
    """How wide a text is at most."""
    return sum(SIGN if east_asian_width(letter) in "WF" else LETTER for letter in text)


def _cut(text: str, room: float) -> str:
    if _length(text) <= room:
        return text
    return next(
        f"{text[:end]}…" for end in range(len(text), -1, -1) if _length(text[:end]) + LETTER <= room
    )


def _description(
    bands: Iterable[tuple[str, list[Package]]], arrows: Iterable[_Arrow], mark: str, say: _Say
) -> str:
    rows = []
    for name, packages in reversed(list(bands)):
        names = [
            one.name if one.present else f"{one.name} ({say('elsewhere')})" for one in packages
        ]
        marked = f" ({say('marked')})" if name == mark else ""
        rows.append(f"{name}{marked}: {', '.join(names) or say('no package')}.")
    bad = "; ".join(f"{arrow.source} → {arrow.target}" for arrow in arrows if arrow.bad)
    order = say("Against the order: {bad}.", bad=bad) if bad else say("No import breaks the order.")
    return f"{say('From bottom to top.')} {' '.join(rows)} {order}"
