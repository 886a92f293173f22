"""What a fence asks for, read from its options; an option that says nothing is a finding."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sage.tools.finding import Finding
from sage.tools.snippets.fence import ATTRIBUTES, Fence
from sage.tools.snippets.front import Front
from sage.tools.snippets.model import Snippet
from sage.tools.snippets.requirements import UNDERSTOOD, unreadable
from sage.tools.snippets.text import read_seconds

__all__ = ["with_options"]

EMPTY = {
    "skip": 'skip needs a reason: write skip="needs a GPU"',
    "requires": 'requires needs a name: write requires="redis-server"',
    "raises": 'raises needs an exception: write raises="KeyError"',
    "timeout": 'timeout needs seconds: write timeout="5"',
}


def with_options(snippet: Snippet, fence: Fence, front: Front) -> tuple[Snippet, list[Finding]]:
    """`snippet` with what its page and its fence ask for, and what is wrong with the latter."""
    options = fence.options
    if not (options or front.skip or front.requires or front.timeout is not None):
        return snippet, []
    timeout = read_seconds(options.get("timeout", ""))
    asked = replace(
        snippet,
        skip=options.get("skip", "").strip() or front.skip or snippet.skip,
        requires=(*front.requires, *_words(options.get("requires", ""))),
        raises=options.get("raises", ""),
        timeout=front.timeout if timeout is None else timeout,
    )
    if not options:
        return asked, []
    misspelt = [_finding(snippet, "unknown-option", said) for said in _unknown(options)]
    return asked, [
        *misspelt,
        *(_finding(snippet, "bad-fence-option", said) for said in _wrong(options)),
    ]


def _unknown(options: Mapping[str, str]) -> Iterator[str]:
    for key in options:
        if near := _near(key):
            yield f"{key} is no option of a fence; did you mean {near}?"


def _wrong(options: Mapping[str, str]) -> Iterator[str]:
    for key, said in EMPTY.items():
        value = options.get(key, "?").strip()
        if value in ("", key):
            yield said
        elif key == "timeout" and key in options and read_seconds(value) is None:
            yield f'timeout="{value}" is no number of seconds above 0'
    for name in unreadable(_words(options.get("requires", ""))):
        yield f'requires="{name}" is not understood; {UNDERSTOOD}'


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _near(option: str) -> str:
    """The option of ours that was meant; empty for one of ours, and for another tool's."""
    if option in ATTRIBUTES:
        return ""
    from difflib import get_close_matches  # here, because few fences have options

    near = get_close_matches(option.lower(), ATTRIBUTES, 1, 0.8)
    return near[0] if near else ""


def _finding(snippet: Snippet, code: str, message: str) -> Finding:
    return Finding(snippet.page, snippet.line, code, message)
