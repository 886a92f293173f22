"""Every page type in a real browser: no error, no other host, no axe violation, both schemes."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route, expect

pytestmark = pytest.mark.browser

PAGES = {
    "home": "",
    "start": "start/",
    "concept": "concepts/architecture/overview/",
    "packages": "concepts/architecture/package-structure/",
    "guide": "guides/packages/sage-platform/queue/",
    "index": "adr/",
    "record": "adr/0002/",
    "superseded": "adr/0000/",
    "history": "adr/history/",
    "numbers": "adr/all/",
    "chinese home": "zh/",
    "chinese record": "zh/adr/0002/",
    "chinese index": "zh/adr/",
    "names": "reference/platform-queue/",
    "reference": "reference/platform-service/services/",
    "layers": "concepts/architecture/layers/",
    "comparison": "concepts/comparison/",
    "findings": "reference/findings/layers/",
    "topic": "adr/topics/layer-L2/",
    "topics": "adr/topics/",
    "not found": "no/such/page",
}


VIEWS = {
    "light": {"viewport": {"width": 1380, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1380, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


# The views differ in colours or in layout: what cannot differ is asked once, in light.
COLOURS = ["color-contrast", "link-in-text-block"]
RULES = {
    "light": {},
    "dark": {"runOnly": COLOURS},
    "phone": {"rules": {name: {"enabled": False} for name in COLOURS}},
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_page_has_no_axe_violation(
    name: str,
    view: str,
    address: str,
    context: Callable[..., BrowserContext],
    listen: Callable[[Page], Page],
    complaints: list[str],
) -> None:
    page = listen(context(**VIEWS[view], reduced_motion="reduce").new_page())
    page.goto(address + PAGES[name])
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert violations(page, RULES[view]) == []
    if view == "phone":
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if name == "not found":
        complaints = [line for line in complaints if "404" not in line]
    assert complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_when_the_scripts_arrive(
    name: str, address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(viewport={"width": 412, "height": 823}, reduced_motion="reduce").new_page()
    held: list[Route] = []
    page.add_init_script(
        """const moved = [];
        const keep = entries => moved.push(...entries.map(({ value, sources }) =>
          [value, ...sources.map(({ node }) => node && node.parentNode.innerHTML.slice(0, 99))]));
        const watch = new PerformanceObserver(list => keep(list.getEntries()));
        watch.observe({ type: "layout-shift" });
        const read = () => { keep(watch.takeRecords()); return moved; };
        window.readMoved = () => new Promise(done =>
          requestAnimationFrame(() => requestAnimationFrame(() => done(read()))));"""
    )
    page.route("**/bundle*.js", lambda route: held.append(route))
    page.goto(address + PAGES[name], wait_until="commit")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    held[0].continue_()
    page.wait_for_load_state()
    assert [one for one in page.evaluate("readMoved()") if one[0] > 0.005] == []


@pytest.mark.parametrize("view", VIEWS)
def test_what_opens_has_no_axe_violation(
    view: str, address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(**VIEWS[view], reduced_motion="reduce").new_page()
    page.goto(address + "adr/?words=queue")
    expect(page.locator(".sd-found .sd-row").first).to_be_visible()
    assert violations(page) == []
    page.goto(address + "adr/0002/")
    page.locator(".sd-citing > summary").click()
    for summary in page.locator(".sd-panel summary").all():
        summary.click()
    page.locator(".sd-record__text a.sd-cite").first.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    assert violations(page) == []


def test_readmes_picture_is_wide_enough_and_small(root: Path) -> None:
    picture = (root / "docs_src/assets/site.png").read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG")
    assert (width, height) == (1240, 860)
    assert len(picture) <= 250 * 1024


def violations(page: Page, rules: dict[str, object] | None = None) -> list[str]:
    """What axe complains of, with the element."""
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{v['id']}: {node['html'][:150]}" for v in found for node in v["nodes"]]
