"""Which files are records, and what happens to those that cannot be read."""

# adr: off (the numbers here are examples)

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.tools.adr import (
    DecisionLog,
    check_citations,
    check_log,
    find_citations,
    read_log,
)
from sage.tools.adr.citations import citations_in
from sage.tools.adr.codes import CODES
from sage.tools.adr.graph import draw_svg
from sage.tools.adr.log import read_logs
from sage.tools.adr.parse import parse_record
from sage.tools.adr.source import Unreadable, _decode, parse_source, split_lines
from sage.tools.finding import CannotBegin

Text = Callable[..., str]


def codes(repo) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in check_log(repo.log()):
        found.setdefault(finding.path, []).append(finding.code)
    return found


def test_records_are_sorted_by_path_and_found_by_number_id_and_name(repo, record_text) -> None:
    repo.write("adr/0002-b.md", record_text("B"))
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("adr/more/0003-c.md", record_text("C"))
    log = repo.log()
    assert [r.path for r in log.records] == [
        "adr/0001-a.md",
        "adr/0002-b.md",
        "adr/more/0003-c.md",
    ]
    for key in (2, "2", "0002", "ADR-0002", "adr-2", "0002-b", "0002-b.md", "adr/0002-b.md"):
        record = log.find(key)
        assert record is not None
        assert record.title == "B"
    assert log.find(9) is None
    assert log.find("nothing") is None


def test_templates_readmes_and_indexes_are_no_records(repo, record_text) -> None:
    for name in (
        *("README.md", "index.md", "template.md", "0000-template.md", "adr-template.md"),
        *("CHANGELOG.md", "_index.md", "SUMMARY.md", "template-short.md", "notes.txt", ".x.md"),
        *("templates/0001-x.md", "模板.md", "PROCESS.md", "0000-index.md"),
        *("decision_records.md", "adr-log.md", "001-proposal-template.md"),
        "0000-ladr-template.md",
    ):
        repo.write(f"adr/{name}", record_text("No record"))
    records = [
        *("adr/0000-record-architecture-decisions.md", "adr/0005-use-a-template-engine.md"),
        *("adr/0006-license.md", "adr/0007-process.md", "adr/decision.md"),
    ]
    for name in records:
        repo.write(name, record_text("A record"))
    assert [r.path for r in repo.log().records] == records


def test_file_named_by_its_month_is_a_record_without_a_number(repo) -> None:
    repo.write("adr/2024-05-names.md", "# Names\n\n## Overview\n\nWe name things.\n")
    repo.write("adr/2024-06-queues.md", "# Queues\n\n## Overview\n\nWe queue.\n")
    log = repo.log()
    assert [(r.id, r.number) for r in log.records] == [
        ("2024-05-names", None),
        ("2024-06-queues", None),
    ]
    assert "duplicate-number" not in {finding.code for finding in check_log(log)}


def test_page_beside_the_records_is_no_record(repo) -> None:
    repo.write("adr/how-we-work.md", "# How we work\n\nWe write records.\n")
    repo.write("adr/0001-a.md", "# A\n\nStatus: Accepted\n")
    assert [record.id for record in repo.log().records] == ["ADR-0001"]
    assert repo.log().findings == ()


SECTIONS = "\n## Status\n\nAccepted\n\n## Decision\n\nWe do.\n"


@pytest.mark.parametrize("page", ["index.md", "README.md", "readme.markdown"])
def test_front_page_of_a_numbered_folder_is_the_record(repo, page: str) -> None:
    repo.write(f"adr/0001-use-redis/{page}", f"# Use Redis\n{SECTIONS}")
    repo.write("adr/0001-use-redis/picture.png", b"\x89PNG")
    repo.write("adr/README.md", "# Our decisions\n\nStatus: see each.\n")
    log = repo.log()
    assert [(r.id, r.title, r.status, r.path) for r in log.records] == [
        ("ADR-0001", "Use Redis", "accepted", f"adr/0001-use-redis/{page}")
    ]
    assert log.findings == ()
    record = log.find("0001-use-redis")
    assert record is not None


def test_front_page_of_a_numbered_folder_is_read_once(repo) -> None:
    repo.write("adr/0001-x/README.md", f"# X\n{SECTIONS}")
    repo.write("adr/0001-x/index.md", f"# X\n{SECTIONS}")
    assert [record.path for record in repo.log().records] == ["adr/0001-x/index.md"]


def test_other_pages_in_a_records_own_folder_are_no_records(repo, record_text) -> None:
    repo.write("adr/0001-keys/README.md", record_text("Keys"))
    repo.write("adr/0001-keys/design.md", "# Design\n\n## Status\n\nOnly a draft\n")
    repo.write("adr/0001-keys/notes/more.md", "# More\n\n## Decision\n\nNone\n")
    assert [r.path for r in repo.log().records] == ["adr/0001-keys/README.md"]
    assert repo.log().findings == ()
    repo.write("adr/0001-keys/broken.md", b"\0")
    assert [finding.code for finding in repo.log().findings] == ["unreadable-record"]
    (repo.root / "adr/0001-keys/broken.md").unlink()
    repo.write("adr/0001-keys/use-redis.md", "# Use Redis\n\n## Status\n\nAccepted\n")
    assert [r.path for r in repo.log().records] == [
        "adr/0001-keys/README.md",
        "adr/0001-keys/use-redis.md",
    ]


def test_front_page_of_a_folder_with_records_is_none(repo, record_text) -> None:
    repo.write("adr/2024/README.md", f"# The year\n{SECTIONS}")
    repo.write("adr/2024/0001-a.md", record_text("A"))
    repo.write("adr/2025/README.md", "# The next year\n\nNothing yet.\n")
    assert [record.path for record in repo.log().records] == ["adr/2024/0001-a.md"]


def test_record_in_a_folder_is_linked_and_superseded(repo) -> None:
    repo.write("adr/0001-x/index.md", "# X\n\n## Status\n\nSuperseded by [Y](../0002-y/)\n")
    repo.write("adr/0002-y/index.md", f"# Y\n\nSupersedes: [X](../0001-x/index.md)\n{SECTIONS}")
    old, new = repo.log().records
    assert (old.superseded_by, new.supersedes) == (("ADR-0002",), ("ADR-0001",))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "holds no record: the folder is empty; write the first with `sage-dev adr new TITLE`"),
        (("0001-a.rst", "0002-b.rst", "0003-c.rst", "index.rst"), "it has 3 .rst files, and sage"),
        (("0001-a.adoc",), "it has 0001-a.adoc, and sage-dev reads Markdown; convert"),
        (("README.md", "notes.md", "a.png"), "it has README.md, notes.md and a.png, none with"),
    ],
)
def test_folder_without_a_record_says_what_it_holds(repo, names, words: str) -> None:
    for name in names:
        repo.write(f"adr/{name}", "# Words\n")
    (finding,) = repo.log().findings
    assert (finding.code, finding.path, finding.severity) == ("empty-log", "adr", "error")
    assert words in finding.message


def test_records_in_another_markup_beside_markdown_are_named(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("adr/0001-a.rst", "A, as it is published\n")
    assert repo.log().findings == ()
    repo.write("adr/0002-b.rst", "B\n")
    (finding,) = repo.log().findings
    assert (finding.code, finding.path) == ("unreadable-record", "adr")
    assert "has 0002-b.rst beside its records, and sage-dev reads Markdown" in finding.message


def test_log_inside_another_is_no_part_of_it(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("adr/web/0001-w.md", record_text("W"))
    logs = read_logs({"": repo.adr, "web": repo.adr / "web"}, root=repo.root)
    assert [[r.id for r in log.records] for log in logs] == [["ADR-0001"], ["web/ADR-0001"]]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("---\nstatus: [accepted\n---\n# T\n", ["bad-front-matter"]),
        ("---\n- accepted\n---\n\nNo heading.\n", ["bad-front-matter"]),
        ("---\nstatus: accepted\n\n# T\n", ["bad-front-matter"]),
    ],
)
def test_broken_front_matter_is_one_finding(repo, text: str, codes: list[str]) -> None:
    repo.write("adr/0001-t.md", text)
    assert [f.code for f in check_log(repo.log())] == codes


def test_link_to_nothing_is_named_as_such(repo, record_text) -> None:
    repo.write("adr/0002-t.md", record_text())
    (repo.adr / "0001-gone.md").symlink_to("0009-nowhere.md")
    (finding,) = repo.log().findings
    assert (finding.code, finding.path) == ("unreadable-record", "adr/0001-gone.md")
    assert "is a link to 0009-nowhere.md, which is not there" in finding.message


def test_further_log_puts_its_name_before_ids(repo, record_text) -> None:
    repo.write("web/adr/0001-a.md", record_text("A"))
    repo.write("web/adr/0002-b.md", record_text("B", supersedes="[1]"))
    log = read_log(repo.root / "web/adr", root=repo.root, log="web")
    assert [r.id for r in log.records] == ["web/ADR-0001", "web/ADR-0002"]
    assert log.records[1].supersedes == ("web/ADR-0001",)
    assert log.records[0].superseded_by == ("web/ADR-0002",)


def test_successor_is_derived_from_the_other_side(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A", status="superseded"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]"))
    assert repo.log().records[0].superseded_by == ("ADR-0002",)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty-record", "is empty"),
        (b" \n\n", "empty-record", "is empty"),
        (b"\x89PNG\0\0", "unreadable-record", "binary"),
        ("# T".encode("utf-16"), "unreadable-record", "UTF-16"),
        (b"# T\n\xff\xff", "unreadable-record", "not UTF-8"),
        (b"x" * (2 * 1024 * 1024 + 1), "unreadable-record", "2 MiB"),
        (b"---\n- a\n- b\n---\n# T\n", "bad-front-matter", "is a list"),
        (b"---\njust words\n---\n# T\n", "bad-front-matter", "plain text"),
        (b"---\nstatus: [accepted\n---\n# T\n", "bad-front-matter", "not YAML"),
        (b"---\nstatus: accepted\n# T\n", "bad-front-matter", "never closed"),
        (b"---\na: " + b"[" * 5000 + b"\n---\n# T\n", "bad-front-matter", "too deeply"),
        (b"---\n" + b"- " * 30000 + b"a\n---\n# T\n", "bad-front-matter", "too deeply"),
        (b"---\na: " + b"x" * 70000 + b"!\n---\n# T\n", "bad-front-matter", "64 KiB"),
        (b"---\nstatus: accepted\ndate: 2025-13-40\n---\n# T\n", "bad-date", "2025-13-40"),
        (b"---\nstatus: accepted\nreview-by: soon\n---\n# T\n", "bad-date", "'soon'"),
        (b"## Status\n\nAccepted\n", "missing-title", "no title"),
        (b"# 8. T\n\n## Status\n\nAccepted\n", "number-mismatch", "says 8"),
    ],
)
def test_bad_file_is_a_finding_and_the_others_are_read(
    repo, record_text, data: bytes, code: str, words: str
) -> None:
    repo.write("adr/0001-bad.md", data)
    repo.write("adr/0002-good.md", record_text("Good"))
    log = repo.log()
    assert [(r.id, r.status) for r in log.records if r.number == 2] == [("ADR-0002", "accepted")]
    assert log.records[0].number == 1
    matching = [f for f in log.findings if f.code == code]
    assert len(matching) == 1
    assert words in matching[0].message
    assert matching[0].path == "adr/0001-bad.md"


def test_yaml_bomb_is_a_finding_and_the_next_record_is_read(repo, record_text) -> None:
    bomb = 'a: &a ["x","x","x","x","x","x","x","x","x"]\n'
    for this, last in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f"{this}: &{this} [" + ",".join(f"*{last}" for _ in range(9)) + "]\n"
    repo.write("adr/0001-bomb.md", f"---\nstatus: accepted\n{bomb}---\n# T\n")
    repo.write("adr/0002-t.md", record_text())
    log = repo.log()
    assert [r.status for r in log.records] == ["unknown", "accepted"]
    assert [(f.code, f.path, f.line) for f in log.findings] == [
        ("bad-front-matter", "adr/0001-bomb.md", 4)
    ]


def test_bad_front_matter_names_its_line(repo) -> None:
    repo.write("adr/0001-bad.md", "---\nstatus: accepted\ndate: {2020\n---\n\n# T\n")
    (finding,) = [f for f in repo.log().findings if f.code == "bad-front-matter"]
    assert finding.line in (3, 4)


def test_byte_order_mark_is_left_out(repo) -> None:
    repo.write("adr/0001-t.md", b"\xef\xbb\xbf---\r\nstatus: accepted\r\n---\r\n# T\r\n")
    (record,) = repo.log().records
    assert (record.status, record.title) == ("accepted", "T")


def test_error_of_the_operating_system_is_a_finding(repo, record_text, monkeypatch) -> None:
    repo.write("adr/0001-t.md", record_text())
    repo.write("adr/0002-t.md", record_text())
    opened = os.open

    def refuse(path, *rest, **more):
        if str(path).endswith("0001-t.md"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    log = repo.log()
    assert [(f.code, f.path) for f in log.findings] == [("unreadable-record", "adr/0001-t.md")]
    assert [r.status for r in log.records] == ["unknown", "accepted"]


def test_loop_of_links_ends(repo, record_text) -> None:
    (repo.adr / "0001-loop.md").symlink_to("0001-loop.md")
    (repo.adr / "again").symlink_to(repo.adr)
    repo.write("adr/0002-t.md", record_text())
    log = repo.log()
    assert [r.path for r in log.records] == ["adr/0001-loop.md", "adr/0002-t.md"]
    (finding,) = log.findings
    assert finding.code == "unreadable-record"
    assert "is a link that leads in a circle" in finding.message


def test_named_pipe_does_not_block(repo) -> None:
    os.mkfifo(repo.adr / "0001-pipe.md")
    (finding,) = repo.log().findings
    assert "not a regular file" in finding.message


@pytest.mark.parametrize(("name", "words"), [("nowhere", "no such folder"), ("file", "is a file")])
def test_folder_that_is_none_cannot_begin(repo, name: str, words: str) -> None:
    repo.write("file", "x")
    with pytest.raises(CannotBegin, match=words):
        read_log(repo.root / name, root=repo.root)


def test_title_may_hold_any_character(repo, record_text) -> None:
    repo.write("adr/0001-t.md", record_text("<script>alert('1')</script> | `x` \x1b[31m"))
    (record,) = repo.log().records
    assert record.title == "<script>alert('1')</script> | `x` \x1b[31m"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    try:
        text = _decode(data)
    except Unreadable:
        return
    parse_record(text, "adr/0001-x.md")


PIECES = st.sampled_from(
    [
        *("---\n", "status: ", "accepted", "\n", "## Status\n", "# 1. T\n", "* Status: ", "| "),
        *("Status | x |\n", "2025-13-40", "superseded by ", "[a](0001-a.md)", "```\n", "<!--"),
        *("-->", "状态：", "通过", "被 ADR-5 取代", "&a ", "*a", "[", "{", "- ", "? ", ": ", "\r"),
        *("\u2028", "\x0c", "~~", "0" * 30, "ADR-" + "9" * 20, "date: ", "supersedes: ", "¹", "٣"),
        *("==\n", "Date: ", "!!python/object:os.system ", "<<: ", "\t", "%", "@", "`"),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=40))
def test_no_mixture_of_dialects_makes_the_parser_raise(pieces: list[str]) -> None:
    text = "".join(pieces)
    record, findings = parse_record(text, "adr/0001-x.md")
    assert record is not None
    last = max(1, len(split_lines(text)))
    assert [str(one) for one in findings if not 0 <= one.line <= last] == []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_no_file_name_makes_the_parser_raise(name: str) -> None:
    parse_record("# T\n\n## Status\n\nAccepted\n", f"adr/{name.replace('/', '')}.md")


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_lines_of_a_source_are_those_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    source, _ = parse_source(text, Path("x.md"), "x.md")
    assert len(source.plain) == len(source.lines)
    assert len(source.lines) == len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=40))
def test_no_mixture_makes_a_rule_raise(pieces: list[str]) -> None:
    record, findings = parse_record("".join(pieces), "adr/0001-x.md")
    assert record is not None
    nowhere = Path("no/such/folder")
    log = DecisionLog(nowhere / "adr", nowhere, "", (record,), tuple(findings))
    assert all(finding.code in CODES for finding in check_log(log))
    check_citations(citations_in(record.text, record.path), log)
    assert draw_svg(log).count("<rect") == 1


@pytest.mark.parametrize(
    "piece",
    [
        *("`", "[", "![", "[a](", "<a ", "<!--", "-->", "~~", "**", "a-", "- ", "| ", "ADR-"),
        *(
            "#",
            "superseded by ",
            "2024-",
            "被",
            "取代",
            "1. ",
            "\\",
            "&lt;",
            "(",
            "<del>",
            "状态：",
        ),
    ],
)
def test_long_line_does_not_stall_the_reader(repo, piece: str) -> None:
    long = piece * (300_000 // len(piece))
    repo.write("adr/0001-a.md", f"# {long}\n\n## Status\n\n{long}\n\n## Context\n\n{long}\n")
    repo.write("adr/0002-b.md", f"---\nstatus: {long}\n---\n# B\n\n* Status: {long}\n")
    started = time.process_time()
    log = repo.log()
    check_citations(find_citations(repo.root), log)
    assert {finding.path for finding in check_log(log)} == {"adr/0001-a.md", "adr/0002-b.md"}
    assert time.process_time() - started < 5
