"""`--watch`: a page that changes runs again."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sage.tools.snippets.watch import look, watch


def test_changed_and_new_files_are_told(tmp_path):
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    one.write_text("1")
    changes = itertools.chain(
        [lambda: None, lambda: one.write_text("changed"), lambda: two.write_text("new")],
        [lambda: os.utime(one, (1, 1))],
    )

    def find():
        next(changes, lambda: None)()
        return sorted(tmp_path.glob("*.md"))

    told = list(itertools.islice(watch(find), 3))
    assert told == [[one], [two], [one]]


def test_watch_ends_when_told(tmp_path):
    assert list(watch(lambda: [tmp_path / "gone.md"], stop=iter([False, True]).__next__)) == []


def test_change_between_a_look_and_the_watch_is_told(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before")
    before = look([page])
    page.write_text("changed meanwhile")
    assert next(watch(lambda: [page], since=before)) == [page]


SITE = {
    "mkdocs.yml": "site_name: Live\ntheme: {name: material, font: false}\n"
    "plugins: [decisions]\nmarkdown_extensions: [pymdownx.superfences, pymdownx.highlight]\n",
    "adr/0001-keep.md": "---\nstatus: accepted\ndate: 2025-10-22\n---\n# Keep it\n\n"
    "## Context\n\nA.\n\n## Decision\n\nB.\n\n## Consequences\n\nC.\n",
    "docs/index.md": "# Page\n\n```python\nprint('one')\n```\n",
}


def until(is_so, seconds=60.0):
    """Wait for something that other processes do."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_change_of_what_a_page_builds_on_runs_it_and_a_page_may_go_for_a_moment(write, tmp_path):
    write(**{"pyproject.toml": "", "lib/__init__.py": "v = 1\n", "part.md": "```python\n1\n```\n"})
    page = '```python\nimport lib\nassert lib.v == 1\n```\n\n--8<-- "part.md"\n'
    write(**{"docs/a.md": page, "docs/b.md": "```python\nx = 1\n```\n"})
    log = tmp_path / "log"
    command = [
        Path(sys.executable).parent / "sage-dev",
        "snippets",
        "docs/a.md",
        "docs/b.md",
        "--watch",
    ]
    with log.open("w") as stream:
        watching = subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=stream)
    try:
        for change, said in (
            ({}, "3 snippets on 2 pages: 3 passed"),
            ({"lib/__init__.py": "v = 22\n"}, "docs/a.md:3: snippet-failed AssertionError"),
            ({"lib/__init__.py": "v = 1\n"}, "3 snippets on 2 pages: 3 passed"),
            ({"part.md": "```python\n1 / 0\n```\n"}, "docs/a.md:6: snippet-failed ZeroDivision"),
            ({"docs/b.md": None}, ""),
            ({"docs/b.md": "```python\n1 + 'b'\n```\n"}, "docs/b.md:2: snippet-failed TypeError"),
        ):
            told = len(log.read_text("utf-8"))
            for name, text in change.items():
                (tmp_path / name).unlink() if text is None else write(**{name: text})
            until(lambda said=said, told=told: said in log.read_text("utf-8")[told:])
    finally:
        watching.send_signal(signal.SIGINT)
        assert watching.wait() == 0  # as the first run ended
    assert "\nTraceback" not in log.read_text("utf-8")


@pytest.mark.slow
def test_badge_of_a_served_page_follows_its_run(write, tmp_path):
    write(**SITE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    commands = Path(sys.executable).parent
    serve = [commands / "mkdocs", "serve", "--livereload", "-a", f"127.0.0.1:{port}"]
    watch = [commands / "sage-dev", "snippets", "docs", "--watch"]

    def page() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    running = []
    try:
        with (tmp_path / "log").open("w") as log:
            running.append(subprocess.Popen(serve, cwd=tmp_path, stdout=log, stderr=log))
            until(lambda: "sd-run--stale" in page())
            # Nothing changes now but the evidence.
            running.append(subprocess.Popen(watch, cwd=tmp_path, stdout=log, stderr=log))
            until(lambda: "sd-run--passed" in page())
        write(**{"docs/index.md": SITE["docs/index.md"].replace("one", "two")})
        until(lambda: "two" in page() and "sd-run--passed" in page())
    finally:
        for process in running:
            process.terminate()
            process.wait()
