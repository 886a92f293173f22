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


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_that_a_page_names_are_there(page):
    named = PATH.findall(page.read_text("utf-8"))

    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_says_in_one_sentence_what_it_is(page):
    found = re.search(r"^description: \"?(.+?)\"?$", page.read_text("utf-8"), re.M)

    assert found is not None
    assert 10 <= len(found[1]) <= 155


@pytest.mark.parametrize("record", sorted(ROOT.glob("adr/*.md")), ids=lambda record: record.stem)
def test_tests_that_a_record_names_are_there(record):
    tests = [path for path in ROOT.glob("tests/**/test_*.py") if path.name != "test_pages.py"]
    files = {path.name for path in tests}
    functions = {
        name
        for path in tests
        for name in re.findall(r"^\s*(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M)
    }
    named = re.findall(r"`(?:tests/[\w/]+/)?(test_\w+(?:\.py)?)`", record.read_text("utf-8"))

    assert not [name for name in named if name not in files | functions]
