"""Dynamic imports at a glance: by their text, where the text is plain enough.

The syntax tree of a whole file takes a hundred times as long and much memory. It is needed where a
name comes from a constant or is relative, and where the imported package is another one of the
workspace, so that what a docstring shows is not taken for an import.
"""

import ast
import re

__all__ = ["peek"]

# Begins with a plain text, which `re` looks for many times as fast as for one of two.
_WORDS = re.compile(
    rb"import_(?:(?<!\wimport_)module|(?<=__import_)(?<!\w__import_)_)(?!\w)\s*(\(|as\b)?"
)
_LONGEST = 2_000  # bytes of a call; a longer one is left to the syntax tree
_DEEPEST = 5  # names that stand for names


def peek(data: bytes) -> list[tuple[str, int]] | None:
    """Name and line of every dynamic import in a file; the name is empty where it is computed.

    `None` where the syntax tree must tell.

    >>> peek(b"import importlib\\nimportlib.import_module('json.tool')\\n__import__(name)\\n")
    [('json.tool', 2), ('', 3)]
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found: list[tuple[str, int]] = []
    for match in _WORDS.finditer(data):
        line = data.rfind(b"\n", 0, match.start()) + 1
        before = data[line : match.start()].strip().removesuffix(b"__")
        if before.startswith(b"#") or before.split()[-1:] == [b"def"]:
            continue
        if match[1] != b"(":
            if match[1] or b"=" in before:  # an alias
                return None
            continue
        names = _names(_arguments(data, match.end() - 1), data)
        if names is None:
            return None
        found += [(name, data.count(b"\n", 0, line) + 1) for name in names]
    return found


def _arguments(data: bytes, start: int) -> str:
    """From the bracket at `start` to the one that closes it; empty where that is far off."""
    depth = 0
    for bracket in re.compile(rb"[()]").finditer(data, start, start + _LONGEST):
        depth += 1 if bracket[0] == b"(" else -1
        if not depth:
            return data[start : bracket.end()].decode("utf-8", "replace")
    return ""


def _names(arguments: str, file: bytes) -> list[str] | None:
    """What a call imports, an empty text for what is computed; `None` where that is unclear."""
    call = _expression(f"f{arguments}")
    if not isinstance(call, ast.Call) or len(call.args) > 4:
        return None
    given = dict(zip(("name", "package", "locals", "fromlist"), call.args, strict=False))
    given |= {one.arg: one.value for one in call.keywords if one.arg}
    name: ast.AST | None = given.get("name")
    if name is None or "level" in given or any(one.arg is None for one in call.keywords):
        return [] if not given else None
    if isinstance(name, ast.Name) and len(values := _values(name.id, file)) == 1:
        name = values[0] or name
    if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
        return None if _may_be_text(name, file) else [""]
    if not name.value.startswith("."):
        return None if "fromlist" in given else [name.value]
    base = given.get("package")
    if isinstance(base, ast.Name) and base.id == "__name__":
        return None
    return None if base is not None and _may_be_text(base, file) else [""]


def _expression(text: str) -> ast.AST | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None


def _may_be_text(node: ast.AST, file: bytes, depth: int = 0) -> bool:
    """Whether an expression could come out as a text that the syntax tree of the file tells."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Name):
        return node.id == "__package__" or depth > _DEEPEST or any(
            value is None or _may_be_text(value, file, depth + 1)
            for value in _values(node.id, file)
        )  # fmt: skip
    if isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    else:
        return False
    return all(_may_be_text(part, file, depth) for part in parts)


def _values(name: str, file: bytes) -> list[ast.AST | None]:
    """What a file gives a name, as far as one line shows it; `None` where more lines do."""
    given = re.compile(re.escape(name.encode()) + rb"[ \t]*(:[^=\n]*)?=(?!=)(.*)")
    found = []
    for one in given.finditer(file):
        before = file[file.rfind(b"\n", 0, one.start()) + 1 : one.start()]
        walrus = one[1] == b":" and not before[-1:].isalnum() and before[-1:] not in (b"_", b".")
        if walrus or before.rstrip()[-1:] in (b"", b";", b":"):
            found.append(_expression(one[2].decode("utf-8", "replace").strip()))
    return found
