"""One build of the site: the current page, what it cites and shows, and what was found wrong."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from markdown import Markdown

from sage.tools.finding import Finding
from sage.tools.site.facts import Facts
from sage.tools.site.filelinks import FileLinks
from sage.tools.site.names import Defined
from sage.tools.site.pages import Pages, Place
from sage.tools.site.reference import Reference, Use
from sage.tools.site.runs import Runs
from sage.tools.site.views import RecordView, Shelf
from sage.tools.snippets import PageSettings

__all__ = ["Build"]

_OPTIONS: Final = {
    "decisions-at-a-glance": ("tag", "layer", "status", "numbers"),
    "decision-topic": ("topic",),
    "ruled-by": ("path",),
}


@dataclass(frozen=True, slots=True)
class _Source:
    path: str
    name: str
    file: Path | None
    written: str | None

    @property
    def text(self) -> str:
        """The whole file, front matter included."""
        if self.written is None and self.file is not None:
            return read_source(self.file)
        return self.written or ""


class Build:
    """What the Markdown extension asks (its `Site`), answered for the page being rendered."""

    def __init__(
        self,
        facts: Facts,
        pages: Pages,
        shelf: Shelf,
        settings: PageSettings,
        links: FileLinks,
    ) -> None:
        self.links = links
        self.facts = facts
        self.pages = pages
        self.shelf = shelf
        self.reference = Reference(facts)
        self.runs = Runs(facts.root, settings, pages, self.report)
        self.findings: set[Finding] = set(facts.findings)
        self.place = Place("")
        self._ruling: dict[str, frozenset[str]] = {}
        self._source = _Source("", "", None, None)
        self._parts: dict[str, Callable[[Mapping[str, str]], str]] = {
            "checklist": lambda _: self.pages.checklist(self.place),
            "decision-history": lambda _: self.pages.history(self.place),
            "decision-index": lambda _: self.pages.index(self.place),
            "decision-list": lambda _: self.pages.all(self.place),
            "decision-topics": lambda _: self.pages.overview(self.place),
            "decision-topic": lambda options: self.pages.topic(self.place, options["topic"]),
            "decisions-at-a-glance": lambda options: self.pages.glance(self.place, options),
            "layer-picture": lambda _: self.pages.picture(self.place),
            "package-table": lambda _: self.pages.packages(self.place),
            "ruled-by": lambda options: self._ruled_by(options.get("path", "")),
            "rule-table": lambda _: self.pages.rules(self.place),
        }

    def attach(self, md: Markdown) -> None:
        """Hear of the code blocks that `md` renders."""
        self.runs.attach(md)

    def example(self, session: str) -> str:
        """The badge of a docstring's example; empty where the session is in no docstring."""
        return self.runs.example(session)

    def enter(
        self,
        place: Place,
        path: str,
        file: Path | None,
        markdown: str,
        *,
        name: str = "",
        written: str | None = None,
    ) -> None:
        """From here on the page at `place` is rendered.

        Its Markdown, without front matter, comes from the file `path` (relative to the root), which
        the generator calls `name`; `file` is `None` for a page that was made up. `written` is the
        file's whole text, for who has read it already.
        """
        self.place = place
        if file is None:
            written = markdown
        else:
            self.runs.enter(place, file, markdown, written)
        self._source = _Source(path, name or path, file, written)

    def leave(self, html: str, title: str) -> str:
        """The page is rendered, as `html`: what becomes of it."""
        self.runs.leave()
        page = self.runs.page
        if page is not None and page.path == self._source.path and self.place.language == "en":
            self.reference.note(page, self.place.url, title)
        for example in self.runs.examples:
            self.reference.note_docstring(example, self.place.url, title)
        return self.reference.mark(html)

    def complete(self, html: str, place: Place) -> str:
        """The page at `place`, rendered as `html`, with what only the whole site tells."""
        common = self._ruling.get(place.url, frozenset())

        def write(defined: Defined, records: tuple[str, ...], uses: list[Use]) -> str:
            # What rules every name here is said once, at the top of the page.
            own = set(records) - common if common <= set(records) else records
            return self.pages.name(place, defined, sorted(own), uses)

        return self.reference.fill(html, write)

    def report(self, finding: Finding) -> None:
        """Note what is wrong; twice is once."""
        self.findings.add(finding)

    def verdict(self, *, fatal: bool, stale: bool) -> Iterator[tuple[Finding, bool]]:
        """What was found, sorted, and whether each ends the build.

        Args:
            fatal: Whether errors end it. A broken layer never does: it is shown, in red, where a
                reader looks.
            stale: Whether to tell of code that has not run as it stands.
        """
        shown = set(self.facts.layers.findings if self.facts.layers else ())
        for finding in sorted(self.findings):
            if stale or finding.code != "stale-snippet":
                yield finding, fatal and finding.severity == "error" and finding not in shown

    def cited(self, record: str) -> RecordView | None:
        """The record with this id as the current page shows it; a finding where there is none."""
        view = self.shelf.view(_canonical(record), self.place.url, self.place.language)
        if view is None:
            self._find(
                record,
                "unknown-citation",
                f"{record} is cited and there is no such record in {self._log_name()}; "
                "correct the number or write the record",
                near=self._citing,
            )
        return view

    def link(self, record: str) -> str:
        """The link from the current page to that record."""
        view = self.shelf.view(_canonical(record), self.place.url, self.place.language)
        return view.href if view else ""

    def resolve(self, link: str) -> str:
        """A link of the current page to a file, by the generator's names; empty for no link."""
        return self.links.resolve(link, self._source.path, self._source.name)

    def part(self, name: str, options: Mapping[str, str]) -> str:
        """The HTML of a generated part; an empty block, and a finding, for an unknown name."""
        writer = self._parts.get(name)
        if writer is None:
            near = get_close_matches(name, self._parts, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(self._parts)}"
            self._find(
                f"sage: {name}", "unknown-part", f"no generated part is called {name!r}; {hint}"
            )
            return "<div></div>"
        unknown = set(options) - set(_OPTIONS.get(name, ()))
        if unknown:
            known = ", ".join(_OPTIONS.get(name, ())) or "none"
            message = f"{name} has no option {sorted(unknown)[0]!r}; known: {known}"
            self._find(f"sage: {name}", "unknown-option", message)
            return "<div></div>"
        return writer(options)

    def _ruled_by(self, folder: str) -> str:
        ruling = {record.id for record in self.facts.ruling(folder)}
        self._ruling[self.place.url] = self._ruling.get(self.place.url, frozenset()) | ruling
        return self.pages.ruling(self.place, folder)

    def _find(
        self,
        text: str,
        code: str,
        message: str,
        *,
        near: "Callable[[str], Finding | None] | None" = None,
    ) -> None:
        line = _line_of(text, self._source.text)
        place = near(text) if near and not line else None
        if place is not None:
            finding = Finding(place.path, place.line, code, message)
        else:
            finding = Finding(self._source.path, line, code, message)
        self.report(finding)

    def _citing(self, record: str) -> Finding | None:
        # Text that came from elsewhere, such as a docstring: look for who wrote it.
        cited = self.facts.citations.get(_canonical(record), ())
        return Finding(cited[0].path, cited[0].line, "", "") if cited else None

    def _log_name(self) -> str:
        folder = self.facts.log.directory
        root = self.facts.root
        return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _canonical(record: str) -> str:
    log, _, name = record.rpartition("/")
    number = int(name.removeprefix("ADR-"))
    return f"{log}/ADR-{number:04d}" if log else f"ADR-{number:04d}"


def _line_of(text: str, source: str) -> int:
    pattern = re.compile(rf"(?<![\w/]){re.escape(text)}(?![\w-])")
    fence = False
    for number, line in enumerate(source.splitlines(), 1):
        if line.lstrip("> ").startswith(("```", "~~~")):
            fence = not fence
        if not fence and pattern.search(line):
            return number
    return 0


def read_source(file: Path) -> str:
    """The text of a page's file; empty where it cannot be read."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
