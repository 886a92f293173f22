"""What logs in the wild were found to do, each with a record written for the test."""

# adr: off (the numbers here are examples)

import datetime

import pytest

from sage.tools.adr import Record, check_citations, check_log, find_citations
from sage.tools.adr.commands import plan_status, plan_supersede
from sage.tools.adr.files import is_record_name, is_template_name
from sage.tools.adr.parse import parse_record
from sage.tools.adr.references import identify, relations
from sage.tools.adr.words import read_status
from sage.tools.finding import CannotBegin

DAY = datetime.date(2026, 11, 24)


def parsed(text: str, path: str = "adr/0001-t.md") -> Record:
    record, _ = parse_record(text, path)
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("text", "path", "title"),
    [
        # Parts of the title's level, the title in the front matter.
        (
            "---\ntitle: 29. Events\n---\n## Status\nAccepted\n# Decision\nx\n",
            "0029-e.md",
            "Events",
        ),
        ("# Status\n- Accepted\n# Decision\nx\n", "ADR-006-rooms.md", "ADR-006-rooms"),
        ("---\ntitre: Des files\nstatus: accepté\n---\n## Contexte\n", "0001-x.md", "Des files"),
        ("#46. Buses for all\n\n## Status\n\nAccepted\n", "0046-b.md", "Buses for all"),
        ("#adr #queues\n\n# Queues\n\n## Status\n\nAccepted\n", "0001-q.md", "Queues"),
        ("# ADR: Queues\n\n## Status\n\nDraft\n", "adr-queues.md", "Queues"),
        ("# KEP：队列\n\n## Status\n\nDraft\n", "0003-q.md", "队列"),
        ("# RFC-0002 Queues\n\n**Status:** accepted\n", "0002-q/README.md", "Queues"),
        ("# RFC 100: Queues\n\n## Status\n\nDraft\n", "rfc-100-q.md", "Queues"),
        ("# 0001 队列\n\n## 状态\n\n通过\n", "0001-queue.md", "队列"),
        ("# 404 pages\n\n## Status\n\nDraft\n", "0001-pages.md", "404 pages"),
    ],
)
def test_title_is_without_number_and_kind(text: str, path: str, title: str) -> None:
    assert parsed(text, f"adr/{path}").title == title


@pytest.mark.parametrize(
    ("head", "status", "date"),
    [
        ("---\nTitre: T\nDate: 2023-01-30\nStatut: Accepté\n---\n# T\n", "accepted", "2023-01-30"),
        ("---\nstatus: { accepted }\ndate: {2024-05-02}\n---\n# T\n", "accepted", "2024-05-02"),
        ("---\nstatus: {proposed | accepted}\n---\n# T\n", "unknown", None),
        ("# T\n\n日付: 2025-08-28\nステータス: 承認済み\n", "accepted", "2025-08-28"),
        ("# T\n\n- 日付: 2025-08-28\n- ステータス: Proposed\n", "proposed", "2025-08-28"),
        ("# T\n\n## 상태\n\n승인됨\n\n## 날짜\n\n2025-08-28\n", "accepted", "2025-08-28"),
        (
            "# T\n\n## Changelog\n\n- 2023-06-27: First\n- 11-Apr-2024: Last\n",
            "unknown",
            "2024-04-11",
        ),
        ("# T\n\n## Proposal\n\n### Status\n\nAccepted by the API\n", "unknown", None),
        ("# T\n\n## Summary\n\n### Decision\n\nx\n\n### Status\n\nDecided\n", "accepted", None),
        ("## ADR-1: T\n\n### Status\n\nAccepted\n", "accepted", None),
        (
            "# T\n\n## Creation Date\n2022-12-15\n\n## Decision Date\n2023-01-02\n"
            "\n## Status\nDraft\n",
            "draft",
            "2023-01-02",
        ),
        ("# T\n\n## Created\n\n2022-12-15\n\n## Status\n\nDraft\n", "draft", "2022-12-15"),
        ("# T\n\n- Estado: aceptado\n- Fecha: 22 de mayo de 2025\n", "accepted", "2025-05-22"),
        ("# T\n\n## Statut\n\nImplémenté et validé le 29/01/2026.\n", "accepted", "2026-01-29"),
        ("# T\n\n- Status: umgesetzt\n- Datum: 22. Oktober 2025\n", "accepted", "2025-10-22"),
        ("# T\n\n- 상태: 채택\n- 날짜: 2025년 10월 22일\n", "accepted", "2025-10-22"),
        ("# T\n\n- 상태: 채택\n- 날짜: 2025. 1. 2.\n", "accepted", "2025-01-02"),
        ("# T\n\n- Статус: внедрено\n- Дата: 22 октября 2025\n", "accepted", "2025-10-22"),
        ("# T\n\nStatus: Draft -> Accepted (2025-01-02)\n", "accepted", None),
        ("# T\n\nStatus: Draft -> Accepted\n", "unknown", None),
    ],
)
def test_status_and_date_are_read(head: str, status: str, date: str | None) -> None:
    record = parsed(head)
    assert (record.status, record.date and record.date.isoformat()) == (status, date)


def test_several_labels_of_one_line_are_read_and_written(repo) -> None:
    head = "**Status:** {} | **Date:** 2025-03-07 | **Review:** 2026-03-07"
    for number in (1, 2):
        repo.write(f"adr/000{number}-t.md", f"# T\n\n{head.format('Proposed')}\n")
    record = repo.log().records[0]
    assert (record.status_text, record.date) == ("Proposed", datetime.date(2025, 3, 7))
    plan_status(repo.log(), record, "accepted", day=DAY).apply()
    assert repo.read("adr/0001-t.md") == f"# T\n\n{head.format('Accepted')}\n"
    plan_supersede(repo.log(), *repo.log().records, day=DAY).apply()
    link = "[ADR-000{}](000{}-t.md)"
    old = f"# T\n\n{head.format('Superseded by ' + link.format(2, 2))}\n"
    assert repo.read("adr/0001-t.md") == old
    new = f"# T\n\n{head.format('Proposed')}\n**Supersedes:** {link.format(1, 1)}\n"
    assert repo.read("adr/0002-t.md") == new


def test_status_that_is_wrapped_inside_brackets_is_one_line() -> None:
    record = parsed("# T\n\n## Status\n\nReplaced by [2. Use\nRedis](0002-r.md)\n\nMore.\n")
    assert record.status_text == "Replaced by [2. Use Redis](0002-r.md)"
    assert (record.status, record.superseded_by) == ("superseded", ("ADR-0002",))


@pytest.mark.parametrize(
    ("text", "over", "by"),
    [
        ("Superseded (as never built) by [ADR 32](/adr/32)", (), ("ADR-0032",)),
        ("reemplazado por `0007`", (), ("ADR-0007",)),
        ("Replaced by RFC-0012", (), ("ADR-0012",)),
        ("Replaced by [KEP 2433: Hints](https://example.org/2433-hints)", (), ("ADR-2433",)),
        ("Superseded by RFC 7519", (), ()),
        ("Superseded on 2024-05-01 by ADR-9", (), ("ADR-0009",)),
        ("Accepted (2024-01-02), superseded (2024-05-01) by ADR-9", (), ("ADR-0009",)),
    ],
)
def test_relations_are_read(text: str, over: tuple[str, ...], by: tuple[str, ...]) -> None:
    assert relations(text) == (over, by)
    assert read_status(text) == "superseded"


def test_what_is_mostly_superseded_still_holds_in_part() -> None:
    assert relations("Mostly superseded by ADR-9") == ((), ())
    assert read_status("Mostly superseded by ADR-9") == "unknown"


def test_camel_case_keys_of_front_matter_are_read() -> None:
    record = parsed(
        "---\nstatus: superseded\nsupersededBy: '0004'\nreviewBy: 2030-01-02\n---\n# T\n"
    )
    assert record.superseded_by == ("ADR-0004",)
    assert record.review_by == datetime.date(2030, 1, 2)


def test_link_to_another_site_names_no_record_of_the_log(repo) -> None:
    old = "[0022-Names](https://example.org/other/0022-names.md)"
    repo.write("adr/0001-t.md", f"# T\n\n- Status: accepted\n- Supersedes: {old}, ADR-7\n")
    assert repo.log().records[0].supersedes == ("ADR-0007",)


@pytest.mark.parametrize(
    ("name", "record", "template"),
    [
        ("PLANTILLA.md", False, True),
        ("0000-modele-adr.md", False, True),
        ("0000-template-protocol.md", False, True),
        ("0012-template-engine.md", True, False),
        ("0005-modelo-de-datos.md", True, False),
        ("rfc-100-queues.md", True, False),
    ],
)
def test_template_in_any_language_is_no_record(name: str, record: bool, template: bool) -> None:
    assert (is_record_name(name), is_template_name(name)) == (record, template)


def test_title_that_nobody_filled_in_is_a_template(repo) -> None:
    repo.write("adr/RFC-0000/README.md", "# RFC-NNNN Title\n\n**Status:** provisional\n")
    repo.write("adr/0001-a.md", "# {short title}\n\n## Status\n\nAccepted\n")
    assert [record.id for record in repo.log().records] == ["ADR-0001"]


@pytest.mark.parametrize(
    ("stem", "number", "day"),
    [
        ("rfc-013-abci++", 13, None),
        ("kep-2086-slices", 2086, None),
        ("record-9", 9, None),
        ("rfc-7519-tokens", None, None),
        ("proposal-2024-roadmap", None, None),
        ("decision-2024-05-01-queues", None, datetime.date(2024, 5, 1)),
        ("rfc_2024-05-01_queues", None, datetime.date(2024, 5, 1)),
    ],
)
def test_series_of_a_file_name_is_numbered_or_dated(
    stem: str, number: int | None, day: datetime.date | None
) -> None:
    assert identify(stem) == (number, day)


def test_front_page_is_a_record_where_most_of_its_kind_are(repo) -> None:
    for number in (1, 2):
        text = f"# D{number}\n\n## Decision\n\nx\n"
        repo.write(f"adr/2024-01-0{number}-d/README.md", text)
    repo.write("adr/2024-01-03-d/README.md", "# D3\n\nTells a story without headings.\n")
    repo.write("adr/old/2019/README.md", "# Old ones\n\n- [x](x.md)\n")
    repo.write("adr/use/adr101-loads/README.md", "# ADR 101 – Loads\n\nA norm.\n")
    titles = [record.title for record in repo.log().records]
    assert titles == ["D1", "D2", "D3", "Loads"]


@pytest.mark.parametrize(
    ("text", "accepted", "superseded"),
    [
        (
            "# 1. T\n\n## ステータス\n\n提案\n",
            "\n承認済み\n",
            "\n置き換え済み → [2. T](0002-t.md)\n",
        ),
        ("# 1. T\n\n- 상태: 제안됨\n", " 승인됨\n", " 대체됨 → [ADR-0002](0002-t.md)\n"),
        ("---\nStatut: proposé\n---\n# 1. T\n", "Statut: accepté\n", "Statut: remplacé\n"),
        ("---\nstatus: { proposed }\n---\n# 1. T\n", "status: accepted\n", "status: superseded\n"),
    ],
)
def test_status_is_written_in_its_own_words(repo, text, accepted: str, superseded: str) -> None:
    for number in (1, 2):
        repo.write(f"adr/000{number}-t.md", text.replace("# 1.", f"# {number}."))
    log = repo.log()
    plan_status(log, log.records[0], "accepted", day=DAY).apply()
    assert accepted in repo.read("adr/0001-t.md")
    log = repo.log()
    plan_supersede(log, *log.records, day=DAY).apply()
    assert superseded in repo.read("adr/0001-t.md")
    assert {finding.code for finding in check_log(repo.log(), sections=())} == set()


def test_section_that_most_records_lack_is_one_finding(repo) -> None:
    for number in range(1, 5):
        both = "## Context\n\nx\n\n" if number > 1 else ""
        text = f"# T\n\n## Status\n\nAccepted\n\n{both}## Decision\n\nx\n"
        repo.write(f"adr/000{number}-t.md", text)
    assert list(map(str, check_log(repo.log()))) == [
        "adr: missing-section 4 of its 4 records have no section consequences; "
        "set adr-sections in [tool.sage-dev] to the sections that they have",
        "adr/0001-t.md:1: missing-section has no section context; write it, "
        "or set adr-sections in [tool.sage-dev]",
    ]


def test_what_is_no_path_of_this_workspace_is_not_looked_for(repo, record_text) -> None:
    repo.write("src/conf.py", "")
    body = "`src/auth`, `src/.../x.json` and `src/conf.Settings`, but `src/gone.py`.\n"
    repo.write("adr/0001-a.md", record_text() + body)
    messages = [finding.message for finding in check_log(repo.log())]
    assert messages == [
        "src/gone.py is not in this workspace; correct it, or mark the line as past"
    ]


def judged(repo) -> list[tuple[str, str]]:
    findings = check_citations(find_citations(repo.root), repo.log())
    return [(finding.path, finding.code) for finding in findings]


def test_citation_in_a_template_or_to_another_site_is_no_finding(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text())
    repo.write("adr/adr-template.md", "# ADR-0000: Title\n\nSuperseded by ADR-0005\n")
    repo.write("a.md", "See [ADR 033](https://example.org/other/adr-033-x.md).\n")
    repo.write("b.md", "See [ADR 033](adr/adr-033-x.md).\n")
    assert judged(repo) == [("b.md", "unknown-citation")]


def test_index_changelog_and_older_record_may_name_what_is_superseded(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A", status="superseded"))
    repo.write("adr/0002-b.md", record_text("B") + "\nUnlike ADR-0001.\n")
    repo.write("adr/0003-c.md", record_text("C", status="rejected") + "\nUnlike ADR-0001.\n")
    repo.write("adr/0004-d.md", record_text("D", supersedes="[1]") + "\nUnlike ADR-0001.\n")
    repo.write("adr/0005-e.md", record_text("E") + "\nUnlike ADR-0001.\n")
    repo.write("adr/README.md", "- ADR-0001 A\n")
    repo.write("OLD_CHANGELOG.md", "- ADR-0001 A\n")
    repo.write("docs/SUMMARY.md", "- ADR-0001 A\n")
    repo.write("docs/guide.md", "- ADR-0001 A\n")
    assert judged(repo) == [
        ("adr/0005-e.md", "outdated-citation"),
        ("docs/guide.md", "outdated-citation"),
    ]


def test_rejection_keeps_every_byte_above_its_reason(repo) -> None:
    text = "# T\n\n- Start Date: 2019-06-23\n- Status: proposed\n\n| a | \n| - | \n| b | \n\n"
    repo.write("adr/0001-t.md", text)
    log = repo.log()
    plan_status(log, log.records[0], "rejected", day=DAY, reason="Too slow.").apply()
    reason = "## Why it was rejected\n\nToo slow.\n"
    assert repo.read("adr/0001-t.md") == text.replace("proposed", "rejected") + reason


def test_day_on_which_a_record_was_begun_stays(repo) -> None:
    repo.write("adr/0001-t.md", "---\nstatus: draft\ncreated: 2019-06-23\n---\n# T\n")
    log = repo.log()
    plan_status(log, log.records[0], "accepted", day=DAY).apply()
    assert repo.read("adr/0001-t.md") == "---\nstatus: accepted\ncreated: 2019-06-23\n---\n# T\n"


def test_page_of_a_site_without_a_status_names_its_successor(repo) -> None:
    for number in (1, 2):
        repo.write(f"adr/000{number}-t.md", "---\nparent: Decisions\n---\n# T\n")
    plan_supersede(repo.log(), *repo.log().records, day=DAY).apply()
    assert "status: superseded by ADR-0002\n" in repo.read("adr/0001-t.md")
    assert repo.log().records[1].supersedes == ("ADR-0001",)


def test_successor_without_a_status_is_asked_for_one(repo) -> None:
    repo.write("adr/0001-t.md", "# T\n\n## Status\n\nAccepted\n")
    repo.write("adr/0002-t.md", "# T\n\n## Decision\n\nx\n")
    with pytest.raises(CannotBegin, match=r"adr/0002-t\.md: states no status; write one first"):
        plan_supersede(repo.log(), *repo.log().records, day=DAY)


@pytest.mark.parametrize("number", [1, 2])
def test_binary_file_is_not_edited(repo, number: int) -> None:
    for each in (1, 2):
        nothing = "\0" if each == number else ""
        repo.write(f"adr/000{each}-t.md", f"---\nstatus: accepted\n---\n# T\n{nothing}")
    with pytest.raises(CannotBegin, match=rf"adr/000{number}-t\.md: cannot be read"):
        plan_supersede(repo.log(), *repo.log().records, day=DAY)


def test_fix_repairs_what_it_can_and_says_what_it_left(repo, sage_dev) -> None:
    repo.write("adr/0001-a.md", "# A\n\n## Status\n\nSuperseded by ADR-3\n")
    repo.write("adr/0002-b.md", "# B\n\n## Status\n\nSuperseded by ADR-4\n")
    repo.write("adr/0003-c.md", "# C\n\n## Decision\n\nx\n")
    repo.write("adr/0004-d.md", "# D\n\n## Status\n\nAccepted\n")
    ran = sage_dev("lint", "--fix")
    assert ran.code == 1
    left = "adr/0003-c.md: states no status; write one first, such as a section `## Status`"
    assert f"sage-dev adr: left as it is: {left}\n" in ran.err
    fixed = "# D\n\n## Status\n\nAccepted\n\nSupersedes [2. B](0002-b.md)\n"
    assert repo.read("adr/0004-d.md") == fixed


@pytest.fixture
def shared(repo, record_text):
    """A log in which the numbers 3 and 5 stand twice."""
    for stem, supersedes in (
        *(("0001-a", ""), ("0002-b", "[1]"), ("0003-c", ""), ("0003-d", ""), ("0004-e", "[3]")),
        *(("0005-f", ""), ("0005-g", "[2]")),
    ):
        words = {"supersedes": supersedes} if supersedes else {}
        repo.write(f"adr/{stem}.md", record_text(stem[-1].upper(), **words))
    return repo


def test_fix_repairs_what_no_shared_number_makes_unclear(shared, sage_dev) -> None:
    before = {name: shared.read(f"adr/{name}") for name in ("0003-c.md", "0003-d.md", "0005-f.md")}
    ran = sage_dev("lint", "--fix")
    assert ran.code == 1
    assert (
        "sage-dev adr: left as it is: adr/0004-e.md: names ADR-0003, which adr/0003-c.md and "
        "adr/0003-d.md both are; give one its own number first\n"
        "sage-dev adr: 2 records repaired\n"
    ) in ran.err
    for name in ("0001-a", "0002-b"):
        assert "status: superseded" in shared.read(f"adr/{name}.md")
    assert {name: shared.read(f"adr/{name}") for name in before} == before
    found = [finding.code for finding in check_log(shared.log(), sections=())]
    assert found == ["duplicate-number", "duplicate-number"]
    (shared.root / "adr/0003-d.md").rename(shared.root / "adr/0006-d.md")
    assert "1 record repaired" in sage_dev("lint", "--fix").err
    assert "status: superseded" in shared.read("adr/0003-c.md")


def test_number_that_two_records_have_is_told_not_guessed(shared, sage_dev) -> None:
    for words in (["show", "3"], ["deprecate", "ADR-0003"], ["supersede", "1", "--by", "3"]):
        ran = sage_dev(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.endswith(": means each of adr/0003-c.md, adr/0003-d.md; name the file\n")
    for name in ("adr/0003-d.md", "0003-d.md", "0003-d"):
        assert sage_dev("show", name).out.startswith("ADR-0003 D\n")
    assert "superseded by: ADR-0005\n" in sage_dev("show", "2").out


@pytest.mark.parametrize(
    "parts",
    [
        ("Contexto", "Decisión", "Consecuencias"),
        ("Contexte", "Décision", "Conséquences"),
        ("Kontext", "Entscheidung", "Konsequenzen"),
        ("Контекст", "Решение", "Последствия"),
        ("コンテキスト", "決定", "結果"),
        ("배경", "결정", "결과"),
        ("背景", "决策", "影响"),
    ],
)
def test_sections_of_many_languages_make_a_record_and_are_not_missed(repo, parts) -> None:
    text = "".join(f"## {part}\n\nx\n\n" for part in parts)
    repo.write("adr/use-queues.md", f"# T\n\n{text}")
    assert [finding.code for finding in check_log(repo.log())] == ["missing-status"]
