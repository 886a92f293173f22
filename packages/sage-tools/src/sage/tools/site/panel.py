"""The evidence beside a record's text: what ran, what is checked, who cites it, what came of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final

from markupsafe import Markup

from sage.tools.adr import Citation
from sage.tools.finding import Finding
from sage.tools.site.facts import Rule
from sage.tools.site.marks import cite, count, link, result
from sage.tools.site.tally import Tally
from sage.tools.site.views import RecordView
from sage.tools.site.words import words

__all__ = ["NEAR", "Panel", "write_panel"]

SHOWN: Final = 60  # files in one list
NEAR: Final = 20  # records that one replaced, or that replaced it
FINDINGS: Final = 5  # of one rule


@dataclass(frozen=True, slots=True)
class Panel:
    """What is known of a record.

    Attributes:
        language: The language of the page.
        tally: Its snippets.
        rules: The rules that it lays down.
        governs: The patterns of the files that it rules.
        governed: The files themselves.
        cited: Who cites it.
        supersedes: The records it replaces.
        replaced_by: The records that replace it.
        picture: Those two as a picture; may be empty.
        file: Gives the address of a file of the repository, at a line; empty for none.
    """

    language: str
    tally: Tally
    rules: Sequence[Rule]
    governs: Sequence[str]
    governed: Sequence[str]
    cited: Sequence[Citation]
    supersedes: Sequence[RecordView]
    replaced_by: Sequence[RecordView]
    picture: str
    file: Callable[[str, int], str]


def write_panel(panel: Panel) -> str:
    """The panel as HTML."""
    w = words(panel.language)
    parts = (
        ("snippets", _snippets(panel.tally, w)),
        ("rules", _rules(panel, w)),
        ("governs", _governed(panel, w)),
        ("cited_by", _cited(panel, w)),
        ("relations", _relations(panel, w)),
    )
    title = w["evidence"]
    sections = [f"<section>\n<h2>{w[name]}</h2>\n{html}\n</section>\n" for name, html in parts]
    return (
        f'<aside class="sd-panel" id="evidence" aria-label="{title}">\n'
        f'<p class="sd-panel__title">{title}</p>\n{"".join(sections)}</aside>\n'
    )


def _snippets(tally: Tally, w: Mapping[str, str]) -> str:
    if not tally.all:
        return _note(w["no_snippets"])
    last = tally.last
    line = w["ran_line" if last else "ran_line_not"]
    said = line.format(passed=tally.passed, all=tally.all, when=last.when[:10] if last else "")
    html = f"<p>{result(tally.holds, '✓', '✗')} {escape(said)}</p>"
    if last is None:
        return html
    versions = [f"{name} {version}" for name, version in last.versions.items()]
    return f"{html}\n" + _note(escape(", ".join([f"Python {last.python}", *versions])))


def _rules(panel: Panel, w: Mapping[str, str]) -> str:
    if not panel.rules:
        return _note(w["rules_none"])
    return _list("sd-checks", (_rule(rule, panel, w) for rule in panel.rules))


def _rule(rule: Rule, panel: Panel, w: Mapping[str, str]) -> str:
    html = (
        f"{result(rule.holds, '✓', '✗')} <code>{escape(rule.code)}</code> "
        f'<span class="sd-note">{_count(rule.looked, rule.what, w)}</span>'
    )
    if rule.holds:
        return f"<li>{html}</li>"
    broken = (_broken(finding, panel) for finding in rule.findings[:FINDINGS])
    return f"<li>{html}\n{_list('', broken)}</li>"


def _broken(finding: Finding, panel: Panel) -> str:
    where = _place(panel, finding.path, finding.line)
    return f'<li class="sd-fail">{where} {escape(finding.message)}</li>'


def _governed(panel: Panel, w: Mapping[str, str]) -> str:
    if not panel.governs:
        return _note(w["governs_nothing"])
    lines = [f"<li>{_place(panel, path)}</li>" for path in panel.governed[:SHOWN]]
    return _folded(_count(len(panel.governed), "file", w), lines, len(panel.governed), w)


def _cited(panel: Panel, w: Mapping[str, str]) -> str:
    if not panel.cited:
        return _note(w["cited_nowhere"])
    files = groupby(panel.cited, key=lambda one: one.path)
    lines = [
        f"<li>{_places(panel, path, [one.line for one in those])}</li>" for path, those in files
    ]
    return _folded(_count(len(panel.cited), "place", w), lines[:SHOWN], len(lines), w)


def _relations(panel: Panel, w: Mapping[str, str]) -> str:
    if not panel.supersedes and not panel.replaced_by:
        return _note(w["none_replaced"])
    picture = f'<div class="sd-panel__picture">{panel.picture}</div>\n' if panel.picture else ""
    lines = "\n".join(
        [
            *_related(w["supersedes"], panel.supersedes, w),
            *_related(w["superseded_by"], panel.replaced_by, w),
        ]
    )
    return f'{picture}<dl class="sd-relations">\n{lines}\n</dl>'


def _related(name: str, views: Sequence[RecordView], w: Mapping[str, str]) -> Iterator[str]:
    if views:
        yield f"<dt>{name}</dt>"
    for view in views[:NEAR]:
        yield f"<dd>{cite(view)} {escape(view.title)}</dd>"
    if len(views) > NEAR:
        yield f'<dd class="sd-note">{w["more"].format(n=len(views) - NEAR)}</dd>'


def _count(n: int, thing: str, w: Mapping[str, str]) -> str:
    return count(n, w[f"one_{thing}"], w[f"{thing}s"])


def _place(panel: Panel, path: str, line: int = 0) -> str:
    # A path breaks where its folders end.
    text = f"{path}:{line}" if line else path
    return link(panel.file(path, line), Markup(escape(text).replace("/", "/<wbr>")))


def _places(panel: Panel, path: str, lines: Sequence[int]) -> str:
    """One file, and each of its lines."""
    first, *others = lines
    more = [link(panel.file(path, line), str(line)) for line in others]
    return ", ".join([_place(panel, path, first), *more])


def _folded(summary: str, lines: list[str], count: int, w: Mapping[str, str]) -> str:
    if count > SHOWN:
        lines.append(f'<li class="sd-note">{w["more"].format(n=count - SHOWN)}</li>')
    return f"<details>\n<summary>{summary}</summary>\n{_list('sd-files', lines)}\n</details>"


def _list(kind: str, lines: Iterable[str]) -> str:
    inside = "\n".join(lines)
    return f'<ul class="{f"sd-plain {kind}".rstrip()}">\n{inside}\n</ul>'


def _note(html: str) -> str:
    return f'<p class="sd-note">{html}</p>'
