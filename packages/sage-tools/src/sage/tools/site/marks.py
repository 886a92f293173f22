"""Small pieces of HTML that many pages show: a status badge, a citation, a link to a file.

Every value is escaped here; what these functions give may stand in a page as it is.
"""

from html import escape

from markupsafe import Markup

from sage.tools.site.summary import pieces
from sage.tools.site.views import RecordView

__all__ = ["badge", "cite", "coded", "count", "link", "result"]


def badge(view: RecordView) -> Markup:
    """The record's status as a word, with what it asks of the reader."""
    return Markup(
        f'<span class="sd-badge sd-badge--{view.status}" title="{escape(view.guidance)}">'
        f"{escape(view.word)}</span>"
    )


def cite(view: RecordView, *, decision: bool = True) -> Markup:
    """A link to the record, whose title and decision a reader sees on hovering it."""
    told = f' data-decision="{escape(view.sentence)}"' if decision else ""
    return Markup(
        f'<a class="sd-cite sd-cite--{view.status}" href="{escape(view.href)}" '
        f'title="{escape(view.tooltip)}"{told}>{escape(view.id)}</a>'
    )


def link(address: str, text: str) -> Markup:
    """A link, its text escaped unless it is markup; the text alone where there is no address.

    >>> str(link("", "a.py:1")), str(link("/a.py", "a.py"))
    ('<span>a.py:1</span>', '<a href="/a.py">a.py</a>')
    """
    words = text if isinstance(text, Markup) else escape(text)
    if not address:
        return Markup(f"<span>{words}</span>")
    return Markup(f'<a href="{escape(address)}">{words}</a>')


def count(n: int, one: str, many: str) -> str:
    """A number of things, with the word for one of them or for many.

    >>> count(1, "file", "files"), count(2, "file", "files")
    ('1 file', '2 files')
    """
    return f"{n} {one if n == 1 else many}"


def result(ok: bool, yes: str, no: str) -> Markup:
    """Whether something holds, in one of two words."""
    kind, word = ("pass", yes) if ok else ("fail", no)
    return Markup(f'<span class="sd-result sd-result--{kind}">{escape(word)}</span>')


def coded(text: str) -> Markup:
    """Text of one line with its `code` marked; other marks of Markdown go, the rest is escaped.

    >>> str(coded("take `a<b`"))
    'take <code>a&lt;b</code>'
    """
    return Markup(
        "".join(
            f"<code>{escape(part)}</code>" if code else escape(part) for part, code in pieces(text)
        )
    )
