"""The words of statuses, days and references."""

# adr: off (the numbers here are examples)

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.tools.adr.days import doubt_of, read_date
from sage.tools.adr.references import identify, references, relations
from sage.tools.adr.words import read_status

STATUSES = {
    "accepted": (
        *("accepted", "Accepted", "ACCEPTED Not Implemented", "Accepted.", "approved"),
        *("implemented", "adopted", "active", "done", "通过", "完成", "已通过（2024-01-01）"),
        *("✔️ accepted", "Accepted, not yet implemented", "Status: Accepted", "`accepted`"),
        *("<b>Accepted</b>", "[Accepted](https://example.org)", "Accepted - 2020-01-01"),
        *("已接受（取代 ADR-0026 的旧格式）", "已接受 · **日期**：M0", "已采纳 (Accepted)"),
        *("| 2020-01-01 | Accepted |", "- 2020-01-01 | accepted"),
        *("已接受 部分实现", "已接受，安装模块已实现但尚未接入", "通過", "已採納"),
        *("accepted by the board (was proposed)", "Accepted, partially implemented"),
        *(
            "Accepted (2026-07-03). Not a flag, as first proposed.",
            "Accepted. We partially migrate",
        ),
        *("Accepted. The old API was replaced by gRPC.", "Accepted. ADR-3 was superseded by ADR-9"),
        *("Approved / Implemented", "accepted/implemented", "Final", "已接受并实施", "已确认。"),
        *(
            "已接受。后续建议另立 ADR",
            "已接受，取代 ADR-0001",
            "通过，由架构组批准",
            "Accepted. See 3. Use x",
        ),
    ),
    "proposed": (
        *("proposed", "pending", "incomplete", "In progress", "提议", "Proposed, not accepted yet"),
        *("PROPOSED Not Implemented", "Under review", "🟡 Proposed"),
        *("建议中", "建议。", "提议 部分实施", "提议 - 已实施", "提議"),
        *(
            "in-progress",
            "Inprogress",
            "Under consideration",
            "待审核",
            "Proposed. To be accepted soon",
        ),
    ),
    "draft": ("draft", "Draft v2", "草稿", "WIP"),
    "rejected": ("rejected", "Rejected: too slow", "declined", "❌ Rejected", "已拒绝", "否决"),
    "deprecated": ("deprecated", "已弃用", "Deprecated since 2020-01-01", "obsolete", "已作废"),
    "superseded": (
        *("superseded by ADR-0005", "Superceded by [3. x](0003-x.md)", "Superseded", "已取代"),
        *("Accepted, superseded by 7", "Replaced by ADR 3", "被 ADR-0005 取代", "已被 5 替代"),
        *("已接受（已被 ADR-9 取代）", "2024-01-01：已取代"),
        *("Deprecated, superseded by [x](x.md)", "Accepted (superseded by ADR-9)"),
        *(
            "由 ADR-0005 取代",
            "被ADR-0005取代",
            "Obsoleted by ADR-5",
            "Accepted. Later superseded by ADR-9",
        ),
        "被 [2. 新队列](0002-x.md) 取代",
    ),
    "unknown": (
        *("", "?", "partially accepted", "Partially implemented", "reverted", "Accepted?"),
        *("accepted | rejected", "{proposed | rejected | accepted}", "not accepted", "on hold"),
        *("Accepted, then reverted", "partially superseded by ADR-3", "accepted or rejected"),
        *(
            "To be accepted",
            "部分通过",
            "未通过",
            "通过 / 拒绝",
            "acceptedly",
            "withdrawn",
            "—",
            "🚧",
        ),
        *("Will be superseded by ADR-9", "accepted/rejected", "<script>alert(1)</script>"),
        *("取代 ADR-0001", "取代：ADR-0001、ADR-0002", "部分被 ADR-3 取代", "已接受（部分）"),
        *("Accepted. Deprecated since v2", "Accepted (partially)", "Accepted. Reverted in v3"),
        *("Accepted until superseded by ADR-9", "accepted-provisional"),
    ),
}


@pytest.mark.parametrize(
    ("status", "text"), [(status, text) for status, texts in STATUSES.items() for text in texts]
)
def test_status_words_mean(status: str, text: str) -> None:
    assert read_status(text) == status


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-10-22", (2025, 10, 22)),
        ("2025/1/2", (2025, 1, 2)),
        ("2025-10-22T11:12:13Z", (2025, 10, 22)),
        ("20251022", (2025, 10, 22)),
        ("22.10.2025", (2025, 10, 22)),
        ("2025年10月2日", (2025, 10, 2)),
        ("5 January 2024", (2024, 1, 5)),
        ("5th of Jan 2024", (2024, 1, 5)),
        ("Sept. 3rd, 2024", (2024, 9, 3)),
        ("May 1, 2024", (2024, 5, 1)),
        ("2025-13-40", None),
        ("2025-02-30", None),
        ("0000-00-00", None),
        ("2019 Aug 31: Initial draft", (2019, 8, 31)),
        ("22-10-2024", (2024, 10, 22)),
        ("10/22/2024", (2024, 10, 22)),
        ("05/05/2024", (2024, 5, 5)),
        ("01/02/2024", None),
        ("31/02/2024", None),
        ("January, 2026", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_day_is_read_when_it_has_one_reading(text: str, day: tuple[int, int, int] | None) -> None:
    assert read_date(text) == (datetime.date(*day) if day else None)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("2025-13-45", "there is no month 13"),
        ("2025-00-10", "there is no month 0"),
        ("2025-02-30", "February 2025 has 28 days, not 30"),
        ("2024-02-30", "February 2024 has 29 days, not 30"),
        ("31 April 2024", "April 2024 has 30 days, not 31"),
        ("Jan 0, 2024", "January 2024 has 31 days, not 0"),
        ("0000-01-01", "there is no year 0"),
        ("2025年13月1日", "there is no month 13"),
        ("01/02/2024", "it is 2 January or 1 February 2024"),
        ("31/02/2024", "February 2024 has 29 days, not 31"),
        ("13/13/2024", "there is no month 13"),
        ("27/06/23", "its year has two digits"),
        ("2026-07", "it is a whole month"),
        ("2026年7月", "it is a whole month"),
        ("January, 2026", "it is a whole month"),
        ("last Tuesday", "it names no day"),
    ],
)
def test_day_that_is_none_says_why(text: str, doubt: str) -> None:
    assert read_date(text) is None
    assert doubt_of(text) == doubt


@given(st.text(st.sampled_from("0123456789-/. JanFeb年月日"), max_size=14))
def test_whatever_is_no_day_has_a_reason(text: str) -> None:
    assert read_date(text) is not None or doubt_of(text)


@pytest.mark.parametrize(
    ("stem", "number"),
    [
        ("0001-x", 1),
        ("0001", 1),
        ("12_x", 12),
        ("ADR-8", 8),
        ("ADR8", 8),
        ("adr-013-x", 13),
        ("adr001-add-log", 1),
        ("ODH-ADR-Operator-0007-x", 7),
        ("ARCH-001-x", 1),
        ("20200925-x", None),
        ("2020-09-25-x", None),
        ("use-python-3-now", None),
        ("adr-use-python-3", None),
        ("3d-rendering", None),
        ("2021-06-05_001-x", 1),
        ("2026-07-29-0014-x", 14),
        ("2024-01-15-404-pages", None),
        ("2024-05-x", None),
        ("202405-x", None),
        ("ADR-20260228-cap-001-x", None),
    ],
)
def test_number_of_a_file_name(stem: str, number: int | None) -> None:
    assert identify(stem)[0] == number


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("5", ("ADR-0005",)),
        ("#5", ("ADR-0005",)),
        ("[#88](https://example.org/o/r/pull/88)", ()),
        ("[88](../../pull/88)", ()),
        ("[#11955](https://example.org/o/r/issues/11955)", ()),
        ("[#5](https://example.org/o/r/-/merge_requests/5)", ()),
        ("[ADR-0005](https://example.org/o/r/pull/88)", ("ADR-0005",)),
        ("[0005](https://example.org/adr/0005/)", ("ADR-0005",)),
        ("ADR-5", ("ADR-0005",)),
        ("ADR 0005 and ADR-6", ("ADR-0005", "ADR-0006")),
        ("[5. T](0005-t.md)", ("ADR-0005",)),
        ("[T](../adr/0005-t.md#decision)", ("ADR-0005",)),
        ("[T](20201016-use-a-file.md)", ("20201016-use-a-file",)),
        ("0005-t.md", ("ADR-0005",)),
        ("[ADR-0005](https://example.org/adr/5)", ("ADR-0005",)),
        ("20201016-use-a-file", ("20201016-use-a-file",)),
        ("[5. T](https://example.org/adr/5)", ("ADR-0005",)),
        ("[pull request 12](https://example.org/12)", ()),
        ("release 3 of 2021", ()),
        ("the rules of ADR-7 since release 3", ("ADR-0007",)),
        ("#5, #6 and 7.", ("ADR-0005", "ADR-0006", "ADR-0007")),
        ("5\nwhich is 9 times better", ("ADR-0005",)),
        ("nothing", ()),
        ("on 2020-01-01", ()),
        ("见ADR-0005、ADR-0006。", ("ADR-0005", "ADR-0006")),
        ("ADRs 12, 13", ("ADR-0012", "ADR-0013")),
        ("0012-a-name", ("ADR-0012",)),
        ("[[0012-a-name]]", ("ADR-0012",)),
        ("[ADR-12][1]", ("ADR-0012",)),
        ("[T](<0012-a name.md>)", ("ADR-0012",)),
        ("[T](0012%20a.md)", ("ADR-0012",)),
        ('[T](0012-a.md "A title")', ("ADR-0012",)),
    ],
)
def test_references(text: str, ids: tuple[str, ...]) -> None:
    assert references(text) == ids


def test_day_of_a_file_name_is_read_beside_its_number() -> None:
    assert identify("2021-06-05_001-x") == (1, datetime.date(2021, 6, 5))
    assert identify("ADR-20260228-x") == (None, datetime.date(2026, 2, 28))
    assert identify("2024-05-x") == (None, None)


@pytest.mark.parametrize(
    ("text", "over", "by"),
    [
        (
            "Supersedes ADR-1 and ADR-2; superseded by ADR-9",
            ("ADR-0001", "ADR-0002"),
            ("ADR-0009",),
        ),
        ("被 ADR-0005 取代", (), ("ADR-0005",)),
        ("由ADR-0005取代", (), ("ADR-0005",)),
        ("被0005取代", (), ("ADR-0005",)),
        ("已取代（见 ADR-0005）", (), ("ADR-0005",)),
        ("被 ADR-0005 取代，见 ADR-0006", (), ("ADR-0005",)),
        ("由于太慢，取代 ADR-0001", ("ADR-0001",), ()),
        ("取代 ADR-0001", ("ADR-0001",), ()),
        ("Amends ADR-0001", (), ()),
        ("⌛️ Superseded [0019](0019-use-go.md)", (), ("ADR-0019",)),
        ("Superseded. See ADR-7", (), ("ADR-0007",)),
        ("Superseded: ADR-5", (), ("ADR-0005",)),
        ("Superseded 2021-05-01", (), ()),
        ("This superseded ADR-3", (), ()),
        ("Superseded by RFC 7231", (), ()),
        ("ADR-3 was superseded by ADR-9", (), ()),
        ("Superseded by [7. Related queues](0007-related.md)", (), ("ADR-0007",)),
        ("Supersedes [7. Part of all](0007-part-of-all.md)", ("ADR-0007",), ()),
        ("Supersedes 0007-replaces-names.md", ("ADR-0007",), ()),
    ],
)
def test_relations_keep_their_direction(
    text: str, over: tuple[str, ...], by: tuple[str, ...]
) -> None:
    assert relations(text) == (over, by)


@pytest.mark.parametrize(
    "text",
    [
        "Partially superseded by ADR-3",
        "Superseded in part by ADR-3",
        "Supersedes the storage part of ADR-3",
        'Supersedes the "option 3" portion of [ADR 3](0003-x.md)',
        "Supersedes section 2 of ADR-3",
        "部分被 ADR-0003 取代",
        "部分取代 ADR-0003",
        "局部取代：ADR-0003 的语料",
    ],
)
def test_what_is_superseded_in_part_is_not_superseded(text: str) -> None:
    assert relations(text) == ((), ())
