"""The earlier names of records, and the days they changed, as version control tells them."""

import re
import subprocess

import pytest

from sage.tools.site.pasts import read_past


def commit(day, *lines):
    return "\0" + "\n".join([day, "", *lines]) + "\n"


def test_name_that_was_given_up_belongs_to_the_file_it_became():
    log = commit("2026-03-03", "R100\tadr/0002-b.md\tadr/0002-c.md")
    log += commit("2026-02-02", "R090\tadr/0002-a.md\tadr/0002-b.md", "M\tadr/0001-x.md")
    past = read_past(log, ["adr/0001-x.md", "adr/0002-c.md"])
    assert past.names == {"adr/0002-c.md": ("0002-a", "0002-b")}
    assert past.modified == {"adr/0002-c.md": "2026-03-03", "adr/0001-x.md": "2026-02-02"}


def test_rewritten_and_renamed_file_is_known_by_its_number():
    log = commit("2026-03-03", "D\tadr/0002-a.md", "A\tadr/0002-b.md")
    assert read_past(log, ["adr/0002-b.md"]).names == {"adr/0002-b.md": ("0002-a",)}


def test_renumbered_record_keeps_its_first_name_and_the_next_of_that_number_its_own():
    log = commit("2026-03-03", "A\tadr/0003-new.md")
    log += commit("2026-02-02", "R100\tadr/0003-old.md\tadr/0005-old.md")
    past = read_past(log, ["adr/0003-new.md", "adr/0005-old.md"])
    assert past.names == {"adr/0005-old.md": ("0003-old",)}


def test_files_that_are_no_records_and_other_logs_are_left_out():
    log = commit("2026-03-03", "D\tadr/notes.md", "D\tadr/0002-a.png", "D\tadr/web/0002-a.md")
    assert read_past(log, ["adr/0002-b.md"]).names == {}


@pytest.fixture
def versioned(project):
    """The project under version control."""

    def git(*words):
        name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(
            ["git", "-C", str(project.root), *name, *words], check=True, capture_output=True
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    return git


def lead_to(built, target, *addresses):
    for address in addresses:
        page = built.page(address)
        link = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)[1]
        assert (built.folder / address / link / "index.html").resolve() == (
            built.folder / target / "index.html"
        )
        assert "Create a third layer" in built.page(target)


def test_every_address_that_a_record_ever_had_leads_to_it(project, versioned):
    first = project.root / "adr/0002-third-layer.md"
    second = first.rename(first.with_name("0002-another-title.md"))
    versioned("add", ".")
    versioned("commit", "-qm", "second")
    second.rename(first.with_name("0002-not-committed-yet.md"))
    built = project.build()
    assert built.log == []
    lead_to(
        built,
        "adr/0002",
        *("adr/2", "ADR-0002", "adr/ADR-0002", "adr/0002-not-committed-yet"),
        *("adr/0002-another-title", "adr/0002-third-layer"),
    )


def test_day_of_the_last_change_stands_on_the_record(project, versioned):
    assert re.search(r'changed <time datetime="\d{4}-\d\d-\d\d">', project.build().page("adr/0002"))


def test_repository_below_another_one_finds_its_own_history(project, versioned):
    project.root.joinpath("inner").mkdir()
    for name in ("mkdocs.yml", "docs", "adr", "src"):
        project.root.joinpath(name).rename(project.root / "inner" / name)
    versioned("add", ".")
    versioned("commit", "-qm", "moved")
    project.root = project.root / "inner"
    old = project.root / "adr/0002-third-layer.md"
    old.rename(old.with_name("0002-other.md"))
    lead_to(project.build(), "adr/0002", "adr/0002-third-layer")


def test_repository_of_another_user_stops_the_build_in_one_sentence(
    project, versioned, monkeypatch
):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    built = project.build()
    assert built.aborted
    assert [line for line in built.log if "safe.directory" in line] != []
