"""Which files of the workspace a piece of code imports, found without importing anything."""

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sage.tools.kept import keep

__all__ = ["Modules", "find_imports", "source_roots"]

DYNAMIC = ("import_module", "__import__")


def source_roots(root: Path) -> tuple[Path, ...]:
    """Folders of the workspace from which modules are imported.

    Each `packages/*/src`, `src`, and the root itself.
    """
    found = [path for path in sorted(root.glob("packages/*/src")) if path.is_dir()]
    return (*found, *([root / "src"] if (root / "src").is_dir() else []), root)


def find_imports(source: str, package: str = "") -> list[str]:
    """Full names of the modules that `source` may import, and of names it takes from them.

    Args:
        source: Python code; code that does not parse imports nothing.
        package: The package that relative imports start from.

    >>> find_imports("from sage.common import errors; import json")
    ['json', 'sage.common', 'sage.common.errors']
    """
    if "import" not in source:
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return sorted({name for node in ast.walk(tree) for name in _imported(node, package)})


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = _absolute(node.module or "", node.level, package)
        if module:
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names if alias.name != "*")
    elif isinstance(node, ast.Call) and node.args:
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        first = node.args[0]
        if name in DYNAMIC and isinstance(first, ast.Constant) and isinstance(first.value, str):
            dots = len(first.value) - len(first.value.lstrip("."))
            yield _absolute(first.value[dots:], dots, package)


def _absolute(module: str, level: int, package: str) -> str:
    if not level:
        return module
    base = package.split(".")[: len(package.split(".")) - level + 1]
    return ".".join([*base, *([module] if module else [])])


class Modules:
    """The workspace's modules: their content and what they import, read once while unchanged."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._roots = source_roots(root)
        self._files: dict[tuple[str, Path | None], tuple[Path, ...]] = {}
        self._contents: dict[Path, tuple[int, int, str, tuple[str, ...]]] = {}
        self._known: dict[str, list[str]] = {}
        self._learned = False
        with suppress(OSError, ValueError):
            self._known = json.loads(self._cache.read_text("utf-8"))

    @property
    def _cache(self) -> Path:
        return self.root / ".sage-dev" / "imports.json"

    @property
    def files(self) -> frozenset[Path]:
        """The files that digests were made of so far."""
        return frozenset(self._contents)

    def save(self) -> None:
        """Keep what was learned for the next process."""
        if self._learned:
            rows = {digest: list(names) for _, _, digest, names in self._contents.values()}
            keep(self._cache, json.dumps(rows))

    def digest(self, names: Iterable[str], folder: Path | None = None) -> str:
        """Digest of every workspace file that importing `names` may read, directly or not.

        Args:
            names: Full names of modules.
            folder: A further folder that modules are imported from: a program's own.
        """
        waiting = list(names)
        seen: set[str] = set()
        contents: dict[str, str] = {}
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for file in self._resolve(name, folder):
                if str(file) not in contents:
                    contents[str(file)], imported = self._read(file, name)
                    waiting.extend(imported)
        # Names below the root, so that evidence holds wherever the checkout lies.
        rows = sorted(
            f"{os.path.relpath(path, self.root)}={content}" for path, content in contents.items()
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest() if rows else ""

    def _resolve(self, name: str, folder: Path | None) -> tuple[Path, ...]:
        """The files that importing `name` executes: its packages' `__init__`, and itself."""
        if (name, folder) in self._files:
            return self._files[name, folder]
        roots = self._roots if folder is None else (folder, *self._roots)
        found: list[Path] = []
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            for root in roots:
                base = root.joinpath(*parts[:end])
                found.extend(p for p in (base / "__init__.py", base.with_suffix(".py"))
                             if p.is_file())  # fmt: skip
        self._files[name, folder] = tuple(found)
        return tuple(found)

    def _read(self, file: Path, name: str) -> tuple[str, tuple[str, ...]]:
        try:
            stat = file.stat()
            known = self._contents.get(file)
            if known and known[:2] == (stat.st_mtime_ns, stat.st_size):
                return known[2], known[3]
            text = file.read_text("utf-8", errors="replace")
        except OSError:
            return "", ()
        package = self._package(file)
        digest = hashlib.sha256(f"{package}\n{text}".encode()).hexdigest()
        names = self._known.get(digest)
        if names is None:
            names, self._learned = find_imports(text, package), True
        row = (stat.st_mtime_ns, stat.st_size, digest, tuple(names))
        self._contents[file] = row
        return row[2], row[3]

    def _package(self, file: Path) -> str:
        """The package that a module's relative imports start from."""
        for root in self._roots:
            if file.is_relative_to(root):
                return ".".join(file.relative_to(root).parent.parts)
        return ""
