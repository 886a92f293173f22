"""Compares what a snippet printed with the output fence that follows it."""

from collections.abc import Iterator
from dataclasses import replace

from sage.tools.snippets.model import Outcome, Snippet, Status

__all__ = ["IN_FENCE", "TAB", "as_shown", "compare_output", "difference_colours", "same_output"]

TAB = 4  # columns from one stop to the next, where Python-Markdown makes blanks of a page's tabs
COLOURS = {"-": "red", "+": "green", "@": "cyan"}  # of a difference's lines, by their first mark
IN_FENCE = -1  # the line within a snippet that stands for the output fence below it


def same_output(want: str, got: str) -> bool:
    """Whether two outputs are alike, but for blanks at line ends; `...` stands for anything.

    >>> same_output("1\\n...\\n9", "1\\n2\\n3\\n9\\n"), same_output("1", "2")
    (True, False)
    """
    wanted, actual = _trim(want), as_shown(_trim(got))
    if wanted in actual or not ("..." in wanted or "<BLANKLINE>" in wanted):
        return wanted in actual
    import doctest  # here, because it takes long to import

    check = doctest.OutputChecker().check_output
    return any(check(wanted, shown, doctest.ELLIPSIS) for shown in actual)


def as_shown(got: str) -> tuple[str, ...]:
    """What was printed, and, where it holds tabs, as a page shows them at each indentation.

    >>> as_shown("1"), as_shown("ab\\t1")
    (('1',), ('ab\\t1', 'ab  1', 'ab 1', 'ab    1', 'ab   1'))
    """
    if "\t" not in got:
        return (got,)
    lines = got.split("\n")
    indents = [" " * column for column in range(TAB)]
    shown = ([f"{i}{line}".expandtabs(TAB)[len(i) :] for line in lines] for i in indents)
    return (got, *("\n".join(each) for each in shown))


def compare_output(expected: Snippet, outcome: Outcome) -> Outcome:
    """`outcome`, failed where its output is not what the fence `expected` shows."""
    if same_output(expected.source, outcome.output):
        return outcome
    from sage.tools.snippets.sessions import expected_got

    want, got = _trim(expected.source), _trim(outcome.output)
    line = expected.line + 1 + _first_difference(want, got)
    detail = expected_got(want, got, expected.line, "the output shown")
    message = "it printed something else than the page shows"
    actual = ((IN_FENCE, outcome.output),)
    return replace(
        outcome, status=Status.FAILED, message=message, detail=detail, line=line, actual=actual
    )


def difference_colours(detail: str) -> Iterator[tuple[str, str]]:
    """The lines of a failure's detail, each with its colour at a terminal; `""` for none.

    >>> list(difference_colours("Got:\\n    -1\\nDifference:\\n    -1\\n    +2"))[2:]
    [('Difference:', ''), ('    -1', 'red'), ('    +2', 'green')]
    """
    differs = False
    for line in detail.split("\n"):
        differs = line == "Difference:" or (differs and line.startswith("    "))
        yield line, COLOURS.get(line[4:5], "") if differs else ""


def _trim(text: str) -> str:
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    return "\n".join(lines) + "\n" if text.strip() else ""


def _first_difference(want: str, got: str) -> int:
    pairs = zip(want.split("\n"), got.split("\n"), strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), 0)
