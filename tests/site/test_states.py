"""What a reader sees of records that are not in force, and of code that has not run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser

CONFIG = """
site_name: States
site_url: http://127.0.0.1/
repo_url: https://github.com/example/states
docs_dir: docs
theme:
  name: material
  font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default, primary: custom, accent: custom}
    - {media: "(prefers-color-scheme: dark)", scheme: slate, primary: custom, accent: custom}
plugins: [search, {decisions: {stale: show}}]
markdown_extensions: [pymdownx.highlight, pymdownx.superfences, {toc: {permalink: true}}]
nav: [{Home: index.md}, {Decisions: adr/index.md}]
"""
RECORD = """---
status: {status}
date: 2026-01-0{number}
decision-makers: [Ada]
tags: [queue]
{more}---

# Take option {number}

## Context

Something has to be decided.

## Decision

Take option {number}.

```python
print({number} + 1)
```

## Consequences

None.
"""
STATES = ("accepted", "proposed", "rejected", "deprecated", "superseded", "accepted")


def lay_out(root: Path, config: str, home: str) -> None:
    """A project with settings and a home page, and without records."""
    for folder in ("docs", "adr"):
        (root / folder).mkdir()
    (root / "mkdocs.yml").write_text(config, "utf-8")
    (root / "docs/index.md").write_text(f"# Home\n\n{home}\n", "utf-8")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory, publish: Callable[[Path], str]) -> str:
    """Where a site with a record in each state is served; none of its code has run."""
    root = tmp_path_factory.mktemp("states")
    lay_out(root, CONFIG, "ADR-0005 and ADR-0006.")
    for number, status in enumerate(STATES, 1):
        more = "supersedes: [5]\n" if number == 6 else ""
        text = RECORD.format(number=number, status=status, more=more)
        (root / f"adr/000{number}-take-option-{number}.md").write_text(text, "utf-8")
    return publish(root)


@pytest.fixture(params=["light", "dark"])
def visitor(request: pytest.FixtureRequest, context: Callable[..., BrowserContext]) -> Page:
    """A page in each scheme."""
    return context(color_scheme=request.param, viewport={"width": 1380, "height": 900}).new_page()


@pytest.mark.parametrize(
    ("number", "status", "banner"),
    [
        (2, "proposed", "This decision is open. Please review it."),
        (3, "rejected", "Turned down: do not do this. The record says why."),
        (4, "deprecated", "No longer recommended: do not use it for new work."),
        (5, "superseded", "It was superseded by ADR-0006 Take option 6."),
    ],
)
def test_record_that_is_not_in_force_says_so_above_its_text(
    states: str, visitor: Page, number: int, status: str, banner: str
) -> None:
    visitor.goto(f"{states}adr/000{number}/")
    expect(visitor.locator(".sd-banner")).to_contain_text(banner)
    expect(visitor.locator(".sd-head .sd-badge")).to_have_text(status)
    assert visitor.title() == f"ADR-{number:04d} ({status}) Take option {number} - States"
    assert Axe().run(visitor).response["violations"] == []


def test_record_in_force_has_no_banner_and_a_plain_title(states: str, visitor: Page) -> None:
    visitor.goto(states + "adr/0001/")
    expect(visitor.locator(".sd-banner")).to_have_count(0)
    assert visitor.title() == "ADR-0001 Take option 1 - States"
    badge = visitor.locator(".sd-head .sd-badge")
    assert badge.get_attribute("title") == "In force: follow it, and cite it."


def test_code_that_has_not_run_cannot_be_missed(states: str, visitor: Page) -> None:
    visitor.goto(states + "adr/0001/")
    snippet = visitor.locator(".sd-snippet")
    bar = snippet.locator(".sd-snippet__bar")
    expect(bar).to_contain_text("not run")
    expect(bar).to_contain_text("has not run as it now stands")
    paper = visitor.evaluate("getComputedStyle(document.body).backgroundColor")
    bar_colour = bar.evaluate("one => getComputedStyle(one).backgroundColor")
    shadow = snippet.evaluate("one => getComputedStyle(one).boxShadow")
    assert bar_colour not in (paper, "rgba(0, 0, 0, 0)")
    assert "inset" in shadow
    expect(visitor.locator(".sd-panel .sd-result--fail").first).to_have_text("✗")
    expect(visitor.locator(".sd-panel")).to_contain_text("0 of 1 snippets ran as they now stand")


def test_index_shows_what_is_open_first_and_timeline_marks_what_is_not_in_force(
    states: str, visitor: Page
) -> None:
    visitor.goto(states + "adr/")
    heads = visitor.locator(".sd-log__group h2")
    expect(heads).to_have_text(
        ["Open for review 1", "In force 2", "No longer 3", "By layer and tag"]
    )
    visitor.goto(states + "adr/history/")
    events = visitor.locator(".sd-event")
    expect(events).to_have_count(6)
    expect(events.locator(".sd-badge")).to_have_text(
        ["superseded", "deprecated", "rejected", "proposed"]
    )
    assert Axe().run(visitor).response["violations"] == []


def test_repository_on_a_known_host_is_linked_and_not_asked(states: str, visitor: Page) -> None:
    asked: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.goto(states + "adr/0001/", wait_until="networkidle")
    assert [url for url in asked if not url.startswith((states, "data:"))] == []
    assert len(asked) > 5
    source = visitor.locator(".sd-head__source a", has_text="Source")
    home = "https://github.com/example/states/blob/HEAD/adr/0001-take-option-1.md"
    assert source.get_attribute("href") == home
    expect(visitor.locator(".md-header__source a")).to_be_visible()


def test_cards_of_decisions_cover_nothing_but_themselves_in_another_theme(
    context: Callable[..., BrowserContext],
    tmp_path: Path,
    publish: Callable[[Path], str],
) -> None:
    config = "site_name: A\ntheme: mkdocs\nplugins: [decisions]\n"
    lay_out(tmp_path, config, "<!-- sage: decisions-at-a-glance -->\n\n[Elsewhere](two.md)")
    (tmp_path / "docs/two.md").write_text("# Two\n")
    text = RECORD.format(number=1, status="accepted", more="").replace("```python", "```text")
    (tmp_path / "adr/0001-one.md").write_text(text, "utf-8")
    page = context(viewport={"width": 1380, "height": 900}).new_page()
    page.goto(publish(tmp_path))
    page.get_by_role("link", name="Elsewhere").click(timeout=5000)
    assert page.url.endswith("/two/")


def test_long_name_of_a_log_covers_no_status_on_a_phone(
    context: Callable[..., BrowserContext],
    tmp_path: Path,
    publish: Callable[[Path], str],
) -> None:
    lay_out(tmp_path, CONFIG, "")
    (tmp_path / "mail/adr").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.sage-dev]\nadr-dir = "adr"\nadr-logs = {notifications-and-alerts = "mail/adr"}\n'
    )
    text = RECORD.format(number=1, status="accepted", more="").replace("```python", "```text")
    (tmp_path / "adr/0001-one.md").write_text(text, "utf-8")
    (tmp_path / "mail/adr/0001-two.md").write_text(text, "utf-8")
    page = context(viewport={"width": 390, "height": 800}).new_page()
    page.goto(publish(tmp_path) + "adr/all/")
    cell = page.locator("td", has_text="notifications-and-alerts/ADR-0001")
    assert cell.evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_filter_copy_and_citations_live_on_where_pages_change_without_loading(
    context: Callable[..., BrowserContext],
    tmp_path: Path,
    publish: Callable[[Path], str],
) -> None:
    instant = CONFIG.replace("  palette:", "  features: [navigation.instant]\n  palette:")
    lay_out(tmp_path, instant, "[One](../adr/0001-one.md), [all](adr/index.md)")
    text = RECORD.format(number=1, status="accepted", more="")
    (tmp_path / "adr/0001-one.md").write_text(text.replace("has to", "like ADR-0001 has to"))
    address = publish(tmp_path)
    # The theme changes only pages that the sitemap lists, which names where the site will live.
    sitemap = tmp_path / "site/sitemap.xml"
    sitemap.write_text(sitemap.read_text("utf-8").replace("http://127.0.0.1/", address), "utf-8")
    page = context(viewport={"width": 1380, "height": 900}).new_page()
    page.goto(address, wait_until="networkidle")
    page.evaluate("window.same = true")
    page.click("main a >> text=One")
    expect(page.locator("h1")).to_contain_text("Take option 1")
    expect(page.locator(".sd-copy")).to_have_count(1)
    page.locator("article a.sd-cite").first.focus()
    expect(page.locator(".sd-hover")).to_contain_text("Take option 1")
    page.click(".md-header a.md-logo")
    page.click("main a >> text=all")
    page.fill(".sd-filter [name=words]", "option")
    expect(page.locator(".sd-found [role=status]")).to_have_text("1 of 1 decisions")
    assert page.evaluate("window.same") is True
