"""Who cites which record, and which citations are wrong."""

# adr: off (the numbers here are examples)

import pytest

from sage.tools.adr import check_citations, find_citations, find_commit_citations, read_log
from sage.tools.adr.citations import citations_in
from sage.tools.finding import CannotBegin


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("see ADR-0002", ["ADR-0002"]),
        ("see ADR-2.", ["ADR-0002"]),
        ("see ADR_0002", ["ADR-0002"]),
        ("see ADR 0002", ["ADR-0002"]),
        ("# (ADR-0002, ADR-0003)", ["ADR-0002", "ADR-0003"]),
        ("[ADR-0002](x.md)", ["ADR-0002"]),
        ("见ADR-0002。", ["ADR-0002"]),
        ("按ADR-0002的规定，与ADR-0003一致", ["ADR-0002", "ADR-0003"]),
        ("见 ADR-0002。", ["ADR-0002"]),
        ("ADR0002 says so", ["ADR-0002"]),
        ("the registers ADR2 and ADR12 of the chip", []),
        ("0xADR0002 xADR0002", []),
        ("web/ADR-0002", ["web/ADR-0002"]),
        ("an ADR 5 of ours", []),
        ("ADR-NNNN", []),
        ("RADR-0002", []),
        ("ADR-0002.1", []),
        ("see ADR-0002 # adr: elsewhere", []),
    ],
)
def test_citation_is_found_in(text: str, records: list[str]) -> None:
    assert [c.record for c in citations_in(text, "x.py")] == records


def test_lines_between_off_and_on_cite_nothing() -> None:
    text = "ADR-0001\n# adr: off\nADR-0002\n# adr: on\nADR-0003\n"
    assert [(c.record, c.line) for c in citations_in(text, "x")] == [
        ("ADR-0001", 1),
        ("ADR-0003", 5),
    ]


def test_tree_is_searched_by_path_and_line(repo) -> None:
    repo.write("b.py", "x = 1  # ADR-0002\n\n# ADR-0001\n")
    repo.write("a/c.md", "ADR-0001\n")
    repo.write("binary.bin", b"\0ADR-0001")
    repo.write(".hidden/x.md", "ADR-0001")
    citations = find_citations(repo.root)
    assert [(c.path, c.line, c.record, c.text) for c in citations] == [
        ("a/c.md", 1, "ADR-0001", "ADR-0001"),
        ("b.py", 1, "ADR-0002", "x = 1  # ADR-0002"),
        ("b.py", 3, "ADR-0001", "# ADR-0001"),
    ]
    assert [c.path for c in find_citations(repo.root, [repo.root / "a"])] == ["a/c.md"]
    assert [c.path for c in find_citations(repo.root, exclude=["**/*.py"])] == ["a/c.md"]


def test_ignored_files_of_a_work_tree_are_not_searched(git_repo) -> None:
    git_repo.write(".gitignore", "build/\n")
    git_repo.write("build/x.md", "ADR-0001")
    git_repo.write("tracked.md", "ADR-0001")
    git_repo.commit()
    git_repo.write("new.md", "ADR-0001")
    assert [c.path for c in find_citations(git_repo.root)] == ["new.md", "tracked.md"]


def test_site_that_was_built_in_a_work_tree_is_not_searched(git_repo) -> None:
    git_repo.write("docs/index.md", "ADR-0001\n")
    git_repo.write("public/search/search_index.json", '{"text": "ADR-0007"}')
    git_repo.write("public/adr/index.html", "ADR-0007\n")
    assert [c.path for c in find_citations(git_repo.root)] == ["docs/index.md"]


def test_tree_that_a_work_tree_above_ignores_is_searched(git_repo) -> None:
    git_repo.write(".gitignore", "scratch/\n")
    git_repo.write("scratch/x.md", "ADR-0001")
    git_repo.commit()
    assert [c.path for c in find_citations(git_repo.root / "scratch")] == ["x.md"]
    assert find_citations(git_repo.root) == []


def test_path_that_is_not_there_cannot_begin(repo) -> None:
    with pytest.raises(CannotBegin, match="no such file"):
        find_citations(repo.root, [repo.root / "nowhere"])


def test_commit_messages_are_searched(git_repo) -> None:
    git_repo.write("a", "1")
    git_repo.commit("Start")
    git_repo.write("a", "2")
    git_repo.commit("Change\n\nAs ADR-0002 says; not ADR-0099.")
    citations = find_commit_citations(git_repo.root, "HEAD~1..HEAD")
    assert [(c.record, c.line) for c in citations] == [("ADR-0002", 3), ("ADR-0099", 3)]
    assert citations[0].path.startswith("commit ")
    for span in ("nowhere..HEAD", "--all"):
        with pytest.raises(CannotBegin):
            find_commit_citations(git_repo.root, span)


@pytest.fixture
def cited(repo, record_text):
    """Records 1 (superseded by 2), 2, and 3 (rejected)."""
    repo.write("adr/0001-a.md", record_text("A", status="superseded"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]") + "\nIt replaces ADR-0001.\n")
    repo.write("adr/0003-c.md", record_text("C", status="rejected") + "\nADR-0003 is this.\n")
    return repo


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ADR-0002", None),
        ("ADR-0099", "unknown-citation"),
        ("ADR-0001", "outdated-citation"),
        ("ADR-0003", "outdated-citation"),
        ("ADR-0001 # adr: past", None),
        ("ADR-0001, which ADR-0002 superseded", None),
        ("ADR-0099 # adr: past", "unknown-citation"),
        ("ADR-0099 <!-- adr: elsewhere -->", None),
        ("and/ADR-0002", None),
        ("and/ADR-0099", "unknown-citation"),
    ],
)
def test_citation_is_judged(cited, line: str, code: str | None) -> None:
    cited.write("x.py", f"\n# {line}\n")
    findings = check_citations(find_citations(cited.root), cited.log())
    assert [(f.path, f.line, f.code) for f in findings] == ([("x.py", 2, code)] if code else [])


def test_outdated_citation_names_the_successor_and_is_a_warning(cited) -> None:
    cited.write("x.py", "# ADR-0001\n")
    (finding,) = check_citations(find_citations(cited.root), cited.log())
    assert finding.severity == "warning"
    assert "ADR-0002 B" in finding.message


def test_record_of_a_further_log_is_cited_by_its_log(cited, record_text) -> None:
    cited.write("web/adr/0007-w.md", record_text("W"))
    cited.write("x.py", "# web/ADR-0007 and web/ADR-0008\n")
    web = read_log(cited.root / "web/adr", root=cited.root, log="web")
    findings = check_citations(find_citations(cited.root), cited.log(), web)
    assert [f.code for f in findings] == ["unknown-citation"]
    assert "web/ADR-0008" in findings[0].message


def test_section_on_provenance_speaks_of_the_past(cited, record_text) -> None:
    text = record_text("D") + "\nSee ADR-0001.\n\n## Provenance\n\nSee ADR-0001.\n"
    cited.write("adr/0004-d.md", text)
    findings = check_citations(find_citations(cited.root), cited.log())
    assert [(f.path, f.line) for f in findings] == [("adr/0004-d.md", 20)]


def test_repository_of_another_user_is_refused_with_what_to_do(
    cited, git_repo, sage_dev, monkeypatch
) -> None:
    git_repo.commit()
    assert sage_dev("cited").code == 0
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    ran = sage_dev("cited")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"sage-dev: {cited.root}: Git refuses to read this repository, since it belongs to another "
        'user; allow it with `git config --global --add safe.directory "$PWD"`, run in its top '
        "folder\n"
    )


@pytest.mark.parametrize("name", ["site", "build", "dist", "target", "vendor"])
def test_without_git_what_a_build_leaves_is_skipped_at_the_top_only(repo, name) -> None:
    for path in (f"{name}/a.py", f"src/{name}/a.py", "src/node_modules/a.py"):
        repo.write(path, "# ADR-0002\n")
    assert [c.path for c in find_citations(repo.root)] == [f"src/{name}/a.py"]
