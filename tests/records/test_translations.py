"""A Chinese page names the text it translates, and shares its code instead of copying it."""

import hashlib
import re
from pathlib import Path

import pytest

from sage.tools.adr.log import read_record
from sage.tools.site.summary import plain_text, summary
from sage.tools.snippets import find_page, load_page_settings

ROOT = Path(__file__).parents[2]
CHINESE = ROOT / "docs_src/zh"
PAGES = sorted(CHINESE.rglob("*.md"))


def original_of(page: Path) -> Path:
    name = page.relative_to(CHINESE)
    if re.fullmatch(r"adr/\d{4}\.md", name.as_posix()):
        (record,) = ROOT.glob(f"adr/{name.stem}-*.md")
        return record
    return ROOT / "docs_src" / name


def digest(page: Path) -> str:
    text = page.read_text("utf-8-sig")  # universal newlines: CRLF reads as LF
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def body(page: Path) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", page.read_text("utf-8"), flags=re.S)


def headings(page: Path) -> list[str]:
    without_fences = re.sub(r"^(```+).*?^\1$", "", body(page), flags=re.M | re.S)
    return re.findall(r"^(#+) ", without_fences, re.M)


def test_every_record_and_every_page_but_the_reference_is_translated():
    pages = {
        page.relative_to(ROOT / "docs_src").as_posix() for page in ROOT.glob("docs_src/**/*.md")
    }
    originals = {name for name in pages if not name.startswith(("zh/", "reference/"))}
    records = {f"adr/{path.name[:4]}.md" for path in ROOT.glob("adr/[0-9]*.md")}
    translated = {page.relative_to(CHINESE).as_posix() for page in PAGES}

    assert len(records) >= 21
    assert translated == (originals | records) - {"changelog.md"}


def test_the_promises_are_proved_by_the_same_tests_in_both_languages():
    theirs, mine = (
        [
            (row.count("|"), row.strip("|").rpartition("|")[2].strip())
            for row in page.splitlines()
            if row.startswith("| **")
        ]
        for page in (
            (ROOT / "docs_src/concepts/promises.md").read_text("utf-8"),
            (CHINESE / "concepts/promises.md").read_text("utf-8"),
        )
    )

    assert len(theirs) >= 50
    assert mine == theirs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHINESE)))
def test_a_translation_is_of_the_present_original(page):
    original = original_of(page)

    assert f'translates: "{digest(original)}"' in page.read_text("utf-8"), (
        f"{original.relative_to(ROOT)} has changed: bring the translation up to date, "
        f'then write `translates: "{digest(original)}"`'
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHINESE)))
def test_a_translation_has_the_headings_of_its_original(page):
    assert headings(page) == headings(original_of(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHINESE)))
def test_no_line_ends_between_two_chinese_characters(page):
    chinese = r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]"
    broken = re.findall(
        rf"(?<=\n)(?! *[#|]).*{chinese}[*_`]*\n *[*_`]*{chinese}.*", page.read_text("utf-8")
    )

    assert not broken, "a browser shows the line break as a space; join the lines"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHINESE)))
def test_a_translation_shows_the_code_of_its_original_and_copies_none(page):
    settings = load_page_settings(ROOT)
    mine, theirs = (
        [
            snippet
            for snippet in find_page(one, root=ROOT, settings=settings).snippets
            if snippet.kind != "output" and snippet.language not in ("console", "yaml", "toml")
        ]
        for one in (page, original_of(page))
    )

    assert [snippet.source for snippet in mine] == [snippet.source for snippet in theirs]
    assert not [
        str(snippet) for snippet in mine if snippet.origin == page.relative_to(ROOT).as_posix()
    ]


@pytest.mark.parametrize("page", sorted((CHINESE / "adr").glob("*.md")), ids=lambda page: page.stem)
def test_a_chinese_decision_opens_with_a_sentence_that_says_it(page):
    record, _ = read_record(page, root=ROOT)
    assert record is not None
    (decision,) = (section for section in record.sections if section.title == "决策")
    sentence = summary(record)

    assert plain_text(decision.text).startswith(sentence)
    assert not re.match(r"(采用|选择)?方案", sentence)
    assert sentence.endswith("。")
    assert len(sentence) >= 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHINESE)))
def test_words_that_stay_as_they_are_are_not_translated(page):
    translated = re.findall("钩子|入口点|附加依赖|合并请求|活对象", page.read_text("utf-8"))

    assert not translated, "write hook, entry point, extra, 拉取请求, 对象本身"


def test_the_glossary_holds_the_words_that_the_translations_use():
    rows = re.findall(
        r"^\| ([a-z ]+) \| (\S+) \| ([a-z ]+) \| (\S+) \|$",
        (ROOT / "docs_src/contributing.md").read_text("utf-8"),
        re.M,
    )
    terms = {row[at]: row[at + 1] for row in rows for at in (0, 2)}
    texts = [page.read_text("utf-8") for page in PAGES]

    assert len(terms) >= 20
    for english, chinese in terms.items():
        assert sum(chinese in text for text in texts) >= 2, f"{english}: {chinese}"
