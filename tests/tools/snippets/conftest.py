"""A small repository of pages, made in a temporary folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sage.tools.snippets import Outcome, Page, PageSettings, load_page_settings
from sage.tools.snippets.run import Runner

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files by name; gives the path of the last one."""

    def write(**files: str) -> Path:
        last = tmp_path
        for name, text in files.items():
            last = tmp_path / name
            last.parent.mkdir(parents=True, exist_ok=True)
            last.write_bytes(text.encode("utf-8", errors="surrogateescape"))
        return last

    return write


@pytest.fixture
def settings(tmp_path: Path) -> PageSettings:
    """The defaults, with a limit that a hanging snippet reaches soon."""
    (tmp_path / "pyproject.toml").write_text("[tool.sage-dev]\nsnippets-timeout = 20\n")
    return load_page_settings(tmp_path)


@pytest.fixture
def runner(tmp_path: Path, settings: PageSettings) -> Iterator[Runner]:
    """A runner of that repository."""
    with Runner(tmp_path, settings) as runner:
        yield runner


@pytest.fixture
def find(write: Write, runner: Runner) -> Callable[[str], Page]:
    """The page that a text is."""

    def find(text: str, name: str = "page.md") -> Page:
        return runner.finder.find(write(**{name: text}))

    return find


@pytest.fixture
def run(find: Callable[[str], Page], runner: Runner) -> Callable[[str], dict[int, Outcome]]:
    """Outcomes of a text's snippets, by their line in the page."""

    def run(text: str, name: str = "page.md") -> dict[int, Outcome]:
        page = find(text, name)
        assert not page.findings
        return {page.snippets[n].line: outcome for n, outcome in runner.run(page).items()}

    return run
