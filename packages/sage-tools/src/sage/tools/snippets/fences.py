"""Hears of every fence that a Python-Markdown instance recognises, with its line.

`FenceHook` sits in the *live* superfences preprocessor of a `markdown.Markdown`. It changes
nothing about what is a fence: superfences decides, we listen. Lines are found because each line of
the text carries its place through the preprocessors before superfences, includes too.

Two users share it, so that they cannot disagree. The finder attaches it with a formatter of its
own: fences are stored as a mark instead of highlighted HTML. The site attaches it to the instance
that renders a page, and gets the fences, with their place in `md.htmlStash`, when superfences is
done.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import markdown
from markdown.preprocessors import Preprocessor
from markdown.util import HTML_PLACEHOLDER
from pymdownx.superfences import RE_NESTED_FENCE_START, SuperFencesBlockPreprocessor

from sage.tools.snippets.directives import without_directives
from sage.tools.snippets.fence import ATTRIBUTES, Fence
from sage.tools.snippets.includes import IncludeHook
from sage.tools.snippets.lines import Line, carry

__all__ = ["MARK", "FenceHook", "Problem", "mark"]

Problem: TypeAlias = tuple[int, str, str]  # line, code of the finding, sentence

MARK = "<!---->"  # what the finder stores for a fence: HTML that shows nothing
BEFORE = r"(?:[> \t]|(?P<bullet>[-*+]|\d+[.)])[ \t])*(?P<fence>`{3,}|~{3,})[ \t]*"
PYTHON_OPENER = re.compile(
    BEFORE + r"(?:(?P<directive>\{[\w-]+\})[ \t]+|\{?[ \t]*\.?)"
    r"(?:python3?|py3?|pycon|python-repl|ipython3?)(?![\w+-])",
    re.I,
)
OPENER = re.compile(BEFORE + r"[^\s`~{][^`]*$")
BARE = re.compile(r"python3?|py3?|pycon", re.I)
# Code that stands in no fence: what codehilite takes for Python, and a session.
INDENTED = re.compile(r"(?: {4}|\t)[ \t]*(?:(?::::|#!)(?:python3?|py3?|pycon)\s*$|>>> )", re.I)


class FenceHook:
    """Listens to one or more Markdown instances; holds the fences of the page read last.

    Args:
        formatter: Makes the HTML of every fence, in place of the site's own; called as
            superfences calls formatters.
        after: Called when superfences has read a page, with the Markdown instance.
        directives: Whether MyST's directives are none of the page's fences.
    """

    def __init__(
        self,
        *,
        formatter: Callable[..., str] | None = None,
        after: Callable[[markdown.Markdown], None] | None = None,
        directives: bool = False,
    ) -> None:
        self.fences: list[Fence] = []
        self.problems: list[Problem] = []
        self.includes: set[str] = set()
        self.rest: list[str] = []  # the page's lines when superfences has taken the fences away
        self._formatter = formatter
        self._after = after
        self._directives = directives
        self._body_line: int | None = None
        self._lines: list[str] = []
        self._whole: list[str] = []  # the lines before tabs were put aside, where they are
        self._here = False  # whether the conversion under way is the page's own, not a nested one

    def attach(self, md: markdown.Markdown) -> None:
        """Listen to `md`, from its next conversion that follows a `begin`."""
        md.preprocessors.register(_Start(md, self), "sage-snippet-lines", 10_000)

    def begin(self, body_line: int = 1) -> None:
        """Expect a page, whose text starts on line `body_line` of its file."""
        self.fences, self.problems, self.includes = [], [], set()
        self.rest, self._whole = [], []
        self._body_line = body_line

    def start(self, md: markdown.Markdown, lines: Sequence[str]) -> list[str]:
        """Give each line its place; called as the first preprocessor."""
        first, self._body_line = self._body_line, None
        self._here = first is not None
        if first is None:  # a nested conversion, such as a docstring's: not this page's text
            return list(lines)
        if not getattr(md, "_sage_fence_hook", None):
            md._sage_fence_hook = self  # type: ignore[attr-defined]
            self._listen(md)
        texts = without_directives(lines) if self._directives else lines
        return [Line(text, first + index) for index, text in enumerate(texts)]

    def _listen(self, md: markdown.Markdown) -> None:
        for processor in md.preprocessors:
            if type(processor).__name__ == "SnippetPreprocessor":
                IncludeHook(self.includes_of, self.problem).attach(processor)
            if type(processor) is SuperFencesBlockPreprocessor:
                self._listen_to_fences(processor)
                return
            if not isinstance(processor, _Start):
                self._keep_lines(processor)

    def includes_of(self, path: str) -> None:
        """Note a file that the page shows."""
        self.includes.add(path)

    def problem(self, line: int, code: str, message: str) -> None:
        """Note something wrong with the page."""
        self.problems.append((line, code, message))

    def _keep_lines(self, processor: Preprocessor) -> None:
        original = processor.run

        def run(lines: list[str]) -> list[str]:
            if isinstance(processor, SuperFencesBlockPreprocessor):  # the one that keeps tabs
                self._whole = list(lines)
            return carry(lines, original(lines)) if self._here else original(lines)

        processor.run = run  # type: ignore[method-assign]

    def _listen_to_fences(self, fences: SuperFencesBlockPreprocessor) -> None:
        run, search, store = fences.run, fences.search_nested, fences.process_nested_block
        fences.run = partial(self._run, fences, run)
        fences.search_nested = partial(self._search, search)
        fences.process_nested_block = partial(self._process, fences, store)

    def _run(
        self,
        fences: SuperFencesBlockPreprocessor,
        run: Callable[[list[str]], list[str]],
        lines: list[str],
    ) -> list[str]:
        if not self._here:
            return run(lines)
        self._lines = list(lines)
        self.rest = run(lines)
        self._find_lost(fences)
        self._here = False
        if self._after:
            self._after(fences.md)
        return self.rest

    def _search(self, search: Callable[[list[str]], list[str]], lines: list[str]) -> list[str]:
        if self._here:
            self._lines = carry(self._whole or self._lines, lines)
        return search(lines)

    def _process(
        self,
        fences: SuperFencesBlockPreprocessor,
        process: Callable[[str, str, int, int], None],
        ws: str,
        content: str,
        start: int,
        end: int,
    ) -> None:
        if not self._here:
            process(ws, content, start, end)
            return
        options = {**fences.options, **fences.attrs}
        for name in ATTRIBUTES:
            fences.attrs.pop(name, None)
        facts = (fences.lang or "", tuple(fences.classes), fences.rebuild_block(fences.code))
        prefix, before = fences.ws or "", len(fences.stack)
        if self._formatter is not None:
            fences.formatter = self._formatter
        process(ws, content, start, end)
        if len(fences.stack) > before:
            self._add(
                fences,
                facts,
                {k: "" if v is None else str(v) for k, v in options.items()},
                prefix,
                start,
                end,
            )

    def _add(
        self,
        fences: SuperFencesBlockPreprocessor,
        facts: tuple[str, tuple[str, ...], str],
        options: dict[str, str],
        prefix: str,
        start: int,
        end: int,
    ) -> None:
        language, classes, source = facts
        if not language and any(BARE.fullmatch(option) for option in options):
            self.problem(_at(self._lines[start]), "lost-fence",
                         f"{self._lines[start].strip()} shows plain text on the site; write "
                         "```{.python}")  # fmt: skip
        key = len(fences.md.htmlStash.rawHtmlBlocks) - 1
        self.fences.append(
            Fence(
                line=_at(self._lines[start]),
                end_line=_at(self._lines[end - 1]),
                language=language,
                classes=classes,
                options=options,
                source=source,
                lines=tuple(self._lines[start + 1 : end - 1]),
                prefix=prefix,
                opening=self._lines[start],
                key=key,
                placeholder=HTML_PLACEHOLDER % key,
            )
        )

    def _find_lost(self, fences: SuperFencesBlockPreprocessor) -> None:
        """Openings that look like Python to a writer, and are no fence on the site."""
        inside = {id(line) for fence in self.fences for line in (fence.opening, *fence.lines)}
        comment, before = False, ""
        open_line = self._unterminated(fences)
        for line in self._lines:
            if id(line) in inside:
                continue
            opened = not comment and PYTHON_OPENER.match(line)
            if not comment and line[:1] in " \t" and INDENTED.match(line):
                self._tell_of_indented(line, before)
            comment = _in_comment(line, comment)
            before = line
            if line is open_line or (opened and open_line is not None and line == open_line):
                continue
            if opened:
                self.problem(_at(line), "lost-fence", f"{line.strip()} {_advice(opened)}")

    def _tell_of_indented(self, line: str, before: str) -> None:
        if not before.strip():
            message = "this indented code is not run; put it into a fence that opens with ```python"
            self.problem(_at(line), "lost-fence", message)

    def _unterminated(self, fences: SuperFencesBlockPreprocessor) -> str | None:
        if fences.fence is None:
            return None
        stored = {id(fence.opening) for fence in self.fences}
        for line in reversed(self._lines):
            match = RE_NESTED_FENCE_START.match(line.lstrip("> \t"))
            if match and id(line) not in stored and line.strip() == fences.first.strip():
                end = f"; end it with {match.group('fence')}"
                why = "" if match.group("lang") else self._opened_above(line, stored)
                said = f"{line.strip()} is never closed{why or end}"
                self.problem(_at(line), "unterminated-fence", said)
                return line
        return None

    def _opened_above(self, line: str, stored: set[int]) -> str:
        """The line that was meant to open what `line` was meant to close."""
        inside = {id(own) for fence in self.fences for own in fence.lines} | stored
        above = self._lines[: next(n for n, own in enumerate(self._lines) if own is line)]
        for other in reversed(above):
            match = OPENER.match(other)
            if match and id(other) not in inside:
                return (f": {other.strip()} on line {_at(other)} opens no code block; "
                        "write its options as `{.language …}`")  # fmt: skip
        return ""


class _Start(Preprocessor):
    """The first preprocessor: where a page's lines get their places."""

    def __init__(self, md: markdown.Markdown, hook: FenceHook) -> None:
        super().__init__(md)
        self.hook = hook

    def run(self, lines: list[str]) -> list[str]:
        return self.hook.start(self.md, lines)


def mark(*_words: object, **_options: object) -> str:
    """A formatter that shows nothing."""
    return MARK


def _advice(opened: re.Match[str]) -> str:
    if opened["bullet"]:
        return ("opens no code block on the site; put the fence on a line of its own, "
                "indented by four")  # fmt: skip
    if opened["directive"]:
        return "opens no code block on the site, which has no such directives; write ```python"
    return ("opens no code block on the site; write the options as `{.python …}`, close the "
            "fence, and keep its lines indented alike")  # fmt: skip


def _at(line: str) -> int:
    return line.at if isinstance(line, Line) else 1


def _in_comment(line: str, comment: bool) -> bool:
    for mark in re.findall(r"<!--|-->", line) if "--" in line else ():
        comment = mark == "<!--"
    return comment
