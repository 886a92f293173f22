"""Fences → snippets: what each fence is, what it needs, what it is expected to print."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sage.tools.finding import Finding
from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.fences import ATTRIBUTES, Fence
from sage.tools.snippets.front import Front
from sage.tools.snippets.lines import Line
from sage.tools.snippets.model import Kind, Page, Snippet

__all__ = ["assemble", "is_session"]

PYTHON = {"python", "py", "python3", "py3"}
SESSION = {"pycon", "pycon3", "python-console", "python-repl"}
DATA = {"json", "yaml", "yml", "toml"}
CONSOLE = {"console", "shell-session"}
PROMPT = re.compile(r"\s*>>>(?: |$)", re.MULTILINE)
INCLUDES = {"missing-include", "include-outside", "missing-section", "unterminated-section"}


def assemble(page: Page, fences: Sequence[Fence], front: Front, settings: PageSettings) -> Page:
    """`page` with the snippets that its fences are, and with what is wrong with them."""
    snippets: list[Snippet] = []
    findings = list(page.findings)
    for fence in fences:
        kind = _kind(fence)
        if kind is None:
            continue
        snippet = _snippet(page, fence, kind, len(snippets), settings)
        if snippet.kind is Kind.OUTPUT:
            before = _shown_before(snippets)
            if before is None:
                findings.append(_orphan(page, fence))
                continue
            snippets[before] = replace(snippets[before], expected=snippet.number)
        else:
            snippet, wrong = _with_options(snippet, fence, front)
            snippet = _with_include(snippet, fence, page.findings)
            findings.extend(wrong)
        snippets.append(snippet)
    return replace(page, snippets=tuple(snippets), findings=tuple(findings))


def is_session(source: str) -> bool:
    """Whether the first code in `source` stands after `>>>`.

    >>> is_session(">>> 1 + 1\\n2"), is_session("x = '>>>'")
    (True, False)
    """
    first = next((line for line in source.split("\n") if line.strip()), "")
    return bool(PROMPT.match(first))


def _kind(fence: Fence) -> Kind | None:
    language = fence.language.lower()
    if "output" in fence.classes:
        return Kind.OUTPUT
    if language in SESSION or (language == "" and is_session(fence.source)):
        return Kind.SESSION
    if language in PYTHON:
        return Kind.SESSION if is_session(fence.source) else Kind.CODE
    if language in DATA:
        return Kind.DATA
    return Kind.CONSOLE if language in CONSOLE and _is_ours(fence.source) else None


def _is_ours(source: str) -> bool:
    """Whether a console fence holds only `sage-dev` commands, and shows what one of them prints."""
    lines = [line for line in source.split("\n") if line.strip()]
    commands = [line for line in lines if line.startswith("$ ")]
    ours = all(line.startswith("$ sage-dev ") for line in commands)
    return bool(commands) and ours and len(lines) > len(commands)


def _snippet(page: Page, fence: Fence, kind: Kind, number: int, settings: PageSettings) -> Snippet:
    origin, origin_line, included = _origin(page, fence)
    program = ""
    if included and kind in (Kind.CODE, Kind.SESSION):
        if _within(origin, settings.programs):
            kind, program = Kind.PROGRAM, origin
        elif _within(origin, settings.sources):
            kind = Kind.SOURCE
    return Snippet(
        page=page.path,
        line=fence.line,
        kind=kind,
        language=fence.language.lower(),
        source=fence.source,
        origin=origin,
        origin_line=origin_line,
        number=number,
        end_line=fence.end_line,
        program=program,
    )


def _origin(page: Page, fence: Fence) -> tuple[str, int, bool]:
    """File and line of the code's first line, and whether it is all from one include."""
    places = [line for line in fence.lines if isinstance(line, Line)]
    if not places:
        return page.path, fence.line + 1, False
    first = places[0]
    file = _relative(first.file, page) or page.path
    opened_here = isinstance(fence.opening, Line) and not fence.opening.file
    included = opened_here and all(line.file and line.at == first.at for line in places)
    # The marks of the fence stand next to the include: there is nothing else between them.
    alone = first.at == fence.line + 1 and fence.end_line == first.at + 1
    return file, first.number, included and alone


def _relative(file: str, page: Page) -> str:
    if not file:
        return ""
    path = Path(file)
    return path.relative_to(page.root).as_posix() if path.is_relative_to(page.root) else file


def _within(path: str, folders: Sequence[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _shown_before(snippets: Sequence[Snippet]) -> int | None:
    """The snippet that an output fence speaks of: the last one that prints."""
    prints = (Kind.CODE, Kind.PROGRAM, Kind.SESSION)
    last = next((s for s in reversed(snippets) if s.kind in prints), None)
    return None if last is None or last.expected is not None else last.number


def _orphan(page: Page, fence: Fence) -> Finding:
    message = "this output follows no code of its own; put it after the code that prints it"
    return Finding(page.path, fence.line, "output-without-code", message)


def _with_options(snippet: Snippet, fence: Fence, front: Front) -> tuple[Snippet, list[Finding]]:
    options = fence.options
    findings = [_unknown(snippet, key) for key in options if _near(key)]
    skip = options.get("skip", front.skip)
    if ("skip" in options and len(skip.split()) == 0) or skip == "skip":
        findings.append(_wrong(snippet, 'skip needs a reason: write skip="needs a GPU"'))
    timeout, text = front.timeout, options.get("timeout", "")
    if text:
        try:
            timeout = float(text)
        except ValueError:
            findings.append(_wrong(snippet, f'timeout="{text}" is no number of seconds'))
    requires = (*front.requires, *options.get("requires", "").replace(",", " ").split())
    return (
        replace(
            snippet,
            skip=skip,
            requires=requires,
            raises=options.get("raises", ""),
            timeout=timeout,
        ),
        findings,
    )


def _with_include(snippet: Snippet, fence: Fence, findings: Sequence[Finding]) -> Snippet:
    """A fence that lacks what it includes has nothing to run, whatever else stands in it."""
    lines = range(fence.line, fence.end_line + 1)
    failed = [f.message for f in findings if f.code in INCLUDES and f.line in lines]
    return replace(snippet, wrong=failed[0]) if failed else snippet


def _near(option: str) -> str:
    """The option of ours that was meant; empty for one of ours, and for another tool's."""
    if option in ATTRIBUTES:
        return ""
    from difflib import get_close_matches  # here, because few fences have options

    near = get_close_matches(option.lower(), ATTRIBUTES, 1, 0.8)
    return near[0] if near else ""


def _unknown(snippet: Snippet, option: str) -> Finding:
    message = f"{option} is no option of a fence; did you mean {_near(option)}?"
    return Finding(snippet.page, snippet.line, "unknown-option", message)


def _wrong(snippet: Snippet, message: str) -> Finding:
    return Finding(snippet.page, snippet.line, "bad-fence-option", message)
