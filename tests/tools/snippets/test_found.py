"""A page that has not changed is not read again; whatever decides what it holds is noticed."""

import json
import subprocess
import sys

import pytest

from sage.tools.snippets import Finder, load_page_settings
from sage.tools.snippets.find import Finder as Reading
from sage.tools.snippets.selfcheck import SelfCheck
from sage.tools.snippets.suite import find_pages

PAGE = '```python\nprint(1)\n```\n\n```python\n--8<-- "part.py"\n```\n'


@pytest.fixture
def find(write, tmp_path, monkeypatch):
    """The page as a new process finds it, and whether it had to read it as Markdown."""
    write(**{"page.md": PAGE, "part.py": "x = 1\n"})
    reads = []
    read = Reading._read
    monkeypatch.setattr(Reading, "_read", lambda *words: reads.append(1) or read(*words))

    def find():
        reads.clear()
        finder = Finder(tmp_path, load_page_settings(tmp_path))
        page = finder.find(tmp_path / "page.md")
        finder.save()
        return page, bool(reads)

    return find


def test_unchanged_page_is_the_same_without_reading_it(find):
    first, read = find()
    assert read
    assert [s.source for s in first.snippets] == ["print(1)", "x = 1\n"]
    assert find() == (first, False)


def test_changed_text_include_and_setting_are_read(find, write):
    find()
    write(**{"page.md": PAGE.replace("print(1)", "print(2)")})
    page, read = find()
    assert (page.snippets[0].source, read) == ("print(2)", True)
    write(**{"part.py": "x = 2\n"})
    page, read = find()
    assert (page.snippets[1].source, read) == ("x = 2\n", True)
    write(**{"mkdocs.yml": "markdown_extensions: [pymdownx.superfences, pymdownx.snippets]\n"})
    assert find()[1]
    assert not find()[1]
    write(**{"mkdocs.yml": "markdown_extensions: [pymdownx.superfences]\n"})
    page, read = find()
    assert (page.snippets[1].source, read) == ('--8<-- "part.py"', True)


def test_page_with_findings_is_read_each_time(find, write, tmp_path):
    (tmp_path / "part.py").unlink()
    for _ in range(2):
        page, read = find()
        assert ([f.code for f in page.findings], read) == (["missing-include"], True)
    write(**{"part.py": "x = 3\n"})
    page, _ = find()
    assert (page.findings, page.snippets[1].source) == ((), "x = 3\n")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"key": 1}', '{"pages": []}'])
def test_broken_file_is_as_none(find, write, text):
    write(**{".sage-dev/found.json": text})
    page, read = find()
    assert (len(page.snippets), read) == (2, True)
    assert not find()[1]


def test_extension_that_may_read_other_files_keeps_nothing(find, write, tmp_path):
    write(**{"mkdocs.yml": "markdown_extensions: [pymdownx.superfences, mdx_include]\n"})
    find()
    assert find()[1]
    assert not (tmp_path / ".sage-dev/found.json").exists()


def test_second_run_imports_no_markdown(find, tmp_path):
    find()
    code = (
        "import sys; from pathlib import Path\n"
        "from sage.tools.snippets import Finder, load_page_settings\n"
        "root = Path(sys.argv[1])\n"
        "page = Finder(root, load_page_settings(root)).find(root / 'page.md')\n"
        "assert len(page.snippets) == 2\n"
        "sys.exit('markdown' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == 0
    assert set(json.loads((tmp_path / ".sage-dev/found.json").read_text())["pages"]) == {"page.md"}


def test_proof_against_the_rendering_is_kept_with_the_page(find, write, tmp_path, monkeypatch):
    settings = load_page_settings(tmp_path)
    rendered = []
    check = SelfCheck._check
    monkeypatch.setattr(SelfCheck, "_check", lambda *words: rendered.append(1) or check(*words))

    def prove():
        rendered.clear()
        finder = Finder(tmp_path, settings)
        [page] = find_pages(finder, [tmp_path / "page.md"], self_check=True)
        finder.save()
        return len(rendered), page.findings

    assert [prove(), prove()] == [(1, ()), (0, ())]
    write(**{"page.md": PAGE + "\nmore\n"})
    assert [prove(), prove()] == [(1, ()), (0, ())]
