"""The commands that write: what they change in each dialect, and that they change nothing else."""

# adr: off (the numbers here are examples)

import datetime
import difflib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.tools.adr import check_log
from sage.tools.adr.commands import (
    plan_fix,
    plan_new,
    plan_status,
    plan_supersede,
    plan_supersede_by_new,
)
from sage.tools.adr.parse import parse_record
from sage.tools.adr.templates import TEMPLATES, fill
from sage.tools.adr.text import append_to_front, set_front
from sage.tools.adr.writing import write_status
from sage.tools.finding import CannotBegin

DAY = datetime.date(2026, 11, 23)
REST = "\n## Context\n\nA problem.  \n\n## Decision\n\nWe decide.\n"


def changed(before: str, after: str) -> list[str]:
    """The lines taken out and put in, without the rest of the diff."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


ACCEPTED = {
    "madr4": (
        "---\n# why: a comment\nstatus: proposed # for now\ndate: 2025-01-01\n---\n\n# T\n",
        [
            *("- status: proposed # for now\n", "+ status: accepted # for now\n"),
            *("- date: 2025-01-01\n", "+ date: 2026-11-23\n"),
        ],
    ),
    "quoted": (
        '---\nstatus: "proposed"\ndeciders: [A]\n---\n# T\n',
        ['- status: "proposed"\n', '+ status: "accepted"\n'],
    ),
    "empty status": (
        "---\nlayout: page\nstatus:\n---\n# T\n",
        ["- status:\n", "+ status: accepted\n"],
    ),
    "no status": ("---\nlayout: page\n---\n# T\n", ["+ status: accepted\n"]),
    "madr2": (
        "# T\n\n* Status: proposed\n* Date: 2025-01-01\n",
        [
            *("- * Status: proposed\n", "+ * Status: accepted\n"),
            *("- * Date: 2025-01-01\n", "+ * Date: 2026-11-23\n"),
        ],
    ),
    "heading": (
        "# T\n\n## Status: Proposed\n\nSince May.\n",
        ["- ## Status: Proposed\n", "+ ## Status: Accepted\n"],
    ),
    "log4brains": ("# T\n\n- Status: draft\n", ["- - Status: draft\n", "+ - Status: accepted\n"]),
    "nygard": ("# 1. T\n\n## Status\n\nProposed\n", ["- Proposed\n", "+ Accepted\n"]),
    "nygard quoted": ("# 1. T\n\n## Status\n\n> Proposed\n", ["- > Proposed\n", "+ > Accepted\n"]),
    "cosmos": (
        "# ADR 1: T\n\n## Changelog\n\n- 2025-01-01: Draft\n\n## Status\n\n"
        "PROPOSED Not Implemented\n",
        ["- PROPOSED Not Implemented\n", "+ ACCEPTED Not Implemented\n"],
    ),
    "table": (
        "# T\n\n| Status |  Pending   |\n|--|--|\n| Date | 2025-01-01 |\n",
        ["- | Status |  Pending   |\n", "+ | Status |  Accepted   |\n"],
    ),
    "columns": (
        "# T\n\n| Status | Date |\n|--|--|\n| Pending | 2025-01-01 |\n",
        ["- | Pending | 2025-01-01 |\n", "+ | Accepted | 2025-01-01 |\n"],
    ),
    "status line": (
        "# T\n\n**Status**: 🟡 Proposed\n",
        ["- **Status**: 🟡 Proposed\n", "+ **Status**: Accepted\n"],
    ),
    "emphasised line": (
        "# T\n\n**Status: Proposed**\n",
        ["- **Status: Proposed**\n", "+ **Status: Accepted**\n"],
    ),
    "chinese history": (
        "# 1. 题\n\n## 状态\n\n- 2025-01-01 提议\n\n## 上下文\n",
        ["+ - 2026-11-23 通过\n"],
    ),
    "chinese, newest first": (
        "# 1. 题\n\n## 状态\n\n2025-02-01：提议\n2025-01-01：草案\n",
        ["+ 2026-11-23：通过\n"],
    ),
    "chinese line": ("# 题\n\n状态：提议\n", ["- 状态：提议\n", "+ 状态：通过\n"]),
    "capital in front matter": (
        "---\nadr: 1\nstatus: Proposed\ntags: [a]\n---\n\n# T\n",
        ["- status: Proposed\n", "+ status: Accepted\n"],
    ),
    "sentences after it": (
        "# 1. T\n\n## Status\n\nProposed. Amends [ADR 9](0009-x.md): its names\nand its days.\n",
        [
            "- Proposed. Amends [ADR 9](0009-x.md): its names\n",
            "+ Accepted. Amends [ADR 9](0009-x.md): its names\n",
        ],
    ),
    "hard break": ("# T\n\n## Status\n\nProposed.  \n", ["- Proposed.  \n", "+ Accepted.  \n"]),
    "emphasis": (
        "# T\n\n- Status: **Proposed** (pending a spike)\n",
        ["- - Status: **Proposed** (pending a spike)\n", "+ - Status: **Accepted**\n"],
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_accept_changes_only_the_status(repo, name: str, ending: str, mark: str) -> None:
    head, expected = ACCEPTED[name]
    before = mark + (head + REST).replace("\n", ending)
    file = repo.write("adr/0001-t.md", before)
    log = repo.log()
    plan_status(log, log.records[0], "accepted", day=DAY).apply()
    after = file.read_bytes().decode()
    expected = [line.replace("\n", ending) for line in expected]
    assert sorted(changed(before, after)) == sorted(expected)
    assert repo.log().records[0].status == "accepted"


PAIRS = {
    "madr4": (
        "---\nstatus: accepted\ndate: 2025-01-01\n---\n# T\n",
        ["- status: accepted\n", "+ status: superseded\n"],
        ["+ supersedes: [1]\n"],
    ),
    "madr3": (
        "---\nstatus: accepted\ndeciders: A\n---\n# T\n",
        ["- status: accepted\n", "+ status: superseded by ADR-0002\n"],
        ["+ supersedes: [1]\n"],
    ),
    "madr2": (
        "# T\n\n* Status: accepted\n* Date: 2025-01-01\n",
        ["- * Status: accepted\n", "+ * Status: superseded by [ADR-0002](0002-b.md)\n"],
        ["+ * Supersedes: [ADR-0001](0001-a.md)\n"],
    ),
    "nygard": (
        "# 1. T\n\n## Status\n\nAccepted\n",
        ["- Accepted\n", "+ Superseded by [2. T](0002-b.md)\n"],
        ["+ \n", "+ Supersedes [1. T](0001-a.md)\n"],
    ),
    "table": (
        "# T\n\n| Status | Accepted |\n|--|--|\n",
        ["- | Status | Accepted |\n", "+ | Status | Superseded by [ADR-0002](0002-b.md) |\n"],
        None,
    ),
    "status line": (
        "# T\n\n**Status**: accepted\n",
        ["- **Status**: accepted\n", "+ **Status**: superseded by [ADR-0002](0002-b.md)\n"],
        ["+ **Supersedes**: [ADR-0001](0001-a.md)\n"],
    ),
    "chinese": (
        "# 1. 题\n\n## 状态\n\n- 2025-01-01 提议\n- 2025-02-01 通过\n",
        ["+ - 2026-11-23 被 [2. 题](0002-b.md) 取代\n"],
        ["+ \n", "+ 取代 [1. 题](0001-a.md)\n"],
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_supersede_writes_both_sides(repo, name: str) -> None:
    head, old_side, new_side = PAIRS[name]
    repo.write("adr/0001-a.md", head + REST)
    repo.write("adr/0002-b.md", head.replace("# 1.", "# 2.") + REST)
    log = repo.log()
    plan_supersede(log, log.records[0], log.records[1], day=DAY).apply()
    assert sorted(changed(head + REST, repo.read("adr/0001-a.md"))) == sorted(old_side)
    if new_side is not None:
        second = head.replace("# 1.", "# 2.") + REST
        assert sorted(changed(second, repo.read("adr/0002-b.md"))) == sorted(new_side)
    old, new = repo.log().records
    assert (old.status, old.superseded_by) == ("superseded", ("ADR-0002",))
    assert new.supersedes == ("ADR-0001",)
    assert [f.code for f in check_log(repo.log(), sections=())] == []


@pytest.mark.parametrize(
    "head",
    [
        "# 1. T\n\n**Status**: accepted\n",
        "# 1. T\n\n* Status: accepted\n",
        "# 1. T\n\n- Status: accepted\n- Supersedes: None\n",
        "# 1. T\n\n**Status**: accepted\n**Supersedes**: N/A\n",
        "# 1. T\n\n| Status | Accepted |\n|--|--|\n| Date | 2020-01-01 |\n",
        "# 1. T\n\n| Fact | Value |\n|--|--|\n| Status | Accepted |\n| Supersedes | - |\n",
        "# 1. 题\n\n## 状态\n\n已接受\n",
        "---\ntags: [a]\n---\n\n# 1. T\n\n## Status\n\nAccepted\n",
    ],
)
def test_record_that_supersedes_two_says_both(repo, head: str) -> None:
    for number in (1, 2, 3):
        repo.write(f"adr/000{number}-t.md", head + REST)
    for number in (0, 1):
        log = repo.log()
        plan_supersede(log, log.records[number], log.records[2], day=DAY).apply()
    first, second, third = repo.log().records
    assert (first.status, second.status, third.status) == ("superseded", "superseded", "accepted")
    assert sorted(third.supersedes) == ["ADR-0001", "ADR-0002"]
    text = repo.read("adr/0003-t.md")
    assert not re.search(r"None|N/A|\| - \|", text)
    if "|--|" in head:
        above = text.partition("|--|--|\n")[0].rpartition("\n\n")[2]
        assert above.count("\n") == 1, "a table has one row above its rule"


def test_status_section_gets_the_link_though_there_is_front_matter(repo) -> None:
    head = "---\ntags: [a]\n---\n\n# 1. T\n\n## Status\n\nAccepted\n"
    repo.write("adr/0001-t.md", head + REST)
    repo.write("adr/0002-t.md", head + REST)
    log = repo.log()
    plan_supersede(log, *log.records, day=DAY).apply()
    added = changed(head + REST, repo.read("adr/0002-t.md"))
    assert sorted(added) == ["+ \n", "+ Supersedes [1. T](0001-t.md)\n"]


@pytest.mark.parametrize(
    ("others", "status", "written"),
    [
        (("✅ Accepted", "✅ Accepted", "❌ Rejected"), "accepted", "✅ Accepted"),
        (("✅ Accepted", "❌ Rejected"), "rejected", "❌ Rejected"),
        (("Approved", "Approved", "Accepted"), "accepted", "Approved"),
        (("Implemented", "Done"), "accepted", "Accepted"),
        (("Accepted", "✅ Accepted", "Accepted"), "accepted", "Accepted"),
        ((), "accepted", "Accepted"),
    ],
)
def test_status_is_written_in_the_words_of_the_log(repo, others, status, written: str) -> None:
    repo.write("adr/0001-t.md", "# 1. T\n\n## Status\n\n🤔 Proposed\n" + REST)
    for number, other in enumerate(others, start=2):
        repo.write(f"adr/000{number}-t.md", f"# {number}. T\n\n## Status\n\n{other}\n" + REST)
    log = repo.log()
    plan_status(log, log.records[0], status, day=DAY).apply()
    assert repo.log().records[0].status_text == written


def test_chinese_status_is_written_in_the_words_of_the_log(repo) -> None:
    for number, status in enumerate(("提议", "生效", "生效", "已完成"), start=1):
        repo.write(f"adr/000{number}-t.md", f"# {number}. 题\n\n状态：{status}\n" + REST)
    log = repo.log()
    plan_status(log, log.records[0], "accepted", day=DAY).apply()
    assert repo.log().records[0].status_text == "生效"


@pytest.mark.parametrize(
    "status",
    [
        "**Status**: Accepted (tracked in\n[an issue](https://example.org))",
        "## Status\n\nAccepted\nby the board, in May",
        "**Status**: 部分取代（两条已被推翻；\n其余生效）",
        "**Status**: Everything that we wrote down here in May was built by the end of June",
    ],
)
def test_status_that_is_a_text_of_its_own_is_left_to_its_writer(repo, status: str) -> None:
    repo.write("adr/0001-t.md", f"# 1. T\n\n{status}\n{REST}")
    log = repo.log()
    with pytest.raises(CannotBegin, match="edit it by hand"):
        plan_status(log, log.records[0], "deprecated", day=DAY)


def test_link_goes_below_a_status_of_several_lines(repo) -> None:
    status = "**Status**: Accepted. It is built, and what\nis left is small.\n"
    head = f"# 1. T\n\n{status}**Date**: 2025-01-01\n"
    repo.write("adr/0001-t.md", head + REST)
    repo.write("adr/0002-t.md", head + REST)
    log = repo.log()
    plan_supersede(log, *log.records, day=DAY).apply()
    assert repo.read("adr/0002-t.md").splitlines()[3:6] == [
        "is left is small.",
        "**Supersedes**: [ADR-0001](0001-t.md)",
        "**Date**: 2025-01-01",
    ]


def test_repair_names_what_is_superseded_in_order(repo) -> None:
    for number in (1, 2):
        ended = "Superseded by [3. T](0003-t.md)"
        repo.write(f"adr/000{number}-t.md", f"# {number}. T\n\n**Status**: {ended}\n{REST}")
    repo.write("adr/0003-t.md", f"# 3. T\n\n**Status**: Accepted\n{REST}")
    plan_fix(repo.log(), day=DAY).apply()
    line = "**Supersedes**: [ADR-0001](0001-t.md), [ADR-0002](0002-t.md)"
    assert repo.read("adr/0003-t.md").splitlines()[3] == line
    assert plan_fix(repo.log(), day=DAY).changes == ()


def test_supersede_of_records_without_numbers_links_by_file(repo) -> None:
    head = "# T\n\n- Status: accepted\n"
    repo.write("adr/20200101-a.md", head)
    repo.write("adr/20210101-b.md", head)
    log = repo.log()
    plan_supersede(log, log.records[0], log.records[1], day=DAY).apply()
    assert "superseded by [20210101-b](20210101-b.md)" in repo.read("adr/20200101-a.md")
    assert repo.log().records[1].supersedes == ("20200101-a",)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("supersedes: [3]", "supersedes: [3, 1]"),
        ("supersedes: []", "supersedes: [1]"),
        ("supersedes:", "supersedes: [1]"),
        ("supersedes: 3", "supersedes: [3, 1]"),
        ("supersedes: [0003]  # why", "supersedes: [0003, 0001]  # why"),
        ('supersedes: ["ADR-0003"]', 'supersedes: ["ADR-0003", "ADR-0001"]'),
        ("supersedes: [0003-c.md]", "supersedes: [0003-c.md, 0001-a.md]"),
        ("supersedes:\n  - 3 # why\ntags: []", "supersedes:\n  - 3 # why\n  - 1\ntags: []"),
        ("supersedes:\n- 3", "supersedes:\n- 3\n- 1"),
        ("supersedes: [\n  3\n]", "supersedes: [\n  3, 1\n]"),
    ],
)
def test_list_of_front_matter_grows_as_it_is_written(line: str, after: str) -> None:
    text = f"---\nstatus: accepted\n{line}\n---\n# T\n"
    edited = append_to_front(text, "supersedes", "0001-a.md", 1)
    assert edited == text.replace(line, after)


def test_front_matter_that_cannot_be_edited_says_so() -> None:
    for text in ("# T\n", "---\nstatus: [a]\n---\n", "---\n{status: a}\n---\n", "---\n[\n---\n"):
        with pytest.raises(CannotBegin):
            set_front(text, "status", "accepted")


def test_supersede_refuses_itself_and_circles(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A", status="superseded"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]"))
    log = repo.log()
    one, two = log.records
    for old, new, words in ((one, one, "itself"), (two, one, "circle"), (one, two, "already")):
        with pytest.raises(CannotBegin, match=words):
            plan_supersede(log, old, new, day=DAY)


def test_reject_and_deprecate_keep_the_reason(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A", status="proposed"))
    repo.write("adr/0002-b.md", "# 2. 题\n\n## 状态\n\n通过\n\n## 上下文\n")
    log = repo.log()
    plan_status(log, log.records[0], "rejected", day=DAY, reason="Too slow.").apply()
    plan_status(log, log.records[1], "deprecated", day=DAY, reason="不再需要。").apply()
    assert repo.read("adr/0001-a.md").endswith("\n\n## Why it was rejected\n\nToo slow.\n")
    assert repo.read("adr/0002-b.md").endswith("\n\n## 弃用理由\n\n不再需要。\n")
    assert [r.status for r in repo.log().records] == ["rejected", "deprecated"]


def test_status_changes_only_forward(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    log = repo.log()
    with pytest.raises(CannotBegin, match="is accepted already"):
        plan_status(log, log.records[0], "accepted", day=DAY)
    with pytest.raises(CannotBegin, match="cannot become rejected"):
        plan_status(log, log.records[0], "rejected", day=DAY)


def test_record_without_a_status_cannot_be_accepted(repo) -> None:
    repo.write("adr/0001-a.md", "# 1. A\n\n## Context\n")
    log = repo.log()
    with pytest.raises(CannotBegin, match=r"adr/0001-a\.md: states no status"):
        plan_status(log, log.records[0], "accepted", day=DAY)


NAMES = {
    # last record: file name, head → the new one's file name and title line
    "plain": ("0007-old.md", "# Old", "0008-use-a-b.md", "# Use A & B"),
    "numbered title": ("0007-old.md", "# 7. Old", "0008-use-a-b.md", "# 8. Use A & B"),
    "adr title": ("adr-007-old.md", "# ADR 007: Old", "adr-008-use-a-b.md", "# ADR 008: Use A & B"),
    "no slug": ("ADR-7.md", "# Old", "ADR-8.md", "# Use A & B"),
    "unpadded": ("7-old.md", "# Old", "8-use-a-b.md", "# Use A & B"),
    "grown": ("0999-old.md", "# Old", "1000-use-a-b.md", "# Use A & B"),
    "prefix": ("ARCH-007-old.md", "# Old", "ARCH-008-use-a-b.md", "# Use A & B"),
    "dated": ("20200101-old.md", "# Old", "20261123-use-a-b.md", "# Use A & B"),
}


@pytest.mark.parametrize("name", NAMES)
def test_new_record_is_named_as_the_last_one(repo, name: str) -> None:
    last, head, file, title = NAMES[name]
    repo.write(f"adr/{last}", f"{head}\n\n- Status: accepted\n")
    plan = plan_new(repo.log(), "Use A & B", day=DAY)
    plan.apply()
    assert title in repo.read(f"adr/{file}").splitlines()
    assert {r.status for r in repo.log().records} == {"accepted", "proposed"}


@pytest.mark.parametrize("dialect", TEMPLATES)
def test_template_of_each_dialect_is_read_back_in_it(dialect: str) -> None:
    text = fill(TEMPLATES[dialect], title="T", heading="1. T", number=1, status="proposed", day=DAY)
    record, findings = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert (record.dialect, record.status, record.title) == (dialect, "proposed", "T")
    assert findings == []
    if dialect != "nygard":
        assert record.date == DAY


def test_first_record_of_an_empty_log(repo) -> None:
    plan_new(repo.log(), "Keep records", day=DAY).apply()
    (record,) = repo.log().records
    assert (record.path, record.status) == ("adr/0001-keep-records.md", "proposed")
    assert "<!--" in record.text


@pytest.mark.parametrize(
    "template",
    [
        "---\nstatus: {status}\ndate: {date}\n---\n# {title}\n\n{kept}\n",
        "# NUMBER. TITLE\n\nDate: DATE\n\n## Status\n\nSTATUS\n",
        "# [short title]\n\n- Status: [draft | proposed] <!-- pick -->\n- Date: [YYYY-MM-DD]\n",
        '---\nstatus: "{proposed | accepted}"\ndate: {YYYY-MM-DD}\n---\n# {short title}\n',
    ],
)
def test_own_template_is_used(repo, template: str) -> None:
    repo.write("adr/template.md", template)
    plan_new(repo.log(), "Keep records", day=DAY).apply()
    (record,) = repo.log().records
    assert (record.title, record.status, record.date) == ("Keep records", "proposed", DAY)


def test_template_without_a_status_is_refused(repo) -> None:
    repo.write("adr/template.md", "# {title}\n")
    with pytest.raises(CannotBegin, match="without a status"):
        plan_new(repo.log(), "Keep records", day=DAY)


@pytest.mark.parametrize("title", ["", "  \n "])
def test_empty_title_is_refused(repo, title: str) -> None:
    with pytest.raises(CannotBegin, match="title is empty"):
        plan_new(repo.log(), title, day=DAY)


def test_new_record_never_gets_the_name_of_a_template(repo) -> None:
    plan_new(repo.log(), "Template", day=DAY).apply()
    assert [r.title for r in repo.log().records] == ["Template"]


def test_supersede_by_title_writes_an_accepted_record(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    log = repo.log()
    plan_supersede_by_new(log, log.records[0], "Do B", day=DAY).apply()
    old, new = repo.log().records
    assert (old.status, old.superseded_by) == ("superseded", ("ADR-0002",))
    assert (new.title, new.status, new.supersedes) == ("Do B", "accepted", ("ADR-0001",))


def test_fix_writes_the_missing_side(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]"))
    repo.write("adr/0003-c.md", "# 3. C\n\n## Status\n\nSuperseded by [4. D](0004-d.md)\n")
    repo.write("adr/0004-d.md", "# 4. D\n\n## Status\n\nAccepted\n")
    assert len(check_log(repo.log(), sections=())) == 2
    plan_fix(repo.log(), day=DAY).apply()
    assert check_log(repo.log(), sections=()) == []
    assert "Supersedes [3. C](0003-c.md)" in repo.read("adr/0004-d.md")
    assert plan_fix(repo.log(), day=DAY).changes == ()


HEADS = [head for head, *_ in (*ACCEPTED.values(), *PAIRS.values())]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(HEADS),
    st.text(alphabet="ab# *|-:\n\r\ufeff>`状态：\u2028", max_size=30),
    st.sampled_from(["accepted", "rejected", "deprecated", "superseded"]),
)
def test_edit_is_read_back_or_refused(head: str, noise: str, status: str) -> None:
    text = head.replace("T\n", f"T {noise}\n", 1) + noise
    record, _ = parse_record(text, "adr/0001-t.md")
    assert record is not None
    try:
        edited = write_status(record, text, status, DAY)
    except CannotBegin:
        return
    again, _ = parse_record(edited, "adr/0001-t.md")
    assert again is not None
    assert again.status == status
    assert again.title == record.title


NEW_HEADS = {
    "labels": (
        "# ADR-0001: T\n\n**Status:** Accepted\n**Date:** 2025-01-01\n",
        "# ADR-0002: N\n\n**Status:** Proposed\n**Date:** 2026-11-23\n\n",
    ),
    "hard breaks": (
        "# T\n\n**Status:** Accepted  \n**Date:** 2025-01-01  \n",
        "# N\n\n**Status:** Proposed  \n**Date:** 2026-11-23  \n\n",
    ),
    "emphasised as a whole": (
        "# T\n\n**Status: accepted**\n",
        "# N\n\n**Status: proposed**\n**Date: 2026-11-23**\n\n",
    ),
    "bullets": (
        "# T\n\n* Status: accepted\n* Tags: a\n",
        "# N\n\n* Status: proposed\n* Date: 2026-11-23\n* Tags:\n\n",
    ),
    "chinese lines": (
        "# ADR-0001：题\n\n状态: 生效\n日期: 2025-01-01\n",
        "# ADR-0002：N\n\n状态: 提议\n日期: 2026-11-23\n\n## 上下文\n",
    ),
    "chinese bullets": (
        "# 题\n\n- **状态**：已接受\n- **日期**：2025-01-01\n",
        "# N\n\n- **状态**：提议\n- **日期**：2026-11-23\n\n## 上下文\n",
    ),
    "chinese section": ("# 题\n\n## 状态\n\n已接受\n", "# N\n\n## 状态\n\n提议\n\n## 上下文\n"),
    "chinese history": (
        "# 题\n\n## 状态\n\n- 2025-01-01 通过\n",
        "# N\n\n## 状态\n\n- 2026-11-23 提议\n\n## 上下文\n",
    ),
    "capital in front matter": (
        "---\nstatus: Accepted\ndate: 2025-01-01\n---\n\n# T\n",
        "---\nstatus: Proposed\ndate: 2026-11-23\n",
    ),
    "date in bold": (
        "---\ntitle: T\n---\n\n# T\n\n**Date:** 2025-01-01\n\n## Status\n\nAccepted\n",
        "# N\n\nDate: 2026-11-23\n\n## Status\n\nProposed\n",
    ),
}


@pytest.mark.parametrize("name", NEW_HEADS)
def test_new_record_has_the_head_that_the_last_one_has(repo, name: str) -> None:
    head, expected = NEW_HEADS[name]
    repo.write("adr/0001-t.md", head + REST)
    plan_new(repo.log(), "N", day=DAY).apply()
    assert repo.read("adr/0002-n.md").startswith(expected)
    assert repo.log().records[1].status == "proposed"


@pytest.mark.parametrize(
    ("last", "new"),
    [
        ("2021-11-18_011-t.md", "2026-11-23_012-n.md"),
        ("20211118-0011-t.md", "20261123-0012-n.md"),
        ("ADR-20211118-t.md", "ADR-20261123-n.md"),
        ("2021-11-18-t.md", "2026-11-23-n.md"),
        ("API-011-t.md", "API-012-n.md"),
    ],
)
def test_new_record_is_named_as_the_last_one_is(repo, last: str, new: str) -> None:
    repo.write(f"adr/{last}", "# T\n\n## Status\n\nAccepted\n" + REST)
    plan_new(repo.log(), "N", day=DAY).apply()
    assert sorted(file.name for file in repo.adr.iterdir()) == sorted((last, new))
