"""A log held against other branches and against its past, in real Git repositories."""

# adr: off (the numbers here are examples)

import datetime

import pytest

from sage.tools.adr.commands import plan_new
from sage.tools.adr.git import default_branch
from sage.tools.adr.history import check_against, check_since
from sage.tools.adr.renumber import plan_renumber
from sage.tools.finding import CannotBegin

DAY = datetime.date(2026, 11, 23)


@pytest.fixture
def started(git_repo, record_text):
    """A repository whose `main` holds records 1 and 2."""
    git_repo.write("adr/0001-a.md", record_text("A"))
    git_repo.write("adr/0002-b.md", record_text("B", status="proposed"))
    git_repo.commit("Start")
    return git_repo


def test_second_branch_that_takes_a_number_is_told(started, record_text) -> None:
    started.git("switch", "-q", "-c", "one")
    started.write("adr/0003-one.md", record_text("One"))
    started.commit()
    started.git("switch", "-q", "-c", "two", "main")
    started.write("adr/0003-two.md", record_text("Two"))
    (finding,) = check_against(started.log(), "one")
    assert (finding.code, finding.path) == ("number-taken", "adr/0003-two.md")
    assert "on one by adr/0003-one.md" in finding.message
    assert check_against(started.log(), "main") == []
    assert len(check_against(started.log(), "*")) == 1


def test_renamed_record_is_no_clash(started) -> None:
    started.git("switch", "-q", "-c", "renamed")
    started.git("mv", "adr/0002-b.md", "adr/0002-better.md")
    assert check_against(started.log(), "main") == []
    started.commit()
    started.git("switch", "-q", "main")
    assert check_against(started.log(), "renamed") == []


def test_branch_that_is_not_there_cannot_begin(started, repo) -> None:
    for name in ("nowhere", "nowhere/*", "--all"):
        with pytest.raises(CannotBegin):
            check_against(started.log(), name)


def test_without_git_nothing_can_be_compared(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    with pytest.raises(CannotBegin, match="in no Git repository"):
        check_since(repo.log(), "main")


def test_log_in_a_sub_folder_of_the_work_tree_is_compared(git_repo, record_text) -> None:
    from sage.tools.adr import read_log

    git_repo.write("sub/adr/0001-a.md", record_text("A"))
    git_repo.commit()
    git_repo.git("switch", "-q", "-c", "one")
    git_repo.write("sub/adr/0002-one.md", record_text("One"))
    git_repo.commit()
    git_repo.git("switch", "-q", "-c", "two", "main")
    git_repo.write("sub/adr/0002-two.md", record_text("Two"))
    sub = git_repo.root / "sub"
    findings = check_against(read_log(sub / "adr", root=sub), "one")
    assert [f.path for f in findings] == ["adr/0002-two.md"]


def test_accepted_decision_may_not_be_rewritten(started) -> None:
    for name in ("0001-a.md", "0002-b.md"):
        text = started.read(f"adr/{name}").replace("We decide.", "We decide otherwise.")
        started.write(f"adr/{name}", text)
    (finding,) = check_since(started.log(), "main")
    assert (finding.code, finding.path, finding.line) == ("decision-rewritten", "adr/0001-a.md", 12)


def test_context_spacing_and_comments_may_change(started) -> None:
    text = started.read("adr/0001-a.md").replace("We decide.", "We\ndecide. <!-- hm -->")
    started.write("adr/0001-a.md", text.replace("A problem.", "Another problem."))
    assert check_since(started.log(), "main") == []


def test_moved_record_is_still_compared(started) -> None:
    started.git("mv", "adr/0001-a.md", "adr/0001-moved.md")
    text = started.read("adr/0001-moved.md").replace("We decide.", "We changed our minds.")
    started.write("adr/0001-moved.md", text)
    assert [f.code for f in check_since(started.log(), "main")] == ["decision-rewritten"]


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("proposed", "accepted", True),
        ("proposed", "draft", True),
        ("accepted", "deprecated", True),
        ("accepted", "superseded", True),
        ("accepted", "accepted", True),
        ("accepted", "draft", False),
        ("accepted", "rejected", False),
        ("rejected", "accepted", False),
        ("superseded", "accepted", False),
        ("deprecated", "accepted", False),
    ],
)
def test_status_changes_only_forward(
    git_repo, record_text, old: str, new: str, allowed: bool
) -> None:
    git_repo.write("adr/0001-a.md", record_text("A", status=old))
    git_repo.commit()
    git_repo.write("adr/0001-a.md", record_text("A", status=new))
    codes = [f.code for f in check_since(git_repo.log(), "HEAD")]
    assert codes == ([] if allowed else ["status-change"])


def test_decided_record_may_not_go(started) -> None:
    for name in ("0001-a.md", "0002-b.md"):
        (started.adr / name).unlink()
    assert [(f.code, f.path) for f in check_since(started.log(), "main")] == [
        ("record-removed", "adr/0001-a.md")
    ]


def test_new_number_is_free_on_the_default_branch_too(started, record_text) -> None:
    started.git("switch", "-q", "-c", "other")
    started.git("switch", "-q", "main")
    started.write("adr/0003-c.md", record_text("C"))
    started.commit()
    started.git("switch", "-q", "other")
    plan = plan_new(started.log(), "D", day=DAY)
    assert [change.file.name for change in plan.changes] == ["0004-d.md"]


def test_default_branch_is_the_remotes_own(started, tmp_path) -> None:
    started.git("switch", "-q", "-c", "trunk")
    started.git("clone", "-q", str(started.root), str(tmp_path / "clone"))
    assert default_branch(tmp_path / "clone") == "refs/remotes/origin/trunk"
    assert default_branch(started.root) == "refs/heads/main"


@pytest.fixture
def clashing(started, record_text):
    """A branch that merged `main`, where another record has taken number 3 meanwhile."""
    started.git("switch", "-q", "-c", "mine")
    started.write("adr/0003-mine.md", record_text("3. Mine") + "\nADR-0003 is this.\n")
    started.write("adr/0002-b.md", record_text("B", status="superseded"))
    started.write("adr/0004-later.md", record_text("Later", status="proposed", supersedes="[3]"))
    started.write("src/mine.py", "# ADR-0003, ADR-3 and [x](../adr/0003-mine.md)\n# ADR-00031\n")
    started.write("crlf.md", b"See ADR-0003.\r\nSee /adr/0003/ and ADR-0003x.\r\n")
    started.write("layer.yaml", "rules:\n  upward-import: {adr: [1, 3]}  # 3\n")
    started.commit("Mine")
    started.git("switch", "-q", "main")
    started.write("adr/0003-theirs.md", record_text("Theirs"))
    started.write("src/theirs.py", "# ADR-0003\n")
    started.commit("Theirs")
    started.git("switch", "-q", "mine")
    started.git("merge", "-q", "--no-edit", "main")
    return started


def test_renumber_moves_the_record_and_its_own_citations(clashing) -> None:
    record = clashing.log().find("0003-mine")
    assert record is not None
    plan_renumber(clashing.log(), record).apply(undo=True)
    assert clashing.git("status", "--short").splitlines() == [
        " D adr/0003-mine.md",
        " M adr/0004-later.md",
        " M crlf.md",
        " M layer.yaml",
        " M src/mine.py",
        "?? adr/0005-mine.md",
    ]
    assert "# 5. Mine" in clashing.read("adr/0005-mine.md")
    assert "ADR-0005 is this." in clashing.read("adr/0005-mine.md")
    assert "supersedes: [5]" in clashing.read("adr/0004-later.md")
    assert clashing.read("src/mine.py") == (
        "# ADR-0005, ADR-5 and [x](../adr/0005-mine.md)\n# ADR-00031\n"
    )
    assert clashing.read("crlf.md") == "See ADR-0005.\r\nSee /adr/0005/ and ADR-0003x.\r\n"
    assert clashing.read("layer.yaml") == "rules:\n  upward-import: {adr: [1, 5]}  # 3\n"
    assert clashing.read("src/theirs.py") == "# ADR-0003\n"


def test_renumber_moves_translations_that_the_branch_brought(clashing) -> None:
    clashing.write("docs/zh/adr/0003.md", "# 我的\n")
    clashing.write("docs/zh/adr/0001.md", "# 别的，ADR-0003\n")
    record = clashing.log().find("0003-mine")
    assert record is not None
    plan_renumber(clashing.log(), record).apply()
    assert not (clashing.root / "docs/zh/adr/0003.md").exists()
    assert clashing.read("docs/zh/adr/0005.md") == "# 我的\n"
    assert clashing.read("docs/zh/adr/0001.md") == "# 别的，ADR-0005\n"


def test_record_that_cannot_be_read_is_not_renumbered(clashing) -> None:
    clashing.write("adr/0009-binary.md", b"\0")
    record = clashing.log().find(9)
    assert record is not None
    with pytest.raises(CannotBegin, match="cannot be read"):
        plan_renumber(clashing.log(), record)


def test_renumber_and_its_undo_leave_no_difference(clashing, sage_dev) -> None:
    ran = sage_dev("renumber", "3")
    assert (ran.code, "ADR-0003 is ADR-0005" in ran.err) == (0, True)
    assert clashing.git("status", "--short") != ""
    assert sage_dev("lint", "--against", "main").code == 1  # 4 supersedes 5, which is accepted
    assert sage_dev("renumber", "--undo").code == 0
    assert clashing.git("status", "--short") == ""


def test_renumber_refuses_a_record_of_the_default_branch(clashing) -> None:
    record = clashing.log().find("0003-theirs")
    assert record is not None
    with pytest.raises(CannotBegin, match="on main already"):
        plan_renumber(clashing.log(), record)


def test_renumber_refuses_a_number_that_is_taken(clashing) -> None:
    log = clashing.log()
    record = log.find("0003-mine")
    assert record is not None
    for number in (1, 3, 4):
        with pytest.raises(CannotBegin, match="next free one is 5"):
            plan_renumber(log, record, number)


def test_renumber_there_and_back_leaves_no_difference(started, record_text) -> None:
    started.git("switch", "-q", "-c", "mine")
    started.write("adr/0003-mine.md", record_text("3. Mine"))
    started.write("x.py", "# ADR-0003\n")
    started.commit()
    for number, there in ((7, 3), (3, 7)):
        record = started.log().find(there)
        assert record is not None
        plan_renumber(started.log(), record, number).apply()
    assert started.git("status", "--short") == ""


def test_supersede_and_its_undo_leave_no_difference(started, sage_dev) -> None:
    assert sage_dev("supersede", "1", "--by", "2").code == 0
    assert started.git("status", "--short").splitlines() == [
        " M adr/0001-a.md",
        " M adr/0002-b.md",
    ]
    assert sage_dev("lint").code == 0
    assert sage_dev("supersede", "--undo").code == 0
    assert started.git("status", "--short") == ""
