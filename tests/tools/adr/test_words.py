"""The words of statuses, days and references."""

# adr: off (the numbers here are examples)

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.tools.adr.days import doubt_of, read_date
from sage.tools.adr.words import identify, read_status, references, relations

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
    ),
    "proposed": (
        *("proposed", "pending", "incomplete", "In progress", "提议", "Proposed, not accepted yet"),
        *("PROPOSED Not Implemented", "Under review", "🟡 Proposed"),
        *("建议中", "建议。", "提议 部分实施", "提议 - 已实施", "提議"),
    ),
    "draft": ("draft", "Draft v2", "草稿", "WIP"),
    "rejected": ("rejected", "Rejected: too slow", "declined", "❌ Rejected", "已拒绝", "否决"),
    "deprecated": ("deprecated", "已弃用", "Deprecated since 2020-01-01", "obsolete"),
    "superseded": (
        *("superseded by ADR-0005", "Superceded by [3. x](0003-x.md)", "Superseded", "已取代"),
        *("Accepted, superseded by 7", "Replaced by ADR 3", "被 ADR-0005 取代", "已被 5 替代"),
        *("已接受（已被 ADR-9 取代）", "2024-01-01：已取代"),
        *("Deprecated, superseded by [x](x.md)", "Accepted (superseded by ADR-9)"),
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
        ("January, 2026", "it names no day"),
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
    ],
)
def test_references(text: str, ids: tuple[str, ...]) -> None:
    assert references(text) == ids


def test_relations_keep_their_direction() -> None:
    assert relations("Supersedes ADR-1 and ADR-2; superseded by ADR-9") == (
        ("ADR-0001", "ADR-0002"),
        ("ADR-0009",),
    )
    assert relations("被 ADR-0005 取代") == ((), ("ADR-0005",))
    assert relations("取代 ADR-0001") == (("ADR-0001",), ())
    assert relations("Amends ADR-0001") == ((), ())
