"""The examples of docstrings, on the pages made from them: shown as code, with their badge.

A docstring's `>>>` lines need no fence to run, and Markdown would take them for quotes.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from sage.tools.snippets import Finder, Snippet

__all__ = ["DocstringExamples", "Examples"]

_INNER: Final = ("mkdocstrings_ids", "mkdocstrings_headings")  # what renders docstrings registers
_PROMPT: Final = re.compile(r"^(?P<indent> *)>>> ")
_FENCE: Final = re.compile(r"^\s*(```|~~~)")


class Examples:
    """Finds the snippet that a session on a reference page is, by its text."""

    def __init__(self, root: Path, files: Sequence[str], finder: Finder) -> None:
        """`files` are those of the repository; only modules of packages are looked at."""
        self._root = root
        self._finder = finder
        self._files = [name for name in files if name.endswith(".py") and "/src/" in f"/{name}"]
        self._texts: dict[str, str] | None = None
        self._found: dict[str, tuple[Snippet, ...]] = {}

    def find(self, session: str) -> Snippet | None:
        """The docstring's snippet that holds exactly these lines; `None` where there is none."""
        first = session.split("\n", 1)[0]
        for name, text in self._all().items():
            if first not in text:
                continue
            for snippet in self._snippets(name):
                if session in snippet.source:
                    return snippet
        return None

    def _all(self) -> dict[str, str]:
        if self._texts is None:
            self._texts = {}
            for name in self._files:
                try:
                    self._texts[name] = (self._root / name).read_text("utf-8")
                except (OSError, UnicodeDecodeError):
                    continue
        return self._texts

    def _snippets(self, name: str) -> tuple[Snippet, ...]:
        if name not in self._found:
            self._found[name] = self._finder.find(self._root / name).snippets
        return self._found[name]


class DocstringExamples(Preprocessor):
    """Fences the sessions of a docstring, and puts below each what `badge` says of it."""

    def __init__(self, md: Markdown, badge: Callable[[str], str]) -> None:
        super().__init__(md)
        self._badge = badge

    def run(self, lines: list[str]) -> list[str]:
        """Leave a page's own text alone: there, a session stands in a fence."""
        if not any(name in self.md.treeprocessors for name in _INNER):
            return lines
        return list(self._fenced(lines))

    def _fenced(self, lines: Sequence[str]) -> Iterable[str]:
        inside, session, indent = False, list[str](), ""
        for line in [*lines, ""]:
            match = _PROMPT.match(line)
            if not inside and not session and match:
                session, indent = [line], match["indent"]
            elif session and line.strip():
                session.append(line)
            elif session:
                yield from self._block([one.removeprefix(indent) for one in session], indent)
                session = []
                yield line
            else:
                inside ^= bool(_FENCE.match(line))
                yield line

    def _block(self, session: Sequence[str], indent: str) -> Iterable[str]:
        yield from ("", f"{indent}```pycon", *(indent + line for line in session), f"{indent}```")
        badge = self._badge("\n".join(session))
        if badge:
            yield from ("", indent + self.md.htmlStash.store(badge), "")
