"""The README, as a newcomer reads it."""

import re
from pathlib import Path


def test_it_shows_the_steps_that_the_start_page_shows(root: Path) -> None:
    blocks = re.findall(
        r"^```console\n(.*?)^```", (root / "README.md").read_text("utf-8"), re.M | re.S
    )
    start = re.findall(
        r"^```text\n(.*?)^```", (root / "docs_src/start.md").read_text("utf-8"), re.M | re.S
    )[0]
    steps = [line for line in blocks[0].splitlines() if not line.startswith((" ", "."))]

    assert [block.splitlines()[0] for block in blocks] == ["$ make site", "$ make test"]
    assert [line.split(" (")[0] for line in steps] == [
        line.split(" (")[0] for line in start.splitlines()
    ]


def test_what_it_points_at_is_there(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    folders = [
        path
        for row in re.findall(r"^\| (`[^|]*) \|", text, re.M)
        for path in re.findall("`(.*?)`", row)
    ]
    makes = set(re.findall(r"\bmake ([a-z]+)", text))
    known = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.M))

    assert len(targets) >= 4
    assert len(folders) >= 7
    assert [path for path in [*targets, *folders] if not (root / path).exists()] == []
    assert makes >= {"site", "build", "test"}
    assert makes <= known
