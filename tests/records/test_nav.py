"""Each page can be found: it is in the navigation, or it is left out on purpose."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
import yaml

ROOT = Path(__file__).parents[2]
# Pages that the site makes, and names that are the same in every language.
MADE = {"adr/index.md"}
NAMES = ("sage-platform", "sage.", "sage-dev")
# Pages below `reference/` are in English only; so their titles are, too.
ENGLISH = {"Records", "Versions", "Claims", "Site"}


class Loader(yaml.SafeLoader):
    """Reads mkdocs.yml; what comes from the environment is its default, a function its name."""


Loader.add_constructor("!ENV", lambda loader, node: loader.construct_sequence(node)[-1])
Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", lambda loader, name, node: name)


def entries(nav: list[object]) -> Iterator[tuple[str, str]]:
    """Title and page of each entry; the page is empty for a section."""
    for entry in nav:
        assert isinstance(entry, dict)
        for title, below in entry.items():
            if isinstance(below, str):
                yield title, below
            else:
                yield title, ""
                yield from entries(below)


@pytest.fixture(scope="module")
def settings():
    return yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader)


@pytest.fixture(scope="module")
def nav(settings):
    return list(entries(settings["nav"]))


def test_every_page_is_in_the_navigation_or_left_out_on_purpose(settings, nav):
    left_out = [line.strip("/ ") for line in settings["not_in_nav"].splitlines()]
    pages = {
        page.relative_to(ROOT / "docs_src").as_posix() for page in ROOT.glob("docs_src/**/*.md")
    }
    shown = {page for _, page in nav if page}

    assert len(shown) >= 30
    assert not {
        page
        for page in pages - shown
        if not any(PurePosixPath(page).is_relative_to(folder) for folder in left_out)
    }
    assert shown - pages == MADE


def test_every_folder_that_is_left_out_has_pages(settings):
    for line in settings["not_in_nav"].splitlines():
        folder = line.strip("/ ")
        assert folder == "adr" or list(ROOT.glob(f"docs_src/{folder}/**/*.md")), folder


def test_no_page_is_in_the_navigation_twice(nav):
    shown = [page for _, page in nav if page]

    assert len(shown) == len(set(shown))


@pytest.fixture(scope="module")
def site(settings):
    (options,) = (one["decisions"] for one in settings["plugins"] if "decisions" in one)
    return options


def test_what_the_layers_file_says_has_chinese_words(site):
    layers = yaml.safe_load((ROOT / "layer.yaml").read_text("utf-8"))
    summaries = {package["summary"] for package in layers["packages"].values()}
    groups = {line["group"] for line in layers["checklist"]}
    lines = {line["text"] for line in layers["checklist"] if "original" not in line}
    beside = {
        line[key] for line in layers["checklist"] for key in ("instead", "note") if key in line
    }

    assert set(site["layer_words"]["zh"]) == summaries | groups | lines | beside


def test_every_title_in_the_navigation_has_chinese_words(site, nav):
    titles = {title for title, _ in nav if not title.startswith(NAMES)}

    assert set(site["nav_words"]["zh"]) == titles - ENGLISH
