"""The digest of a snippet: everything that its outcome depends on, hashed without running it.

It covers the snippet, the code of its page that runs before it, the workspace's modules that all
of these import (by content), files that the page names or includes, the Python and the locked
versions. Lines are left out: text added above a snippet does not make it stale.
"""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sage.tools.snippets.model import Kind, Page, Snippet
from sage.tools.snippets.modules import Modules, find_imports

__all__ = ["Digests"]

SCHEMA = "2"
LOCKS = ("requirements/*.txt", "requirements*.txt", "uv.lock", "poetry.lock", "pdm.lock",
         "pylock.toml")  # fmt: skip
# A command may read any of these; which, only running it would tell.
COMMAND_READS = ("adr/*.md", "layer.yaml", "pyproject.toml", "packages/*/pyproject.toml")


class Digests:
    """Signs pages: gives each of their snippets its digest."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules = Modules(root)
        self._base = _hash(SCHEMA, platform.python_version(), *_contents(root, LOCKS))
        self._programs: dict[str, tuple[int, int, str]] = {}

    def sign(self, page: Page) -> Page:
        """`page`, with the digest of each snippet that has an outcome."""
        if page.module:
            code = self.modules.digest([page.module])
            return self._with(page, [self._hash_own(page, s, code) for s in page.snippets])
        state = _hash(self._base, page.setup, *_contents(self.root, page.files))
        imports = set(find_imports(page.setup))
        digests: list[str] = []
        for snippet in page.snippets:
            if snippet.kind is Kind.PROGRAM:
                own = self._program(snippet.program)
                digests.append(_hash(own, self._expected(page, snippet), *_options(snippet)))
            elif snippet.kind in (Kind.CODE, Kind.SESSION):
                imports.update(find_imports(_statements(snippet)))
                digests.append(self._hash_own(page, snippet, state, self.modules.digest(imports)))
                if not snippet.skip:
                    state = _hash(state, snippet.kind, snippet.source)
            elif snippet.kind is Kind.CONSOLE:
                digests.append(self._hash_own(page, snippet, self._commands()))
            else:
                digests.append(self._hash_own(page, snippet, "") if snippet.runs else "")
        return self._with(page, digests)

    def _with(self, page: Page, digests: Sequence[str]) -> Page:
        pairs = zip(page.snippets, digests, strict=True)
        return replace(page, snippets=tuple(s.signed(digest) for s, digest in pairs))

    def _hash_own(self, page: Page, snippet: Snippet, *depends_on: str) -> str:
        expected = self._expected(page, snippet)
        options = _options(snippet)
        return _hash(self._base, snippet.kind, snippet.language, snippet.source, expected,
                     snippet.name, *depends_on, *options)  # fmt: skip

    def _expected(self, page: Page, snippet: Snippet) -> str:
        return "" if snippet.expected is None else page.snippets[snippet.expected].source

    def _program(self, name: str) -> str:
        file = self.root / name
        try:
            text = file.read_text("utf-8", errors="replace")
        except OSError:
            return _hash("missing", name)
        code = self.modules.digest(find_imports(text), folder=file.parent)
        return _hash(self._base, text, code)

    def _commands(self) -> str:
        code = self.modules.digest(["sage.tools.cli"])
        tools = self.root.glob("packages/*/src/**/*.py")
        everything = (file.read_text("utf-8", errors="replace") for file in sorted(tools))
        return _hash(code, *everything, *_contents(self.root, COMMAND_READS))


def _options(snippet: Snippet) -> tuple[str, ...]:
    return (snippet.skip, snippet.wrong, snippet.raises, *snippet.requires)


def _statements(snippet: Snippet) -> str:
    """The code of a session without its prompts, as far as its imports matter."""
    if snippet.kind is not Kind.SESSION:
        return snippet.source
    lines = (line.strip() for line in snippet.source.split("\n"))
    code = "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))
    found = "\n".join(line for line in code.split("\n") if "import" in line)
    return "\n".join(line.strip() for line in found.split("\n"))


def _hash(*parts: str) -> str:
    sizes = [len(part) for part in parts]
    data = "".join([repr(sizes), *parts]).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def _contents(root: Path, patterns: Sequence[str]) -> list[str]:
    """Names and contents of the files that match, in a stable order."""
    found: list[str] = []
    for pattern in patterns:
        for file in sorted(root.glob(pattern)) if pattern and not pattern.startswith("/") else []:
            if file.is_file():
                found += [file.relative_to(root).as_posix(),
                          file.read_bytes().decode("utf-8", errors="replace")]  # fmt: skip
    return found
