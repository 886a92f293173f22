"""Names that a snippet binds and uses, as far as its text tells."""

import ast
import builtins
import symtable
from functools import lru_cache

from sage.tools.snippets.model import Kind, Snippet

__all__ = ["code_of", "names_bound", "names_needed"]

SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr)  # use their names, then bind them


def names_bound(snippet: Snippet) -> frozenset[str]:
    """Names that the snippet gives to the page."""
    return _names(code_of(snippet))[0]


def names_needed(snippet: Snippet) -> frozenset[str]:
    """Names that the snippet takes from elsewhere: it does not bind them before it uses them."""
    needed: set[str] = set()
    bound: set[str] = set()
    for statement in _statements(code_of(snippet)):
        binds, uses = _names(ast.unparse(statement))
        if not isinstance(statement, SIMPLE):
            bound |= binds
        needed |= uses - bound
        bound |= binds
    return frozenset(needed)


def code_of(snippet: Snippet) -> str:
    """The snippet's statements, for a session without its prompts and its output."""
    if snippet.kind is not Kind.SESSION:
        return snippet.source
    lines = (line.strip() for line in snippet.source.split("\n"))
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))


def _statements(code: str) -> list[ast.stmt]:
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


@lru_cache(maxsize=256)
def _names(code: str) -> tuple[frozenset[str], frozenset[str]]:
    try:
        top = symtable.symtable(code, "<snippet>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(), frozenset()
    symbols = top.get_symbols()
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in symbols if s.is_referenced()}
    waiting = top.get_children()
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        used |= {s.get_name() for s in scope.get_symbols() if s.is_global()}
    return frozenset(bound), frozenset(used - set(dir(builtins)))
