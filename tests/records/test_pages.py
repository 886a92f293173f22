"""What the pages around the records name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INVENT = {"add-a-package.md", "missing-path.md"}  # they name paths that are not there, on purpose
PAGES = sorted(page for page in ROOT.glob("docs_src/**/*.md") if page.name not in INVENT)
PATH = re.compile(r"`((?:tests|tools|packages|snippets|docs_src|adr)/[\w./-]+)`")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_there_are_pages():
    assert len(PAGES) >= 100


def test_paths_that_pages_name_are_there():
    named = [
        (name_of(page), path) for page in PAGES for path in PATH.findall(page.read_text("utf-8"))
    ]

    assert len(named) >= 50
    assert [place for place in named if not (ROOT / place[1]).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_says_in_one_sentence_what_it_is(page):
    found = re.search(r"^description: \"?(.+?)\"?$", page.read_text("utf-8"), re.M)

    assert found is not None
    assert 10 <= len(found[1]) <= 155


def test_tests_that_records_name_are_there():
    tests = [path for path in ROOT.glob("tests/**/test_*.py") if path.name != "test_pages.py"]
    there = {path.name for path in tests} | {
        name
        for path in tests
        for name in re.findall(r"^\s*(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M)
    }
    named = {
        (record.name, test)
        for record in ROOT.glob("adr/*.md")
        for test in re.findall(
            r"`(?:tests/[\w/]+/)?(test_\w+(?:\.py)?)`", record.read_text("utf-8")
        )
    }

    assert len(named) >= 20
    assert [place for place in sorted(named) if place[1] not in there] == []
