"""Rewrites wrong outputs in place; every other byte of the file stays what it was."""

import doctest
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sage.tools.snippets.compare import IN_FENCE
from sage.tools.snippets.model import Kind, Snippet, Status
from sage.tools.snippets.suite import Result
from sage.tools.snippets.text import LIMIT

__all__ = ["update_outputs"]

PARSER = doctest.DocTestParser()
CHECKER = doctest.OutputChecker()
TRACEBACK = "Traceback (most recent call last):\n    ...\n"  # as a session's outcome has it


@dataclass(frozen=True, order=True, slots=True)
class _Edit:
    """Lines of a file to replace: from `first`, counted from 0, `count` of them."""

    first: int
    count: int
    prefix: str
    lines: tuple[str, ...]


def update_outputs(results: Iterable[Result], root: Path) -> list[str]:
    """Write what was printed over what the pages say was; the files that changed.

    Only wrong outputs are touched: a snippet that failed otherwise stays as it is, and so does an
    output that would not read back as it was printed (with a fence or a prompt in it, a blank at
    the end of a session's line, a backslash in a docstring, more text than a line of a page has).
    """
    edits: dict[str, list[_Edit]] = {}
    for result in results:
        for file, edit in _edits(result, root):
            edits.setdefault(file, []).append(edit)
    for file, found in edits.items():
        _apply(root / file, found)
    return sorted(edits)


def _edits(result: Result, root: Path) -> list[tuple[str, _Edit]]:
    snippet, outcome = result.snippet, result.outcome
    if outcome.status is not Status.FAILED or not outcome.actual:
        return []
    line, text = outcome.actual[0]
    if snippet.expected is not None and line == IN_FENCE:
        return _in_fence(result.page.snippets[snippet.expected], text, root)
    if snippet.kind is Kind.CONSOLE:
        return [_in_console(snippet, line, text, root)]
    return _in_session(snippet, outcome.actual, root)


def _in_fence(expected: Snippet, output: str, root: Path) -> list[tuple[str, _Edit]]:
    if expected.origin != expected.page or not _is_text(output):
        return []
    opening = _lines(root / expected.page)[expected.line - 1]
    prefix = re.split(r"[`~]{3}", opening, maxsplit=1)[0].removeprefix("\ufeff")
    text = output.rstrip()
    lines = tuple(line.rstrip() for line in text.split("\n")) if text else ()
    count = expected.end_line - expected.line - 1
    return [(expected.page, _Edit(expected.line, count, _plain(prefix), lines))]


def _in_session(
    snippet: Snippet, actual: tuple[tuple[int, str], ...], root: Path
) -> list[tuple[str, _Edit]]:
    raw = _lines(root / snippet.origin)
    found = []
    gots = dict(actual)
    shown = snippet.source.split("\n")
    for example in PARSER.get_examples(snippet.source):
        got = gots.get(example.lineno)
        if got is None or (snippet.name and "\\" in got):
            continue
        first = example.lineno + 1
        while first < len(shown) and shown[first].lstrip().startswith("..."):
            first += 1
        lines = tuple(line or "<BLANKLINE>" for line in got.rstrip("\n").split("\n")) if got else ()
        if _reads_back(lines, got):
            prefix = raw[snippet.origin_line - 1 + example.lineno].split(">>>")[0]
            edit = _Edit(snippet.origin_line - 1 + first, example.want.count("\n"),
                         _plain(prefix.removeprefix("\ufeff")), lines)  # fmt: skip
            found.append((snippet.origin, edit))
    return found


def _is_text(output: str) -> bool:
    """Whether a page can hold an output, and its fence does not end in it."""
    odd = "\0" in output or "\r" in output or "```" in output or "~~~" in output
    return not odd and len(output) <= LIMIT


def _reads_back(lines: Sequence[str], got: str) -> bool:
    """Whether a session that shows `lines` expects what was printed."""
    if not _is_text(got):
        return False
    text = "\n".join([">>> 0", *(line.rstrip() for line in lines), ""])
    try:
        [example] = PARSER.get_examples(text)
    except ValueError:
        return False
    if example.exc_msg is not None:
        return got.endswith(example.exc_msg)
    return TRACEBACK not in got and CHECKER.check_output(example.want, got, 0)


def _in_console(snippet: Snippet, offset: int, got: str, root: Path) -> tuple[str, _Edit]:
    source = snippet.source.split("\n")
    later = (n for n in range(offset + 1, len(source)) if source[n].startswith("$ "))
    until = next(later, len(source))
    prompt = snippet.origin_line - 1 + offset
    prefix = _lines(root / snippet.origin)[prompt].split("$ ")[0]
    lines = tuple(line.rstrip() for line in got.rstrip().split("\n"))
    return snippet.origin, _Edit(prompt + 1, until - offset - 1, _plain(prefix), lines)


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
