"""The same pages in other hands: on paper, magnified, in high contrast, without motion."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser

MAGNIFIED = {"width": 320, "height": 450}  # a screen of 1280 pixels at 400 %


def test_paper_is_white_and_its_words_dark_whatever_the_scheme_on_screen(
    address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(color_scheme="dark").new_page()
    page.goto(address + "adr/0002/")
    colour = "one => getComputedStyle(one).color"
    paper = "one => getComputedStyle(one).backgroundColor"
    words = page.locator(".sd-record__text > p").first
    code = page.locator(".sd-record__text .sd-snippet").first
    panel = page.locator(".sd-panel")
    seen = [words.evaluate(colour), code.evaluate(paper), panel.evaluate(paper)]
    assert seen == ["rgb(224, 231, 226)", "rgb(24, 33, 29)", "rgb(21, 30, 26)"]
    page.emulate_media(media="print")
    printed = [words.evaluate(colour), code.evaluate(paper), panel.evaluate(paper)]
    assert printed == ["rgb(28, 38, 34)", "rgb(243, 242, 234)", "rgb(255, 255, 255)"]


def test_marks_that_are_only_a_background_stay_in_high_contrast(
    address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(forced_colors="active", color_scheme="dark").new_page()
    ground = """one => getComputedStyle(one, "%s").backgroundColor"""
    page.goto(address + "adr/history/")
    assert page.locator(".sd-event").first.evaluate(ground % "::before") == "rgb(255, 255, 255)"
    page.goto(address + "adr/0002/")
    for mark, part in ((".sd-run", "::before"), (".sd-panel summary", "::after")):
        assert page.locator(mark).first.evaluate(ground % part) == "rgb(255, 255, 255)", mark


@pytest.mark.parametrize("path", ["adr/0002/", "zh/adr/0003/", "adr/all/", "adr/history/", ""])
def test_nothing_is_cut_or_covered_at_400_percent(
    address: str, context: Callable[..., BrowserContext], path: str
) -> None:
    page = context(viewport=MAGNIFIED).new_page()
    page.goto(address + path, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    cut = """() => [...document.querySelectorAll(".sd-snippet, .sd-numbers, .sd-timeline")]
      .filter(one => one.scrollWidth > one.clientWidth).map(one => one.className)"""
    assert page.evaluate(cut) == []
    covered = """() => [...document.querySelectorAll(".sd-snippet__bar")].filter(bar => {
      const button = bar.querySelector(".sd-copy").getBoundingClientRect();
      return [...bar.querySelectorAll(":not(.sd-copy)")].some(one =>
        [...one.getClientRects()].some(line =>
          line.right > button.left && line.bottom > button.top && line.top < button.bottom));
    }).map(bar => bar.textContent)"""
    assert page.evaluate(covered) == []


@pytest.mark.parametrize(("width", "shown"), [(390, False), (1380, True)])
def test_evidence_below_the_text_waits_until_the_text_is_whole(
    address: str, context: Callable[..., BrowserContext], width: int, shown: bool
) -> None:
    page = context(viewport={"width": width, "height": 800}).new_page()
    page.goto(address + "adr/0002/")
    expect(page.locator(".sd-panel")).to_be_visible()
    page.locator(".sd-end").evaluate("one => one.remove()")  # as before it has arrived
    expect(page.locator(".sd-panel")).to_be_visible(visible=shown)


def test_reduced_motion_moves_nothing(address: str, context: Callable[..., BrowserContext]) -> None:
    page = context(reduced_motion="reduce").new_page()
    page.goto(address + "adr/0002/")
    moving = """() => [...document.querySelectorAll("*")].filter(one => {
      const style = getComputedStyle(one);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
    }).length"""
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0


def test_record_on_paper_is_whole_and_has_no_navigation(page: Page, address: str) -> None:
    page.goto(address + "adr/0002/")
    page.emulate_media(media="print")
    for hidden in (".md-header", ".md-tabs", ".md-sidebar", ".md-footer__inner", ".sd-citing"):
        assert page.locator(hidden).filter(visible=True).count() == 0, hidden
    expect(page.locator(".sd-copy").first).to_be_hidden()
    expect(page.locator(".sd-record__text h2").last).to_be_visible()
    cited = page.locator(".sd-panel .sd-files li").last
    expect(cited).to_be_visible()  # of a list that is folded on the screen
    cut = page.evaluate(
        """() => [...document.querySelectorAll("pre, pre > code, .sd-table, .md-typeset table")]
          .filter(one => one.scrollWidth > one.clientWidth + 1 ||
            one.scrollHeight > one.clientHeight + 1).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert cut == []
    assert page.pdf(format="A4").startswith(b"%PDF")
