"""The texts that new records start from, one for each dialect that a log may be kept in."""

# adr: off (the numbers here are examples)

import datetime
import re

__all__ = ["TEMPLATES", "fill", "template_for"]

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

_CHINESE_STATUS = {"draft": "草案", "proposed": "提议", "accepted": "通过"}
_ADR_TOOLS = re.compile(r"\b(NUMBER|TITLE|STATUS|DATE)\b")


def template_for(dialect: str) -> str:
    """The built-in template of a dialect; MADR 4's where it has none of its own."""
    return TEMPLATES.get(dialect, TEMPLATES["madr4"])


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
