"""What is made from layer.yaml speaks the language of its page."""

import re

import pytest

LAYERS = """
version: 1
layers: [low, high, L1, L2]
packages:
  stores: {layer: low, present: false, summary: keeps values}
rules:
  upward-import: {adr: [2]}
checklist:
  - group: Order
    text: no circles
    original: 无循环依赖
    rule: package-cycle
    adr: [2]
  - group: Order
    text: stands alone
    rule: upward-import
    replaced_by: 2
    instead: stands below
  - group: Order
    text: no engine
    package: stores
    without: ["*.engine"]
"""
PARTS = ("layer-picture", "package-table", "checklist", "rule-table")
PAGE = "# Layers\n\n" + "\n\n".join(f"<!-- sage: {part} -->" for part in PARTS) + "\n"
SAID = "{keeps values: 保存值, Order: 次序, stands below: 位于下方}"
WORDS = f"layer_words: {{zh: {SAID}}}, layer_page: layers/"


@pytest.fixture
def pages(project):
    """The English page and the Chinese one, without their tags."""
    config = (project.root / "mkdocs.yml").read_text("utf-8")
    project.write("mkdocs.yml", config.replace("{stale: fail}", f"{{stale: fail, {WORDS}}}"))
    project.write("layer.yaml", LAYERS)
    project.write("docs/layers.md", PAGE)
    project.write("docs/zh/layers.md", PAGE.replace("# Layers", "# 层级"))
    built = project.build(strict=False)
    return built.page("layers"), built.page("zh/layers")


def text_of(page: str) -> str:
    body = page[page.index("<article") : page.index("</article>")]
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", body, flags=re.DOTALL).split())


def test_english_page_says_what_the_file_says(pages):
    english = text_of(pages[0])
    assert "Order no circles 无循环依赖" in english
    assert "stores keeps values nothing not known here elsewhere" in english
    assert "solid: in this repository" in english
    assert "保存值" not in english


def test_replaced_line_is_never_said_to_hold(pages):
    english, chinese = map(text_of, pages)
    assert (
        "stands alone nothing breaks upward-import, ADR-0002 replaced by ADR-0002 : stands below "
        "What is checked now: holds : none"
    ) in english
    assert "已被取代，见 ADR-0002 ：位于下方 现在检查的是： 成立" in chinese


def test_chinese_page_says_it_in_chinese(pages):
    chinese = text_of(pages[1])
    assert "次序 无循环依赖" in chinese
    assert "stores 保存值 无 此处无从得知 另一个仓库" in chinese
    assert "实线：在本仓库" in chinese
    for english in ("keeps values", "no circles", "elsewhere", "holds", "Proved by", "solid"):
        assert english not in chinese


def test_picture_links_to_the_page_in_its_language(pages):
    english, chinese = (re.findall(r'href="([^"]*#low)"', page) for page in pages)
    assert set(english) == {"./#low"}
    assert set(chinese) == {"./#low"}
