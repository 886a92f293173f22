"""What stands under each public name of the reference: its source, its records, its examples."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sage.tools.site.facts import Facts
from sage.tools.site.names import Defined, imported_names, public_names, used_names
from sage.tools.snippets import Kind, Page, Snippet

__all__ = ["Reference", "Use"]

_HEADING: Final = re.compile(
    r'<h\d id="(?P<name>[\w.]+)" class="doc doc-heading">.*?<div class="doc doc-contents[^>]*>',
    re.DOTALL,
)
_MARK: Final = re.compile(r"<!-- decisions: name ([\w.]+) -->")
_CODE_BLOCK: Final = re.compile(r"(<pre.*?</pre>)", re.DOTALL)
_INDENT: Final = re.compile(r"\s*\n\s*")
_CODE: Final = (Kind.CODE, Kind.SESSION, Kind.PROGRAM)


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """An example: the address of the page that shows it, the page's title, and its line."""

    url: str
    title: str
    line: int


class Reference:
    """Gathers who uses what while pages are rendered, and fills the reference in at the end."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._uses: dict[str, set[Use]] = {}

    @cached_property
    def names(self) -> Mapping[str, Defined]:
        """Every public name and where it is written."""
        return public_names(self._facts.root, self._facts.files)

    def note(self, page: Page, url: str, title: str) -> None:
        """Remember which public names the code of a page uses."""
        imports: dict[str, str] = {}
        for snippet in page.snippets:
            if snippet.kind in _CODE:
                code = _statements(snippet)
                whole = self._program(snippet) or code
                imports |= imported_names(whole) if "import" in whole else {}
                for name in used_names(code, imports) if imports else ():
                    self._uses.setdefault(name, set()).add(Use(url, title, snippet.line))

    def note_docstring(self, snippet: Snippet, url: str, title: str) -> None:
        """Remember which public names a docstring's example uses, but for the one it stands at."""
        inside = [
            name
            for name, defined in self._of_file.get(snippet.page, ())
            if defined.line <= snippet.line <= defined.end
        ]
        home = inside[0] if inside else ""
        use = Use(f"{url}#{home}", home.rpartition(".")[2], snippet.line)
        code = _statements(snippet)
        for name in used_names(code, imported_names(code)) - {home}:
            self._uses.setdefault(name, set()).add(use if home else Use(url, title, snippet.line))

    @cached_property
    def _of_file(self) -> Mapping[str, list[tuple[str, Defined]]]:
        """The public names written in each file, under the shortest dotted name of each."""
        found: dict[str, list[tuple[str, Defined]]] = {}
        seen: set[Defined] = set()
        for name, defined in sorted(self.names.items(), key=lambda pair: len(pair[0])):
            if defined not in seen:
                seen.add(defined)
                found.setdefault(defined.path, []).append((name, defined))
        return found

    def mark(self, html: str) -> str:
        """Put a mark under each public name that a page of the reference documents.

        The indents of the API's templates, which no browser shows, are left out of such a page.
        """
        if 'class="doc doc-heading"' not in html:
            return html

        def marked(match: re.Match[str]) -> str:
            name = match["name"]
            return f"{match[0]}<!-- decisions: name {name} -->" if name in self.names else match[0]

        parts = _CODE_BLOCK.split(_HEADING.sub(marked, html))
        parts[::2] = [_INDENT.sub("\n", part) for part in parts[::2]]
        return "".join(parts)

    def fill(self, html: str, write: Callable[[Defined, tuple[str, ...], list[Use]], str]) -> str:
        """Replace each mark by what `write` says of the name."""

        def filled(match: re.Match[str]) -> str:
            defined = self.names[match[1]]
            first = {use.url: use for use in sorted(self._uses.get(match[1], ()), reverse=True)}
            return write(defined, self._records(defined, match[1]), sorted(first.values()))

        return _MARK.sub(filled, html)

    def _records(self, defined: Defined, name: str) -> tuple[str, ...]:
        """Ids of the records in force that govern a name's file, name it, or are cited at it."""
        short = re.compile(rf"`(?:[\w.]+\.)?{re.escape(name.rpartition('.')[2])}\b[^`]*`")
        ruling = {record.id for record in self._facts.ruling(defined.path)}
        cited = {
            citation.record
            for citations in self._facts.citations.values()
            for citation in citations
            if citation.path == defined.path and defined.line <= citation.line <= defined.end
        }
        naming = {record.id for record in self._facts.log.records if short.search(record.text)}
        accepted = {r.id for r in self._facts.log.records if r.status == "accepted"}
        return tuple(sorted((ruling | cited | naming) & accepted))

    def _program(self, snippet: Snippet) -> str:
        if not snippet.program:
            return ""
        try:
            return (self._facts.root / snippet.program).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""


def _statements(snippet: Snippet) -> str:
    """The code without the prompts of a session."""
    if snippet.kind is not Kind.SESSION and ">>> " not in snippet.source:
        return snippet.source
    lines = (line.strip() for line in snippet.source.split("\n"))
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))
