"""Dynamic imports at a glance: by their text, where the text is plain enough.

The syntax tree of a whole file takes a hundred times as long and much memory. It is needed where a
name comes from a constant or is relative, and where the imported package is another one of the
workspace, so that what a docstring shows is not taken for an import.
"""

import ast
import re

__all__ = ["peek"]

_WORDS = re.compile(rb"(?:import_module|__import__)\s*(\(|as\b)?")
_LONGEST = 2_000  # bytes of a call; a longer one is left to the syntax tree


def peek(data: bytes) -> list[tuple[str, int]] | None:
    """Name and line of every dynamic import in a file; the name is empty where it is computed.

    `None` where the syntax tree must tell.

    >>> peek(b"import importlib\\nimportlib.import_module('json.tool')\\n__import__(name)\\n")
    [('json.tool', 2), ('', 3)]
    """
    found: list[tuple[str, int]] = []
    for match in _WORDS.finditer(data):
        if match[1] == b"as":
            return None
        if not match[1] or data[: match.start()].rstrip().endswith(b"def"):
            continue
        name = _name(_arguments(data, match.end() - 1), data)
        if name is None:
            return None
        found.append((name, data.count(b"\n", 0, match.start()) + 1))
    return found


def _arguments(data: bytes, start: int) -> str:
    """From the bracket at `start` to the one that closes it; empty where that is far off."""
    depth = 0
    for end in range(start, min(len(data), start + _LONGEST)):
        depth += {40: 1, 41: -1}.get(data[end], 0)
        if not depth:
            return data[start : end + 1].decode("utf-8", "replace")
    return ""


def _name(arguments: str, file: bytes) -> str | None:
    """The text that the first argument is; empty where it is computed; `None` where unclear."""
    try:
        call = ast.parse(f"f{arguments}", mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    if not isinstance(call, ast.Call) or not call.args or len(call.args) > 4:
        return None
    first = call.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        plain = not call.keywords and not first.value.startswith(".")
        return first.value if plain else None
    if any(_may_be_text(node, file) for node in ast.walk(first)):
        return None
    return ""


def _may_be_text(node: ast.AST, file: bytes) -> bool:
    """Whether a part of the argument could come out as a text that the syntax tree knows."""
    if isinstance(node, ast.Name):
        given = rb"\b" + re.escape(node.id.encode()) + rb"\s*(?::[^=\n]+)?:?=(?!=)"
        text = given + rb"\s*(?:\(\s*)?(?:[fF][rR]?[\"']|[rRuU]?[\"'][\w.]*[\"'])"
        return node.id == "__package__" or bool(re.search(text, file))
    if isinstance(node, ast.JoinedStr):
        return not any(isinstance(part, ast.FormattedValue) for part in node.values)
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and (isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant))
    )
