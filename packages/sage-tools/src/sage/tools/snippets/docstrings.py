"""Python files → snippets: whole programs, and the examples in docstrings.

Nothing is imported: docstrings are read from the syntax tree, with their exact lines.
"""

import ast
import re
import textwrap
import tokenize
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from sage.tools.finding import Finding
from sage.tools.snippets.model import Kind, Page, Snippet
from sage.tools.snippets.text import read_seconds

__all__ = ["find_docstrings", "find_program", "module_name"]

Documented: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})")
COMMENT = re.compile(r"^#\s*(skip|requires|raises|timeout|files)\s*:\s*(.+?)\s*$", re.MULTILINE)


def find_program(file: Path, name: str, text: str, root: Path) -> Page:
    """The page of one program: a single snippet, the whole file.

    Comments at its head say what it needs: `# requires: redis-server`, `# skip: why`,
    `# files: data/a.csv`, `# timeout: 5`.
    """
    head = text.split("\n\n", 1)[0] if text.startswith("#") else _head(text)
    options = dict(COMMENT.findall(head))
    findings, timeout = [], read_seconds(options.get("timeout", ""))
    if timeout is None and "timeout" in options:
        message = f"`# timeout: {options['timeout']}` is no number of seconds above 0"
        findings.append(Finding(name, 1, "bad-fence-option", message))
    program = Snippet(
        page=name,
        line=1,
        kind=Kind.PROGRAM,
        language="python",
        source=text,
        origin=name,
        origin_line=1,
        number=0,
        end_line=text.count("\n"),
        skip=options.get("skip", ""),
        requires=tuple(options.get("requires", "").replace(",", " ").split()),
        raises=options.get("raises", ""),
        timeout=timeout,
        program=name,
    )
    files = tuple(options.get("files", "").replace(",", " ").split())
    return Page(name, file, root, snippets=(program,), findings=tuple(findings), files=files)


def _head(text: str) -> str:
    """The comments that stand before the first statement after the docstring."""
    lines = []
    try:
        for token in tokenize.generate_tokens(StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                lines.append(token.string)
            elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.STRING):
                break
    except (tokenize.TokenError, SyntaxError):
        return ""
    return "\n".join(lines)


def find_docstrings(file: Path, name: str, text: str, root: Path) -> Page:
    """The page of one module: a session for each docstring that holds an example."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        finding = Finding(name, line, "unreadable-page", f"the module does not parse: {error}")
        return Page(name, file, root, findings=(finding,))
    module = module_name(file, root)
    snippets: list[Snippet] = []
    findings: list[Finding] = []
    lines = text.split("\n")
    for qualified, statement in sorted(_documented(tree), key=lambda pair: pair[1].lineno):
        try:
            found = _example(statement, lines)
        except ValueError as error:
            findings.append(Finding(name, statement.lineno, "broken-docstring", _flat(error)))
            continue
        if found is not None:
            line, source = found
            snippets.append(
                Snippet(
                    page=name,
                    line=line,
                    kind=Kind.SESSION,
                    language="python",
                    source=source,
                    origin=name,
                    origin_line=line,
                    number=len(snippets),
                    end_line=line + source.count("\n"),
                    name=".".join(part for part in (module, qualified) if part),
                )
            )
    return Page(name, file, root, snippets=tuple(snippets), findings=tuple(findings), module=module)


def module_name(file: Path, root: Path) -> str:
    """The name under which `file` is imported: from its `src` folder, or its topmost package.

    >>> module_name(Path("/w/packages/sage-common/src/sage/common/codec.py"), Path("/w"))
    'sage.common.codec'
    """
    parts = list(file.with_suffix("").parts)
    if "src" in parts[len(root.parts) :]:
        start = len(parts) - parts[::-1].index("src")
    else:
        folder = file.parent
        while (folder / "__init__.py").exists() and folder != folder.parent:
            folder = folder.parent
        start = len(folder.parts)
    names = parts[start:]
    if names and names[-1] == "__init__":
        names.pop()
    return ".".join(names)


def _documented(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Name within the module, and docstring, of every object that has one; in no order.

    A string below an assignment is the docstring of what is assigned, as the reference shows it.
    """
    waiting: list[tuple[str, Documented]] = [("", tree)]
    while waiting:
        name, node = waiting.pop()
        if ast.get_docstring(node, clean=False) is not None:
            yield name, node.body[0]
        prefix = f"{name}." if name else ""
        if isinstance(node, ast.Module | ast.ClassDef):
            statements = list(_statements(node))
            yield from _attributes(statements, prefix)
            inner = [
                (prefix + child.name, child)
                for child in statements
                if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            waiting.extend(reversed(inner))


def _attributes(statements: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.stmt]]:
    for assignment, text in pairwise(statements):
        if isinstance(assignment, ast.Assign | ast.AnnAssign) and _text(text) is not None:
            targets = getattr(assignment, "targets", None) or [getattr(assignment, "target", None)]
            if isinstance(targets[0], ast.Name):
                yield prefix + targets[0].id, text


def _text(statement: ast.stmt) -> str | None:
    """The string that a statement is, or `None`."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return str(value.value) if is_text and isinstance(value, ast.Constant) else None


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Statements of a body, those under `if` and `try` too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If | ast.Try | ast.With | ast.ExceptHandler):
            yield from _statements(child)
        elif isinstance(child, ast.stmt):
            yield child


def _example(statement: ast.stmt, lines: list[str]) -> tuple[int, str] | None:
    """Line and text of a docstring's examples: from its first `>>>` to its end."""
    value = _text(statement) or ""
    if ">>>" not in value:
        return None
    import doctest  # here, because it takes long to import

    # A fence's closing marks would be read as expected output.
    text = "\n".join("" if FENCE.match(line) else line for line in value.split("\n"))
    examples = doctest.DocTestParser().get_examples(text)
    if not examples:
        return None
    first = examples[0].lineno
    kept = text.split("\n")[first:]
    start = _start(statement, lines)
    return start + first, textwrap.dedent("\n".join(kept)).rstrip()


def _start(statement: ast.stmt, lines: list[str]) -> int:
    """Line of the docstring's first line; a `\\` after the quotes moves its text down by one."""
    opening = lines[statement.lineno - 1]
    return statement.lineno + (1 if re.search(r"\"{3}\\$|'{3}\\$", opening) else 0)


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())
