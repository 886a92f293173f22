"""Rewrites wrong outputs in place; every other byte of the file stays what it was."""

import doctest
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sage.tools.snippets.compare import IN_FENCE, TAB, as_shown
from sage.tools.snippets.model import Kind, Snippet, Status
from sage.tools.snippets.suite import Result
from sage.tools.snippets.text import LIMIT

__all__ = ["Update", "update_outputs"]

PARSER = doctest.DocTestParser()
CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f]")  # all but tabs and line ends
CHECKER = doctest.OutputChecker()
TRACEBACK = "Traceback (most recent call last):\n    ...\n"  # as a session's outcome has it


@dataclass(frozen=True, order=True, slots=True)
class Update:
    """What became of one wrong output.

    Attributes:
        path: The file that holds it, relative to the root.
        line: Its line there, or that of its fence or its prompt.
        left: Why it stays as it is; empty where it was rewritten.
    """

    path: str
    line: int
    left: str = ""

    def __str__(self) -> str:
        became = f"output left as it is: {self.left}" if self.left else "output updated"
        return f"{self.path}:{self.line}: {became}"


@dataclass(frozen=True, order=True, slots=True)
class _Edit:
    """Lines of a file to replace: from `first`, counted from 0, `count` of them."""

    first: int
    count: int
    prefix: str
    lines: tuple[str, ...]


_Found: TypeAlias = Iterator[tuple[Update, _Edit | None]]


def update_outputs(results: Iterable[Result], root: Path) -> list[Update]:
    """Write what was printed over what the pages say was; what became of each wrong output.

    Only wrong outputs are touched: a snippet that failed otherwise stays as it is, and so does an
    output that would not read back as it was printed (with a fence or a prompt in it, a blank at
    the end of a session's line, a backslash in a docstring, more text than a line of a page has).
    """
    edits: dict[str, list[_Edit]] = {}
    updates = []
    for result in results:
        for update, edit in _edits(result, root):
            updates.append(update)
            if edit is not None:
                edits.setdefault(update.path, []).append(edit)
    for file, found in edits.items():
        _apply(root / file, found)
    return sorted(updates)


def _edits(result: Result, root: Path) -> _Found:
    snippet, outcome = result.snippet, result.outcome
    if outcome.status is not Status.FAILED or not outcome.actual:
        return
    line, text = outcome.actual[0]
    if snippet.expected is not None and line == IN_FENCE:
        yield _in_fence(result.page.snippets[snippet.expected], text, root)
    elif snippet.kind is Kind.CONSOLE:
        yield _in_console(snippet, line, text, root)
    else:
        yield from _in_session(snippet, outcome.actual, root)


def _in_fence(expected: Snippet, output: str, root: Path) -> tuple[Update, _Edit | None]:
    if expected.origin != expected.page:
        return Update(expected.page, expected.line, f"it is shown from {expected.origin}"), None
    opening = _lines(root / expected.page)[expected.line - 1]
    left = _unfit(output, opening)
    if left:
        return Update(expected.page, expected.line, left), None
    prefix = re.split(r"[`~]{3}", opening, maxsplit=1)[0].removeprefix("\ufeff")
    text = output.rstrip()
    lines = tuple(line.rstrip() for line in text.split("\n")) if text else ()
    count = expected.end_line - expected.line - 1
    edit = _Edit(expected.line, count, _plain(prefix), lines)
    return Update(expected.page, expected.line), edit


def _in_session(snippet: Snippet, actual: tuple[tuple[int, str], ...], root: Path) -> _Found:
    raw = _lines(root / snippet.origin)
    gots = dict(actual)
    shown = snippet.source.split("\n")
    for example in PARSER.get_examples(snippet.source):
        got = gots.get(example.lineno)
        if got is None:
            continue
        at = snippet.origin_line + example.lineno
        first = example.lineno + 1
        while first < len(shown) and shown[first].lstrip().startswith("..."):
            first += 1
        lines = tuple(line or "<BLANKLINE>" for line in got.rstrip("\n").split("\n")) if got else ()
        left = _unfit(got, raw[snippet.line - 1] if snippet.origin == snippet.page else "")
        if snippet.name and "\\" in got:
            left = "what was printed holds a backslash"
        if not left and not _reads_back(lines, got, 8 if snippet.name else TAB):
            left = "what was printed would not read back so from a session"
        edit = None
        if not left:
            prefix = raw[at - 1].split(">>>")[0].removeprefix("\ufeff")
            begin = snippet.origin_line - 1 + first
            edit = _Edit(begin, example.want.count("\n"), _plain(prefix), lines)
        yield Update(snippet.origin, at, left), edit


def _unfit(output: str, opening: str) -> str:
    """Why the fence that `opening` opens cannot hold an output; empty where it can."""
    marks = re.search(r"`{3,}|~{3,}", opening)
    ends = next((end for end in ([marks[0]] if marks else ["```", "~~~"]) if end in output), "")
    if ends:
        return f"what was printed holds {ends}, which would end its fence; use a longer one"
    if CONTROL.search(output):
        return "what was printed holds characters that a page cannot show"
    return f"what was printed has more than {LIMIT:,} characters" if len(output) > LIMIT else ""


def _reads_back(lines: Sequence[str], got: str, tab: int) -> bool:
    """Whether a session that shows `lines`, at `tab` columns a tab, expects what was printed."""
    text = "\n".join([">>> 0", *(line.rstrip() for line in lines), ""]).expandtabs(tab)
    try:
        [example] = PARSER.get_examples(text)
    except ValueError:
        return False
    if example.exc_msg is not None:
        return got.endswith(example.exc_msg)
    shown = as_shown(got)
    return TRACEBACK not in got and any(CHECKER.check_output(example.want, s, 0) for s in shown)


def _in_console(snippet: Snippet, offset: int, got: str, root: Path) -> tuple[Update, _Edit | None]:
    source = snippet.source.split("\n")
    later = (n for n in range(offset + 1, len(source)) if source[n].startswith("$ "))
    until = next(later, len(source))
    prompt = snippet.origin_line - 1 + offset
    raw = _lines(root / snippet.origin)
    left = _unfit(got, raw[snippet.line - 1] if snippet.origin == snippet.page else "")
    lines = tuple(line.rstrip() for line in got.rstrip().split("\n"))
    prefix = _plain(raw[prompt].split("$ ")[0])
    edit = None if left else _Edit(prompt + 1, until - offset - 1, prefix, lines)
    return Update(snippet.origin, prompt + 1, left), edit


def _plain(prefix: str) -> str:
    """Indentation and quote marks; a list's bullet on the fence's own line becomes blanks."""
    return re.sub(r"[^\s>]", " ", prefix)


def _lines(file: Path) -> list[str]:
    """Lines with their endings; a lone carriage return ends one too, as it does for the reader."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", file.read_bytes().decode("utf-8"))


def _apply(file: Path, edits: list[_Edit]) -> None:
    lines = _lines(file)
    for edit in sorted(edits, reverse=True):
        before = lines[max(edit.first - 1, 0)]
        ending = re.search(r"(\r\n|\r|\n)$", before)
        end = ending.group() if ending else "\n"
        new = [f"{edit.prefix}{line}".rstrip() + end for line in edit.lines]
        lines[edit.first : edit.first + edit.count] = new
    file.write_bytes("".join(lines).encode("utf-8"))
