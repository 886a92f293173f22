"""Source → code objects whose lines are the page's."""

import __future__

from functools import reduce
from operator import or_
from types import CodeType
from typing import Any

__all__ = ["FLAGS", "FUTURES", "Broken", "compile_at", "compile_code", "show"]

FLAGS = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, without loading ast
FUTURES = reduce(
    or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


class Broken:
    """Code that does not compile."""

    def __init__(self, message: str, detail: str, line: int) -> None:
        self.message = message
        self.detail = detail
        self.line = line


def compile_code(snippet: dict[str, Any], views: dict[str, list[str]]) -> CodeType | Broken:
    """The code of a fence or program; its lines go into the view of its file."""
    source, filename, line = snippet["source"], snippet["filename"], snippet["line"]
    code = compile_at(source, filename, line, "exec", FLAGS)
    if not isinstance(code, Broken):
        show(views, filename, line, source)
    return code


def compile_at(source: str, filename: str, line: int, mode: str, flags: int) -> CodeType | Broken:
    """Code whose first line is `line` of `filename`."""
    try:
        code = compile(source, filename, mode, flags, dont_inherit=True)
    except SyntaxError as error:
        where = (error.lineno or 1) + line - 1
        lines = source.split("\n")  # error.text is the file's own first lines, where it exists
        text = lines[min(error.lineno or 1, len(lines)) - 1]
        caret = " " * max((error.offset or 1) - 1, 0) + "^"
        detail = f'  File "{filename}", line {where}\n    {text}\n    {caret}'
        return Broken(f"{type(error).__name__}: {error.msg}", detail, where)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Broken(f"it does not compile: {type(error).__name__}: {error}", "", line)
    return _shift(code, line - 1)


def _shift(code: CodeType, by: int) -> CodeType:
    # Moving code objects costs a few microseconds; padding the source with newlines costs more
    # the further down the page a fence stands.
    consts = tuple(_shift(c, by) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + by, co_consts=consts)


def show(views: dict[str, list[str]], filename: str, line: int, source: str) -> None:
    """Put source at its place in the view of its file."""
    lines = views.setdefault(filename, [])
    while len(lines) < line - 1:
        lines.append("\n")
    lines[line - 1 :] = [text + "\n" for text in source.rstrip("\n").split("\n")]
