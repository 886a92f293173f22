"""`>>>` sessions, read and judged by doctest's rules; the page's process only types them in."""

import difflib
import doctest
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import TypeAlias

from sage.tools.finding import CannotBegin
from sage.tools.snippets.code import FLAGS, FUTURES, Broken, compile_at
from sage.tools.snippets.compare import as_shown
from sage.tools.snippets.model import Snippet

__all__ = ["Got", "Session", "Wrong", "expected_got", "judge", "option_flags", "read_session"]

# Of each example: its line in the session, what it printed, the exception that it raised, and,
# where the page expects none, the traceback and the line that it was raised on.
Got: TypeAlias = tuple[int, str, str, str, int]

CHECKER = doctest.OutputChecker()
PARSER = doctest.DocTestParser()
MALFORMED = re.compile(r"line (?P<line>\d+) of the \w+ for <string> (?P<what>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Session:
    """A session's examples, each with its code, or with what keeps it from compiling."""

    examples: tuple[tuple[doctest.Example, CodeType | Broken], ...]
    flags: int

    @property
    def typed(self) -> tuple[tuple[int, CodeType | None, bool], ...]:
        """What the page's process types in: line, code, whether an exception is expected."""
        return tuple(
            (example.lineno, code if isinstance(code, CodeType) else None, bool(example.exc_msg))
            for example, code in self.examples
        )

    def shown(self, first: int) -> tuple[tuple[int, str], ...]:
        """The lines and sources of the examples, where the session's first line is `first`."""
        return tuple(
            (first + example.lineno, example.source)
            for example, code in self.examples
            if isinstance(code, CodeType)
        )


@dataclass(frozen=True, slots=True)
class Wrong:
    """Examples that gave something else; `actual` is what they gave, by their line."""

    message: str
    detail: str
    line: int
    actual: tuple[tuple[int, str], ...]


def read_session(snippet: Snippet, filename: str, flags: int) -> Session | Broken:
    """The examples of a session that are not skipped."""
    try:
        examples = PARSER.get_examples(snippet.source)
    except ValueError as error:
        said = MALFORMED.fullmatch(str(error))
        at, reason = (int(said["line"]), f"it {said['what']}") if said else (1, str(error))
        message = f"the session is not well formed: {reason}"
        return Broken(message, "", snippet.origin_line + at - 1)
    if not examples and snippet.source.strip():
        message = "the session has no example: its code stands after `>>> `"
        return Broken(message, "", snippet.origin_line)
    compiled, pairs = FLAGS, []
    for example in examples:
        if _flags(flags, example) & doctest.SKIP:
            continue
        line = snippet.origin_line + example.lineno
        code = compile_at(example.source, filename, line, "single", compiled)
        if isinstance(code, CodeType):
            compiled |= code.co_flags & FUTURES  # `from __future__` holds from here, as typed
        pairs.append((example, code))
    return Session(tuple(pairs), flags)


def judge(session: Session, snippet: Snippet, gots: Sequence[Got]) -> Wrong | None:
    """Compare what each example gave with what the page shows; `None` where all is as shown."""
    wrong: list[Wrong] = []
    for (example, code), (_, got, raised, detail, at) in zip(session.examples, gots, strict=False):
        exception = f"{code.message}\n" if isinstance(code, Broken) else raised and f"{raised}\n"
        if not _matches(example, got, exception, _flags(session.flags, example)):
            line = snippet.origin_line + example.lineno
            trace = (code.detail, code.line) if isinstance(code, Broken) else (detail, at)
            wrong.append(_wrong(example, line, got, exception, trace))
    if len(wrong) < 2:
        return wrong[0] if wrong else None
    message = f"{wrong[0].message} (and {len(wrong) - 1} more)"
    detail = "\n".join(each.detail for each in wrong)
    return Wrong(message, detail, wrong[0].line, tuple(a for each in wrong for a in each.actual))


@cache
def option_flags(names: tuple[str, ...]) -> int:
    """doctest's option flags of these names.

    Raises:
        CannotBegin: doctest has no such flag.
    """
    unknown = [name for name in names if name not in doctest.OPTIONFLAGS_BY_NAME]
    if unknown:
        known = ", ".join(sorted(doctest.OPTIONFLAGS_BY_NAME))
        raise CannotBegin(f"snippets-doctest-options: {unknown[0]} is none of doctest's: {known}")
    return sum(doctest.OPTIONFLAGS_BY_NAME[name] for name in set(names))


def expected_got(want: str, got: str, line: int, code: str) -> str:
    """Both texts, and for longer ones their difference."""
    parts = [f"line {line}: {code}", "Expected:", _indent(want), "Got:", _indent(got)]
    if want.count("\n") > 2 or got.count("\n") > 2:
        diff = difflib.unified_diff(want.splitlines(), got.splitlines(), "expected", "got", n=2,
                                    lineterm="")  # fmt: skip
        parts += ["Difference:", _indent("\n".join(diff))]
    return "\n".join(parts)


def _flags(flags: int, example: doctest.Example) -> int:
    for flag, on in example.options.items():
        flags = flags | flag if on else flags & ~flag
    return flags


def _matches(example: doctest.Example, got: str, exception: str, flags: int) -> bool:
    if not exception:
        if example.exc_msg is not None:
            return False
        return got == example.want or any(
            CHECKER.check_output(example.want, shown, flags) for shown in as_shown(got)
        )
    if example.exc_msg is None:
        return False
    if CHECKER.check_output(example.exc_msg, exception, flags):
        return True
    return bool(flags & doctest.IGNORE_EXCEPTION_DETAIL) and (
        _bare(example.exc_msg) == _bare(exception)
    )


def _bare(message: str) -> str:
    return message.split("\n")[0].split(":")[0].rsplit(".", 1)[-1]


def _wrong(
    example: doctest.Example, line: int, got: str, exception: str, raised: tuple[str, int]
) -> Wrong:
    code = example.source.rstrip("\n").split("\n")[0]
    trace, at = raised
    shown = f"Traceback (most recent call last):\n    ...\n{exception}" if exception else ""
    if trace and example.exc_msg is None:
        return Wrong(exception.strip(), f"line {line}: {code}\n{trace}", at,
                     ((example.lineno, got + shown),))  # fmt: skip
    actual = shown if exception and example.exc_msg is not None else got + shown
    return Wrong(f"`{code}` printed something else",
                 expected_got(example.want, got + shown, line, code), line,
                 ((example.lineno, actual),))  # fmt: skip


def _indent(text: str) -> str:
    lines = text.rstrip("\n").split("\n") if text.strip() else ["(nothing)"]
    return "\n".join(f"    {line}" for line in lines)
