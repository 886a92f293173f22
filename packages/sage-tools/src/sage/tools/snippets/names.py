"""Names that a snippet binds and uses, as far as its text tells."""

import ast
import builtins
from functools import lru_cache

from sage.tools.snippets.model import Kind, Snippet

__all__ = ["code_of", "names_bound", "names_used"]


def names_bound(snippet: Snippet) -> frozenset[str]:
    """Names that the snippet gives to the page."""
    return _names(code_of(snippet))[0]


def names_used(snippet: Snippet) -> frozenset[str]:
    """Names that the snippet takes from elsewhere, or binds itself and uses."""
    return _names(code_of(snippet))[1]


def code_of(snippet: Snippet) -> str:
    """The snippet's statements, for a session without its prompts and its output."""
    if snippet.kind is not Kind.SESSION:
        return snippet.source
    lines = (line.strip() for line in snippet.source.split("\n"))
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))


@lru_cache(maxsize=256)
def _names(code: str) -> tuple[frozenset[str], frozenset[str]]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(), frozenset()
    bound: set[str] = set()
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return frozenset(bound), frozenset(used - set(dir(builtins)))
