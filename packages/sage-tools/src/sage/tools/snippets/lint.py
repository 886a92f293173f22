"""Runs ruff and mypy once over the code of all pages, and says where in the Markdown they object.

Each page becomes one file with its code on the lines where the page has it. What is usual on a page
and not in a module (imports in the middle, a value as a statement, a name bound anew) is allowed.
"""

import ast
import doctest
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding
from sage.tools.snippets.model import Kind, Page, Snippet
from sage.tools.snippets.modules import source_roots

__all__ = ["lint_pages"]

RUFF_FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")  # in the order in which ruff takes them
# Of the project's own rules, those that a page breaks by being one: it shows a value, or an import
# for what importing does, and may spell out what would be folded in a module.
RUFF_ALLOWED = "ANN,B015,B018,CPY,D,E402,E501,E703,ERA,F401,F704,F811,I,INP,N999,PLE1142,PLR,RUF,S101,SIM,T20,W29,W39"  # noqa: E501
MYPY_ALLOWED = ("top-level-await", "misc", "no-redef", "empty-body", "import-untyped",
                "import-not-found", "type-arg", "no-untyped-def", "no-untyped-call")  # fmt: skip
# A page need not narrow what a store or a queue gives it: the run shows that the value is there.
UNNARROWED = re.compile(r'"object"|Item "None" of')
MYPY_LINE = re.compile(
    r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.*?)  \[(?P<code>[\w-]+)\]$"
)
PARSER = doctest.DocTestParser()


def lint_pages(pages: Iterable[Page], root: Path) -> tuple[list[Finding], int]:
    """What ruff and mypy say of the code of the Markdown pages, and how many pages have any.

    Blocks; runs each tool once.

    Raises:
        CannotBegin: ruff or mypy is not installed, or refuses the project's settings.
    """
    for tool in ("ruff", "mypy"):
        if find_spec(tool) is None:
            raise CannotBegin(f"--lint needs {tool}, which is not installed; pip install {tool}")
    with tempfile.TemporaryDirectory(prefix="lint-") as name:
        folder = Path(name)
        files = dict(_write(pages, folder))
        if not files:
            return [], 0
        return [*_ruff(files, folder, root), *_mypy(files, folder, root)], len(files)


def _write(pages: Iterable[Page], folder: Path) -> Iterator[tuple[str, str]]:
    """One file a page; its name, and the page's."""
    for number, page in enumerate(pages):
        lines: list[str] = []
        for snippet in page.snippets:
            if _is_linted(snippet, page):
                for offset, text in _statements(snippet):
                    at = snippet.origin_line - 1 + offset
                    lines += [""] * (at + 1 - len(lines))
                    lines[at] = text
        if lines:
            file = f"page{number}.py"
            (folder / file).write_text("\n".join(lines) + "\n", "utf-8")
            yield file, page.path


def _is_linted(snippet: Snippet, page: Page) -> bool:
    code = snippet.kind in (Kind.CODE, Kind.SESSION) and _is_sound(snippet)
    own = snippet.origin == page.path and page.file.suffix != ".py"
    return code and own and not (snippet.skip or snippet.raises)


def _is_sound(snippet: Snippet) -> bool:
    """Whether it is Python; the run reports what is none, and mypy would read no page for it."""
    try:
        for _, text in _examples(snippet):
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _examples(snippet: Snippet) -> Iterator[tuple[int, str]]:
    """Code and its line; of a session, the examples that are meant to succeed."""
    if snippet.kind is Kind.CODE:
        yield 0, snippet.source
        return
    for example in PARSER.get_examples(snippet.source):
        if example.exc_msg is None:
            yield example.lineno, example.source.rstrip("\n")


def _statements(snippet: Snippet) -> Iterator[tuple[int, str]]:
    """The lines of its code."""
    for first, text in _examples(snippet):
        yield from enumerate(text.split("\n"), first)


def _ruff(files: Mapping[str, str], folder: Path, root: Path) -> Iterator[Finding]:
    words = ["check", "--output-format", "json", "--no-cache", "--extend-ignore", RUFF_ALLOWED]
    given = next((name for name in RUFF_FILES if (root / name).is_file()), "")
    if given:
        words += ["--config", str(root / given)]
    done = _run("ruff", [*words, str(folder)], folder)
    if done.returncode not in (0, 1):
        why = done.stderr.strip().splitlines()[-1].strip()
        raise CannotBegin(f"{given or 'ruff'}: ruff refuses to run: {why}")
    for row in json.loads(done.stdout):
        line, code = row["location"]["row"], row["code"] or "syntax"
        yield Finding(files[Path(row["filename"]).name], line, f"ruff-{code.lower()}",
                      row["message"])  # fmt: skip


def _mypy(files: Mapping[str, str], folder: Path, root: Path) -> Iterator[Finding]:
    words = ["--config-file=", "--check-untyped-defs", "--namespace-packages",
             "--explicit-package-bases", "--allow-redefinition", "--follow-imports=silent",
             "--no-error-summary", "--hide-error-context", "--no-color-output",
             f"--cache-dir={root / '.mypy_cache' / 'snippets'}"]  # fmt: skip
    words += [f"--disable-error-code={code}" for code in MYPY_ALLOWED]
    done = _run("mypy", [*words, *files], folder, MYPYPATH=os.pathsep.join(_paths(root)))
    if done.returncode not in (0, 1):
        raise CannotBegin(f"mypy refuses to run: {(done.stderr or done.stdout).strip()[:200]}")
    for text in done.stdout.splitlines():
        if (match := MYPY_LINE.match(text)) and not UNNARROWED.search(match["text"]):
            page = files[Path(match["file"]).name]
            yield Finding(page, int(match["line"]), f"mypy-{match['code']}", match["text"])


def _paths(root: Path) -> list[str]:
    folders = [path for path in source_roots(root) if path != root]
    return [str(path) for path in folders or [root]]


def _run(
    tool: str, words: list[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", tool, *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
