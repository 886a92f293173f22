"""The generated parts of pages, written from facts: no site generator, no files, no network.

Every value passes through the templates' escaping; none is trusted to be harmless.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from markupsafe import Markup

from sage.tools.adr import Record
from sage.tools.site.addresses import relative
from sage.tools.site.checklist import checklist
from sage.tools.site.facts import Facts
from sage.tools.site.head import Head, write_head, write_title
from sage.tools.site.names import Defined
from sage.tools.site.panel import NEAR, Panel, write_panel
from sage.tools.site.pictures import relations, timeline
from sage.tools.site.reference import Use
from sage.tools.site.tally import Tally
from sage.tools.site.templating import load_template
from sage.tools.site.topics import Topic, find_topics
from sage.tools.site.views import RecordView, Shelf
from sage.tools.site.words import STATUSES, picture_words, status_word, words

if TYPE_CHECKING:
    from sage.tools.layers import Package

__all__ = ["SHOWN", "Pages"]

SHOWN: Final = 100  # rows of a list on a page; the rest is a link or a filter away
PHONE: Final = 390  # pixels: the picture's own layout for narrow screens
NATIVE: Final = (".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".pyx", ".so")
OPEN: Final = ("proposed", "draft")
STATES: Final = ("open_for_review", "in_force", "no_longer", "unclear")


@dataclass(frozen=True, slots=True)
class Place:
    """The page that a part is written for: its address, language and edit link."""

    url: str
    language: str = "en"
    source: str | None = None


class Pages:
    """Writes parts of pages; one instance serves one build."""

    def __init__(
        self,
        facts: Facts,
        shelf: Shelf,
        *,
        repository: str,
        site: str = "/",
        layer_page: str = "",
        package_page: str = "",
        layer_words: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """What the writers share.

        Args:
            facts: What the pages are made from.
            shelf: The records, ready to be shown.
            repository: Address below which the files of the repository can be seen.
            site: Address of the site, with a slash at its end.
            layer_page: Address of the page with an anchor for each layer; empty for none.
            package_page: The same for packages.
            layer_words: What layer.yaml says, in other languages: language → English → own words.
        """
        self.facts = facts
        self.shelf = shelf
        self.repository = repository.rstrip("/")
        self.site = site
        self.layer_page = layer_page
        self.package_page = package_page
        self.layer_words = layer_words or {}

    def title(self, record: Record, place: Place, anchor: str, permalink: str) -> str:
        """A record's heading: its number and its title.

        `anchor` is the heading's id, and `permalink` the link to it as rendered; both may be empty.
        """
        return write_title(self._record(record, place), anchor, permalink)

    def head(self, record: Record, place: Place) -> str:
        """What stands between a record's heading and its text."""
        return write_head(
            self._record(record, place),
            Head(
                address=self._address(record, place),
                citing=self._citing(record, place),
                layers=[(name, self._topic("layer", name, place)) for name in record.layers],
                tags=[(name, self._topic("tag", name, place)) for name in record.tags],
                replaced_by=self._replaced_by(record, place),
                source=self.file(record.path),
                modified=self.facts.past.modified.get(record.path, ""),
            ),
        )

    def panel(self, record: Record, place: Place, tally: Tally) -> str:
        """The evidence beside a record's text."""
        return write_panel(
            Panel(
                language=place.language,
                tally=tally,
                rules=self.facts.rules_by_record.get(record.id, ()),
                governs=record.governs,
                governed=self.facts.governed(record),
                cited=self.facts.citations.get(record.id, ()),
                supersedes=self.shelf.show_all(record.supersedes, place.url, place.language),
                replaced_by=self._replaced_by(record, place),
                picture=self._neighbours(record, place),
                file=self.file,
            )
        )

    def index(self, place: Place) -> str:
        """The log by state, with a filter for those who have JavaScript."""
        return self._write(
            "index.html",
            place,
            groups=[
                (name, len(records), [self._record(r, place) for r in records[:SHOWN]])
                for name, records in self._by_state()
            ],
            total=len(self.facts.log.records),
            shown=SHOWN,
            statuses=[
                (status, status_word(status, place.language))
                for status in STATUSES
                if any(record.status == status for record in self.facts.log.records)
            ],
            **self._topics_in(place.language),
        )

    def overview(self, place: Place) -> str:
        """Every layer and every tag, with how many records have it."""
        return self._write("topics.html", place, **self._topics_in(place.language))

    def _topics_in(self, language: str) -> dict[str, list[Topic]]:
        spoken = [topic.spoken(language) for topic in self.topics]
        return {
            "tags": [topic for topic in spoken if topic.kind == "tag"],
            "layers": [topic for topic in spoken if topic.kind == "layer"],
        }

    def all(self, place: Place) -> str:
        """Every record, by number, in a plain table."""
        records = [self._record(record, place) for record in self.facts.log.records]
        return self._write("all.html", place, records=records)

    def history(self, place: Place) -> str:
        """The timeline by year and day, and the relations as a picture and as text."""
        views = {r.id: self._record(r, place) for r in self.facts.records.values()}
        w = words(place.language)
        pairs = [
            (view, self.shelf.show_all(view.record.supersedes, place.url, place.language))
            for view in views.values()
            if view.record.supersedes
        ]
        return self._write(
            "history.html",
            place,
            timeline=timeline(list(views.values())),
            graph=Markup(relations(views, title=w["relations"])),
            pairs=pairs[:SHOWN],
        )

    def topic(self, place: Place, slug: str) -> str:
        """The records of one tag or layer."""
        topic = next(topic for topic in self.topics if topic.slug == slug)
        records = [r for r in self.facts.log.records if topic.holds(r)]
        shown = records[: SHOWN * 5]
        return self._write(
            "topic.html",
            place,
            records=[self._record(r, place) for r in shown],
            more=len(records) - len(shown),
        )

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every layer and every tag that a record names."""
        return find_topics(self.facts.log.records)

    @cached_property
    def _topics(self) -> dict[tuple[str, str], Topic]:
        return {(topic.kind, topic.value): topic for topic in self.topics}

    def _topic(self, kind: str, value: str, place: Place) -> str:
        return relative(self._topics[kind, value].spoken(place.language).address, place.url)

    def glance(self, place: Place, options: Mapping[str, str]) -> str:
        """The decisions as cards, the newest layer decisions first as the log has them."""
        records = [r for r in self.facts.log.records if _chosen(r, options)]
        return self._write(
            "glance.html", place, records=[self._record(r, place) for r in records[:SHOWN]]
        )

    def ruling(self, place: Place, folder: str) -> str:
        """The records that rule what lies in a folder, and where its source is."""
        records = [self._record(record, place) for record in self.facts.ruling(folder)]
        return self._write("ruling.html", place, records=records, folder=folder)

    def name(
        self, place: Place, defined: Defined, records: Iterable[str], uses: Sequence[Use]
    ) -> str:
        """What stands under a public name: its source, the records that rule it, its examples."""
        shown = self.shelf.show_all(records, place.url, place.language)
        return self._write("name.html", place, defined=defined, records=shown, uses=uses)

    def packages(self, place: Place) -> str:
        """The table of packages, from `layer.yaml`."""
        layers = self._layers()
        w = words(place.language)
        native = {p.name: self._native(p, w) for _, packages in layers for p in packages}
        own = self.layer_words.get(place.language, {})
        return self._write("packages.html", place, layers=layers, native=native, own=own)

    def picture(self, place: Place) -> str:
        """The layers as a picture whose parts are links."""
        if self.facts.layers is None:
            return "<div></div>"
        from sage.tools.layers import draw_svg

        links = self._layer_links(place)
        said = {**picture_words(place.language), **self.layer_words.get(place.language, {})}
        draw = partial(draw_svg, self.facts.layers, hrefs=links, words=said)
        wide, narrow = draw(), draw(ident="layers-narrow", width=PHONE)
        return (
            f'<figure class="sd-picture"><div class="sd-wide">{wide}</div>'
            f'<div class="sd-narrow">{narrow}</div></figure>'
        )

    def checklist(self, place: Place) -> str:
        """The source document's checklist, each line with its check and its result."""
        lines = [
            (line, self.shelf.show_all(line.records, place.url, place.language))
            for line in checklist(self.facts)
        ]
        own = self.layer_words.get(place.language, {})
        return self._write("checklist.html", place, lines=lines, own=own)

    def rules(self, place: Place) -> str:
        """Every rule of `layer.yaml`, its record and its result."""
        rows = [
            (rule, self.shelf.show_all(rule.records, place.url, place.language))
            for rule in self.facts.rules
        ]
        return self._write("rules.html", place, rules=rows)

    def stale(self, place: Place, original: str) -> str:
        """What stands above a translation that is older than its original."""
        return self._write("stale.html", place, original=original)

    def file(self, path: str, line: int = 0) -> str:
        """The address of a file of the repository, at a line; empty where there is none."""
        if not self.repository:
            return ""
        # HEAD is the default branch, whatever it is called.
        return f"{self.repository}/blob/HEAD/{path}" + (f"#L{line}" if line else "")

    def _record(self, record: Record, place: Place) -> RecordView:
        return self.shelf.show(record, place.url, place.language)

    def _citing(self, record: Record, place: Place) -> list[tuple[str, str]]:
        view = self._record(record, place)
        address = self._address(record, place)
        decided = f"{view.word} {view.date}" if view.date else view.word
        told = words(place.language)["cited_as"]
        title = view.title.replace("[", "\\[").replace("]", "\\]")
        return [
            ("cite_markdown", f"[{view.id} {title}]({address})"),
            (
                "cite_text",
                told.format(id=view.id, title=view.title, decided=decided, address=address),
            ),
            ("cite_url", address),
        ]

    def _address(self, record: Record, place: Place) -> str:
        return self.site + quote(self.shelf.home(record, place.language))

    def _neighbours(self, record: Record, place: Place) -> Markup:
        """The small picture of what a record replaced and what replaced it; none of many."""
        if not record.supersedes and not record.superseded_by:
            return Markup("")
        ids = (*record.supersedes, record.id, *record.superseded_by)
        if len(ids) > NEAR:
            return Markup("")
        views = {view.id: view for view in self.shelf.show_all(ids, place.url, place.language)}
        return Markup(relations(views, title=words(place.language)["relations"]))

    def _replaced_by(self, record: Record, place: Place) -> tuple[RecordView, ...]:
        return self.shelf.show_all(record.superseded_by, place.url, place.language)

    def _by_state(self) -> list[tuple[str, list[Record]]]:
        groups: dict[str, list[Record]] = {name: [] for name in STATES}
        for record in self.facts.log.records:
            groups[_state(record)].append(record)
        return list(groups.items())

    def _native(self, package: "Package", w: Mapping[str, str]) -> str:
        if not package.present:
            return w["native_unknown"]
        inside = f"packages/{package.name}/"
        found = [f for f in self.facts.files if f.startswith(inside) and f.endswith(NATIVE)]
        return w["native_files"].format(n=len(found)) if found else w["none"]

    def _layer_links(self, place: Place) -> dict[str, str]:
        if self.facts.layers is None:
            return {}
        spec = self.facts.layers.spec
        links: dict[str, str] = {}
        if self.layer_page:
            page = self._spoken(self.layer_page, place.language)
            links |= {layer: f"{page}#{layer.lower()}" for layer in spec.layers}
        if self.package_page:
            page = self._spoken(self.package_page, place.language)
            links |= {p.name: f"{page}#{p.name}" for p in spec.packages}
        return {name: relative(target, place.url) for name, target in links.items()}

    def _spoken(self, page: str, language: str) -> str:
        """The page in the language, where there is one."""
        own = f"{language}/{page}"
        source = f"/{own.rstrip('/')}.md"
        return own if any(file.endswith(source) for file in self.facts.files) else page

    def _layers(self) -> "list[tuple[str, tuple[Package, ...]]]":
        if self.facts.layers is None:
            return []
        spec = self.facts.layers.spec
        return [(layer, spec.on(layer)) for layer in reversed(spec.layers)]

    def _write(self, template: str, place: Place, **values: object) -> str:
        to = _link_from(place.url)
        said = words(place.language)
        return load_template(template).render(**values, place=place, w=said, to=to, file=self.file)


def _link_from(page: str) -> Callable[[str], str]:
    return lambda target: relative(target, page)


def _state(record: Record) -> str:
    if record.status in OPEN:
        return "open_for_review"
    return {"accepted": "in_force", "unknown": "unclear"}.get(record.status, "no_longer")


def _chosen(record: Record, options: Mapping[str, str]) -> bool:
    first, _, last = options.get("numbers", "").partition("-")
    return (
        options.get("tag", "") in ("", *record.tags)
        and options.get("layer", "") in ("", *record.layers)
        and options.get("status", "") in ("", record.status)
        and (not first or _is_between(record.number, first, last or first))
    )


def _is_between(number: int | None, first: str, last: str) -> bool:
    return (
        number is not None
        and first.isdecimal()
        and last.isdecimal()
        and (int(first) <= number <= int(last))
    )
