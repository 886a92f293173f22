"""Every promise on the page of promises is held up by a test that exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs_src/concepts/promises.md"
TEXT = PAGE.read_text("utf-8")


def sections() -> dict[str, str]:
    """The page's parts that name tests, by heading."""
    parts = re.split(r"^#{2,3} (.+)$", TEXT, flags=re.M)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {title: text for title, text in found.items() if text.strip()}


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| **")
    ]


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """Node ids of the tests that the page names files of, without parameters."""
    files = sorted({place.split("::")[0] for place in re.findall(r"`(tests/[^`]+)`", TEXT)})
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    return {line.split("[")[0] for line in run.stdout.splitlines() if "::" in line}


def test_the_page_has_the_backends_that_the_guides_offer():
    assert list(sections()) == [
        "Between threads",
        "Between processes",
        "Between programs",
        "Across restarts",
        "On a Ray cluster",
        "Your own queue",
        "`memory://`",
        "`rocksdb://`",
        "`redis://`",
        "`DictKVBackend()`",
        "Services",
    ]


@pytest.mark.parametrize("title", sections())
def test_each_promise_is_proved_by_tests_that_exist(title, collected):
    text = sections()[title]
    places = re.findall(r"`(tests/[^`]+)`", text)
    assert places
    assert rows(text)
    for name, _promise, proofs in rows(text):
        named = re.findall(r"\*([^*]+)\*", proofs)
        assert named, f"{title}, {name}: no test is named"
        assert proofs == "<br>".join(f"• *{words}*" for words in named), "one below the other"
        for words in named:
            test = "test_" + words.replace(" ", "_")
            assert collected & {f"{place}::{test}" for place in places}, f"no test {test}"
