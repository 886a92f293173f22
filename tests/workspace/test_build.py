"""`make build`, in a small workspace of its own: whole or not at all, and a sentence when not."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RECORD = """\
---
status: accepted
date: 2026-01-31
decision-makers: [The team]
tags: [greeting]
layers: [L1]
governs: ["snippets/**"]
---

# Greet in one line

## Context and problem

People who start the program should see that it runs.

## Decision drivers

- short

## Considered options

1. One line. Costs a line of output.
2. Nothing. Costs the reader's trust.

## Decision

Option 1.

```python
--8<-- "snippets/hello.py:main"
```

```pycon
>>> "hello".title()
'Hello'
```

## Consequences

There is a greeting.
"""

PROGRAM = """\
# --8<-- [start:main]
print("hello")
# --8<-- [end:main]
"""

LAYERS = """\
version: 1
namespace: sage
packages:
  sage-common: {layer: L1, summary: the base}
rules:
  upward-import: {adr: [1]}
"""

SETTINGS = """\
[project]
name = "small"
version = "0"

[tool.sage-dev]
adr-dir = "adr"
"""

FILES = {
    "adr/0001-greet.md": RECORD,
    "docs_src/index.md": "---\ndescription: A small site.\n---\n\n# Home\n\nSee ADR-0001.\n",
    "snippets/hello.py": PROGRAM,
    "layer.yaml": LAYERS,
    "pyproject.toml": SETTINGS,
}


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace whose site was built once."""
    folder = tmp_path_factory.mktemp("workspace")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    shutil.copy(root / "Makefile", folder / "Makefile")
    shutil.copytree(root / "packages/sage-common", folder / "packages/sage-common")
    config = (root / "mkdocs.yml").read_text("utf-8")
    small, cuts = re.subn(
        r"^nav:\n(?:[ #].*\n|\n)+", "nav: [{Home: index.md}]\n\n", config, flags=re.M
    )
    assert cuts == 1
    small = re.sub(r"ADR-\d{4}", "ADR-0001", small)  # the only record that it has
    small, cuts = re.subn(r"^ +custom_templates: .*\n", "", small, flags=re.M)  # without sage-tools
    assert cuts == 1
    (folder / "mkdocs.yml").write_text(small, "utf-8")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "build 4/4: the site" in done.stdout
    return folder


@pytest.fixture
def workspace(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "workspace"))


COMMAND = ("make", "--no-print-directory", "-o", "setup", "build",
           f"BIN={Path(sys.executable).parent}")  # fmt: skip
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND,
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


UNKNOWN = "ADR-0099"  # adr: elsewhere

WAITS = "  once another build in this folder is done\n"

BREAKS = {
    "broken front matter": (
        "adr/0001-greet.md", "date: 2026-01-31", "date: [2026-01-31",
        r"build 1/4: .*\nadr/0001-greet\.md:\d+: "
    ),
    "wrong expected output": (
        "adr/0001-greet.md", "'Hello'", "'Hallo'", r"adr/0001-greet\.md:\d+"
    ),
    "a snippet that raises": (
        "snippets/hello.py", 'print("hello")', 'raise SystemError("no")', r"snippets/hello\.py:2"
    ),
    "a link to nowhere": (
        "docs_src/index.md", "See ADR-0001.", "See [that](nowhere.md).", r"index\.md.*nowhere\.md"
    ),
    "a missing section marker": (
        "adr/0001-greet.md", "hello.py:main", "hello.py:body", r"adr/0001-greet\.md:\d+"
    ),
    "an unknown record cited": (
        "docs_src/index.md", "ADR-0001", UNKNOWN, rf"docs_src/index\.md:7: .*{UNKNOWN}"
    ),
    "a layer that is not known": (
        "layer.yaml", "layer: L1", "layer: L9", r"sage-dev: layer\.yaml:4: "
    ),
    "a page that the navigation leaves out": (
        "mkdocs.yml", "Home: index.md", "Decisions: adr/index.md", r"not included in the \"nav\""
    ),
    "a fence that raises": (
        "docs_src/index.md", "See ADR-0001.", "```python\nprint(x)\n```", r"docs_src/index\.md:8"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BREAKS)
def test_bad_input_stops_the_build_and_the_old_site_stays(workspace: Path, case: str) -> None:
    name, old, new, message = BREAKS[case]
    before = contents(workspace / "site")
    assert len(before) > 20
    text = (workspace / name).read_text("utf-8")
    assert old in text
    (workspace / name).write_text(text.replace(old, new), "utf-8")

    broken = build(workspace)
    said = broken.stdout + broken.stderr
    assert broken.returncode == 2, said  # make's own code for a recipe that failed
    assert re.search(message, said), said
    assert "Traceback (most recent call last)" not in broken.stderr
    assert contents(workspace / "site") == before


def test_mended_input_builds_again(workspace: Path) -> None:
    page = workspace / "docs_src/index.md"
    text = page.read_text("utf-8")
    page.write_text(text.replace("ADR-0001", UNKNOWN), "utf-8")
    assert build(workspace).returncode == 2
    page.write_text(text + "\nMended.\n", "utf-8")
    done = build(workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Mended." in (workspace / "site/index.html").read_text("utf-8")


def test_build_waits_for_another_in_its_folder(workspace: Path) -> None:
    page = workspace / "docs_src/index.md"
    page.write_text(page.read_text("utf-8") + "\nLater.\n", "utf-8")
    lock = workspace / ".sage-dev/build.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as the other build holds it
        with subprocess.Popen(COMMAND, cwd=workspace, env=ENVIRONMENT, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as waiting:  # fmt: skip
            assert waiting.stdout is not None
            told = list(iter(waiting.stdout.readline, WAITS))
            assert told[-1] == "build 4/4: the site\n"
            assert waiting.poll() is None
            assert "Later." not in (workspace / "site/index.html").read_text("utf-8")
            fcntl.flock(held, fcntl.LOCK_UN)
            rest = waiting.stdout.read()
    assert waiting.returncode == 0
    assert re.search(r"^built: site/ holds \d+ pages$", rest, re.M)
    assert "Later." in (workspace / "site/index.html").read_text("utf-8")


def test_full_disk_is_told_in_a_sentence_and_the_old_site_stays(workspace: Path) -> None:
    before = contents(workspace / "site")
    page = workspace / "docs_src/index.md"
    page.write_text(page.read_text("utf-8") + "\nLater.\n", "utf-8")
    # To who writes a file that may not grow, the disk is full.
    done = subprocess.run(["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", *COMMAND], cwd=workspace,
                          env=ENVIRONMENT, capture_output=True, text=True, timeout=240,
                          check=False)  # fmt: skip
    assert "build 4/4: the site" in done.stdout
    assert done.returncode == 2
    assert re.search(r"^Error: .*: cannot be written: File too large$", done.stderr, re.M)
    assert "Traceback" not in done.stdout + done.stderr
    assert contents(workspace / "site") == before


def test_second_build_runs_no_snippet_again(workspace: Path) -> None:
    def snippets() -> object:
        text = (workspace / ".sage-dev/evidence.json").read_text("utf-8")
        return json.loads(text)["pages"]

    before = snippets()
    done = build(workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert snippets() == before
    assert before
