"""Take pictures of every kind of page, to be looked at: `python tools/shots.py site shots`.

The picture that the README shows is taken as well: look at it before it is committed.
"""

import argparse
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from serve import serve

PAGES = {
    "home": "",
    "start": "start/",
    "index": "adr/",
    "filter": "adr/?words=queue",
    "numbers": "adr/all/",
    "topic": "adr/topics/layer-L2/",
    "history": "adr/history/",
    "record": "adr/0002/",
    "superseded": "adr/0000/",
    "chinese-home": "zh/",
    "chinese": "zh/adr/0002/",
    "snippet": "guides/packages/sage-platform/service/",
    "layers": "concepts/architecture/layers/",
    "packages": "concepts/architecture/package-structure/",
    "comparison": "concepts/comparison/",
    "names": "reference/platform-queue/",
    "reference": "reference/platform-service/services/",
    "findings": "reference/findings/layers/",
    "not-found": "no/such/page/",
}
VIEWS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1380, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1380, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
COVER = Path("docs_src/assets/site.png")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(words: Sequence[str] | None = None) -> int:
    """Write one PNG for each page and view; 2 when there is no site to look at."""
    parser = argparse.ArgumentParser(description="Take pictures of every kind of page.")
    parser.add_argument("site", nargs="?", type=Path, default=Path("site"))
    parser.add_argument("folder", nargs="?", type=Path, default=Path("shots"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--full", action="store_true", help="whole pages, not one screen")
    parser.add_argument("--cover", type=Path, default=COVER, help="the README's picture")
    options = parser.parse_args(words)
    if not (options.site / "index.html").is_file():
        print(f"shots: {options.site} holds no built site; run `make build`", file=sys.stderr)
        return 2
    if not Path(options.chromium).exists():
        print(f"shots: there is no {options.chromium}; install chromium", file=sys.stderr)
        return 2
    options.folder.mkdir(parents=True, exist_ok=True)
    server = serve(options.site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        _take(browser, address, options.folder, full=options.full)
        _take_cover(browser, address, options.cover)
        browser.close()
    server.shutdown()
    server.server_close()
    return 0


def _take(browser: Browser, address: str, folder: Path, *, full: bool) -> None:
    for view, settings in VIEWS.items():
        context = browser.new_context(**settings)
        page = context.new_page()
        for name, path in PAGES.items():
            page.goto(address + path, wait_until="networkidle")
            file = folder / f"{name}-{view}.png"
            page.screenshot(path=str(file), full_page=full)
            print(file)
        context.close()


def _take_cover(browser: Browser, address: str, file: Path) -> None:
    """A record with its evidence, as the README shows it."""
    page = browser.new_page(color_scheme="light", viewport={"width": 1240, "height": 860})
    page.goto(address + "adr/0002/", wait_until="networkidle")
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(file))
    print(file)


if __name__ == "__main__":
    sys.exit(main())
