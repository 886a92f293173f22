"""Imports as values, and the index of the modules between which they run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sage.tools.finding import Finding
from sage.tools.layers.workspace import SourceFile

__all__ = ["UNLABELLED", "Edge", "Index", "Readout"]

UNLABELLED = ""
"""The kind of a dynamic import that was read from its text alone and may be none."""


class Edge(NamedTuple):
    """One import that leaves its package.

    Attributes:
        path: File of the importer, relative to the root.
        line: Line of the import, from 1.
        importer: The importing module.
        imported: The name imported, as exactly as the statement tells.
        source: The importer's package.
        target: The imported name's package; empty for what lies outside the workspace.
        kind: `"run time"`, `"lazy"`, `"optional"` or `"typing"`.
        dynamic: Whether it is a call of `import_module` or `__import__`.
    """

    path: str
    line: int
    importer: str
    imported: str
    source: str
    target: str
    kind: str = "run time"
    dynamic: bool = False


@dataclass(slots=True)
class Readout:
    """What was read of one distribution.

    Attributes:
        crossing: Imports of other packages of the workspace, labelled.
        foreign: Imports of what lies outside it and outside the standard library, unlabelled.
        inner: Module → modules of its own package that it imports, with lines.
        findings: Files that could not be read.
        files: How many files were read.
        imports: How many imports were looked at.
        unknown: Places of dynamic imports whose name is computed, as `path:line`.
        tests: How many of the files are tests.
    """

    crossing: list[Edge] = field(default_factory=list)
    foreign: list[Edge] = field(default_factory=list)
    inner: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    imports: int = 0
    unknown: list[str] = field(default_factory=list)
    tests: int = 0


class Index:
    """All modules of a workspace, by name and by path; says which names stand twice."""

    def __init__(self) -> None:
        self.modules: dict[str, SourceFile] = {}
        self.by_path: dict[str, SourceFile] = {}
        self.findings: list[Finding] = []

    def add(self, file: SourceFile, shared: Sequence[str]) -> None:
        """Take a file in; a module that is there already is a finding, unless it is a stub's or
        the `__init__` of a folder that only leads to portions.
        """
        self.by_path[file.path] = file
        first = self.modules.setdefault(file.module, file)
        if first.path == file.path or file.module in shared or file.file.endswith(".pyi"):
            return
        if first.file.endswith(".pyi"):
            self.modules[file.module] = file
            return
        message = f"{file.module} stands in {first.path} too; only one of them can be imported"
        self.findings.append(Finding(file.path, 0, "duplicate-module", message))

    def exact(self, name: str) -> str:
        """`a.b` where a statement said `from a import b` and `a.b` is a module; else `a`."""
        if name in self.modules:
            return name
        parent = name.rpartition(".")[0]
        return parent if parent in self.modules else name
