"""Hostile records, opened in a real browser: nothing of them runs."""

import logging
import threading
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
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
def hostile(tmp_path_factory: pytest.TempPathFactory, server_module: ModuleType) -> Iterator[str]:
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
    config = load_config(str(root / "mkdocs.yml"))
    config.plugins.on_startup(command="build", dirty=False)
    logging.getLogger("mkdocs").setLevel(logging.CRITICAL)
    build(config)
    logging.getLogger("mkdocs").setLevel(logging.NOTSET)
    server = server_module.serve(root / "site", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


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
