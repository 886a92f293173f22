"""Every page type in a real browser: no error, no other host, no axe violation, both schemes."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

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
    "reference": "reference/platform-queue/",
    "not found": "no/such/page",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_axe_violation(
    name: str,
    scheme: str,
    address: str,
    context: Callable[..., BrowserContext],
    listen: Callable[[Page], Page],
    complaints: list[str],
) -> None:
    made = context(
        viewport={"width": 1380, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = listen(made.new_page())
    page.goto(address + PAGES[name])
    found = Axe().run(page).response["violations"]
    told = [f"{v['id']}: {node['html'][:150]}" for v in found for node in v["nodes"]]
    assert told == []
    if name == "not found":
        complaints = [line for line in complaints if "404" not in line]
    assert complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(name: str, address: str, context: Callable[..., BrowserContext]) -> None:
    page = context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(address + PAGES[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
