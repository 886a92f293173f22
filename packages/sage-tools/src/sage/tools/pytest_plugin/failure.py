"""What pytest shows of a snippet that failed: where, what, and the code around it."""

from _pytest._code.code import (
    ExceptionChainRepr,
    ReprEntryNative,
    ReprFileLocation,
    ReprTraceback,
    TerminalRepr,
)
from _pytest._io import TerminalWriter

from sage.tools.finding import Finding
from sage.tools.snippets.compare import difference_colours
from sage.tools.snippets.model import Outcome, Snippet

__all__ = ["colour", "explain", "explain_finding"]


def explain(snippet: Snippet, outcome: Outcome) -> TerminalRepr:
    """The failure, in a form that pytest sends from worker to controller and writes to files."""
    line = outcome.line or snippet.line
    head = f"{snippet.origin}:{line}: {outcome.message}"
    text = "\n".join([head, *_excerpt(snippet, line), "", outcome.detail]).rstrip()
    return _shown(text, snippet.origin, line, outcome.message)


def explain_finding(finding: Finding) -> TerminalRepr:
    """The same of something wrong with a page."""
    return _shown(str(finding), finding.path, finding.line, finding.message)


def _shown(text: str, path: str, line: int, message: str) -> TerminalRepr:
    entry = ReprEntryNative([text + "\n"])
    trace = ReprTraceback([entry], None, style="native")
    return ExceptionChainRepr([(trace, ReprFileLocation(path, line, message), None)])


def colour(failure: ExceptionChainRepr) -> None:
    """Have a failure that `explain` made show its colours at a terminal."""
    trace = failure.reprtraceback
    trace.reprentries = [_Coloured(entry.lines) for entry in trace.reprentries]


def _excerpt(snippet: Snippet, line: int) -> list[str]:
    """The snippet's lines around the failure, numbered as in the file; none where it lies
    elsewhere, as in the output that the page shows."""
    numbered = dict(enumerate(snippet.source.split("\n"), snippet.origin_line))
    if line not in numbered:
        return []
    return [
        "",
        *(
            f"{'>' if number == line else ' '} {number:4d} {text}".rstrip()
            for number, text in numbered.items()
            if line - 4 <= number <= line + 2
        ),
    ]


class _Coloured(ReprEntryNative):
    """The same lines; at a terminal, what stands out stands out."""

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the lines as they are, with marks where `tw` has some."""
        for number, (line, shade) in enumerate(difference_colours("".join(self.lines).rstrip())):
            marks = {shade: True} if shade else {"bold": line.startswith(">")}
            if number == 0:
                marks = {"red": True, "bold": True}
            tw.line(line, **marks)


_Coloured.__name__ = ReprEntryNative.__name__  # which is what a log of reports holds
