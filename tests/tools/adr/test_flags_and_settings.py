"""What a flag or a setting of `sage-dev adr` changes."""

# adr: off (the numbers here are examples)

import json

import pytest

from sage.tools.adr import find_citations
from sage.tools.adr.citations import check_citations
from sage.tools.adr.export import json_schema
from sage.tools.quality import run_part

BARE = "---\nstatus: accepted\ndate: 2025-10-22\n---\n\n# A\n\n## Decision\n\nWe decide.\n"


def test_renumber_takes_the_number_that_to_names(git_repo, record_text, sage_dev) -> None:
    git_repo.write("adr/0001-a.md", record_text("A"))
    git_repo.commit("Start")
    git_repo.git("switch", "-q", "-c", "mine")
    git_repo.write("adr/0002-b.md", record_text("B"))
    ran = sage_dev("renumber", "2", "--to", "40")
    assert (ran.code, "ADR-0002 is ADR-0040" in ran.err) == (0, True)
    assert (git_repo.adr / "0040-b.md").is_file()


def test_export_prints_its_schema_instead_of_records(repo, record_text, sage_dev) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    ran = sage_dev("export", "--schema")
    assert (ran.code, ran.out, ran.err) == (0, json_schema(), "")
    assert "records" in json.loads(sage_dev("export").out)


def test_sections_that_a_record_must_have_are_a_setting(repo, sage_dev) -> None:
    repo.write("adr/0001-a.md", BARE)
    assert "missing-section" in sage_dev("lint").out
    repo.write("pyproject.toml", '[tool.sage-dev]\nadr-sections = ["decision"]\n')
    ran = sage_dev("lint")
    assert (ran.code, ran.out) == (0, "")
    assert run_part("records", repo.root).findings == ()


def test_files_whose_citations_are_not_checked_are_a_setting(repo, record_text, sage_dev) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("vendored/x.py", "# ADR-0077\n")
    assert "vendored/x.py:1: unknown-citation" in sage_dev("cited").out
    repo.write("pyproject.toml", '[tool.sage-dev]\nadr-cited-exclude = ["vendored/**"]\n')
    ran = sage_dev("cited")
    assert (ran.code, "vendored" in ran.out) == (0, False)
    assert run_part("citations", repo.root).findings == ()


def test_new_starts_from_the_template_of_the_settings(repo, record_text, sage_dev) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    repo.write("forms/ours.md", record_text("{title}") + "\n## What our form asks\n")
    repo.write("pyproject.toml", '[tool.sage-dev]\nadr-template = "forms/ours.md"\n')
    assert sage_dev("new", "Keep the form").code == 0
    written = repo.read("adr/0002-keep-the-form.md")
    assert written.startswith("---\nstatus: proposed\n")
    assert "# Keep the form\n" in written
    assert written.endswith("\n## What our form asks\n")


@pytest.mark.parametrize("status", ["superseded", "rejected", "deprecated"])
def test_citation_of_a_decision_that_does_not_hold_is_found(repo, record_text, status) -> None:
    repo.write("adr/0001-a.md", record_text("A", status=status))
    repo.write("x.py", "# ADR-0001\n")
    (finding,) = check_citations(find_citations(repo.root), repo.log())
    assert (finding.path, finding.line, finding.code, finding.severity) == (
        *("x.py", 1),
        *("outdated-citation", "warning"),
    )
    assert finding.message.startswith(f"ADR-0001 is {status}; ")
