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
from sage.tools.snippets.fences import MARK, FenceHook, mark

__all__ = ["Reader", "is_doubtful"]

HIDING = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1>|\Z)", re.S | re.I)
# Tags in a span of code are shown, and hide nothing.
CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)")


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
                message = (
                    f"the Markdown extension {name} cannot be used here ({error}); "
                    "fences that only it makes are not seen: install it"
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
        if doubtful:
            md.parser.parseDocument(lines)
        return _visible(md, fences, lines)


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
    return "<!--" in body or any(
        mark in line for line in lines if "<" in line for mark in ("<!--", "<script", "<style")
    )


def _visible(md: markdown.Markdown, fences: Sequence[Fence], lines: Sequence[str]) -> list[Fence]:
    """The fences that the page shows: neither turned back into indented code, nor in a comment."""
    raw = [str(block) for block in md.htmlStash.rawHtmlBlocks if block != MARK]
    text = "\n".join([*(CODE_SPAN.sub("", line) for line in lines), *raw])
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
