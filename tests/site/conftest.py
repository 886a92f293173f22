"""The project's own site, built once, served, and opened in Debian's Chromium."""

import importlib.util
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; the folder that SAGE_SITE names, or a fresh build.

    Stale snippets are shown: whether they ran is the snippets' own test.
    """
    if os.environ.get("SAGE_SITE"):
        return Path(os.environ["SAGE_SITE"]).resolve()
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=root,
        env={**os.environ, "SAGE_SITE_STALE": "show", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.fixture(scope="session")
def server_module(root: Path) -> ModuleType:
    """`tools/serve.py`, loaded."""
    spec = importlib.util.spec_from_file_location("serve", root / "tools" / "serve.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def address(site: Path, server_module: ModuleType) -> Iterator[str]:
    """Where the site is served."""
    server = server_module.serve(site, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def publish(server_module: ModuleType) -> Iterator[Callable[[Path], str]]:
    """Builds the project in a folder, serves it and says where."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def build_and_serve(root: Path) -> str:
        config = load_config(str(root / "mkdocs.yml"))
        config.plugins.on_startup(command="build", dirty=False)
        logging.getLogger("mkdocs").setLevel(logging.CRITICAL)
        build(config)
        logging.getLogger("mkdocs").setLevel(logging.NOTSET)
        server = server_module.serve(root / "site", 0)
        running.append((server, threading.Thread(target=server.serve_forever)))
        running[-1][1].start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield build_and_serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        pytest.skip("needs /usr/bin/chromium; `apt install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts, and closes them."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        opened.append(browser.new_context(**options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def complaints() -> list[str]:
    """What pages printed to the console, threw, failed to load or asked of other hosts."""
    return []


@pytest.fixture
def listen(address: str, complaints: list[str]) -> Callable[[Page], Page]:
    """Make a page report to `complaints`."""

    def to(page: Page) -> Page:
        page.on(
            "console",
            lambda message: (
                complaints.append(f"console: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: (
                complaints.append(f"other host: {request.url}")
                if not request.url.startswith((address, "data:", "blob:"))
                else None
            ),
        )
        return page

    return to


@pytest.fixture
def page(context: Callable[..., BrowserContext], listen: Callable[[Page], Page]) -> Page:
    """A page on a wide screen, in the light scheme."""
    return listen(context(viewport={"width": 1380, "height": 900}).new_page())
