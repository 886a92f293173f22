"""The imports of one Python file, read from its syntax tree: where each stands, and dynamic ones.

grimp reads files by the thousand; this reads the few for which that is not enough: stubs, odd
names, calls of `import_module`, and imports that are indented, to say what guards them.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = ["RARE", "Found", "Kind", "Reading", "guess_dynamic", "read_source"]

Kind = Literal["run time", "lazy", "optional", "typing"]

# What imports by a name, of the modules whose own it has to be: many things are called so.
RARE = {"resolve_name": "pkgutil", "run_module": "runpy"}
_IMPORTERS = ("import_module", "__import__", *RARE)
_CALL = re.compile(r"""(?:import_module|__import__)\(\s*["']([A-Za-z_][\w.]*)["']""")
_MISSING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Found(NamedTuple):
    """One import.

    Attributes:
        name: The dotted name imported; for `from a import b`, `a.b`.
        line: Line of the statement, from 1.
        kind: What guards it: nothing (run time), a function (lazy), a handler for a missing
            module (optional), or `TYPE_CHECKING` (typing).
        dynamic: Whether it is a call of `import_module` or another function that imports.
    """

    name: str
    line: int
    kind: Kind
    dynamic: bool = False


class Reading(NamedTuple):
    """All imports of one file.

    Attributes:
        imports: In the order of their lines.
        unknown: Lines of dynamic imports whose name is computed.
    """

    imports: tuple[Found, ...]
    unknown: tuple[int, ...] = ()


def read_source(data: bytes, module: str, *, package: bool, stub: bool = False) -> Reading:
    """Read one file's imports; `package` says that it is an `__init__`.

    Raises:
        SyntaxError: It is not Python, as this interpreter reads it.
        ValueError: It holds a null byte or is not decodable.

    >>> read_source(b"def f(): import os.path", "a.b", package=False).imports
    (Found(name='os.path', line=1, kind='lazy', dynamic=False),)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in other people's strings
        tree = ast.parse(data)
    visitor = _Visitor(module if package else module.rpartition(".")[0])
    visitor.collect(tree, everywhere=b":=" in data)
    visitor.calls = _lines(data, visitor.callers)
    visitor.block(tree.body, "typing" if stub else "run time")
    found = sorted(visitor.found, key=lambda one: (one.line, one.name))
    return Reading(tuple(found), tuple(visitor.unknown))


def guess_dynamic(text: str) -> Iterator[Found]:
    """Dynamic imports by pattern, for syntax newer than this interpreter."""
    for match in _CALL.finditer(text):
        yield Found(match[1], text.count("\n", 0, match.start()) + 1, "run time", True)


@dataclass(slots=True)
class _Visitor:
    package: str
    found: list[Found] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    callers: dict[str, str] = field(default_factory=lambda: {"__import__": "__import__"})
    typing: set[str] = field(default_factory=lambda: {"TYPE_CHECKING"})
    calls: Sequence[int] = ()

    def collect(self, tree: ast.Module, *, everywhere: bool) -> None:
        """Names bound to constant strings, and names under which the two importers are known.

        Args:
            tree: The file.
            everywhere: Whether to look for bindings (`:=`) inside expressions too.
        """
        twice: set[str] = set()
        for node in ast.walk(tree) if everywhere else _statements(tree):
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                if _imports(alias.name, getattr(node, "module", "")):
                    self.callers[alias.asname or alias.name] = alias.name
                elif alias.name == "*" and getattr(node, "module", "") == "importlib":
                    self.callers["import_module"] = "import_module"
                elif alias.name == "TYPE_CHECKING":
                    self.typing.add(alias.asname or alias.name)
            target, value = _binding(node)
            if target and value is not None:
                if caller := self.caller(value):
                    self.callers[target] = caller
                text = self.constant(value)
                if text is None or self.constants.get(target, text) != text:
                    twice.add(target)
                else:
                    self.constants[target] = text
        for name in twice:
            self.constants.pop(name, None)

    def constant(self, node: ast.AST | None) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            return self.package if node.id == "__package__" else self.constants.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.constant(node.left), self.constant(node.right)
            return None if left is None or right is None else left + right
        if isinstance(node, ast.JoinedStr):
            parts = [
                self.constant(one.value if isinstance(one, ast.FormattedValue) else one)
                for one in node.values
            ]
            return None if None in parts else "".join(part or "" for part in parts)
        return None

    def block(self, body: list[ast.stmt], kind: Kind) -> None:
        for node in body:
            self.statement(node, kind)

    def statement(self, node: ast.AST, kind: Kind) -> None:
        if isinstance(node, ast.Import):
            self.found += [Found(alias.name, node.lineno, kind) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            self.from_import(node, kind)
        elif isinstance(node, ast.If):
            self.expressions(node.test, kind)
            body, other = self.branches(node.test)
            self.block(node.body, "typing" if body else kind)
            self.block(node.orelse, "typing" if other else kind)
        elif isinstance(node, ast.Try | ast.TryStar):
            guarded = any(_catches_missing(one.type) for one in node.handlers)
            self.block(node.body, _inner(kind, "optional") if guarded else kind)
            for handler in node.handlers:
                catches = _catches_missing(handler.type)
                self.block(handler.body, _inner(kind, "optional") if catches else kind)
            self.block(node.orelse, kind)
            self.block(node.finalbody, kind)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self.expressions(item.context_expr, kind)
            suppressed = any(_suppresses(item.context_expr) for item in node.items)
            self.block(node.body, _inner(kind, "optional") if suppressed else kind)
        else:
            self.other(node, kind)

    def other(self, node: ast.AST, kind: Kind) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for outer in (*node.decorator_list, node.args):
                self.expressions(outer, kind)
            self.block(node.body, _inner(kind, "lazy"))
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                self.statement(child, kind)
            else:
                self.expressions(child, kind)

    def branches(self, test: ast.AST) -> tuple[bool, bool]:
        """Whether the body, and whether the else branch, is for type checkers only."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            body, other = self.branches(test.operand)
            return other, body
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            return any(self.branches(one)[0] for one in test.values), False
        if isinstance(test, ast.Attribute):
            return test.attr == "TYPE_CHECKING", False
        return isinstance(test, ast.Name) and test.id in self.typing, False

    def expressions(self, node: ast.AST, kind: Kind) -> None:
        """Dynamic imports in an expression; what a lambda holds is lazy."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if first and not any(first <= line <= last for line in self.calls):
            return
        if isinstance(node, ast.Lambda):
            self.expressions(node.body, _inner(kind, "lazy"))
            return
        if isinstance(node, ast.Call) and (caller := self.caller(node.func)):
            self.call(node, caller, kind)
        for child in ast.iter_child_nodes(node):
            self.expressions(child, kind)

    def caller(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name):
            return self.callers.get(node.id)
        if isinstance(node, ast.Attribute) and _imports(node.attr, getattr(node.value, "id", "")):
            return node.attr
        return None

    def call(self, node: ast.Call, caller: str, kind: Kind) -> None:
        keywords = {one.arg: one.value for one in node.keywords}
        keyword = "mod_name" if caller == "run_module" else "name"
        name = self.constant(node.args[0] if node.args else keywords.get(keyword))
        if name is None:
            self.unknown.append(node.lineno)
            return
        if caller in RARE:
            name = name.partition(":")[0]
        elif name.startswith("."):
            given = node.args[1] if len(node.args) > 1 else keywords.get("package")
            base = self.constant(given)
            if base is None and isinstance(given, ast.Name) and given.id == "__name__":
                base = self.package  # right in an `__init__`, the one place where it is used
            level = len(name) - len(name.lstrip("."))
            name = _absolute(base, level, name.lstrip(".")) if base else ""
        elif caller == "__import__":
            wanted = node.args[4] if len(node.args) > 4 else keywords.get("level")
            if isinstance(wanted, ast.Constant) and isinstance(wanted.value, int) and wanted.value:
                name = _absolute(self.package, wanted.value, name)
        if name:
            self.found.append(Found(name, node.lineno, kind, True))
        else:
            self.unknown.append(node.lineno)

    def from_import(self, node: ast.ImportFrom, kind: Kind) -> None:
        base = node.module or ""
        if node.level:
            base = _absolute(self.package, node.level, base)
        for alias in node.names:
            name = base if alias.name == "*" else f"{base}.{alias.name}"
            self.found.append(Found(name.strip("."), node.lineno, kind))


def _imports(name: str, module: str | None) -> bool:
    """Whether what `module` calls `name` imports."""
    return name in _IMPORTERS and RARE.get(name, module) == module


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            for child in getattr(node, block, ()):
                yield child
                todo.append(child)


def _lines(data: bytes, callers: Iterable[str]) -> list[int]:
    """The lines on which a name stands that may be an importer; in most files there is none."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    names = b"|".join(name.encode() for name in {*_IMPORTERS, *callers})
    return [data.count(b"\n", 0, one.start()) + 1 for one in re.finditer(names, data)]


def _binding(node: ast.AST) -> tuple[str, ast.AST | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.AST = node.targets[0]
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign):
        target = node.target
    else:
        return "", None
    value = None if isinstance(node, ast.AugAssign) else node.value
    if not isinstance(target, ast.Name):
        return "", None
    return target.id, value if not isinstance(node, ast.AugAssign) else ast.Constant(None)


def _absolute(package: str, level: int, name: str) -> str:
    parts = package.split(".")
    if level > len(parts):
        return ""
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{name}".strip(".")


def _inner(outer: Kind, kind: Kind) -> Kind:
    """The stronger of two guards: typing over optional over lazy over none."""
    order: list[Kind] = ["run time", "lazy", "optional", "typing"]
    return max(outer, kind, key=order.index)


def _catches_missing(node: ast.AST | None) -> bool:
    if node is None:
        return True
    if isinstance(node, ast.Tuple):
        return any(_catches_missing(one) for one in node.elts)
    name = node.id if isinstance(node, ast.Name) else ""
    name = node.attr if isinstance(node, ast.Attribute) else name
    return name in _MISSING


def _suppresses(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else name
    return name == "suppress" and any(_catches_missing(one) for one in node.args)
