"""Page → snippets: everything on it that a reader may run, as the site shows it.

For a renderer
--------------
A Markdown extension that renders pages learns which `Snippet` each block is from the same hook
that the finder uses:

    blocks = PageBlocks(Finder(root, settings), wrap)   # one for the whole site
    blocks.attach(md)                    # in `extendMarkdown`, for every Markdown instance
    blocks.begin(file, text)             # before each page; `text` is what goes to `convert`

`wrap(snippet, html)` gets each block's highlighted HTML and returns what stands in the page
instead: the block with its badge and output. It is called for every kind of snippet, expected
output too, once a block, when superfences is done and before the page is put together. Conversions
within a conversion (docstrings, for example) are left alone. Our attributes (`skip`, `requires`,
`raises`, `timeout`) never reach the HTML. `blocks.page` is then the `Page`, for its findings: it is
made from that one conversion, except where only a second one can tell whether a fence is shown.

Fences within HTML comments, within longer fences, and within indented code are not shown as code,
and so are not found.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import markdown

from sage.tools.finding import Finding
from sage.tools.snippets.assemble import assemble
from sage.tools.snippets.config import PageSettings, anchored
from sage.tools.snippets.digest import Digests
from sage.tools.snippets.docstrings import find_docstrings, find_program
from sage.tools.snippets.fences import MARK, Fence, FenceHook, mark
from sage.tools.snippets.front import Front, read_front
from sage.tools.snippets.model import Page, Snippet

__all__ = ["Finder", "PageBlocks", "find_page", "read_page"]

Wrap: TypeAlias = Callable[[Snippet, str], str]

HIDING = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1>|\Z)", re.S | re.I)
LIMIT = 20_000  # characters on one line, above which the line is data, not text


def find_page(path: Path, *, root: Path, settings: PageSettings) -> Page:
    """The snippets of one file: a Markdown page, a program, or a module's docstrings.

    Never raises for what stands in the file: that is a finding of the page. To read many pages,
    keep a `Finder`.

    >>> from sage.tools.snippets import find_page, load_page_settings
    >>> page = Path("page.md")
    >>> _ = page.write_text("# Title\\n\\n```python\\nprint(1)\\n```\\n")
    >>> found = find_page(page, root=Path.cwd(), settings=load_page_settings(Path.cwd()))
    >>> [(str(snippet), str(snippet.kind)) for snippet in found.snippets]
    [('page.md:3', 'code')]
    """
    return Finder(root, settings).find(path)


class Finder:
    """Reads pages with one set of Markdown settings; keeps the Markdown instance between them.

    >>> from sage.tools.snippets import Finder, PageSettings
    >>> _ = Path("broken.md").write_text("```python\\nx = 1\\n")
    >>> page = Finder(Path.cwd(), PageSettings()).find(Path("broken.md"))
    >>> [finding.code for finding in page.findings]
    ['unterminated-fence']
    """

    def __init__(self, root: Path, settings: PageSettings) -> None:
        self.root = root.resolve()
        self.settings = settings
        self.findings: list[Finding] = []
        self._digests = Digests(self.root)
        self._hook = FenceHook(formatter=mark)
        self._md: markdown.Markdown | None = None

    def find(self, path: Path) -> Page:
        """The snippets of the file at `path`; see `find_page`."""
        file = path if path.is_absolute() else self.root / path
        name = _relative(file, self.root)
        text, findings = read_page(file, name)
        if text is None:
            return Page(name, file, self.root, findings=tuple(findings))
        if file.suffix == ".py":
            read = find_program if self._is_program(name) else find_docstrings
            return self._digests.sign(read(file, name, text, self.root))
        return self._digests.sign(self._find_in_markdown(file, name, text))

    def save(self) -> None:
        """Keep what was learned of the workspace's imports for the next process."""
        self._digests.modules.save()

    @property
    def md(self) -> markdown.Markdown:
        """The site's Markdown, as far as its extensions are installed here."""
        if self._md is None:
            self._md = self._build()
            self._hook.attach(self._md)
        return self._md

    def _is_program(self, name: str) -> bool:
        return any(name.startswith(f"{folder}/") for folder in self.settings.programs)

    def _build(self) -> markdown.Markdown:
        md = markdown.Markdown()
        for name, options in self.settings.extensions.items():
            try:
                md.registerExtensions([name], {name: anchored(name, options, self.root)})
            except (ImportError, AttributeError, TypeError, KeyError, ValueError) as error:
                message = (
                    f"the Markdown extension {name} cannot be used here ({error}); "
                    "fences that only it makes are not seen: install it"
                )
                config = self.settings.config or "mkdocs.yml"
                self.findings.append(
                    Finding(config, 0, "missing-extension", message, severity="warning")
                )
        return md

    def _find_in_markdown(self, file: Path, name: str, text: str) -> Page:
        front = read_front(text, name)
        body = text.split("\n", front.body_line - 1)[front.body_line - 1]
        try:
            fences = self._fences(body, front.body_line)
        except Exception as error:  # a third party's extension may raise anything
            problem = f"the page cannot be read as Markdown: {type(error).__name__}: {error}"
            finding = Finding(name, front.body_line, "unreadable-page", problem)
            return Page(name, file, self.root, findings=(*front.findings, finding))
        return self._assemble(file, name, front, self._hook, fences)

    def find_rendered(self, file: Path, name: str, front: Front, hook: FenceHook) -> Page | None:
        """The snippets of a page that is being rendered, with `hook` listening to it.

        `None` where only a conversion of its own tells which fences are shown.
        """
        doubtful = any(_may_be_indented_code(fence) for fence in hook.fences)
        if hook.fences and (doubtful or _may_be_hidden("", hook.rest)):
            return None
        return self._digests.sign(self._assemble(file, name, front, hook, hook.fences))

    def _assemble(
        self, file: Path, name: str, front: Front, hook: FenceHook, fences: Sequence[Fence]
    ) -> Page:
        problems = [Finding(name, *problem) for problem in hook.problems]
        includes = tuple(sorted(_relative(Path(p), self.root) for p in hook.includes))
        return assemble(
            Page(
                name,
                file,
                self.root,
                findings=(*front.findings, *problems),
                setup=front.setup,
                setup_line=front.setup_line,
                files=front.files,
                fixtures=front.fixtures,
                includes=includes,
            ),
            fences,
            front,
            self.settings,
        )

    def _fences(self, body: str, body_line: int) -> list[Fence]:
        md = self.md
        md.reset()
        self._hook.begin(body_line)
        lines = body.split("\n")
        if "fenced_code_block" not in md.preprocessors:
            return []
        processors = list(md.preprocessors)
        last = md.preprocessors.get_index_for_name("fenced_code_block")
        for processor in processors[: last + 1]:
            lines = processor.run(lines)
        fences = self._hook.fences
        if not fences:
            return []
        doubtful = any(_may_be_indented_code(fence) for fence in fences)
        if not doubtful and not _may_be_hidden(body, lines):
            return fences
        for processor in processors[last + 1 :]:
            lines = processor.run(lines)
        if doubtful:
            md.parser.parseDocument(lines)
        return _visible(md, fences, lines)


class PageBlocks:
    """Tells a renderer which snippet each of a page's blocks is; see the module's docstring.

    >>> from sage.tools.snippets import Finder, PageBlocks, PageSettings
    >>> file = Path("page.md")
    >>> _ = file.write_text("```python\\nprint(1)\\n```\\n")
    >>> finder = Finder(Path.cwd(), PageSettings())
    >>> blocks = PageBlocks(finder, lambda snippet, html: f"<b>{snippet.kind}</b>")
    >>> md = markdown.Markdown(extensions=["pymdownx.superfences"])
    >>> blocks.attach(md)
    >>> blocks.begin(file, file.read_text())
    >>> md.convert(file.read_text())
    '<p><b>code</b></p>'
    """

    def __init__(
        self, finder: Finder, wrap: Wrap, *, formatter: Callable[..., str] | None = None
    ) -> None:
        self.page: Page | None = None
        self._file: Path | None = None
        self._name = ""
        self._front: Front | None = None
        self._finder = finder
        self._wrap = wrap
        self._hook = FenceHook(formatter=formatter, after=self._wrap_all)

    def attach(self, md: markdown.Markdown) -> None:
        """Listen to `md`; call it for each instance that renders pages."""
        self._hook.attach(md)

    def begin(self, file: Path, text: str) -> None:
        """Expect `text`, the part of `file` after its front matter, in the next conversion."""
        name = _relative(file, self._finder.root)
        written, _ = read_page(file, name)
        line = _body_line(written or "", text)
        self.page, self._file, self._name, self._front = None, file, name, None
        if written and written.rstrip().endswith(text.rstrip()) and "<!--" not in text:
            # Who took the front matter off has read it: only our own key in it is left to read.
            known = line > 1 and "\nsnippets:" not in written
            self._front = Front(line) if known else read_front(written, name)
        self._hook.begin(line)

    def _find(self, file: Path) -> Page:
        if self._front is None:  # not the file's own text, or a comment may hide a fence
            return self._finder.find(file)
        rendered = self._finder.find_rendered(file, self._name, self._front, self._hook)
        return rendered or self._finder.find(file)

    def _wrap_all(self, md: markdown.Markdown) -> None:
        if self._file is None:
            return
        self.page = self._find(self._file)
        waiting: dict[int, list[Snippet]] = {}
        for snippet in self.page.snippets:
            waiting.setdefault(snippet.line, []).append(snippet)
        blocks = md.htmlStash.rawHtmlBlocks
        for fence in self._hook.fences:
            same = waiting.get(fence.line, [])
            found = next((s for s in same if s.source == fence.source), None)
            if found is not None:
                same.remove(found)
                blocks[fence.key] = self._wrap(found, str(blocks[fence.key]))


def read_page(file: Path, name: str) -> tuple[str | None, list[Finding]]:
    """The text of a page with `\\n` at each line's end, or `None` and why it cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        return None, [_unreadable(name, 0, f"cannot be opened: {error.strerror}")]
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        return None, [_unreadable(name, line, "holds a NUL byte; a page is UTF-8 text")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reason = f"is not UTF-8 (byte {raw[error.start]:#04x}); save it as UTF-8"
        return None, [_unreadable(name, line, reason)]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _refuse_long_lines(text, name)


def _refuse_long_lines(text: str, name: str) -> tuple[str | None, list[Finding]]:
    if len(text) > LIMIT:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LIMIT:
                reason = f"has {len(line)} characters on one line; break it, or link to the data"
                return None, [_unreadable(name, number, reason)]
    return text, []


def _unreadable(name: str, line: int, reason: str) -> Finding:
    return Finding(name, line, "unreadable-page", f"the page {reason}")


def _relative(file: Path, root: Path) -> str:
    try:
        return file.resolve().relative_to(root).as_posix()
    except ValueError:
        return file.as_posix()


def _body_line(written: str, text: str) -> int:
    """Line of `written` on which `text`, its end, starts."""
    body = text.rstrip("\n")
    place = written.rstrip("\n").rfind(body) if body else -1
    return written.count("\n", 0, place) + 1 if place >= 0 else read_front(written, "").body_line


def _may_be_indented_code(fence: Fence) -> bool:
    return bool(re.search(r" {4}|\t", fence.prefix))


def _may_be_hidden(body: str, lines: Sequence[str]) -> bool:
    return "<!--" in body or any(
        mark in line for line in lines if "<" in line for mark in ("<!--", "<script", "<style")
    )


def _visible(md: markdown.Markdown, fences: Sequence[Fence], lines: Sequence[str]) -> list[Fence]:
    """The fences that the page shows: neither turned back into indented code, nor in a comment."""
    raw = [str(block) for block in md.htmlStash.rawHtmlBlocks if block != MARK]
    text = "\n".join(["\n".join(lines), *raw])
    hidden = {
        int(key)
        for part in HIDING.finditer(text)
        for key in re.findall("\x02wzxhzdk:([0-9]+)\x03", part.group())
    }
    stash = _stash(md)
    return [
        fence
        for fence in fences
        if fence.key not in hidden and (stash is None or fence.placeholder[1:-1] in stash)
    ]


def _stash(md: markdown.Markdown) -> dict[str, object] | None:
    """What superfences would turn back into indented code: what it has turned back is gone."""
    # Superfences may be registered twice (`pymdownx.extra` brings it too): ask the one in use.
    extension = getattr(md.preprocessors["fenced_code_block"], "extension", None)
    if extension is None or extension.getConfigs()["disable_indented_code_blocks"]:
        return None
    stash: dict[str, object] = extension.stash.stash
    return stash
