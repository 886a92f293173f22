"""Source → code objects whose lines are the page's.

Pages are compiled here and not where they run: what the fork server touches between two forks is
copied for each page.
"""

import __future__

from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import CodeType

__all__ = ["FLAGS", "FUTURES", "Broken", "compile_at"]

FLAGS = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
FUTURES = reduce(
    or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


@dataclass(frozen=True, slots=True)
class Broken:
    """Code that does not compile, and where."""

    message: str
    detail: str
    line: int
    names: tuple[str, ...] = ()  # of the exception and what it derives from


def compile_at(
    source: str, filename: str, line: int, mode: str = "exec", flags: int = FLAGS
) -> CodeType | Broken:
    """Code whose first line is `line` of `filename`. What Python warns of is the caller's to hide.

    >>> compile_at("x =", "page.md", 7).line
    7
    """
    try:
        code = compile(source, filename, mode, flags, dont_inherit=True, optimize=0)
    except SyntaxError as error:
        where = (error.lineno or 1) + line - 1
        lines = source.split("\n")  # error.text is the file's own first lines, where it exists
        text = lines[min(error.lineno or 1, len(lines)) - 1]
        caret = " " * max((error.offset or 1) - 1, 0) + "^"
        detail = f'  File "{filename}", line {where}\n    {text}\n    {caret}'
        names = tuple(kind.__name__ for kind in type(error).__mro__)
        return Broken(f"{type(error).__name__}: {error.msg}", detail, where, names)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Broken(f"it does not compile: {type(error).__name__}: {error}", "", line)
    return _shift(code, line - 1)


def _shift(code: CodeType, by: int) -> CodeType:
    # Moving code objects costs a few microseconds; padding the source with newlines costs more
    # the further down the page a fence stands.
    consts = tuple(_shift(c, by) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + by, co_consts=consts)
