"""The texts that new records start from, one for each dialect that a log may be kept in."""

# adr: off (the numbers here are examples)

import datetime
import re

from sage.tools.adr.record import Record

__all__ = ["TEMPLATES", "fill", "template_for", "template_like"]

_PROMPTS = """\
## Context and problem

<!-- What is the problem, and for whom? Two or three sentences, or a question. -->

## Decision drivers

<!-- What must a good answer do? One line each. -->

## Considered options

<!-- Each option with what it costs. -->

## Decision

<!-- The option chosen, and why it meets the drivers best. -->

## Consequences

<!-- What becomes easier, and what becomes harder. -->
"""
_NYGARD_PROMPTS = """\
## Context

<!-- What is the issue that asks for this decision? -->

## Decision

<!-- What are we going to do? -->

## Consequences

<!-- What becomes easier, and what becomes harder? -->
"""
_CHINESE_PROMPTS = """\
## 上下文

<!-- 要解决什么问题？为谁解决？ -->

## 决策

<!-- 我们决定怎么做？为什么？ -->

## 结果

<!-- 什么变得更容易，什么变得更难？ -->
"""

TEMPLATES = {
    "madr4": "---\nstatus: {status}\ndate: {date}\ndecision-makers: []\ntags: []\n---\n\n"
    "# {heading}\n\n" + _PROMPTS,
    "madr3": "---\nstatus: {status}\ndate: {date}\ndeciders: []\n---\n\n# {heading}\n\n" + _PROMPTS,
    "jekyll": '---\nlayout: default\ntitle: "{quoted}"\nstatus: {status}\ndate: {date}\n---\n\n'
    "# {heading}\n\n" + _PROMPTS,
    "madr2": "# {heading}\n\n* Status: {status}\n* Date: {date}\n\n" + _PROMPTS,
    "log4brains": "# {heading}\n\n- Status: {status}\n- Date: {date}\n- Tags:\n\n" + _PROMPTS,
    "nygard": "# {heading}\n\n## Status\n\n{Status}\n\n" + _NYGARD_PROMPTS,
    "adr-tools": "# {heading}\n\nDate: {date}\n\n## Status\n\n{Status}\n\n" + _NYGARD_PROMPTS,
    "cosmos": "# {heading}\n\n## Changelog\n\n- {date}: First draft\n\n## Status\n\n{STATUS}\n\n"
    + _NYGARD_PROMPTS,
    "table": "# {heading}\n\n| Fact | Value |\n|---|---|\n| Status | {Status} |\n"
    "| Date | {date} |\n\n" + _NYGARD_PROMPTS,
    "status-line": "# {heading}\n\n**Status**: {Status}\n\n**Date**: {date}\n\n" + _NYGARD_PROMPTS,
    "chinese": "# {heading}\n\n## 状态\n\n- {date} {chinese}\n\n" + _CHINESE_PROMPTS,
}

_LABEL = re.compile(r"([^\w\n]*)(status|状态|狀態)([ \t*_:：]*)", re.I)
_CHINESE_STATUS = {"draft": "草案", "proposed": "提议", "accepted": "通过"}
_ADR_TOOLS = re.compile(r"\b(NUMBER|TITLE|STATUS|DATE)\b")


def template_for(dialect: str) -> str:
    """The built-in template of a dialect; MADR 4's where it has none of its own."""
    return TEMPLATES.get(dialect, TEMPLATES["madr4"])


def template_like(record: Record) -> str:
    """The built-in template that writes its head as `record` does.

    Its dialect, its labels and their marks, its language, the case of its status.
    """
    template = template_for(record.dialect)
    line = record.text.split("\n")[record.status_line - 1] if record.status_line else ""
    if record.dialect in ("madr2", "log4brains", "status-line") and (label := _LABEL.match(line)):
        return _labelled(record, label, line.rstrip("\r"))
    if record.dialect == "chinese" and not re.search(r"\d{4}", line):
        return template.replace("- {date} {chinese}", "{chinese}")
    written = record.status_text.strip(" *_")
    if record.dialect != "cosmos" and written[:1].isascii() and written[:1].isalpha():
        return re.sub(r"\{status\}", _blank(written), template, flags=re.I)
    return template


def _labelled(record: Record, label: re.Match[str], line: str) -> str:
    """A template whose lines are labelled as the record's line of its status is."""
    before, word, after = label.groups()
    # `**Status: accepted**` is emphasised as a whole.
    opening = re.search(r"[*_]+$", before)
    closing = opening[0] if opening and not after.strip(" \t:：") else ""
    end = closing + ("  " if line.endswith("  ") else "")
    chinese = not word.isascii()
    blank = "{chinese}" if chinese else _blank(record.status_text.strip(" *_") or word)
    labels = {word: blank, ("日期" if chinese else _cased("date", word)): "{date}"}
    if record.tags:
        labels["标签" if chinese else _cased("tags", word)] = ""
    head = "".join(
        f"{before}{name}{after}{value}".rstrip() + f"{end}\n" for name, value in labels.items()
    )
    english = _NYGARD_PROMPTS if record.dialect == "status-line" else _PROMPTS
    return f"# {{heading}}\n\n{head}\n" + (_CHINESE_PROMPTS if chinese else english)


def _blank(written: str) -> str:
    """The blank for a status in the case of the one that is written."""
    first = re.sub(r"[^A-Za-z].*", "", written)
    return "{STATUS}" if first.isupper() else "{status}" if first.islower() else "{Status}"


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word if like.islower() else word.capitalize()


def fill(
    template: str, *, title: str, heading: str, number: int | None, status: str, day: datetime.date
) -> str:
    """The template with its prompts kept and its blanks filled.

    Blanks are `{title}`, `{heading}` (the title with its number, as the log writes it),
    `{number}`, `{status}` and `{date}`; or, in a template of adr-tools, `NUMBER`, `TITLE`,
    `STATUS` and `DATE`. Other braces stay.
    """
    values = {
        "title": title,
        "heading": heading,
        "quoted": heading.replace("\\", "\\\\").replace('"', '\\"'),
        "number": "" if number is None else str(number),
        "status": status,
        "Status": status.capitalize(),
        "STATUS": status.upper(),
        "chinese": _CHINESE_STATUS.get(status, status),
        "date": day.isoformat(),
    }
    if re.search(r"\{(?:title|heading)\}", template):
        return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), template)
    old = {**values, "status": status.capitalize()}
    return _ADR_TOOLS.sub(lambda match: old[match[1].lower()], template)
