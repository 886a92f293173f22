"""What a reader or a writer waits for: a rebuild after an edit, and an answer of the filter."""

import http.server
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

PATIENCE = 180.0  # seconds
CHROMIUM = "/usr/bin/chromium"
ANSWER = """
async ([words, count]) => {
  const form = document.querySelector(".sd-filter");
  const status = document.querySelector(".sd-found [role=status]");
  status.textContent = "";
  const start = performance.now();
  form.elements.words.value = words;
  form.elements.words.dispatchEvent(new Event("input", {bubbles: true}));
  const limit = start + 10000;
  const told = () => status.textContent;
  const done = () => count ? told().startsWith(`${count} of `) : told() === status.dataset.none;
  while (!done() && performance.now() < limit) await new Promise(requestAnimationFrame);
  return done() ? performance.now() - start : null;
}
"""


def reload_seconds(configs: Mapping[str, Path], *, rounds: int) -> dict[str, float]:
    """The median time of each way from an edit of a record to the page under `mkdocs serve`.

    The ways take turns. With the plugin the edit is a relation, and the time ends when the other
    record shows it.
    """
    taken: dict[str, list[float]] = {way: [] for way in configs}
    with ExitStack() as served:
        addresses = {way: served.enter_context(_served(one)) for way, one in configs.items()}
        for turn in range(rounds):
            for way, config in configs.items():
                taken[way].append(_reload(config.parent, addresses[way], way, turn))
    return {way: statistics.median(seconds) for way, seconds in taken.items()}


def _reload(folder: Path, address: str, way: str, turn: int) -> float:
    old, new = 230 + 7 * turn, 267 + turn  # the old one is superseded already
    file = folder / ("adr" if way == "ours" else "docs/adr") / f"{new:04d}-matter.md"
    edited = file.read_text("utf-8") + f"\nEdited in turn {turn}.\n"
    page, mark = f"adr/{new:04d}-matter/", f"Edited in turn {turn}."
    if way == "ours":
        edited = edited.replace("\ntags:", f"\nsupersedes: [{old}]\ntags:", 1)
        page, mark = f"adr/{old:04d}/", f'href="../{new:04d}/"'
    start = time.perf_counter()
    file.write_text(edited, "utf-8")
    _wait(lambda: _shows(address + page, mark))
    return time.perf_counter() - start


def filter_milliseconds(site: Path, last: int) -> tuple[float, bool]:
    """How long the index takes to answer, the worst of ten; whether it was usable before its data.

    `last` is the number of the last record, which one of the questions finds.
    """
    with _files(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        usable = _usable_without_data(page, address)
        page.goto(f"{address}adr/")
        page.evaluate(ANSWER, [f"number {last}", 1])  # the first question fetches the data
        questions = [(f"ADR-{last - n:04d}", 1) for n in range(5)]
        questions += [("matter", last + 1), ("decide", last + 1), ("ADR", last + 1)]
        questions += [(f"number {last - 7}", 1), ("nothing of the kind", 0)]
        taken = [page.evaluate(ANSWER, list(question)) for question in questions]
        browser.close()
    if None in taken:
        raise SystemExit(f"the filter never answered {questions[taken.index(None)][0]!r}")
    return max(taken), usable


def _usable_without_data(page: Page, address: str) -> bool:
    held: list[Route] = []
    page.route("**/index.json", lambda route: held.append(route))
    page.goto(f"{address}adr/", wait_until="load")
    usable = page.locator(".sd-log a").first.is_visible()
    page.fill(".sd-filter [name=words]", "queue")
    usable = usable and page.locator(".sd-log a").first.is_visible()
    for route in held:
        route.abort()
    page.unroute("**/index.json")
    return usable


@contextmanager
def _served(config: Path) -> Iterator[str]:
    port = _free_port()
    words = ["-m", "mkdocs", "serve", "--livereload", "--dev-addr", f"127.0.0.1:{port}"]
    log = config.parent / "serve.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=config.parent, stdout=stream, stderr=stream
        )
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait(lambda: _shows(address, "<title>"))
        yield address
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _files(site: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *words: object) -> None:
        pass


def _shows(address: str, mark: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return mark in answer.read().decode("utf-8")
    except (urllib.error.URLError, OSError):
        return False


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"no answer within {PATIENCE:.0f} s; the build may have failed")
        time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
