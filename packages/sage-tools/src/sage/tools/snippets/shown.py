"""Which public names of the packages are shown by an example that ran.

A name is shown by a snippet that passed, uses it, and imports it from its package or is a docstring
within it. All of this is read from the code; nothing is imported.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sage.tools.finding import Finding
from sage.tools.snippets.model import Kind, Page, Snippet
from sage.tools.snippets.modules import find_imports
from sage.tools.snippets.names import code_of
from sage.tools.snippets.public_names import PublicName, find_public_names
from sage.tools.snippets.suite import Result

__all__ = ["Shown", "find_shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown and what is not.

    Attributes:
        names: Every public name.
        missing: Those that no example that ran shows.
        packages: The packages that were asked for; all of them when empty.
    """

    names: tuple[PublicName, ...]
    missing: tuple[PublicName, ...]
    packages: tuple[str, ...] = ()

    @property
    def percent(self) -> float:
        """Share of the names that are shown; 100 where there are none."""
        if not self.names:
            return 100.0
        return 100.0 * (len(self.names) - len(self.missing)) / len(self.names)

    def __str__(self) -> str:
        shown = len(self.names) - len(self.missing)
        return f"{shown} of {len(self.names)} public names shown by an example that ran"

    def findings(self) -> list[Finding]:
        """One finding for each name that is missing; one where there is no name at all."""
        if not self.names:
            return [self._nothing()]
        message = "{} is shown by no example that ran; add one to its docstring or to a page"
        return [
            Finding(name.path, name.line, "unshown-name", message.format(name))
            for name in self.missing
        ]

    def _nothing(self) -> Finding:
        of = f"package {' or '.join(self.packages)}" if self.packages else "package"
        message = (f"no public name of a {of} was found below packages/*/src, src or the root; "
                   "name packages that lie there in `snippets-covered`")  # fmt: skip
        return Finding("pyproject.toml", 1, "no-public-name", message)


def find_shown(results: Sequence[Result], root: Path, packages: Sequence[str] = ()) -> Shown:
    """Compare the public names of some packages, or of all, with the snippets that passed."""
    inside = tuple(f"{package}." for package in packages)
    names = [name for name in find_public_names(root) if not inside or f"{name}".startswith(inside)]
    by_package: dict[str, set[str]] = {}
    for result in results:
        if result.outcome.passed and result.snippet.runs:
            code = _code(result.page, result.snippet, root)
            used = _identifiers(code)
            for package in _packages(result, code):
                by_package.setdefault(package, set()).update(used)
    missing = [name for name in names if name.name not in by_package.get(name.package, set())]
    return Shown(tuple(names), tuple(missing), tuple(packages))


def _code(page: Page, snippet: Snippet, root: Path) -> str:
    """The code that ran for the snippet, with the code of its page that it builds on."""
    if snippet.kind is Kind.PROGRAM:
        return (root / snippet.program).read_text("utf-8", errors="replace")
    if page.module:
        return f"{code_of(snippet)}\n{snippet.name.removeprefix(page.module).lstrip('.')}"
    before = [s for s in page.snippets[: snippet.number] if s.kind in (Kind.CODE, Kind.SESSION)]
    return "\n".join(code_of(s) for s in (*before, snippet))


def _packages(result: Result, code: str) -> set[str]:
    """Packages whose names the snippet may show: those it imports from, or stands in."""
    names = set(find_imports(code))
    if result.page.module:
        names.add(result.page.module)
    found: set[str] = set()
    for name in names:
        parts = name.split(".")
        found.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return found


@lru_cache(maxsize=4096)
def _identifiers(code: str) -> frozenset[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    return frozenset(_named(ast.walk(tree)))


def _named(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Constant):
            yield str(node.annotation.value).rpartition(".")[2]  # a quoted type
