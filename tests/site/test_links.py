"""Every link of the built site leads somewhere, and every file beside the pages validates."""

import gzip
import json
import re
import xml.etree.ElementTree as etree
from collections import Counter, defaultdict
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import jsonschema
import pytest

ATOM = "{http://www.w3.org/2005/Atom}"


class Anchors(HTMLParser):
    """The ids and the links of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.ids.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Anchors]:
    """Every page by its address below the site's root."""
    found = {}
    for file in sorted(site.rglob("*.html")):
        address = file.relative_to(site).as_posix().removesuffix("index.html")
        found[address] = Anchors()
        found[address].feed(file.read_text("utf-8"))
    return found


def test_every_link_and_anchor_leads_somewhere(site: Path, pages: dict[str, Anchors]) -> None:
    assert len(pages) > 40
    broken: dict[str, list[str]] = defaultdict(list)
    looked = 0
    for address, page in pages.items():
        if address == "404.html":
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("javascript:"):
                continue
            looked += 1
            target = unquote(urlsplit(urljoin(f"http://x/{address}", link)).path).lstrip("/")
            anchor = unquote(parts.fragment)
            if target in pages:
                if anchor and anchor not in pages[target].ids and not anchor.startswith("__"):
                    broken[address].append(link)
            elif not (site / target).is_file():
                broken[address].append(link)
    assert dict(broken) == {}
    assert looked > 2000


def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    wanted = re.compile(
        rb'<(?:script|img|iframe|source)[^>]+src="https?:|<link[^>]+rel="(?:style'
        rb'sheet|preconnect|icon)"[^>]+href="https?:|@import|url\(["\']?https?:'
    )
    asking = [
        file.relative_to(site).as_posix()
        for file in sorted(site.rglob("*"))
        if file.suffix in (".html", ".css") and wanted.search(file.read_bytes())
    ]
    assert asking == []


def test_every_page_with_all_that_it_asks_for_is_light(site: Path) -> None:
    asked = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script src|img src)="([^":]+)"')

    @cache
    def weight(file: Path) -> int:
        return len(gzip.compress(file.read_bytes(), 6))

    heavy = {}
    for file in sorted(site.rglob("index.html")):
        parts = {file, *(file.parent / name for name in asked.findall(file.read_text("utf-8")))}
        assert len(parts) >= 7 or "http-equiv" in file.read_text("utf-8")
        total = sum(weight(part.resolve()) for part in parts) / 1024
        if total > 85:
            heavy[file.parent.relative_to(site).as_posix()] = round(total)
    assert heavy == {}


def test_every_page_has_a_description_and_a_title_of_its_own(site: Path) -> None:
    bare, titles = [], Counter[str]()
    for file in sorted(site.rglob("index.html")):
        text = file.read_text("utf-8")
        if 'http-equiv="refresh"' in text:
            continue
        if not re.search(r'<meta name="description" content="[^"]{10,}">', text):
            bare.append(file.relative_to(site).as_posix())
        titles += Counter(re.findall(r"<title>([^<]+)</title>", text.partition("<body")[0]))
    assert bare == []
    assert titles.total() > 150
    assert [title for title, pages in titles.items() if pages > 1] == []


def test_headings_of_a_page_begin_with_one_of_level_1_and_skip_none(site: Path) -> None:
    wrong = {}
    for file in sorted(site.rglob("index.html")):
        text = file.read_text("utf-8")
        if 'http-equiv="refresh"' in text:
            continue
        main = text[text.index("<body") : text.index("</main>")]
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", main)]
        steps = [b for a, b in pairwise([0, *levels]) if b > a + 1]
        if steps or levels.count(1) != 1:
            wrong[file.parent.relative_to(site).as_posix()] = levels
    assert wrong == {}


def test_pages_stay_small_since_records_are_not_in_the_navigation(site: Path) -> None:
    text = (site / "adr/0002/index.html").read_text("utf-8")
    navigation = text[text.index('data-md-type="navigation"') : text.index('data-md-type="toc"')]
    assert "Keep two base layers" not in navigation
    assert "adr/0001" not in navigation


def test_index_json_obeys_its_schema_and_lists_every_record(site: Path, root: Path) -> None:
    table = json.loads((site / "adr/index.json").read_text("utf-8"))
    jsonschema.validate(table, json.loads((site / "adr/index.schema.json").read_text("utf-8")))
    assert len(table["records"]) == len(list((root / "adr").glob("[0-9]*.md")))


@pytest.mark.parametrize("name", ["adr/feed.xml", "adr/proposed.xml"])
def test_feed_is_well_formed_atom(site: Path, name: str) -> None:
    feed = etree.parse(site / name).getroot()
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.findall(f"{ATOM}entry")):
        for child in ("id", "title", "updated"):
            assert parent.findtext(f"{ATOM}{child}")
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_pictures_are_well_formed(site: Path) -> None:
    for address in ("index.html", "adr/history/index.html"):
        text = (site / address).read_text("utf-8")
        pictures = re.findall(r"<svg[^>]*role=.*?</svg>", text, re.DOTALL)
        assert pictures
        for picture in pictures:
            root = etree.fromstring(picture)
            assert root.find("{http://www.w3.org/2000/svg}title") is not None
            assert root.find("{http://www.w3.org/2000/svg}desc") is not None
