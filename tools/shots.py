"""Take pictures of every kind of page, to be looked at: `python tools/shots.py site shots`."""

import argparse
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright
from serve import serve

PAGES = {
    "home": "",
    "start": "start/",
    "index": "adr/",
    "history": "adr/history/",
    "record": "adr/0002/",
    "superseded": "adr/0000/",
    "chinese": "zh/adr/0002/",
    "snippet": "guides/packages/sage-platform/service/",
    "packages": "concepts/architecture/package-structure/",
    "reference": "reference/platform-queue/",
    "not-found": "no/such/page/",
}
VIEWS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1380, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1380, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(words: Sequence[str] | None = None) -> int:
    """Write one PNG for each page and view; 2 when there is no site to look at."""
    parser = argparse.ArgumentParser(description="Take pictures of every kind of page.")
    parser.add_argument("site", nargs="?", type=Path, default=Path("site"))
    parser.add_argument("folder", nargs="?", type=Path, default=Path("shots"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--full", action="store_true", help="whole pages, not one screen")
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
        for view, settings in VIEWS.items():
            context = browser.new_context(**settings)
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(address + path, wait_until="networkidle")
                file = options.folder / f"{name}-{view}.png"
                page.screenshot(path=str(file), full_page=options.full)
                print(file)
            context.close()
        browser.close()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
