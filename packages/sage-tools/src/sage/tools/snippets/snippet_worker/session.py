"""Run a `>>>` session and compare, by doctest's rules."""

import difflib
import doctest
import sys
import traceback
from collections.abc import Callable
from types import CodeType
from typing import Any

from .code import FLAGS, FUTURES, Broken, compile_at, show
from .report import Failure, last_line

__all__ = ["compile_session", "run_session"]

CHECKER = doctest.OutputChecker()
PARSER = doctest.DocTestParser()


def compile_session(
    snippet: dict[str, Any], views: dict[str, list[str]]
) -> list[tuple[doctest.Example, CodeType | Broken]] | Broken:
    """The examples of a session, each with its code."""
    filename, line = snippet["filename"], snippet["line"]
    try:
        examples = PARSER.get_examples(snippet["source"], filename)
    except ValueError as error:
        return Broken(f"the session is not well formed: {error}", "", line)
    flags, pairs = FLAGS, []
    for example in examples:
        at = line + example.lineno
        code = compile_at(example.source, filename, at, "single", flags)
        if isinstance(code, CodeType):
            flags |= code.co_flags & FUTURES  # `from __future__` holds from here, as typed
            show(views, filename, at, example.source)
        pairs.append((example, code))
    return pairs


def run_session(
    snippet: dict[str, Any],
    names: dict[str, Any],
    take: Callable[[], str],
    execute: Callable[[CodeType, dict[str, Any]], None],
    gots: list[tuple[int, str]],
) -> Failure | None:
    """Run every example, go on after a wrong one, and report all that were wrong."""
    wrong: list[Failure] = []
    sys.displayhook = sys.__displayhook__
    take()
    for example, code in snippet["code"]:
        line = snippet["line"] + example.lineno
        flags = _flags(snippet["flags"], example)
        if flags & doctest.SKIP:
            continue
        error: BaseException | None = None
        if isinstance(code, Broken):
            got = exception = f"{code.message}\n"
        else:
            try:
                execute(code, names)
            except Exception as raised:
                error = raised
            got = take()
            exception = _last(error) if error else ""
        gots.append((example.lineno, got))
        if not _matches(example, got, exception, flags):
            wrong.append(_failure(snippet, example, line, got, exception, error))
    if not wrong:
        return None
    first = wrong[0]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    detail = "\n".join(failure.detail for failure in wrong)
    return Failure(first.message + more, detail, first.line, [g for f in wrong for g in f.gots])


def _flags(flags: int, example: doctest.Example) -> int:
    for flag, on in example.options.items():
        flags = flags | flag if on else flags & ~flag
    return flags


def _last(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)[-1:])


def _matches(example: doctest.Example, got: str, exception: str, flags: int) -> bool:
    if not exception:
        if example.exc_msg is not None:
            return False
        return got == example.want or CHECKER.check_output(example.want, got, flags)
    if example.exc_msg is None:
        return False
    if CHECKER.check_output(example.exc_msg, exception, flags):
        return True
    return bool(flags & doctest.IGNORE_EXCEPTION_DETAIL) and (
        _bare(example.exc_msg) == _bare(exception)
    )


def _bare(message: str) -> str:
    return message.split("\n")[0].split(":")[0].rsplit(".", 1)[-1]


def _failure(
    snippet: dict[str, Any],
    example: doctest.Example,
    line: int,
    got: str,
    exception: str,
    error: BaseException | None,
) -> Failure:
    code = example.source.rstrip("\n").split("\n")[0]
    if exception and example.exc_msg is None and error is not None:
        trace, at = last_line(error, snippet["filename"], line)
        return Failure(exception.strip(), f"line {line}: {code}\n{trace}", at,
                       [(example.lineno, got + _trace(error))])  # fmt: skip
    actual = got + (_short(exception) if exception else "")
    want = example.want
    shown = [(example.lineno, actual if example.exc_msg is None or not error else _trace(error))]
    return Failure(f"`{code}` printed something else", expected_got(want, actual, line, code),
                   line, shown)  # fmt: skip


def _short(exception: str) -> str:
    return f"Traceback (most recent call last):\n    ...\n{exception}"


def _trace(error: BaseException) -> str:
    return _short("".join(traceback.format_exception_only(error)[-1:]))


def expected_got(want: str, got: str, line: int, code: str) -> str:
    """Both texts, and for longer ones their difference."""
    parts = [f"line {line}: {code}", "Expected:", _indent(want), "Got:", _indent(got)]
    if want.count("\n") > 2 or got.count("\n") > 2:
        diff = difflib.unified_diff(want.splitlines(), got.splitlines(), "expected", "got", n=2,
                                    lineterm="")  # fmt: skip
        parts += ["Difference:", _indent("\n".join(diff))]
    return "\n".join(parts)


def _indent(text: str) -> str:
    lines = text.rstrip("\n").split("\n") if text.strip() else ["(nothing)"]
    return "\n".join(f"    {line}" for line in lines)
