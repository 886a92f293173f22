"""A block of code as a page shows it: highlighted, with its badge, beside what it printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from sage.tools.site.marks import link
from sage.tools.site.words import words
from sage.tools.snippets import Kind, Outcome, Snippet

__all__ = ["Ran", "write_example", "write_snippet"]

OUTPUT_LIMIT: Final = 20_000  # characters of output that a page shows; the rest is cut, and says so
DETAIL_LIMIT: Final = 4_000
OWN_OUTPUT: Final = (Kind.SESSION, Kind.CONSOLE)  # what they print stands in them

File = Callable[[str, int], str]  # the address of a file of the repository, at a line


@dataclass(frozen=True, slots=True)
class Ran:
    """One snippet of a page and its outcome; `None` when it never ran as it now stands."""

    snippet: Snippet
    outcome: Outcome | None

    @property
    def state(self) -> str:
        """`source`, `passed`, `failed`, `skipped` or `stale`."""
        if self.snippet.kind is Kind.SOURCE:
            return "source"
        if self.snippet.skip:
            return "skipped"
        return self.outcome.status.value if self.outcome else "stale"

    @property
    def output(self) -> str:
        """What it printed, cut to a length that a page can bear; empty for what shows its own."""
        if self.outcome is None or self.snippet.kind in OWN_OUTPUT:
            return ""
        return self.outcome.output[:OUTPUT_LIMIT]

    @property
    def cut(self) -> int:
        """How many characters of output are not shown."""
        return max(0, len(self.outcome.output) - OUTPUT_LIMIT) if self.outcome else 0


def write_snippet(ran: Ran, html: str, expected: str, language: str, file: File) -> str:
    """The block, highlighted as `html`; `expected` is what the page says that it prints."""
    w, state = words(language), ran.state
    pair = " sd-snippet--pair" if expected or ran.output else ""
    parts = [
        f'<div class="sd-snippet sd-snippet--{state}{pair}">',
        f'<div class="sd-snippet__code">{html}</div>',
    ]
    if state == "passed" and ran.output:
        note = f'\n<p class="sd-note">{w["cut"].format(n=ran.cut)}</p>\n' if ran.cut else ""
        parts.append(_beside(w["output"], ran.output, note))
    elif expected:
        parts.append(_beside(w["expected"], expected))
    if state == "failed" and ran.outcome is not None:
        parts.append(_failure(ran.outcome))
    return "\n".join((*parts, _bar(ran, language, file), "</div>"))


def write_example(ran: Ran, language: str, file: File) -> str:
    """The badge below a docstring's example."""
    bar = _bar(ran, language, file)
    return f'<div class="sd-example sd-example--{ran.state}">{bar}</div>'


def _beside(label: str, text: str, note: str = "") -> str:
    return (
        f'<div class="sd-snippet__output"><p class="sd-snippet__label">{label}</p>'
        f"{_code(text)}{note}</div>"
    )


def _failure(outcome: Outcome) -> str:
    detail = _code(outcome.detail[:DETAIL_LIMIT]) if outcome.detail else ""
    text = f"<p>{escape(outcome.message)}</p>{detail}"
    return f'<div class="sd-snippet__failure" role="note">{text}</div>'


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


def _bar(ran: Ran, language: str, file: File) -> str:
    inside = "\n".join(_badge(ran, language, file))
    return f'<p class="sd-snippet__bar" data-search-exclude>{inside}\n</p>'


def _badge(ran: Ran, language: str, file: File) -> Iterator[str]:
    w, state, snippet = words(language), ran.state, ran.snippet
    yield f'<span class="sd-run sd-run--{state}">{w[f"run_{state}"]}</span>'
    if state == "skipped":
        yield f"<span>{escape(snippet.skip or (ran.outcome.message if ran.outcome else ''))}</span>"
    elif state == "stale":
        yield f"<span>{w['run_stale_why']}</span>"
    elif ran.outcome:
        yield from _run(ran.outcome, state)
    if snippet.origin != snippet.page:
        yield link(file(snippet.origin, snippet.origin_line), snippet.origin)


def _run(outcome: Outcome, state: str) -> Iterator[str]:
    if state == "passed" and outcome.message:
        yield f"<code>{escape(outcome.message)}</code>"
    if outcome.when:
        when = escape(outcome.when)
        yield f'<time datetime="{when}">{when[:16].replace("T", " ")} UTC</time>'
    versions = ", ".join(f"{name} {version}" for name, version in outcome.versions.items())
    title = f' title="{escape(versions)}"' if versions else ""
    yield f"<span{title}>Python {escape(outcome.python)}</span>"
    yield f"<span>{outcome.seconds:.2f} s</span>"
