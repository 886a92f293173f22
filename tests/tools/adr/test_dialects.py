"""One record a dialect, written for the test, and what must be read in it."""

# adr: off (the numbers here are examples)

import datetime
import inspect

import pytest

from sage.tools.adr import dialects
from sage.tools.adr.parse import parse_record

NYGARD = """\
# 7. Keep queues small

## Status

Accepted

## Context

Memory is short.

## Decision

We keep them small.
"""

HEADING = """\
# 6. Names are short

## Status: Superseded by [9. Names are long](0009-names.md)

## Context

They are typed often.
"""

ADR_TOOLS_OLD = """\
# 2. Use files

Date: 2019-03-01

## Status

Superceded by [5. Use a store](0005-use-a-store.md)

## Context
"""

ADR_TOOLS_NEW = """\
# 5. Use a store

Date: 2020-03-01

## Status

Accepted

Supersedes [2. Use files](0002-use-files.md)

Amends [3. Name files](0003-name-files.md)

## Context
"""

MADR2 = """\
# Use Redis as a cache

* Status: superseded by [ADR-0009](0009-use-a-file.md)
* Deciders: Ann, Bob
* Date: 2019-05-05

Technical story: none

## Context and Problem Statement
"""

MADR3 = """\
---
status: "proposed"
date: 2022-10-09
deciders: Ann, Bob
consulted:
informed: {everyone}
---
# Use Redis as a cache
"""

MADR4 = """\
---
# a comment
status: "superseded by ADR-0123"
date: 2024-09-01
decision-makers: [Ann]
consulted: []
tags:
  - queue
  - storage
supersedes: [0042, "ADR-0001"]
---

# Use Redis as a cache
"""

LOG4BRAINS = """\
# Use Redis as a cache

- Status: superseded by [20201016-use-a-file](20201016-use-a-file.md)
- Deciders: Ann
- Date: 2020-09-26
- Tags: cache, store

## Context
"""

TABLE = """\
# ADR-0011 Signals stop services

| Fact | Value |
|------|-------|
| Status | Implemented |
| Date | 2021-02-03 |
| Author | Ann |
"""

BARE_TABLE = """\
# ADR-0011 Signals stop services

|Status|Implemented|
|--|--|
|Created|3 February 2021|
"""

COLUMNS = """\
# Signals stop services

| Status | Date | Authors |
|--------|------|---------|
| Pending | 2021-02-03 | Ann |
"""

COSMOS = """\
# ADR 002: Where the papers lie

## Changelog

- 2019-11-02: First draft
- 2020-01-14: Names updated

## Status

ACCEPTED Not Implemented

## Context
"""

EMOJI = """\
# Names are kebab case

**Status**: ✅ **Accepted**
**Date**: 2023-07-01
"""

STATUS_LINE = """\
ADR 4: Names are kebab case
===========================

Status: Rejected
Last updated: January 5, 2024

Context
-------

Some.
"""

JEKYLL = """\
---
layout: default
title: Names are kebab case
nav_order: 12
---

## Context

## Decision
"""

JEKYLL_STATUS = """\
---
layout: page
title: "ADR-12: Names are kebab case"
status: Adopted
---
"""

CHINESE = """\
# 队列是值

## 状态

- 2023-01-05 提议
- 2023-02-11 通过

## 上下文

内存不足。

## 决策

队列是值。

## 结果

更快。
"""

CHINESE_SUPERSEDED = """\
# 3. 队列是值

## 状态

2023-02-11：提议
2023-03-01：通过
2024-05-06：已取代

被 [ADR-0008](0008-新队列.md) 取代

## 上下文
"""

CHINESE_LINE = """\
# 队列是值

状态：已弃用
日期：2023年4月5日
标签：队列、存储
"""

SAMPLES = {
    # name: (file name, text, dialect, number, title, status, date, supersedes, superseded by)
    "nygard": ("0007-keep-queues-small.md", NYGARD, "nygard", 7, "Keep queues small", "accepted"),
    "adr-tools, superceded": (
        *("0002-use-files.md", ADR_TOOLS_OLD, "adr-tools", 2, "Use files", "superseded"),
        *("2019-03-01", (), ("ADR-0005",)),
    ),
    "adr-tools, supersedes": (
        *("0005-use-a-store.md", ADR_TOOLS_NEW, "adr-tools", 5, "Use a store", "accepted"),
        *("2020-03-01", ("ADR-0002",)),
    ),
    "madr 2": (
        *("0003-use-redis.md", MADR2, "madr2", 3, "Use Redis as a cache", "superseded"),
        *("2019-05-05", (), ("ADR-0009",)),
    ),
    "madr 3": (
        *("0003-use-redis.md", MADR3, "madr3", 3, "Use Redis as a cache", "proposed"),
        "2022-10-09",
    ),
    "madr 4": (
        *("0003-use-redis.md", MADR4, "madr4", 3, "Use Redis as a cache", "superseded"),
        *("2024-09-01", ("ADR-0042", "ADR-0001"), ("ADR-0123",)),
    ),
    "log4brains": (
        *("20200926-use-redis.md", LOG4BRAINS, "log4brains", None, "Use Redis as a cache"),
        *("superseded", "2020-09-26", (), ("20201016-use-a-file",)),
    ),
    "table": (
        *("ADR-11.md", TABLE, "table", 11, "Signals stop services", "accepted", "2021-02-03"),
    ),
    "bare table": (
        *("adr-011-signals.md", BARE_TABLE, "table", 11, "Signals stop services", "accepted"),
        "2021-02-03",
    ),
    "table in columns": (
        *("ARCH-001-signals.md", COLUMNS, "table", 1, "Signals stop services", "proposed"),
        "2021-02-03",
    ),
    "cosmos": (
        *("adr-002-papers.md", COSMOS, "cosmos", 2, "Where the papers lie", "accepted"),
        "2020-01-14",
    ),
    "emoji": (
        *("0001-names.md", EMOJI, "status-line", 1, "Names are kebab case", "accepted"),
        "2023-07-01",
    ),
    "status line": (
        *("names.md", STATUS_LINE, "status-line", 4, "Names are kebab case", "rejected"),
        "2024-01-05",
    ),
    "jekyll without status": (
        *("adr012-names.md", JEKYLL, "jekyll", 12, "Names are kebab case", "unknown"),
    ),
    "jekyll with status": (
        *("names.md", JEKYLL_STATUS, "jekyll", 12, "Names are kebab case", "accepted"),
    ),
    "heading": (
        *("0006-names.md", HEADING, "heading", 6, "Names are short", "superseded", None),
        *((), ("ADR-0009",)),
    ),
    "chinese heading": (
        *("0007-队列.md", "# ADR-0007：队列\n\n## 狀態：已採納\n\n## 決策\n", "heading", 7, "队列"),
        "accepted",
    ),
    "chinese history": (
        *("0001-队列.md", CHINESE, "chinese", 1, "队列是值", "accepted", "2023-02-11"),
    ),
    "chinese, superseded": (
        *("0003-队列.md", CHINESE_SUPERSEDED, "chinese", 3, "队列是值", "superseded"),
        *("2024-05-06", (), ("ADR-0008",)),
    ),
    "chinese line": (
        *("0004-队列.md", CHINESE_LINE, "status-line", 4, "队列是值", "deprecated", "2023-04-05"),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_dialect_is_read(name: str) -> None:
    file, text, dialect, number, title, status, *more = SAMPLES[name]
    record, _ = parse_record(text, f"adr/{file}")
    assert record is not None
    day, over, by = (*more, *(None, (), ())[len(more) :])
    assert (record.dialect, record.number, record.title) == (dialect, number, title)
    assert (record.status, str(record.date or "") or None) == (status, day)
    assert (record.supersedes, record.superseded_by) == (over, by)


@pytest.mark.parametrize("name", SAMPLES)
def test_dialect_is_read_the_same_with_other_line_endings_and_a_mark(name: str) -> None:
    file, text, *_ = SAMPLES[name]
    plain, _ = parse_record(text, f"adr/{file}")
    crlf, _ = parse_record(text.replace("\n", "\r\n"), f"adr/{file}")
    assert plain is not None
    assert crlf is not None
    for field in ("status", "status_text", "date", "title", "supersedes", "tags", "status_line"):
        assert getattr(crlf, field) == getattr(plain, field)


def test_every_dialect_function_has_a_sample() -> None:
    seen = {
        "front_matter": {"madr3", "madr4", "jekyll"},
        "changelog": {"cosmos"},
        "section": {"nygard", "adr-tools", "chinese"},
        "bullets": {"madr2", "log4brains"},
        "table": {"table"},
        "status_line": {"status-line"},
        "titled": {"heading"},
    }
    assert {dialect.__name__ for dialect in dialects.DIALECTS} == set(seen)
    assert {sample[2] for sample in SAMPLES.values()} == set.union(*seen.values())
    assert all(inspect.getdoc(dialect) for dialect in dialects.DIALECTS)


def test_status_is_kept_as_written() -> None:
    record, _ = parse_record(EMOJI, "adr/0001-names.md")
    assert record is not None
    assert record.status_text == "✅ **Accepted**"
    assert record.status_line == 3


def test_tags_and_deciders_are_read_in_each_form() -> None:
    forms = {MADR2: (), LOG4BRAINS: ("cache", "store"), MADR4: ("queue", "storage")}
    for text, tags in forms.items():
        record, _ = parse_record(text, "adr/0001-x.md")
        assert record is not None
        assert record.tags == tags
        assert record.deciders[0] == "Ann"


def test_quoted_and_octal_looking_numbers_stay_decimal() -> None:
    text = '---\nstatus: accepted\nsupersedes: [0042, "0010"]\n---\n# T\n'
    record, _ = parse_record(text, "adr/0050-t.md")
    assert record is not None
    assert record.supersedes == ("ADR-0042", "ADR-0010")


@pytest.mark.parametrize(
    "status",
    [
        "## Status\n\n- [x] Accepted\n- [ ] Deprecated\n",
        "## Status\n\n~~Proposed~~ Accepted\n",
        "## Status\n\nAccepted on 2020-01-02 by the board\n",
        "## Status\n\n2020-01-02: Accepted\n",
        "## Status\n\nAccepted (2020-01-02)\n\nAmended by [9. More](0009-more.md)\n",
        "## Status\n\n:white_check_mark: Approved\n",
        "## Current status\n\n> Accepted\n",
        "## 2. Status\n\nAccepted.\n",
        "## 状态 (Status)\n\nAccepted\n",
        "## Status / 状态\n\n已接受\n",
        "## 状态/Status\n\n已接受\n",
        "**状态 (Status)**：已接受\n",
        "- Status (状态): 已接受\n",
        "## 状态\n\n已通过\n\n取代 ADR-0003\n",
        "## 状态\n\n已接受\n\n取代：[3. 队列](0003-队列.md)\n",
    ],
)
def test_section_says_accepted(status: str) -> None:
    record, _ = parse_record(f"# 1. Title\n\n{status}\n## Context\n", "adr/0001-t.md")
    assert record is not None
    assert record.status == "accepted"


@pytest.mark.parametrize(
    "status",
    [
        "## Status\n\nProposed\n\nAccepted\n",
        "## Status\n\n<!-- Accepted -->\n",
        "## Status\n\n```\nAccepted\n```\n",
        "## Status\n\nWhat is the status? proposed, accepted, rejected\n",
        "## Status\n\n{proposed | accepted}\n",
        "## Status\n",
        "",
    ],
)
def test_status_that_can_be_doubted_is_unknown_with_a_finding(status: str) -> None:
    record, findings = parse_record(f"# 1. Title\n\n{status}\n## Context\n", "adr/0001-t.md")
    assert record is not None
    assert record.status == "unknown"
    assert [f.code for f in findings if f.code.endswith("status")] != []


def test_newest_entry_of_a_history_counts() -> None:
    text = "# 1. T\n\n## Status\n\n- 2024-05-01: Accepted\n- 2023-01-01: Proposed\n"
    record, _ = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert (record.status, record.date) == ("accepted", datetime.date(2024, 5, 1))


def test_history_in_a_table_is_read() -> None:
    text = "# 1. 题\n\n## 状态\n\n| 日期 | 状态 |\n|--|--|\n| 2023-01-05 | 提议 |\n"
    text += "| 2023-02-01 | 完成 |\n"
    record, _ = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert (record.status, record.date) == ("accepted", datetime.date(2023, 2, 1))


def test_head_of_the_file_counts_before_a_section_about_status() -> None:
    text = f"{BARE_TABLE}\n## Context\n\n## Status\n\nThe status line shows a new word.\n"
    record, _ = parse_record(text, "adr/0011-t.md")
    assert record is not None
    assert (record.status, record.dialect) == ("accepted", "table")


def test_first_of_two_status_sections_counts() -> None:
    text = "# ADR 10: T\n\n## Status\n\nSUPERSEDED by ADR-045\n\n## Status\n\n> Accepted\n"
    record, _ = parse_record(text, "adr/adr-010-t.md")
    assert record is not None
    assert (record.status, record.superseded_by) == ("superseded", ("ADR-0045",))


def test_words_in_prose_are_no_status() -> None:
    text = "# 1. T\n\nWe talked.\n\n## Context\n\nStatus: accepted\n\n## Decision\n\nDone.\n"
    record, _ = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert record.status == "unknown"


@pytest.mark.parametrize(
    ("file", "heading", "title"),
    [
        ("API-001-names.md", "API-001: Names are short", "Names are short"),
        ("ADR-CBS-01-names.md", "ADR-CBS-01: Names are short", "Names are short"),
        ("ADR-20260228-names.md", "ADR-20260228：名称", "名称"),
        ("023-names.md", "23 Names are short", "Names are short"),
        ("0012-12-factors.md", "12 factors", "12 factors"),
        ("0012-names.md", "Aries RFC 0012: Names are short", "Names are short"),
        ("0012-names.md", "Decision 12 - Names are short", "Names are short"),
        ("0012-names.md", "RFC 7231: names", "RFC 7231: names"),
        ("0012-names.md", "HTTP-2: names", "HTTP-2: names"),
        ("0012-names.md", "Names: short", "Names: short"),
        ("0003-use-3-nodes.md", "3 nodes are enough", "3 nodes are enough"),
    ],
)
def test_title_is_read_without_the_name_of_its_file(file: str, heading: str, title: str) -> None:
    record, _ = parse_record(f"# {heading}\n\n## Status\n\nAccepted\n", f"adr/{file}")
    assert record is not None
    assert record.title == title


@pytest.mark.parametrize(
    "head",
    [
        "# T\n\nIntroduced: 2022-03-30\n\n## Status\n\nAccepted\n",
        "# T\n\n30 March 2022\n\n## Status\n\nAccepted\n",
        "# T\n\n- Status: [ADOPTED](/a.md)\n- Since: 2022-03-30\n- Start Date: 2018-12-28\n",
        "# T\n\n**Data:** 2022-03-30\n**Status:** Aceito\n",
        "# T\n\nDate 30/03/2022\n\n## Status\n\nAccepted\n",
        "# T\n\nMarch 30, 2022\n\n## Status\n\nAccepted\n",
        "# T\n\n## 日期 (Date)\n\n2022-03-30\n\n## 状态 (Status)\n\nAccepted\n",
        "# T\n\n- 创建日期：2022-03-30\n- 状态：已接受\n",
        "---\nstatus: accepted\ncreation-date: 2022-03-30\n---\n# T\n",
        "---\nstatus: accepted\ncreated: 2020-01-01\ndate: 2022-03-30\n---\n# T\n",
    ],
)
def test_date_is_read_under_its_other_names(head: str) -> None:
    record, _ = parse_record(head, "adr/0001-t.md")
    assert record is not None
    assert record.date == datetime.date(2022, 3, 30)


def test_label_of_other_things_is_no_date() -> None:
    text = "# T\n\n- Status: accepted\n- Since: v2.1\n- Data: 3 tables\n"
    record, findings = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert (record.date, findings) == (None, [])


def test_tags_that_are_links_are_their_words() -> None:
    text = "# T\n\n- Status: accepted\n- Tags: [concept](/tags.md#concept), [queue](/tags.md)\n"
    record, _ = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert record.tags == ("concept", "queue")


@pytest.mark.parametrize(
    "line", ["Since 30 March 2022 we do so.", "In force since 30 March 2022", "Version 2022-03-30"]
)
def test_day_in_a_sentence_is_no_date(line: str) -> None:
    record, _ = parse_record(f"# T\n\n{line}\n\n## Status\n\nAccepted\n", "adr/0001-t.md")
    assert record is not None
    assert record.date is None


@pytest.mark.parametrize(
    ("value", "over"),
    [
        ("None (extends ADR-0087)", ()),
        ("Partially extends ADR-0002", ()),
        ("N/A", ()),
        ("ADR-0002, extends ADR-0003", ("ADR-0002",)),
        ("ADR-0002", ("ADR-0002",)),
    ],
)
def test_field_names_only_what_the_record_supersedes(value: str, over: tuple[str, ...]) -> None:
    text = f"# T\n\n**Status:** Accepted\n**Supersedes:** {value}\n"
    record, _ = parse_record(text, "adr/0009-t.md")
    assert record is not None
    assert record.supersedes == over


def test_marks_that_belong_to_the_status_stay_with_it() -> None:
    for written in ("**Proposed** (pending a spike)", "**Proposed**", "_Proposed_ today"):
        record, _ = parse_record(f"# T\n\n- Status: {written}\n", "adr/0001-t.md")
        assert record is not None
        assert record.status == "proposed"
        assert record.status_text.strip("*_").replace("**", "").startswith("Proposed")
        assert record.status_text.count("**") != 1


def test_links_section_tells_successions_as_log4brains_writes_them() -> None:
    text = (
        "# Use a file\n\n- Status: accepted\n- Date: 2020-10-16\n\n## Decision\n\nA file.\n\n"
        "## Links <!-- optional -->\n\n"
        "- Supersedes [20200926-use-redis](20200926-use-redis.md)\n"
        "- Refined by [20201101-x](20201101-x.md), which replaces [20200101-y](20200101-y.md)\n"
        "- [20200102-z](20200102-z.md) supersedes nothing\n"
    )
    record, _ = parse_record(text, "20201016-use-a-file.md")
    assert record is not None
    assert (record.dialect, record.supersedes) == ("log4brains", ("20200926-use-redis",))
    assert record.superseded_by == ()


def test_links_section_names_the_successor_too() -> None:
    text = "# A\n\n* Status: superseded\n\n## Links\n\n* Superseded by [ADR-0005](0005-b.md)\n"
    record, _ = parse_record(text, "0001-a.md")
    assert record is not None
    assert (record.supersedes, record.superseded_by) == ((), ("ADR-0005",))
