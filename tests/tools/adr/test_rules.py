"""Each rule of a sound log: what breaks it, and what does not."""

# adr: off (the numbers here are examples)

import datetime

import pytest

from sage.tools.adr import check_log
from sage.tools.adr.codes import CODES

TODAY = datetime.date(2026, 1, 1)


def found(repo) -> list[tuple[str, str, int]]:
    return [(f.code, f.path, f.line) for f in check_log(repo.log(), today=TODAY)]


def test_sound_log_has_no_finding(repo, record_text) -> None:
    repo.write("src/queue.py", "class Queue:\n    def put(self): ...\n")
    repo.write("adr/0001-a.md", record_text("A", status="superseded"))
    repo.write(
        "adr/0002-b.md",
        record_text("B", supersedes="[1]", governs='["src/*.py"]', review_by="2026-01-01")
        + "See [A](0001-a.md), `src/queue.py`, `queue.Queue.put` and [site](https://x.org).\n",
    )
    assert found(repo) == []


def test_folders_that_number_their_own_records_are_one_finding(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    for folder in ("web", "api"):
        for number in (1, 2):
            repo.write(f"adr/{folder}/000{number}-x.md", record_text("X"))
    (finding,) = check_log(repo.log(), today=TODAY)
    assert (finding.code, finding.path) == ("duplicate-number", "adr")
    assert finding.message == (
        "adr/0001-a.md and adr/api/0001-x.md both have the number 1, and so it is with 2 more "
        "pairs; where a folder numbers its own records, make it a log of its own, with "
        "`--dir adr --dir api=adr/api` or adr-logs in [tool.sage-dev]; "
        "else run `sage-dev adr renumber adr/api/0001-x.md`"
    )


def test_records_in_folders_of_their_own_share_one_count(repo) -> None:
    for name in ("0001-a", "0001-b"):
        repo.write(f"adr/{name}/index.md", "# T\n\n## Status\n\nAccepted\n\n## Decision\n")
    (finding,) = check_log(repo.log(), sections=())
    assert finding.path == "adr/0001-b/index.md"
    assert "taken by adr/0001-a/index.md" in finding.message


def test_record_that_cannot_be_read_is_not_judged_by_others(repo, record_text) -> None:
    repo.write("adr/0001-a.md", "---\nstatus: [superseded\n---\n# A\n")
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]", status="superseded by ADR-0003"))
    repo.write("adr/0003-c.md", b"\0")
    codes = [(f.path, f.code) for f in check_log(repo.log(), sections=())]
    assert codes == [
        ("adr/0001-a.md", "bad-front-matter"),
        ("adr/0003-c.md", "unreadable-record"),
    ]


def test_duplicate_number_names_the_other_record(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("adr/0001-b.md", record_text("B"))
    (finding,) = check_log(repo.log(), today=TODAY)
    assert finding.code == "duplicate-number"
    assert finding.path == "adr/0001-b.md"
    assert "adr/0001-a.md" in finding.message


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("[x](nowhere.md)", "broken-link"),
        ("![x](nowhere.png)", "broken-link"),
        ("[x]: nowhere.md", "broken-link"),
        ('<img src="nowhere.png">', "broken-link"),
        ("[x](<no where.md>)", "broken-link"),
        ("[x](0001-a.md#decision)", None),
        ("[x](https://example.org/nowhere.md)", None),
        ("[x](mailto:a@example.org)", None),
        ("[x](#below)", "broken-anchor"),
        ("[x](/adr/0002/)", None),
        ("`[x](nowhere.md)`", None),
        ("<!-- [x](nowhere.md) -->", None),
        ("`src/nowhere.py`", "missing-path"),
        ("`src/queue.py`", None),
        ("`src/`", None),
        ("`src/nowhere.py` <!-- adr: past -->", None),
        ("`elsewhere/nowhere.py`", None),
        ("`queue_of_ours.Nothing`", "missing-symbol"),
        ("`queue_of_ours.Queue.take`", "missing-symbol"),
        ("`queue_of_ours.Queue.put`", None),
        ("`queue_of_ours.Queue(1)`", None),
        ("`queue_of_ours.Queue.take` <!-- adr: past -->", None),
        ("`os.path.nothing`", None),
    ],
)
def test_what_a_record_points_at(repo, record_text, line: str, code: str | None) -> None:
    repo.write("src/queue.py", "")
    repo.write("src/queue_of_ours.py", "class Queue:\n    def put(self): ...\n")
    repo.write("adr/0001-a.md", record_text("A") + f"\n{line}\n")
    expected = [(code, "adr/0001-a.md", 20)] if code else []
    assert found(repo) == expected


@pytest.mark.parametrize("left_over", [(), (".state/a.json",), (".state/b.json", "out/b")])
@pytest.mark.parametrize("in_git", [True, False])
def test_a_path_that_runs_leave_behind_is_not_judged(
    repo, record_text, left_over: tuple[str, ...], in_git: bool
) -> None:
    if in_git:
        repo.write(".gitignore", ".state/\nout/\n")
        repo.git("init", "-q")
    for path in left_over:
        if in_git or path[0] == ".":
            repo.write(path, "x")
    repo.write(".github/ci.yml", "x")
    named = "`.state/a.json` `.state/b.json` `out/a` `.github/gone.yml`"
    repo.write("adr/0001-a.md", record_text("A") + f"\n{named}\n")
    # A tracked folder is judged, dot or not, wherever Git can tell it from what is left over.
    expected = [("missing-path", "adr/0001-a.md", 20)] if in_git else []
    assert found(repo) == expected


def test_history_and_superseded_records_speak_of_the_past(repo, record_text) -> None:
    repo.write("src/queue.py", "")
    repo.write("adr/0001-a.md", record_text("A") + "\n## Provenance\n\nIt was `src/gone.py`.\n")
    repo.write("adr/0002-b.md", record_text("B", status="rejected") + "\n`src/gone.py`\n")
    assert found(repo) == []


def test_fenced_code_holds_no_links(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A") + "\n```\n[x](nowhere.md)\n```\n")
    assert found(repo) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Like this:\n\n    [x](nowhere.md)\n", []),
        ("Like this:\n\n\t[x](nowhere.md)\n\n\t[y](nowhere.md)\n", []),
        ("Like this, which goes on:\n    [x](nowhere.md)\n", [21]),
        ("- A point:\n\n    [x](nowhere.md)\n", [22]),
        ("1. A point:\n\n    - [x](nowhere.md)\n", [22]),
        ("\\[x](nowhere.md) and [y\\](nowhere.md)\n", []),
        ("[a \\] b](nowhere.md)\n", [20]),
    ],
)
def test_code_and_escaped_marks_hold_no_links(repo, record_text, text: str, lines) -> None:
    repo.write("adr/0001-a.md", record_text("A") + "\n" + text)
    assert found(repo) == [("broken-link", "adr/0001-a.md", line) for line in lines]


def test_one_way_supersede_is_found_on_either_side(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]"))
    repo.write("adr/0003-c.md", record_text("C", status="superseded by ADR-0004"))
    repo.write("adr/0004-d.md", record_text("D"))
    assert found(repo) == [
        ("one-way-supersede", "adr/0001-a.md", 2),
        ("one-way-supersede", "adr/0004-d.md", 2),
    ]


def test_unknown_successor_is_found(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A", supersedes="[99]"))
    assert found(repo) == [("unknown-successor", "adr/0001-a.md", 2)]


def test_circle_of_supersedes_is_found_once(repo, record_text) -> None:
    for number, other in ((1, 2), (2, 3), (3, 1)):
        repo.write(
            f"adr/000{number}-x.md",
            record_text("X", status="superseded", supersedes=f"[{other}]"),
        )
    assert found(repo) == [("supersede-cycle", "adr/0001-x.md", 2)]


def test_record_that_supersedes_itself_is_a_circle(repo, record_text) -> None:
    repo.write("adr/0001-x.md", record_text("X", supersedes="[1]"))
    assert found(repo) == [("supersede-cycle", "adr/0001-x.md", 2)]


def test_long_chain_is_no_circle(repo, record_text) -> None:
    for number in range(1, 300):
        status = "superseded" if number < 299 else "accepted"
        front = {"supersedes": f"[{number - 1}]"} if number > 1 else {}
        repo.write(f"adr/{number:04d}-x.md", record_text("X", status=status, **front))
    assert found(repo) == []


def test_missing_sections_are_a_warning(repo) -> None:
    repo.write("adr/0001-a.md", "---\nstatus: accepted\n---\n# A\n\n## Decision drivers\n")
    (finding,) = check_log(repo.log(), today=TODAY)
    assert (finding.code, finding.severity) == ("missing-section", "warning")
    assert "has no sections context, decision and consequences; write them" in finding.message


def test_sections_asked_for_can_be_set(repo) -> None:
    repo.write("adr/0001-a.md", "---\nstatus: accepted\n---\n# A\n\n## Risks\n")
    assert check_log(repo.log(), today=TODAY, sections=["risks"]) == []


def test_chinese_sections_answer(repo) -> None:
    repo.write("adr/0001-a.md", "# 题\n\n状态：通过\n\n## 上下文\n\n## 决策\n\n## 结果\n")
    assert found(repo) == []


def test_review_day_that_has_passed_is_a_warning(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A", review_by="2025-12-31"))
    (finding,) = check_log(repo.log(), today=TODAY)
    assert (finding.code, finding.severity, finding.line) == ("review-overdue", "warning", 4)


def test_pattern_that_governs_nothing_is_found(repo, record_text) -> None:
    repo.write("src/a.py", "")
    repo.write("adr/0001-a.md", record_text("A", governs='["src/**", "lib/**", "src/b.py"]'))
    findings = check_log(repo.log(), today=TODAY)
    assert [(f.code, f.line) for f in findings] == [("governs-nothing", 4)] * 2
    assert "'lib/**'" in findings[0].message


EVERYTHING_WRONG = """\
---
date: 2025-13-40
supersedes: [1, 99]
review-by: 2020-01-01
layers: [L9]
decider: [a]
governs: ["nothing/**"]
---

# 8. Everything is wrong

See [this](nowhere.md), [that](#nowhere), `adr/nowhere.md` and `queue_of_ours.gone`.
"""


def test_record_with_everything_wrong_lists_every_finding(repo, record_text) -> None:
    repo.write("src/queue_of_ours.py", "")
    repo.write("layer.yaml", "layers: [L1, L2]\n")
    repo.write("adr/0001-everything.md", EVERYTHING_WRONG)
    repo.write("adr/0001-same-number.md", record_text("B"))
    repo.write("adr/0002-bad.md", "---\n- a list\n---\n# \n")
    repo.write("adr/0003-odd.md", record_text("C", status="partially accepted"))
    repo.write("adr/0004-empty.md", "")
    repo.write("adr/0005-binary.md", b"\0")
    repo.write("adr/0006-old.md", record_text("D", status="superseded by ADR-0003"))
    repo.write("adr/0007-untitled.md", record_text("E").replace("# E\n", ""))
    codes = [
        (f.path.removeprefix("adr/"), f.line, f.code) for f in check_log(repo.log(), today=TODAY)
    ]
    assert codes == [
        ("0001-everything.md", 1, "missing-status"),
        ("0001-everything.md", 1, "supersede-cycle"),
        ("0001-everything.md", 1, "unknown-successor"),
        ("0001-everything.md", 2, "bad-date"),
        ("0001-everything.md", 4, "review-overdue"),
        ("0001-everything.md", 5, "unknown-layer"),
        ("0001-everything.md", 6, "unknown-key"),
        ("0001-everything.md", 7, "governs-nothing"),
        ("0001-everything.md", 10, "missing-section"),
        ("0001-everything.md", 10, "number-mismatch"),
        ("0001-everything.md", 12, "broken-anchor"),
        ("0001-everything.md", 12, "broken-link"),
        ("0001-everything.md", 12, "missing-path"),
        ("0001-everything.md", 12, "missing-symbol"),
        ("0001-same-number.md", 0, "duplicate-number"),
        ("0002-bad.md", 2, "bad-front-matter"),
        ("0003-odd.md", 2, "one-way-supersede"),
        ("0003-odd.md", 2, "unknown-status"),
        ("0004-empty.md", 0, "empty-record"),
        ("0005-binary.md", 0, "unreadable-record"),
        ("0007-untitled.md", 0, "missing-title"),
    ]


def test_every_code_but_those_of_git_and_citations_is_shown_above() -> None:
    shown = {
        *("missing-section", "missing-status", "supersede-cycle", "unknown-successor", "bad-date"),
        *("review-overdue", "governs-nothing", "number-mismatch", "broken-link", "missing-path"),
        *("missing-symbol", "duplicate-number", "missing-title", "bad-front-matter"),
        *("one-way-supersede", "unknown-status", "empty-record", "unreadable-record"),
        *("broken-anchor", "unknown-key", "unknown-layer"),
    }
    elsewhere = {
        "empty-log",  # no log has both no record and a wrong one
        *("number-taken", "decision-rewritten", "status-change", "record-removed"),
        *("unknown-citation", "outdated-citation"),
    }
    assert set(CODES) == shown | elsewhere


@pytest.mark.parametrize("glob", ["/etc/passwd", "/etc/**", "../other/*.py", "src/../../other"])
def test_pattern_that_leaves_the_repository_governs_nothing(repo, record_text, glob) -> None:
    repo.write("src/a.py", "")
    (repo.root.parent / "other").mkdir()
    (repo.root.parent / "other" / "b.py").write_text("")
    repo.write("adr/0001-a.md", record_text("A", governs=f'["{glob}"]'))
    findings = check_log(repo.log(), today=TODAY)
    assert [(f.code, f.line) for f in findings] == [("governs-nothing", 4)]


def test_folder_called_site_is_governed_below_the_top(repo, record_text) -> None:
    repo.write("src/tools/site/a.py", "")
    repo.write("site/a.html", "")
    repo.write("adr/0001-a.md", record_text("A", governs='["src/**/a.py", "**/*.html"]'))
    (finding,) = check_log(repo.log(), today=TODAY)
    assert "'**/*.html' matches no file" in finding.message
