"""Listens to `pymdownx.snippets`: which file each included line comes from, what was missing."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pymdownx.snippets import SnippetPreprocessor

from sage.tools.snippets.lines import Line

__all__ = ["IncludeHook"]


class IncludeHook:
    """Keeps the places of lines through the includes of one preprocessor.

    Args:
        included: Called with each file that was included.
        problem: Called with line, code and sentence for each include that fails.
    """

    def __init__(
        self, included: Callable[[str], None], problem: Callable[[int, str, str], None]
    ) -> None:
        self._included = included
        self._problem = problem
        self._at = 1
        self._file = ""
        self._depth = 0
        self._marks: list[int] = []

    def attach(self, processor: SnippetPreprocessor) -> None:
        """Listen to `processor`; lines without a place are left alone."""
        self._run, processor.run = processor.run, self._start
        self._parse, processor.parse_snippets = processor.parse_snippets, self._keep
        self._path, processor.get_snippet_path = processor.get_snippet_path, self._resolve
        self._extract, processor.extract_section = processor.extract_section, self._section
        self._dedent, processor.dedent = processor.dedent, self._dedented
        self._processor = processor

    def _start(self, lines: list[str]) -> list[str]:
        self._depth = 0
        self._marks = _marks(lines, self._processor)
        result: list[str] = self._run(lines)
        return result

    def _resolve(self, path: str) -> str | None:
        found: str | None = self._path(path)
        if self._depth == 0 and self._marks:
            self._at = self._marks.pop(0)
        if found is None:
            self._problem(self._at, *self._reason(path))
            return None
        self._included(found)
        unreadable = self._unreadable(found)
        if unreadable:
            message = f'the include "{path}" {unreadable}; include a file of text'
            self._problem(self._at, "missing-include", message)
            return None
        self._file = found
        return found

    def _unreadable(self, file: str) -> str:
        """Why a file cannot be shown; empty when it can."""
        try:
            Path(file).read_bytes().decode(self._processor.encoding)
        except UnicodeDecodeError:
            return f"is no text in {self._processor.encoding}"
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        return ""

    def _reason(self, path: str) -> tuple[str, str]:
        if path.lower().startswith(("https://", "http://")):
            return (
                "missing-include",
                f'the include "{path}" is an address, which is not fetched here; include a file',
            )
        for base in self._processor.base_path:
            if (Path(base) / path).exists():
                return (
                    "include-outside",
                    f'the include "{path}" leaves {Path(base).name}/; '
                    "include only files of the project",
                )
        return "missing-include", f'the include "{path}" names no file; correct the path'

    def _keep(
        self,
        lines: list[str],
        file_name: str | None = None,
        is_url: bool = False,
        is_section: bool = False,
    ) -> list[str]:
        if not file_name:
            result: list[str] = self._parse(lines, file_name, is_url, is_section)
            return result
        if not (lines or is_section) and Path(file_name).stat().st_size:
            self._lack_lines(file_name)
        self._depth += 1
        try:
            kept = lines if is_section else self._number(lines, file_name)
            result = self._parse(kept, file_name, is_url, is_section)
        finally:
            self._depth -= 1
        return result

    def _lack_lines(self, file: str) -> None:
        count = len(Path(file).read_text(self._processor.encoding).splitlines())
        message = f"{Path(file).name} has {count} lines, none of those that are included"
        self._problem(self._at, "missing-lines", message)

    def _number(self, lines: Sequence[str], file: str) -> list[str]:
        if all(isinstance(line, Line) for line in lines):
            return list(lines)
        whole = Path(file).read_text("utf-8").splitlines()
        wanted = [line.strip() for line in lines]
        stripped = [line.strip() for line in whole]
        starts = (n for n in range(len(whole)) if stripped[n : n + len(wanted)] == wanted)
        first = next(starts, 0) if len(wanted) < len(whole) else 0
        return [Line(line, self._at, file, first + n + 1) for n, line in enumerate(lines)]

    def _section(self, section: str, lines: list[str]) -> list[str]:
        pattern = self._processor.RE_SNIPPET_SECTION
        matches = [match for line in lines if (match := pattern.match(line))]
        here = [m.group("type").lower() for m in matches if m.group("name") == section]
        name = Path(self._file).name
        if "start" not in here:
            known = ", ".join(sorted({m.group("name") for m in matches})) or "none"
            self._problem(
                self._at,
                "missing-section",
                f'{name} has no section "{section}"; its sections: {known}',
            )
        elif "end" not in here:
            self._problem(
                self._at, "unterminated-section", f'section "{section}" of {name} has no [end:]'
            )
        placed = [Line(line, self._at, self._file, n + 1) for n, line in enumerate(lines)]
        result: list[str] = self._extract(section, placed)
        return result

    def _dedented(self, lines: list[str]) -> list[str]:
        if not lines:
            return []
        plain: list[str] = self._dedent(lines)
        return [
            old.moved(new) if isinstance(old, Line) else new
            for old, new in zip(lines, plain, strict=True)
        ]


def _marks(lines: Sequence[str], processor: SnippetPreprocessor) -> list[int]:
    """Lines of the page that include a file, in order: one for each path that will be looked up."""
    found: list[int] = []
    block = False
    for line in lines:
        match = processor.RE_ALL_SNIPPETS.match(line)
        at = line.at if isinstance(line, Line) else 1
        if match and not match.group("escape"):
            if match.group("inline_marker"):
                path = match.group("snippet")[1:-1].strip()
                if not block and _is_file(path):
                    found.append(at)
            else:
                block = not block
        elif block and _is_file(line.strip()):
            found.append(at)
    return found


def _is_file(path: str) -> bool:
    return bool(re.sub(r":.*$", "", path)) and not path.startswith(";")
