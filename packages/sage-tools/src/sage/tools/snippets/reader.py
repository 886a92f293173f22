"""Reads the fences of pages with the site's own Markdown, converting no more than it takes."""

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import markdown
from markdown.extensions import Extension

from sage.tools.finding import Finding
from sage.tools.snippets.config import Options, PageSettings, anchored
from sage.tools.snippets.fence import Fence
from sage.tools.snippets.fences import FenceHook, mark

__all__ = ["HIDING", "Reader", "is_doubtful"]

HIDER = re.compile(r"<!--|<(?:script|style|template|textarea)\b", re.I)
HIDING = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<tag>script|style|template|textarea)\b.*?(?P<end></(?P=tag)|\Z)",
    re.S | re.I,
)
PLACE = "\x02sage:{}\x03"  # what stands for a fence in the HTML that tells what is hidden


class Reader:
    """One Markdown instance for many pages; `hook` holds what the page read last has.

    Attributes:
        findings: Extensions of the site that cannot be used here.
    """

    def __init__(self, root: Path, settings: PageSettings) -> None:
        self.root = root
        self.settings = settings
        self.findings: list[Finding] = []
        self.hook = FenceHook(formatter=mark, directives=not settings.config)
        self.md = self._build()
        self.hook.attach(self.md)

    def _build(self) -> markdown.Markdown:
        md = markdown.Markdown()
        for name, options in self.settings.extensions.items():
            try:
                register(md, name, anchored(name, options, self.root))
            except (ImportError, AttributeError, TypeError, KeyError, ValueError) as error:
                advice = "install it" if isinstance(error, ImportError) else "correct its options"
                message = (
                    f"the Markdown extension {name} cannot be used here ({error}); "
                    f"fences that only it makes are not seen: {advice}"
                )
                config = self.settings.config or "mkdocs.yml"
                self.findings.append(
                    Finding(config, 0, "missing-extension", message, severity="warning")
                )
        return md

    def fences(self, body: str, body_line: int) -> list[Fence]:
        """The fences that a page shows, whose text starts on line `body_line` of its file."""
        md = self.md
        md.reset()
        self.hook.begin(body_line)
        lines = body.split("\n")
        if "fenced_code_block" not in md.preprocessors:
            return []
        processors = list(md.preprocessors)
        last = md.preprocessors.get_index_for_name("fenced_code_block")
        for processor in processors[: last + 1]:
            lines = processor.run(lines)
        fences = self.hook.fences
        if not fences:
            return []
        doubtful = any(_may_be_indented_code(fence) for fence in fences)
        if not doubtful and not _may_be_hidden(body, lines):
            return fences
        for processor in processors[last + 1 :]:
            lines = processor.run(lines)
        return self._visible(fences, _rendered(md, fences, lines))

    def _visible(self, fences: Sequence[Fence], rendered: str) -> list[Fence]:
        """The fences that the page shows: not turned back into indented code, nor hidden."""
        hidden: set[int] = set()
        for part in HIDING.finditer(rendered):
            keys = {int(key) for key in re.findall(PLACE.format("([0-9]+)"), part.group())}
            hidden |= keys
            if keys and part["tag"] and not part["end"]:
                line = next(fence.line for fence in fences if fence.key == min(keys))
                tag = f"<{part['tag']}>"
                message = f"{tag} above is never closed, and hides this fence on the site; "
                self.hook.problem(line, "lost-fence", f"{message}close it, or write `{tag}`")
        stash = _stash(self.md)
        return [
            fence
            for fence in fences
            if fence.key not in hidden and (stash is None or fence.placeholder[1:-1] in stash)
        ]


def is_doubtful(hook: FenceHook) -> bool:
    """Whether only a conversion of its own tells which fences the page shows that `hook` heard."""
    indented = any(_may_be_indented_code(fence) for fence in hook.fences)
    return bool(hook.fences) and (indented or _may_be_hidden("", hook.rest))


def register(md: markdown.Markdown, name: str, options: Options) -> None:
    """Add an extension by its name; Markdown's own way reads every installed package's metadata."""
    module = name if "." in name else f"markdown.extensions.{name}"
    try:
        extension = import_module(module).makeExtension(**options)
    except (ImportError, AttributeError):
        md.registerExtensions([name], {name: options})
        return
    if isinstance(extension, Extension):
        md.registerExtensions([extension], {})


def _may_be_indented_code(fence: Fence) -> bool:
    return bool(re.search(r" {4}|\t", fence.prefix))


def _may_be_hidden(body: str, lines: Sequence[str]) -> bool:
    return "<!--" in body or any("<" in line and HIDER.search(line) for line in lines)


def _rendered(md: markdown.Markdown, fences: Sequence[Fence], lines: list[str]) -> str:
    """The HTML of a page, as far as it tells what is hidden, with its `PLACE` for each fence."""
    for fence in fences:
        md.htmlStash.rawHtmlBlocks[fence.key] = PLACE.format(fence.key)
    tree = md.parser.parseDocument(lines).getroot()
    assert tree is not None  # a document has a root
    md.treeprocessors["inline"].run(tree)
    return md.postprocessors["raw_html"].run(md.serializer(tree))


def _stash(md: markdown.Markdown) -> dict[str, object] | None:
    """What superfences would turn back into indented code: what it has turned back is gone."""
    # Superfences may be registered twice (`pymdownx.extra` brings it too): ask the one in use.
    extension = getattr(md.preprocessors["fenced_code_block"], "extension", None)
    if extension is None or extension.getConfigs()["disable_indented_code_blocks"]:
        return None
    stash: dict[str, object] = extension.stash.stash
    return stash
