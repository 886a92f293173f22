"""Hostile records, opened in a real browser: nothing of them runs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser

CONFIG = """
site_name: Hostile
site_url: http://127.0.0.1/
docs_dir: docs
theme: {name: material, font: false}
plugins: [search, {decisions: {stale: show}}]
markdown_extensions: [pymdownx.highlight, pymdownx.superfences]
nav: [{Home: index.md}, {Decisions: adr/index.md}]
"""
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
RECORD = f"""---
status: proposed
date: 2026-01-01
decision-makers: ["{SCRIPT}"]
tags: ["{SCRIPT}", "'\\" onfocus=document.title='owned' autofocus x='"]
layers: ["{SCRIPT}"]
---

# Title {SCRIPT}

## Context

As ADR-0001 says.

## Decision

Take {SCRIPT}.

## Consequences

None.
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, publish: Callable[[Path], str]) -> str:
    """Where a site with a hostile record is served."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "docs").mkdir()
    (root / "adr").mkdir()
    (root / "mkdocs.yml").write_text(CONFIG, "utf-8")
    (root / "docs/index.md").write_text(
        "# Home\n\nADR-0001\n\n<!-- sage: decisions-at-a-glance -->\n", "utf-8"
    )
    # The author's own Markdown may hold HTML, as everywhere; what we make of a record may not.
    text = RECORD.replace(f"Take {SCRIPT}.", f"Take `{SCRIPT}`.")
    (root / "adr/0001-hostile.md").write_text(text, "utf-8")
    table = "\n".join(["| a | b |", "|---|---|", *(f"| {SCRIPT} | {n} |" for n in range(2000))])
    (root / "docs/large.md").write_text(
        f"# Large\n\n```python\nprint({SCRIPT!r} * 100_000)\n```\n\n{table}\n".replace(
            f"| {SCRIPT} |", f"| `{SCRIPT}` {'word ' * 40}|"
        ),
        "utf-8",
    )
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("sage-dev")), "snippets", "docs"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return publish(root)


@pytest.fixture
def visitor(context: Callable[..., BrowserContext]) -> Page:
    """A page that fails the test when a dialog opens."""
    page = context().new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    return page


@pytest.mark.parametrize("path", ["", "adr/", "adr/0001/", "adr/all/", "adr/history/"])
def test_nothing_of_a_hostile_record_runs(hostile: str, visitor: Page, path: str) -> None:
    visitor.goto(hostile + path)
    visitor.wait_for_load_state("networkidle")
    assert visitor.title() != "owned"
    assert visitor.locator("article img").count() == 0


def test_hostile_citation_and_filter_show_text(hostile: str, visitor: Page) -> None:
    visitor.goto(hostile)
    visitor.locator("a.sd-cite").first.hover()
    expect(visitor.get_by_role("tooltip")).to_contain_text("<script>")
    visitor.goto(hostile + "adr/?words=title")
    expect(visitor.locator(".sd-found .sd-row__title")).to_contain_text("<script>")
    assert visitor.locator(".sd-found img, .sd-found script").count() == 0


def test_output_of_ten_megabytes_is_cut_and_says_so(hostile: str, visitor: Page) -> None:
    answer = visitor.goto(hostile + "large/")
    assert answer is not None
    shown = visitor.locator(".sd-snippet__output pre").text_content()
    assert shown is not None
    assert shown.startswith("<script>document.title='owned'</script>")
    assert len(shown) < 30_000
    expect(visitor.locator(".sd-snippet__output")).to_contain_text("more characters were printed")
    assert visitor.locator(".sd-snippet__output pre").evaluate("one => one.offsetHeight") < 1000
    assert visitor.title() != "owned"


def test_enormous_table_scrolls_inside_a_phones_page(
    hostile: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(hostile + "large/")
    expect(page.locator("tbody tr")).to_have_count(2000)
    assert page.locator("table script, table img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
