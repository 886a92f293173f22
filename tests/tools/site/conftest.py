"""A small decision site of its own, and how to build it in this process."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Literal

import pytest
from mkdocs.commands.build import build as build_site
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from sage.tools.snippets import Evidence, Finder, Outcome, Status, load_page_settings

CONFIG = """
site_name: Small
site_url: https://example.org/small/
repo_url: https://example.org/small-repo
edit_uri: edit/main/docs/
docs_dir: docs
theme: {name: material, font: false, features: [content.action.edit]}
plugins:
  - search
  - decisions: {stale: STALE}
markdown_extensions:
  - attr_list
  - toc: {permalink: true}
  - pymdownx.highlight
  - pymdownx.snippets: {base_path: ["."], check_paths: false}
  - pymdownx.superfences
not_in_nav: "*"
"""

FIRST = """
---
status: superseded
date: 2025-10-22
decision-makers: [Ada, Grace]
tags: [layers]
layers: [L1, L2]
---

# Keep two layers

## Context

Some.

## Decision

Keep two layers and no third one.

## Consequences

None.
"""

SECOND = """
---
status: accepted
date: 2025-10-23
decision-makers: [Ada]
tags: [layers, queue]
layers: [L2]
supersedes: [1]
governs: ["src/**"]
---

# Create a third layer

## Context

It follows ADR-0001.

## Decision

Option 2. A third layer holds what the others share.

## Consequences

None.
"""


@dataclass
class Built:
    """What one build gave."""

    folder: Path
    log: list[str] = field(default_factory=list)
    aborted: bool = False

    def page(self, address: str) -> str:
        """The HTML at an address below the site's root."""
        return (self.folder / address / "index.html").read_text("utf-8")


class Project:
    """A repository with records and pages, in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("mkdocs.yml", CONFIG.replace("STALE", "fail"))
        self.write("docs/index.md", "# Home\n\nRead ADR-0002.\n")
        self.write("adr/0001-two-layers.md", FIRST)
        self.write("adr/0002-third-layer.md", SECOND)
        self.write("src/queue.py", "QUEUE = []\n")

    def write(self, name: str, text: str) -> Path:
        """Write a file below the root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
        return path

    def show_stale(self) -> None:
        """Let stale snippets be shown instead of failing the build."""
        self.write("mkdocs.yml", CONFIG.replace("STALE", "show"))

    def ran(self, page: str, *outcomes: Outcome) -> None:
        """Put these outcomes of a page's snippets, in their order, into the evidence."""
        finder = Finder(self.root, load_page_settings(self.root))
        found = finder.find(self.root / page)
        evidence = Evidence.read(self.root)
        for snippet, outcome in zip(
            [s for s in found.snippets if s.runs and not s.skip], outcomes, strict=True
        ):
            evidence.record(snippet, outcome)
        evidence.write()

    def build(self, *, strict: bool = True, command: Literal["build", "serve"] = "build") -> Built:
        """Build the site; never raises for what stands in its files."""
        built = Built(self.root / "site")
        listener = _Listener(built.log)
        logging.getLogger("mkdocs").addHandler(listener)
        try:
            config = load_config(str(self.root / "mkdocs.yml"), strict=strict)
            config.plugins.on_startup(command=command, dirty=False)
            build_site(config)
        except Abort as error:
            built.aborted = True
            built.log.append(str(error))
        finally:
            logging.getLogger("mkdocs").removeHandler(listener)
        return built


class _Listener(logging.Handler):
    def __init__(self, log: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        self.log.append(record.getMessage())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh project with two records and a home page."""
    return Project(tmp_path)


@pytest.fixture
def passed() -> Callable[[str], Outcome]:
    """Makes the outcome of a snippet that passed and printed this."""
    return lambda output="": Outcome(Status.PASSED, output=output, seconds=0.25)
