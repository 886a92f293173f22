"""What a record decided, in one sentence of plain text."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from sage.tools.adr.record import Record

__all__ = ["describe", "pieces", "plain_text", "summary", "text_of"]

_RECORD_KEYS: Final = frozenset(
    {"consulted", "date", "deciders", "decision-makers", "governs", "informed", "layers"}
    | {"review-by", "status", "supersedes", "tags"}
)
_KEY: Final = re.compile(r"^([^\s#-][^:]*):", re.MULTILINE)

_DECISION: Final = re.compile(r"decision|decided|outcome|决策|决定|方案|结论", re.IGNORECASE)
_NOT_DECISION: Final = re.compile(r"driver|maker|驱动|考虑", re.IGNORECASE)
_OPTION: Final = re.compile(
    r"^(chosen option:?|option|(?:采用|选择)?方案)\W*\w{0,3}\W*$", re.IGNORECASE
)
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<!\bvs\.)\s+|(?<=[。！？])"
)
_AROUND: Final = (
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    # What turns the reading direction around would turn what stands beside it as well.
    (re.compile("[\u202a-\u202e\u2066-\u2069]"), ""),
    (re.compile(r"!?\[([^\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])"), r"\1"),
)
_CODE: Final = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_EMPHASIS: Final = (
    (re.compile(r"\*\*|__"), ""),
    (re.compile(r"(?<!\w)[*_](\S[^*_]*)[*_](?!\w)"), r"\1"),
)
_LEFT_OPEN: Final = re.compile(r",?\s*(?:because|因为)[\s:：]*$")  # the reasons are a list below it
_ITEM: Final = re.compile(r"^\s*(?:\d+[.)]|[-*+])\s+")
_ITEMS: Final = re.compile(r"(?:^|\n)(?=[ ]{0,3}(?:\d+[.)]|[-*+])\s)")
_NO_PROSE: Final = re.compile(r"^\s*(```|~~~|\||>|#|<|--8<--|\d+[.)]\s|[-*+]\s|:::|!!!)")


def plain_text(markdown: str) -> str:
    """Markdown's words without its marks, on one line.

    >>> plain_text("Take [this](x.md), *not* `__that__`")
    'Take this, not __that__'
    """
    return " ".join("".join(text for text, _ in pieces(markdown)).split())


def pieces(markdown: str) -> Iterator[tuple[str, bool]]:
    """The same words piece by piece, and whether each is code.

    >>> list(pieces("*Take* `this_one`"))
    [('Take ', False), ('this_one', True)]
    """
    for pattern, replacement in _AROUND:
        markdown = pattern.sub(replacement, markdown)
    # Between every two pieces of text: the marks of a piece of code, and the code.
    for place, text in enumerate(_CODE.split(markdown)):
        if place % 3 == 2:
            yield text, True
        elif place % 3 == 0 and text:
            for pattern, replacement in _EMPHASIS:
                text = pattern.sub(replacement, text)
            yield text, False


def describe(html: str, *, limit: int = 155) -> str:
    """The first paragraph of a page in plain text, cut at a word: what a search engine shows.

    >>> describe("<h1>Queues</h1><p>Put <em>items</em> in &amp; out.</p>")
    'Put items in & out.'
    """
    for match in re.finditer(r"<p>(.*?)</p>", html[:50_000], re.DOTALL):
        text = " ".join(unescape(re.sub(r"<[^>]*>", "", match[1])).split())
        if text:
            return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"
    return ""


def text_of(record: Record) -> str | None:
    """The record's Markdown without its front matter.

    `None` where a generator must read the front matter too: it says more than a record needs.
    """
    lines = record.text.split("\n", record.body_line - 1)
    body = lines.pop().lstrip("\n")
    keys = {key.strip() for key in _KEY.findall("\n".join(lines))}
    return body if keys and keys <= _RECORD_KEYS and body.startswith("#") else None


def summary(record: Record, *, limit: int = 200) -> str:
    """The first full sentence of the record's decision, at most `limit` characters.

    The context's first sentence where no section holds a decision; empty where there is no prose.
    """
    sections = [section for section in record.sections if section.level > 1]
    chosen = [
        s for s in sections if _DECISION.search(s.title) and not _NOT_DECISION.search(s.title)
    ]
    for section in [*chosen, *sections, *record.sections]:
        sentence = _LEFT_OPEN.sub("", _first_sentence(section.text))
        if sentence:
            return sentence if len(sentence) <= limit else sentence[: limit - 1].rstrip() + "…"
    return ""


def _first_sentence(text: str) -> str:
    """Of the prose, or of the first list where there is none."""
    blocks = [block for block in re.split(r"\n\s*\n", text[:20_000]) if block.strip()]
    prose = [block for block in blocks if not _NO_PROSE.match(block)]
    items = [_ITEM.sub("", part, 1) for block in blocks for part in _ITEMS.split(block)[1:]]
    for block in (*prose, *items):
        sentences = [s for s in _SENTENCE.split(plain_text(block)) if s]
        full = [s for s in sentences if not _OPTION.match(s.rstrip(".。"))]
        if full:
            return full[0]
    return ""
