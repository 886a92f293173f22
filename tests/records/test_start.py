"""The start page, followed by somebody who types what it shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs_src/start.md").read_text("utf-8")
FENCE = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)[0]
SHOWN = re.findall(r"^(?:\$ )?(.+)$", FENCE, re.M)


def test_it_shows_each_step_that_make_site_announces():
    announced = [
        line
        for file in ("tools/setup.sh", "Makefile")
        for line in re.findall(r'echo "((?:setup|build) \d/\d: [^"(]+)', (ROOT / file).read_text())
    ]

    assert SHOWN[0] == "make site"
    assert [line.split(" (")[0] for line in SHOWN[1:-1]] == [line.strip() for line in announced]


def test_it_shows_the_address_as_the_server_prints_it():
    served = (ROOT / "tools/serve.py").read_text("utf-8")
    says = re.sub(r"\{[^}]*\}", "…", re.findall(r'print\(f"(The site is at .*?)"', served)[0])

    assert re.sub(r"127\.0\.0\.1:8000", "…:…", SHOWN[-1]) == says


@pytest.fixture(scope="module")
def typed() -> "subprocess.CompletedProcess[str]":
    """The page's sessions without their prompts, typed into an interactive Python."""
    sessions = re.findall(r"^```pycon\n(.*?)^```", PAGE, re.M | re.S)
    lines = [line for session in sessions for line in session.splitlines()]
    code = [line[4:] for line in lines if re.match(r"(>>>|\.\.\.)( |$)", line)]
    return subprocess.run(
        [sys.executable, "-i", "-q"],
        input="\n".join(code) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_it_shows_can_be_pasted_into_python(typed):
    assert "Error" not in typed.stderr, typed.stderr
    assert typed.stdout.splitlines() == ["1", "'hello'", "'你好'", "'你好'"]
