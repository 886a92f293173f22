"""Evidence: an outcome is found while everything it depends on is unchanged, and only then."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sage.tools.snippets import Evidence, Finder, Outcome, PageSettings, Status

TEXT = "# T\n\n```python\nx = 1\n```\n\n```python\nimport wsp.a\nprint(x)\n```\n"


@pytest.fixture
def repository(write, tmp_path):
    """Two fences; the second imports a workspace module, which imports another."""
    write(**{"packages/p/src/wsp/__init__.py": ""})
    write(**{"packages/p/src/wsp/a.py": "def f():\n    from wsp import b\n"})
    write(**{"packages/p/src/wsp/b.py": "B = 1\n", "packages/p/src/wsp/c.py": "C = 1\n"})
    write(**{"requirements/dev.txt": "x==1\n", "page.md": TEXT})
    return tmp_path


def passed(root, *lines):
    """Note that every snippet of the page passed, and forget the objects."""
    evidence = Evidence.read(root)
    for snippet in Finder(root, PageSettings()).find(root / "page.md").snippets:
        if not lines or snippet.line in lines:
            evidence.record(snippet, Outcome(Status.PASSED, output=f"{snippet.line}"))
    evidence.write()


def known(root):
    """Lines of the page's snippets whose outcome is known."""
    evidence, page = Evidence.read(root), Finder(root, PageSettings()).find(root / "page.md")
    return [s.line for s in page.snippets if evidence.outcome(s)]


def test_outcome_is_found_with_its_run(repository):
    passed(repository)
    page = Finder(repository, PageSettings()).find(repository / "page.md")
    outcome = Evidence.read(repository).outcome(page.snippets[0])
    assert outcome is not None
    assert (outcome.status, outcome.output) == ("passed", "3")
    assert outcome.python == ".".join(map(str, sys.version_info[:3]))
    assert outcome.versions["pytest"] == pytest.__version__
    assert outcome.when.endswith("Z")


CHANGES = {
    "nothing": ("page.md", TEXT, [3, 7]),
    "text above": ("page.md", "# T\n\nmore\n" + TEXT.removeprefix("# T\n"), [5, 9]),
    "the first fence": ("page.md", TEXT.replace("x = 1", "x = 2"), []),
    "the second fence": ("page.md", TEXT.replace("print(x)", "print(x, x)"), [3]),
    "an expected output": ("page.md", TEXT + "\n``` {.text .output}\n1\n```\n", [3]),
    "a module it imports": ("packages/p/src/wsp/a.py", "def f(): ...\n", [3]),
    "a module which that imports": ("packages/p/src/wsp/b.py", "B = 2\n", [3]),
    "the package of the module": ("packages/p/src/wsp/__init__.py", "A = 1\n", [3]),
    "a module that nothing imports": ("packages/p/src/wsp/c.py", "C = 2\n", [3, 7]),
    "the locked versions": ("requirements/dev.txt", "x==2\n", []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_decides_which_outcomes_are_stale(repository, write, change):
    name, text, still_known = CHANGES[change]
    passed(repository)
    write(**{name: text})
    assert known(repository) == still_known


def test_files_that_a_page_names_are_covered(repository, write):
    front = "---\nsnippets:\n  files: [a.csv]\n---\n"
    write(**{"a.csv": "1", "page.md": front + TEXT})
    passed(repository)
    assert known(repository) == [7, 11]
    write(**{"a.csv": "2"})
    assert known(repository) == []


def test_program_covers_its_whole_file_and_its_neighbours(repository, write):
    write(**{"snippets/p.py": "import near\n# --8<-- [start:m]\n1\n# --8<-- [end:m]\n2\n"})
    write(**{"snippets/near.py": "N = 1\n"})
    write(**{"page.md": '```python\n--8<-- "snippets/p.py:m"\n```\n'})
    passed(repository)
    assert known(repository) == [1]
    write(**{"snippets/near.py": "N = 2\n"})
    assert known(repository) == []
    passed(repository)
    write(**{"snippets/p.py": "import near\n# --8<-- [start:m]\n1\n# --8<-- [end:m]\n3\n"})
    assert known(repository) == []


def test_partial_run_never_deletes(repository):
    passed(repository, 3)
    passed(repository, 7)
    assert known(repository) == [3, 7]
    runs = json.loads((repository / ".sage-dev/evidence.json").read_text())["runs"]
    assert sorted(runs) == ["1", "2"]


def test_whole_run_of_a_page_drops_what_is_gone(repository, write):
    passed(repository)
    write(**{"page.md": TEXT.replace("x = 1", "x = 2")})
    evidence, page = (
        Evidence.read(repository),
        Finder(repository, PageSettings()).find(repository / "page.md"),
    )
    for snippet in page.snippets:
        evidence.record(snippet, Outcome(Status.PASSED))
    evidence.whole_if_complete(page)
    evidence.write()
    table = json.loads((repository / ".sage-dev/evidence.json").read_text())
    assert sorted(table["pages"]["page.md"]) == sorted(s.digest for s in page.snippets)


def test_runs_that_write_at_once_lose_nothing(repository, write):
    names = [f"p{n}.md" for n in range(8)]
    for name in names:
        write(**{name: f"```python\nx = '{name}'\n```\n"})

    def record(name):
        evidence = Evidence.read(repository)
        [snippet] = Finder(repository, PageSettings()).find(repository / name).snippets
        evidence.record(snippet, Outcome(Status.PASSED))
        evidence.write()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, names))
    table = json.loads((repository / ".sage-dev/evidence.json").read_text())
    assert sorted(table["pages"]) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": 999, "pages": {}}',
        '{"schema": 1, "runs": [], "pages": {}}',
        '{"schema": 1, "runs": {"1": 2}, "pages": {"page.md": []}}',
    ],
)
def test_file_that_is_no_evidence_is_none(repository, text):
    (repository / ".sage-dev").mkdir()
    (repository / ".sage-dev/evidence.json").write_text(text)
    assert known(repository) == []
    passed(repository)
    assert known(repository) == [3, 7]


def test_finding_imports_and_runs_nothing(repository, write):
    write(**{"packages/p/src/wsp/a.py": "raise SystemExit('imported')\n"})
    passed(repository)
    assert known(repository) == [3, 7]
    assert "wsp" not in sys.modules
