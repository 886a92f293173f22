"""Page → snippets: everything on it that a reader may run, as the site shows it.

Fences within HTML comments, within longer fences, and within indented code are not shown as code,
and so are not found. What was found on a page that has not changed since is not looked for again.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sage.tools.finding import Finding
from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.digest import Digests
from sage.tools.snippets.found import Found
from sage.tools.snippets.model import Page
from sage.tools.snippets.plain import find_plain, is_plain_site
from sage.tools.snippets.text import read_page, relative

if TYPE_CHECKING:  # Markdown takes long to import, and a page that is unchanged needs none
    from sage.tools.snippets.fence import Fence
    from sage.tools.snippets.fences import FenceHook
    from sage.tools.snippets.front import Front
    from sage.tools.snippets.reader import Reader

__all__ = ["Finder", "find_page"]


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
        self._digests = Digests(self.root)
        self.found = Found(self.root, settings)
        self._plain = is_plain_site(settings)
        self._folders: dict[str, str] = {}

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the site's extensions, as far as a page has needed them."""
        return self._reader.findings if "_reader" in self.__dict__ else []

    def name(self, file: Path) -> str:
        """The file as it is named everywhere: below the root, with `/` between its parts."""
        return relative(file, self.root, self._folders)

    def find(self, path: Path) -> Page:
        """The snippets of the file at `path`; see `find_page`."""
        file = path if path.is_absolute() else self.root / path
        name = self.name(file)
        text, findings = read_page(file, name)
        if text is None:
            return Page(name, file, self.root, findings=tuple(findings))
        known = self.found.page(file, name, text)
        if known is not None:
            return self._digests.sign(known)
        page = self._read(file, name, text)
        if not self.findings:
            self.found.keep(page, text)
        return self._digests.sign(page)

    def beside(self, pages: Iterable[Page]) -> set[Path]:
        """Files that pages build on: what they include and copy, and the workspace's modules."""
        names = {name for page in pages for name in (*page.includes, *page.files)}
        return {self.root / name for name in names} | self._digests.modules.files

    def save(self) -> None:
        """Keep what was found, and what was learned of imports, for the next process."""
        self._digests.modules.save()
        self.found.save()

    @cached_property
    def _reader(self) -> "Reader":
        from sage.tools.snippets.reader import Reader

        return Reader(self.root, self.settings)

    def _read(self, file: Path, name: str, text: str) -> Page:
        if file.suffix != ".py":
            return self._find_in_markdown(file, name, text)
        from sage.tools.snippets.docstrings import find_docstrings, find_program

        program = any(name.startswith(f"{folder}/") for folder in self.settings.programs)
        return (find_program if program else find_docstrings)(file, name, text, self.root)

    def _find_in_markdown(self, file: Path, name: str, text: str) -> Page:
        from sage.tools.snippets.front import read_comments, read_front

        front = read_front(text, name)
        body = text.split("\n", front.body_line - 1)[front.body_line - 1]
        plain = find_plain(body, front.body_line) if self._plain else None
        if plain is not None:
            return self._assemble(file, name, front, None, plain)
        try:
            fences = self._reader.fences(body, front.body_line)
        except Exception as error:  # a third party's extension may raise anything
            problem = f"the page cannot be read as Markdown: {type(error).__name__}: {error}"
            finding = Finding(name, front.body_line, "unreadable-page", problem)
            return Page(name, file, self.root, findings=(*front.findings, finding))
        lines = [(fence.line, fence.end_line) for fence in self._reader.hook.fences]
        front = read_comments(front, text, name, lines)
        return self._assemble(file, name, front, self._reader.hook, fences)

    def find_rendered(
        self, file: Path, name: str, front: "Front", hook: "FenceHook"
    ) -> Page | None:
        """The snippets of a page that is being rendered, with `hook` listening to it.

        `None` where only a conversion of its own tells which fences are shown.
        """
        from sage.tools.snippets.reader import is_doubtful

        if is_doubtful(hook):
            return None
        return self._digests.sign(self._assemble(file, name, front, hook, hook.fences))

    def _assemble(
        self,
        file: Path,
        name: str,
        front: "Front",
        hook: "FenceHook | None",
        fences: "Sequence[Fence]",
    ) -> Page:
        from sage.tools.snippets.assemble import assemble

        problems = [Finding(name, *problem) for problem in (hook.problems if hook else ())]
        for asked in front.files:
            problems += self._absent(name, front.files_line, asked)
        included = hook.includes if hook else ()
        includes = tuple(sorted(self.name(Path(path)) for path in included))
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

    def _absent(self, page: str, line: int, file: str) -> list[Finding]:
        """What is wrong with a file that a page asks for; nothing for one that it gets."""
        place = (self.root / file).resolve()
        if place.is_relative_to(self.root) and place.exists():
            return []
        reason = "leaves the project" if place.exists() else "names no file"
        message = f"`files:` {file} {reason}; write the path of a file, from {self.root.name}/ on"
        return [Finding(page, line, "missing-file", message)]
