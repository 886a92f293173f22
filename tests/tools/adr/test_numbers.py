"""A number is one record's, here and on the default branch, however many want it."""

# adr: off (the numbers here are examples)

import pytest

from sage.tools.adr.renumber import plan_renumber
from sage.tools.adr.rules import check_log
from sage.tools.finding import CannotBegin


def test_each_further_record_that_has_a_number_is_a_finding(repo, record_text) -> None:
    for name in ("0001-a", "0001-b", "0001-c", "0001-d"):
        repo.write(f"adr/{name}.md", record_text(name))
    findings = check_log(repo.log())
    assert [(finding.path, finding.code) for finding in findings] == [
        ("adr/0001-b.md", "duplicate-number"),
        ("adr/0001-c.md", "duplicate-number"),
        ("adr/0001-d.md", "duplicate-number"),
    ]


def test_renumber_refuses_a_number_that_only_the_default_branch_has(git_repo, record_text) -> None:
    git_repo.write("adr/0001-a.md", record_text("A"))
    git_repo.commit("Start")
    git_repo.git("switch", "-q", "-c", "mine")
    git_repo.write("adr/0002-mine.md", record_text("Mine"))
    git_repo.commit("Mine")
    git_repo.git("switch", "-q", "main")
    git_repo.write("adr/0007-theirs.md", record_text("Theirs"))
    git_repo.commit("Theirs")
    git_repo.git("switch", "-q", "mine")
    log = git_repo.log()
    record = log.find(2)
    assert record is not None
    with pytest.raises(CannotBegin, match="the number 7 is taken; the next free one is 8"):
        plan_renumber(log, record, 7)
