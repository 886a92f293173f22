"""What guards an import: nothing, a function, a handler for a missing module, or TYPE_CHECKING."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from sage.tools.layers.source import Found, Kind, read_source
from sage.tools.layers.workspace import SourceFile

__all__ = ["Labels"]

_FROM = re.compile(rb"from\s+([\w.]+)\s+import\s+(\w+)\s*(?:as\s+\w+\s*)?(?:#.*)?$")
_IMPORT = re.compile(rb"import\s+([\w.]+)\s*(?:as\s+\w+\s*)?(?:#.*)?$")


@dataclass(slots=True)
class Labels:
    """Labels imports by file and line; remembers the last file's lines and every parsed file.

    An import that starts its line and names one thing is read from the line alone. All others
    need the file's syntax tree.
    """

    _lines: dict[str, list[bytes]] = field(default_factory=dict)
    _trees: dict[str, dict[int, list[Found]]] = field(default_factory=dict)

    def at(self, file: SourceFile, line: int, dynamic: bool = False) -> list[Found]:
        """The imports of the statement on `line`; empty where the file cannot be read again.

        With `dynamic`, the calls of `import_module` and `__import__` on that line instead.
        """
        kind: Kind = "typing" if file.file.endswith(".pyi") else "run time"
        tree = self._trees.get(file.file)
        if tree is None:
            simple = "" if dynamic else self._simple(file, line)
            if simple:
                return [Found(simple, line, kind)]
            tree = self._trees[file.file] = self._tree(file)
        return [one for one in tree.get(line, []) if one.dynamic == dynamic]

    def _simple(self, file: SourceFile, line: int) -> str:
        lines = self._lines.get(file.file)
        if lines is None:
            self._lines.clear()
            try:
                with open(file.file, "rb", buffering=0) as stream:  # noqa: PTH123 - often
                    lines = stream.readall().splitlines()
            except OSError:
                lines = []
            self._lines[file.file] = lines
        if not 0 < line <= len(lines) or (line > 1 and lines[line - 2].endswith(b"\\")):
            return ""
        text = lines[line - 1]
        if match := _FROM.match(text):
            base = match[1].decode("ascii", "replace")
            return "" if base.startswith(".") else f"{base}.{match[2].decode('utf-8', 'replace')}"
        match = _IMPORT.match(text)
        return match[1].decode("ascii", "replace") if match else ""

    def _tree(self, file: SourceFile) -> dict[int, list[Found]]:
        stub = file.file.endswith(".pyi")
        found: dict[int, list[Found]] = {}
        try:
            data = Path(file.file).read_bytes()
            reading = read_source(data, file.module, package=file.package, stub=stub)
        except (OSError, SyntaxError, ValueError, RecursionError):
            return found  # newer syntax than ours: the strictest label holds
        for one in reading.imports:
            found.setdefault(one.line, []).append(one)
        return found
