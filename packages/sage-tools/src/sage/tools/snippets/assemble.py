"""Fences → snippets: what each fence is, what it needs, what it is expected to print."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sage.tools.finding import Finding
from sage.tools.snippets.config import PageSettings, is_on
from sage.tools.snippets.fence import Fence
from sage.tools.snippets.front import Front
from sage.tools.snippets.lines import Line
from sage.tools.snippets.model import Kind, Page, Snippet
from sage.tools.snippets.options import with_options

__all__ = ["assemble", "is_session"]

PYTHON = {"python", "py", "python3", "py3"}
SESSION = {"pycon", "pycon3", "python-console", "python-repl", "doctest"}
DATA = {"json", "yaml", "yml", "toml"}
CONSOLE = {"console", "shell-session"}
# What readers see as Python, and this Python cannot run.
FOREIGN = {
    "python2": "it is Python 2",
    "py2": "it is Python 2",
    "pyi": "it is a stub, which only type checkers read",
    "ipython": "it is for IPython",
    "ipython3": "it is for IPython",
}
PLAIN = {"", "text", "txt"}  # as output is often shown; not compared
PRINTS = (Kind.CODE, Kind.PROGRAM, Kind.SESSION)
PRINTED = (*PRINTS, Kind.OUTPUT)  # what a fence whose language is `output` may stand below
PROMPT = re.compile(r"\s*>>>(?: |$)", re.MULTILINE)
INCLUDES = {"missing-include", "include-outside", "missing-lines", "missing-section",
            "unterminated-section"}  # fmt: skip


def assemble(page: Page, fences: Sequence[Fence], front: Front, settings: PageSettings) -> Page:
    """`page` with the snippets that its fences are, and with what is wrong with them."""
    snippets: list[Snippet] = []
    findings = list(page.findings)
    kind = None
    for fence in fences:
        kind = _kind(fence, kind)
        if kind is None:
            findings.extend(_unchecked(page, fence, snippets))
            continue
        snippet = _snippet(page, fence, kind, len(snippets), settings)
        if snippet.kind is Kind.OUTPUT:
            before = _shown_before(snippets)
            if before is None or snippets[before].expected is not None:
                findings.append(_orphan(page, fence, second=before is not None))
                continue
            snippets[before] = replace(snippets[before], expected=snippet.number)
        else:
            snippet, wrong = with_options(snippet, fence, front)
            snippet = _with_include(snippet, fence, page.findings)
            findings.extend(wrong)
        snippets.append(snippet)
    return replace(page, snippets=tuple(snippets), findings=tuple(sorted(findings)))


def is_session(source: str) -> bool:
    """Whether the first code in `source`, below comments, stands after `>>>`.

    >>> is_session(">>> 1 + 1\\n2"), is_session("x = '>>>'")
    (True, False)
    """
    code = (
        line for line in source.split("\n") if line.strip() and not line.lstrip().startswith("#")
    )
    first = next(code, "")
    return bool(PROMPT.match(first))


def _kind(fence: Fence, above: Kind | None) -> Kind | None:
    """What a fence is; `above` is what the one above it was."""
    language = fence.language.lower()
    if "output" in fence.classes or (language == "output" and above in PRINTED):
        return Kind.OUTPUT
    if language in SESSION or (language == "" and is_session(fence.source)):
        return Kind.SESSION
    if language in FOREIGN:
        return Kind.CODE
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
        skip=_built(fence, settings) or FOREIGN.get(fence.language.lower(), ""),
        program=program,
    )


def _built(fence: Fence, settings: PageSettings) -> str:
    """Why a fence that another tool runs does not run here."""
    taken = settings.markdown_exec and is_on(fence.options.get("exec", ""))
    return "markdown-exec runs it when the site is built" if taken else ""


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
    return next((s.number for s in reversed(snippets) if s.kind in PRINTS), None)


def _orphan(page: Page, fence: Fence, *, second: bool) -> Finding:
    message = "this output follows no code of its own; put it after the code that prints it"
    if second:
        message = "what the code above prints is shown already; write one output below it"
    return Finding(page.path, fence.line, "output-without-code", message)


def _unchecked(page: Page, fence: Fence, snippets: Sequence[Snippet]) -> Iterator[Finding]:
    """Plain text right below code that prints looks like its output, and is not compared."""
    above = snippets[-1] if snippets else None
    if above is None or above.kind is not Kind.CODE or above.skip or fence.line == above.line:
        return
    near = fence.line - above.end_line <= 2  # at most a blank line apart
    if near and fence.language.lower() in PLAIN and "print(" in above.source:
        message = ("this text is not compared with what the code above prints: open its fence "
                   "with ``` {.text .output}, or say in words between them what it is")  # fmt: skip
        yield Finding(page.path, fence.line, "unchecked-output", message, severity="warning")


def _with_include(snippet: Snippet, fence: Fence, findings: Sequence[Finding]) -> Snippet:
    """A fence that lacks what it includes has nothing to run, whatever else stands in it."""
    lines = range(fence.line, fence.end_line + 1)
    failed = [f.message for f in findings if f.code in INCLUDES and f.line in lines]
    return replace(snippet, wrong=failed[0]) if failed else snippet
