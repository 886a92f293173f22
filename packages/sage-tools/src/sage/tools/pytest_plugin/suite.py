"""What the items of one session share: the runner, the pages, the evidence."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sage.tools.snippets.config import load_page_settings
from sage.tools.snippets.evidence import Evidence
from sage.tools.snippets.model import Outcome, Page, Snippet
from sage.tools.snippets.run import Runner
from sage.tools.snippets.suite import IGNORED, is_page

if TYPE_CHECKING:  # it loads Markdown
    from sage.tools.snippets.selfcheck import SelfCheck

__all__ = ["Suite"]


class Suite:
    """The pages of one pytest session; `close()` it.

    Attributes:
        changed: Whether to leave out what passed and has not changed since.
        worker: Whether this process is one of xdist's workers.
        unchanged: How many snippets were left out.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.root = config.rootpath
        self.settings = load_page_settings(self.root)
        self.changed = bool(config.getoption("snippets_changed"))
        self.worker = hasattr(config, "workerinput")
        self._last: dict[str, int] = {}  # of each page, the last snippet that was selected
        self.unchanged = 0
        self._any = bool(config.getoption("snippets"))
        self._paths = [Path(path).resolve() for path in config.getini("snippets")]
        self._pages: list[Page] = []

    @cached_property
    def runner(self) -> Runner:
        """The one runner; its fork server starts with the first snippet."""
        return Runner(self.root, self.settings)

    @cached_property
    def evidence(self) -> Evidence:
        """What earlier runs know, and where this one's outcomes go."""
        return Evidence.read(self.root)

    @cached_property
    def _check(self) -> "SelfCheck":
        from sage.tools.snippets.selfcheck import SelfCheck

        return SelfCheck(self.root, self.settings, self.runner.finder.found)

    def wants(self, file: Path) -> bool:
        """Whether the file is a page that was asked for."""
        asked = self._any or any(file.is_relative_to(path) for path in self._paths)
        ignored = IGNORED.intersection(file.parts)
        return asked and not ignored and is_page(file, self.root, self.settings)

    def read(self, file: Path) -> Page:
        """The page, found as the site shows it."""
        page = self.runner.finder.find(file)
        if self.settings.self_check:
            page = self._check.checked(page)
        self._pages.append(page)
        return page

    def is_known(self, snippet: Snippet) -> bool:
        """Whether the snippet has passed and not changed since."""
        return snippet.runs and self.evidence.has_passed(snippet)

    def select(self, page: Page, snippet: Snippet) -> None:
        """Note that the snippet was selected, so that its page's process may run up to there."""
        self._last[page.path] = max(self._last.get(page.path, 0), snippet.number)

    def outcome(self, page: Page, number: int) -> Outcome:
        """The outcome of a snippet; runs what it builds on first. Blocks."""
        # Under xdist other workers run the page's other items: nobody knows which is the last.
        until = None if self.worker else self._last.get(page.path)
        return self.runner.outcome(page, number, until=until)

    def close(self) -> None:
        """End the fork server and write what was learned."""
        opened = self.__dict__
        if "runner" in opened:
            self.runner.close()
            if not self.worker:
                self.runner.finder.save()
        if "evidence" in opened and not self.worker:
            for page in self._pages:
                self.evidence.whole_if_complete(page)
            self.evidence.write()
