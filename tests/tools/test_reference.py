"""The reference pages of `sage-dev` say what its commands, settings and codes say."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sage.tools.adr.codes import CODES
from sage.tools.cli import COMMANDS
from sage.tools.cli._reference import pages


def _help(*words: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", "from sage.tools.cli import main; main()", *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
    ).stdout


def test_reference_pages_are_those_that_the_command_makes(root: Path) -> None:
    folder = root / "docs_src/reference"
    made = pages()
    assert len(made) == len(CODES) + 3
    for name, text in made.items():
        # To repair: python -m sage.tools.cli._reference docs_src/reference
        assert (folder / name).read_text("utf-8") == text, name
    kept = {f"findings/adr/{file.name}" for file in (folder / "findings/adr").iterdir()}
    assert kept == {name for name in made if name.startswith("findings/")}


def test_every_command_of_sage_dev_has_its_part_of_the_reference() -> None:
    page = pages()["sage-dev.md"]
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.M | re.S))

    assert list(parts) == [
        *("snippets", "layers", "layers explain", "layers graph", "versions", "quality"),
        "Settings",
    ]
    assert set(COMMANDS) == {name.split()[0] for name in parts if name != "Settings"} | {"adr"}
    for name in list(parts)[:-1]:
        told = _help(*name.split())
        options = set(re.findall(r"(?<![\w-])--[a-z-]+", told)) - {"--help"}
        shown = set(
            re.findall(r"--[a-z-]+", " ".join(re.findall(r"^\| `(.+?)`", parts[name], re.M)))
        )
        assert shown == options, name
        assert "Exit codes: 0 " in parts[name], name


def test_every_setting_has_its_line_of_the_reference() -> None:
    page = pages()["sage-dev.md"]

    assert re.findall(r"^\| `(adr|snippets)-[a-z-]+` \| .+ \| .+ \| .+ \|$", page, re.M) == [
        *["adr"] * 6,
        *["snippets"] * 10,
    ]
    assert (
        "| `snippets-timeout` | Seconds that a snippet may take. "
        "| seconds above 0, up to a day | `60.0` |\n"
    ) in page
    assert (
        '| `snippets-programs` | Folders of programs. | a list of texts | `["snippets"]` |\n'
    ) in page


# Words of this form in the source that name no finding.
NO_FINDING = {
    *("empty-body", "import-not-found", "import-untyped", "no-redef", "no-untyped-call"),
    *("no-untyped-def", "top-level-await", "type-arg"),  # mypy's own
    *("markdown-exec", "pymdown-extensions", "python-console", "python-repl", "shell-session"),
    *("ls-files", "rev-parse", "sage-snippet-lines", "sage-snippets-asked-for"),
    *("decision-history", "decision-index", "decision-list", "decision-topic", "decision-topics"),
    *("decisions-at-a-glance", "layer-picture", "package-table", "rule-table", "ruled-by"),
    *("data-decision", "sage-cite", "sage-examples", "sage-files", "sage-links"),
    *("sage-placeholders", "layers-narrow", "sd-checks", "sd-files", "sd-graph"),
    *("decision-makers", "review-by", "unreadable-record"),
}


def _codes(*folders: Path) -> set[str]:
    """The words in the source that have the form of a finding's code, without `NO_FINDING`."""
    found = {
        node.value
        for folder in folders
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {word for word in found if re.fullmatch("[a-z]+(-[a-z]+)+", word)} - NO_FINDING


@pytest.mark.parametrize(
    ("page", "rooms"), [("snippets", ("snippets", "pytest_plugin")), ("site", ("site",))]
)
def test_every_finding_of_snippets_and_of_the_site_is_explained(root, page, rooms) -> None:
    tools = root / "packages/sage-tools/src/sage/tools"
    text = (root / f"docs_src/reference/findings/{page}.md").read_text("utf-8")
    explained = set(re.findall(r"^### (\S+)$", text, re.M))

    assert len(explained) >= 10
    assert explained - {"dead-link"} == _codes(*(tools / room for room in rooms))
