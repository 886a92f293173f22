"""What a record points at: links and images, paths and names of the workspace, governed files."""

import ast
import os
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from sage.tools.adr.anchors import anchors_of, leads_to
from sage.tools.adr.codes import found
from sage.tools.adr.git import git
from sage.tools.adr.globs import glob_pattern
from sage.tools.adr.record import PAST_SECTIONS, Record
from sage.tools.adr.source import read_source, split_lines
from sage.tools.finding import Finding

__all__ = ["Workspace", "check_targets"]

_LINK = re.compile(
    r"(?<!\\)!?\[(?:\\.|[^\[\]\\]|\[[^\[\]]*\])*\]\(\s*(?:<([^<>]*)>|([^()\s]*(?:\([^()\s]*\))?[^()\s]*))"
)
_INDENTED = ("    ", "\t")
_IN_LIST = re.compile(r" |[-*+][ \t]|\d+[.)][ \t]")
_DEFINITION = re.compile(r" {0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)")
_HTML = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)\s*=\s*[\"']([^\"']+)", re.I)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|/|#|\?")
_PATH = re.compile(r"[\w.@-]+(?:/[\w.@+-]+)+/?")
_DOTTED = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?:\(.*\))?")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ATTRIBUTE = re.compile(r"\.[A-Z][a-z]\w*$")
_PAST = re.compile(r"\badr:\s*(?:past|elsewhere)\b")
# Nobody writes links in longer lines, and searching them would take for ever.
MAX_LINE = 10_000
_SKIPPED_FOLDERS = ("node_modules", "__pycache__")
_BUILT = "site"  # at the top; deeper down it is a name like any other
_HOLDS = ("draft", "proposed", "accepted", "unknown")


class Workspace:
    """The files and Python names of a repository, looked up once each, nothing imported."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._base = str(root)
        self._exists: dict[str, bool] = {}
        self._names: dict[str, _Module | None] = {}
        self._governs: dict[str, bool] = {}
        self._generated: dict[str, bool] = {}
        self._anchors: dict[str, frozenset[str] | None] = {}

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at `path`, absolute or relative to the root."""
        known = self._exists.get(path)
        if known is None:
            try:
                os.stat(path if path[:1] == "/" else f"{self._base}/{path}")  # noqa: PTH116 - one a link
                known = True
            except (OSError, ValueError):
                known = False
            self._exists[path] = known
        return known

    def generated(self, path: str) -> bool:
        """Whether `path` is none that a clone holds: Git ignores it; without Git, a dot folder's.

        Such a file is there or not by what ran before, and a record may name it all the same.
        """
        known = self._generated.get(path)
        if known is None:
            out = git(self.root, "check-ignore", "--", path, fine=(0, 1))
            known = self._generated[path] = path[:1] == "." if out is None else bool(out)
        return known

    def anchors(self, path: str) -> frozenset[str] | None:
        """The anchors of the Markdown page at `path`; `None` where it is none, or unreadable."""
        if not path.lower().endswith((".md", ".markdown")):
            return None
        if path not in self._anchors:
            source, _ = read_source(Path(path), path)
            self._anchors[path] = anchors_of(source) if source else None
        return self._anchors[path]

    def governs_any(self, glob: str) -> bool:
        """Whether `glob` matches a file of the repository."""
        if glob.startswith("/") or ".." in glob.split("/"):
            return False  # outside the repository, where nothing is looked at
        if not re.search(r"[*?]", glob):
            return self.exists(glob)
        known = self._governs.get(glob)
        if known is None:
            known = self._governs[glob] = self._matches_any(glob.removeprefix("./"))
        return known

    def _matches_any(self, glob: str) -> bool:
        start = re.split(r"[^/]*[*?]", glob, maxsplit=1)[0]
        if start and not self.exists(start):
            return False
        if glob in (f"{start}**", f"{start}**/*"):
            return next(self._under(start), None) is not None
        pattern = glob_pattern(glob)
        return any(pattern.fullmatch(path) for path in self._under(start))

    def missing_name(self, dotted: str) -> str | None:
        """The part of a dotted Python name that its package lacks; `None` where it is whole.

        `None`, too, where the name belongs to no package of this workspace.
        """
        parts = dotted.split(".")
        module: _Module | None = None
        depth = 0
        for depth in range(len(parts), 0, -1):
            module = self._module("/".join(parts[:depth]))
            if module is not None:
                break
        if module is None:
            return None
        return _missing(module, ".".join(parts[:depth]), parts[depth:])

    def _module(self, path: str) -> "_Module | None":
        if path not in self._names:
            self._names[path] = next(
                (
                    module
                    for base in self._bases
                    for suffix in ("/__init__.py", ".py")
                    if (module := _parse(f"{base}/{path}{suffix}")) is not None
                ),
                None,
            )
        return self._names[path]

    @property
    def _bases(self) -> tuple[str, ...]:
        return _source_roots(self._base)

    def _under(self, start: str) -> Iterator[str]:
        """The files below a folder, relative to the root; hidden folders below it left out."""
        for folder, folders, files in os.walk(f"{self._base}/{start}"):
            base = folder[len(self._base) + 1 :].strip("/").replace(os.sep, "/")
            skipped = _SKIPPED_FOLDERS if base else (*_SKIPPED_FOLDERS, _BUILT)
            folders[:] = [n for n in folders if n[0] != "." and n not in skipped]
            yield from (f"{base}/{name}" if base else name for name in files)


def check_targets(record: Record, workspace: Workspace) -> Iterator[Finding]:
    """Links that lead nowhere, paths and names that are gone, patterns that match nothing."""
    folder = str(record.file.parent)
    past = _past_lines(record)
    judged = record.status in _HOLDS
    for number, line in _lines(record):
        if "](" in line or "]:" in line or "<" in line:
            yield from _links(record, number, line, folder, workspace)
        if judged and "`" in line and number not in past:
            yield from _code(record, number, line, workspace)
    for glob in record.governs if judged else ():
        if not workspace.governs_any(glob):
            message = f"governs {glob!r} matches no file; correct the pattern"
            yield found("governs-nothing", record.path, _line_with(record, glob), message)


def _lines(record: Record) -> Iterator[tuple[int, str]]:
    """The lines that may point at something, each with its number."""
    code: set[int] | None = None
    for number, line in enumerate(record.plain, start=1):
        marked = line and ("`" in line or "](" in line or "]:" in line or "<" in line)
        if not marked or len(line) > MAX_LINE:
            continue
        if line.startswith(_INDENTED):
            code = _code_lines(record.plain) if code is None else code
            if number in code:
                continue
        yield number, line


def _code_lines(lines: Sequence[str]) -> set[int]:
    """The lines that are indented as code is: below an empty line, and in no list."""
    code = set()
    parted, in_list = True, False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            parted = True
        elif not line.startswith(_INDENTED):
            parted, in_list = False, bool(_IN_LIST.match(line))
        elif parted and not in_list:
            code.add(number)
    return code


def _links(
    record: Record, number: int, line: str, folder: str, workspace: Workspace
) -> Iterator[Finding]:
    prose = _CODE.sub(" ", line) if "`" in line else line
    targets = [one or two for one, two in _LINK.findall(prose)]
    if definition := _DEFINITION.match(prose):
        targets.append(definition[1])
    if "<" in prose:
        targets += _HTML.findall(prose)
    for target in (_ESCAPED.sub(r"\1", each) for each in targets if each):
        if target[0] != "#" and _ABSOLUTE.match(target):
            continue
        path = re.split(r"[#?]", target, maxsplit=1)[0]
        there = (f"{folder}/{each}" for each in (path, unquote(path)))
        place = next(filter(workspace.exists, there), "") if path else str(record.file)
        if not place:
            message = f"{target} leads to no file; it is relative to this record"
            yield found("broken-link", record.path, number, message)
        elif "#" in target:
            yield from _anchor(record, number, target, place, workspace)


def _anchor(
    record: Record, number: int, target: str, place: str, workspace: Workspace
) -> Iterator[Finding]:
    fragment = target.partition("#")[2]
    anchors = workspace.anchors(place)
    if anchors is None or leads_to(fragment, anchors):
        return
    # Here, because nearly no run needs it.
    from difflib import get_close_matches

    near = get_close_matches(fragment.lower(), anchors, 1)
    advice = f"did you mean #{near[0]}?" if near else "name a heading that it has"
    page = target.partition("#")[0] or "this record"
    message = f"{target}: {page} has no heading or anchor #{fragment}; {advice}"
    yield found("broken-anchor", record.path, number, message)


def _code(record: Record, number: int, line: str, workspace: Workspace) -> Iterator[Finding]:
    for match in _CODE.finditer(line):
        text = match[2].strip()
        if _PATH.fullmatch(text):
            first = text.partition("/")[0]
            here = _plain_path(text) and workspace.exists(first)
            if here and not workspace.exists(text) and not workspace.generated(text):
                message = f"{text} is not in this workspace; correct it, or mark the line as past"
                yield found("missing-path", record.path, number, message)
        elif (dotted := _DOTTED.fullmatch(text)) and (part := workspace.missing_name(dotted[1])):
            message = f"{dotted[1]}: {part}; correct it, or mark the line as past"
            yield found("missing-symbol", record.path, number, message)


def _plain_path(text: str) -> bool:
    """Whether a text is surely a path from the root: not `a/...`, `x/auth` or `src/conf.Settings`.

    Two words with a stroke between them name as well a package of something else.
    """
    first, *rest = text.split("/")
    dots = any(not part.strip(".") for part in (first, *filter(None, rest)))
    return not dots and not _ATTRIBUTE.search(text) and ("." in text or len(rest) > 1)


def _past_lines(record: Record) -> set[int]:
    past: set[int] = set()
    for section in record.sections:
        if section.title.lower().startswith(PAST_SECTIONS):
            past.update(range(section.line, section.line + section.text.count("\n") + 4))
    if "adr:" in record.text:
        lines = enumerate(split_lines(record.text), start=1)
        past.update(number for number, line in lines if _PAST.search(line))
    return past


def _line_with(record: Record, text: str) -> int:
    head = split_lines(record.text)[: record.body_line]
    return next((number for number, line in enumerate(head, start=1) if text in line), 1)


_Module = dict[str, "dict[str, None] | None"]


@lru_cache(maxsize=64)
def _source_roots(base: str) -> tuple[str, ...]:
    """Where Python packages of a repository may start: its root, `src`, and those of `packages`."""
    roots = [base, f"{base}/src"]
    try:
        with os.scandir(f"{base}/packages") as entries:
            names = sorted(entry.path for entry in entries if entry.is_dir())
    except OSError:
        names = []
    for name in names:
        roots += [f"{name}/src", name]
    return tuple(roots)


def _parse(path: str) -> _Module | None:
    """The names that a module binds, and those of its classes; `None` where there is no module."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    names: _Module = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            names.setdefault(node.name, dict.fromkeys(_bound(node)))
            if node.bases or node.decorator_list:
                names[node.name] = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.setdefault(node.name, None)
    names |= {name: None for name in _bound(tree) if name not in names}
    return names


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _missing(module: _Module, name: str, rest: list[str]) -> str | None:
    if not rest or "__getattr__" in module:
        return None
    first, *deeper = rest
    if first not in module:
        return f"{name} has no {first}"
    members = module[first]
    if deeper and members is not None and deeper[0] not in members:
        return f"{name}.{first} has no {deeper[0]}"
    return None
