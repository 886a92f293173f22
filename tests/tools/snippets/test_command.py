"""`sage-dev snippets`: exit codes, what it prints, what it keeps."""

import json
import signal
import subprocess
import sys

import pytest

from sage.tools.snippets import load_page_settings

GOOD = "# T\n\n```python\nx = 1\n```\n\n```pycon\n>>> x\n1\n```\n"
BAD = "# T\n\n```python\n1 / 0\n```\n"

WHOLE = (
    "a page runs as a whole: name pages/a.md; one snippet runs by the line of its fence, as in "
    "`pytest --snippets pages/a.md::L3`"
)


@pytest.fixture
def command(tmp_path):
    """Run the command in the repository; gives exit code, output and errors."""

    def command(*words):
        done = subprocess.run(
            [sys.executable, "-c", "from sage.tools.cli import main; main()", "snippets", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return command


def test_clean_pages_exit_0_and_are_counted(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": GOOD, "docs/sub/b.md": GOOD, "docs/c.md": "text"})
    code, out, err = command("docs")
    assert (code, err) == (0, "")
    assert out.startswith(
        "4 snippets on 2 of 3 pages read: 4 passed, 0 failed, 0 skipped, 0 shown as source; "
    )


def test_folder_that_nothing_marks_as_a_repository_keeps_its_evidence_and_names(
    tmp_path, write, command
):
    write(**{"docs/adr/b.md": BAD})
    _, out, _ = command("docs")
    assert "\ndocs/adr/b.md:4: snippet-failed" in out
    kept = [path.parent for path in tmp_path.rglob("evidence.json")]
    assert kept == [tmp_path / ".sage-dev"]  # where a site that is begun later looks for it


def test_failures_exit_1_and_the_other_pages_run(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": GOOD, "docs/b.md": BAD})
    write(**{"docs/c.md": "```python\nx = 1\n"})
    code, out, err = command("docs")
    assert (code, err) == (1, "")
    assert "\ndocs/b.md:4: snippet-failed ZeroDivisionError: division by zero\n" in out
    assert "docs/c.md:1: unterminated-fence ```python is never closed; end it with ```\n" in out
    assert "\n3 snippets on 2 of 3 pages read: 2 passed, 1 failed, 0 skipped" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere"], "nowhere: no such file or folder; name a page or a folder of pages"),
        (["nowhere:3"], "nowhere:3: no such file or folder; name a page or a folder of pages"),
        (["pages/a.md:3"], f"pages/a.md:3: {WHOLE}"),
        (["pages/a.md::L3"], f"pages/a.md::L3: {WHOLE}"),
        (["--root", "nowhere"], "nowhere: no such folder; --root takes the repository's folder"),
        ([], "no folder of pages found; name one: sage-dev snippets docs/"),
    ],
)
def test_what_cannot_begin_exits_2_with_one_sentence(write, command, words, sentence):
    write(**{"pyproject.toml": "", "pages/a.md": GOOD})
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err.endswith(f"{sentence}\n")
    assert err.count("\n") == 1


READS = (
    "sage-dev reads Markdown (.md, .markdown) and the Python of packages/, src/, snippets/: "
    "name such a page or folder"
)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["empty"], "empty/: no files"),
        (["notes.txt"], "notes.txt: 1 .txt file"),
        (["rst"], "rst/: 2 .rst files, 1 file without a suffix"),
        (["app"], "app/: 1 .py file"),
        (["rst/a.rst", "notes.txt"], "rst/a.rst, notes.txt: 1 .rst file, 1 .txt file"),
        (["kinds"], "kinds/: 1 .a file, 1 .b file, 1 .c file, 1 .d file, …"),
    ],
)  # fmt: skip
def test_nothing_to_read_exits_2_and_says_what_lies_there(write, command, tmp_path, words, seen):
    (tmp_path / "empty").mkdir()
    write(**{"pyproject.toml": "", "notes.txt": GOOD, "rst/a.rst": "x", "rst/b.rst": "x"})
    write(**{"rst/LICENSE": "x", "app/a.py": "x = 1\n"})
    write(**{f"kinds/x.{kind}": "x" for kind in "abcde"})
    assert command(*words) == (2, "", f"sage-dev: {seen}; {READS}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["docs"], "2 pages read, none shows code"),
        (["docs/a.md"], "1 page read, none shows code"),
        (["plain.py"], "1 page read, none shows code"),
    ],
)
def test_pages_without_code_exit_0_and_are_counted_as_read(write, command, words, said):
    write(**{"pyproject.toml": "", "docs/a.md": "text", "docs/b.md": "```bash\nls\n```\n"})
    write(**{"plain.py": "x = 1\n"})
    code, out, err = command(*words)
    assert (code, err, out.startswith(f"{said}; "), out.count("\n")) == (0, "", True, 1)
    assert command(*words, "--list") == (0, f"{said}\n", "")


def test_broken_configuration_exits_2(write, command):
    write(**{"mkdocs.yml": "a: [", "docs/a.md": GOOD})
    code, _, err = command("docs")
    assert code == 2
    assert err.startswith("sage-dev: mkdocs.yml:1: cannot be read as YAML: expected the node ")
    write(**{"mkdocs.yml": "INHERIT: base.yml\n"})
    code, _, err = command("docs")
    assert code == 2
    assert err.endswith("mkdocs.yml: INHERIT: base.yml names no file; correct the path\n")
    write(**{"base.yml": "INHERIT: mkdocs.yml\n"})
    code, _, err = command("docs")
    assert code == 2
    assert err == (
        "sage-dev: base.yml: INHERIT: mkdocs.yml inherits from this file again; break the ring\n"
    )


OPTIONS = {
    "of a table": ("markdown_extensions:\n  toc: 5\n", "toc: expected a table of options, not 5"),
    "of a list": (
        "markdown_extensions:\n  - toc: yes\n",
        "toc: expected a table of options, not True",
    ),
    "that are a list": (
        "markdown_extensions:\n  - pymdownx.snippets: [a]\n",
        "pymdownx.snippets: expected a table of options, not ['a']",
    ),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options_of_an_extension_that_are_no_table_exit_2(write, command, case):
    text, said = OPTIONS[case]
    write(**{"mkdocs.yml": text, "docs/a.md": GOOD})
    assert command("docs") == (2, "", f"sage-dev: mkdocs.yml: markdown_extensions: {said}\n")


def test_extension_that_takes_no_such_options_says_so(write, command):
    extensions = "markdown_extensions:\n  - footnotes:\n      PLACE: []\n  - nobody\n"
    write(**{"mkdocs.yml": f"{extensions}plugins:\n  - tags: yes\n", "docs/a.md": GOOD})
    code, out, _ = command("docs")
    assert code == 0
    assert out.splitlines()[0].startswith(
        "mkdocs.yml: missing-extension the Markdown extension footnotes "
    )
    assert [line.rpartition(": ")[2] for line in out.splitlines()[:2]] == [
        "correct its options",
        "install it",
    ]


def test_site_inherits_as_mkdocs_does_also_from_an_empty_file(write, command, tmp_path):
    write(**{"empty.yml": "# nothing\n", "base/b.yml": "INHERIT: ../empty.yml\n"
             "markdown_extensions:\n  admonition: {}\n  footnotes: {}\n"})  # fmt: skip
    write(
        **{"mkdocs.yml": "INHERIT: base/b.yml\nmarkdown_extensions:\n  pymdownx.superfences: {}\n"}
    )
    names = set(load_page_settings(tmp_path).extensions)
    assert {"admonition", "footnotes", "pymdownx.superfences"} <= names


def test_json_is_one_array_of_findings(write, command):
    write(**{"pyproject.toml": "", "docs/b.md": BAD})
    code, out, _ = command("docs", "--format", "json")
    assert code == 1
    assert json.loads(out) == [
        {
            "code": "snippet-failed",
            "path": "docs/b.md",
            "line": 4,
            "message": "ZeroDivisionError: division by zero",
            "severity": "error",
            "adr": [],
        }
    ]


def test_skipped_snippets_are_counted_by_reason(write, command):
    fence = '```{.python skip="needs a GPU"}\n1 / 0\n```\n'
    write(**{"pyproject.toml": "", "docs/a.md": fence, "docs/b.md": fence})
    code, out, _ = command("docs")
    assert code == 0
    assert "0 passed, 0 failed, 2 skipped" in out
    assert "  skipped, needs a GPU: 2\n" in out


def test_changed_runs_only_what_changed(write, command, tmp_path):
    note = "open({path!r}, 'a').write('{name} ')"
    path = str(tmp_path / "ran")
    pages = {n: f"```python\n{note.format(path=path, name=n)}\n```\n" for n in ("a.md", "b.md")}
    write(**{"pyproject.toml": "", **{f"docs/{name}": text for name, text in pages.items()}})
    assert command("docs")[0] == 0
    code, out, _ = command("docs", "--changed")
    assert (code, (tmp_path / "ran").read_text()) == (0, "a.md b.md ")
    assert "2 unchanged since they passed" in out
    write(**{"docs/b.md": pages["b.md"].replace("b.md ", "again ")})
    assert command("docs", "--changed")[0] == 0
    assert (tmp_path / "ran").read_text() == "a.md b.md again "


def test_failed_snippets_run_again_with_changed(write, command):
    write(**{"pyproject.toml": "", "docs/b.md": BAD})
    assert command("docs")[0] == 1
    assert command("docs", "--changed")[0] == 1


def test_list_shows_every_snippet_by_file_and_line(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": GOOD, "snippets/p.py": "print(1)\n"})
    code, out, _ = command("docs", "snippets", "--list")
    assert (code, out) == (0, "docs/a.md:3: code\ndocs/a.md:7: session\nsnippets/p.py:1: program\n")


def test_update_rewrites_wrong_outputs_and_the_run_is_clean_after(write, command, tmp_path):
    wrong = "```python\nprint(1)\n```\n\n``` {.text .output}\n2\n```\n"
    write(**{"pyproject.toml": "", "docs/a.md": wrong})
    code, out, _ = command("docs", "--update")
    assert (code, "output updated\n" in out) == (0, True)
    assert (tmp_path / "docs/a.md").read_text() == wrong.replace("\n2\n", "\n1\n")
    assert command("docs", "--changed")[0] == 0


def test_public_name_without_an_example_fails_a_whole_run_only(write, command):
    settings = "[tool.sage-dev]\nsnippets-paths = ['docs', 'packages']\nsnippets-coverage = 100\n"
    write(**{"pyproject.toml": settings, "docs/a.md": GOOD})
    write(**{"packages/p/src/gated/__init__.py": '__all__ = ["shy"]\nshy = 1\n'})
    code, out, _ = command()
    assert code == 1
    assert "packages/p/src/gated/__init__.py:1: unshown-name gated.shy is shown by no" in out
    assert "0 of 1 public names shown by an example that ran\n" in out
    assert command("docs")[0] == 0
    write(**{"docs/b.md": "```python\nimport gated\nprint(gated.shy)\n```\n"})
    code, out, _ = command()
    assert (code, "1 of 1 public names" in out) == (0, True)


def test_lint_findings_fail_the_run(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": "```python\ndef f():\n    return nowhere\n```\n"})
    assert command("docs")[0] == 0
    code, out, _ = command("docs", "--lint")
    assert (code, "docs/a.md:3: ruff-f821 Undefined name `nowhere`\n" in out) == (1, True)
    assert "ruff and mypy read the code of 1 page: 2 objections\n" in out


def test_watch_runs_a_page_again_when_it_changes(write, tmp_path):
    write(**{"pyproject.toml": "", "docs/a.md": GOOD})
    # A test run in the background ignores the interrupt, and its children with it.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    words = [sys.executable, "-u", "-c", heed + "from sage.tools.cli import main; main()"]
    process = subprocess.Popen(
        [*words, "snippets", "docs", "--watch"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("2 snippets on 1 page: 2 passed")
        assert process.stdout.readline() == "watching; press Ctrl-C to end\n"
        write(**{"docs/b.md": BAD})
        lines = iter(process.stdout.readline, "")
        assert next(line for line in lines if "snippet-failed" in line) == (
            "docs/b.md:4: snippet-failed ZeroDivisionError: division by zero\n"
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_half_a_character_in_a_message_is_told_and_kept(write, command, tmp_path):
    page = "```python\nraise ValueError('\\udc80')\n```\n\n"
    page += "```pycon\n>>> raise KeyError('\\udc81')\n```\n"
    write(**{"pyproject.toml": "", "docs/a.md": page})
    code, out, err = command("docs")
    assert (code, err) == (1, "")
    assert "docs/a.md:2: snippet-failed ValueError: \\udc80\n" in out
    kept = (tmp_path / ".sage-dev" / "evidence.json").read_text("utf-8")
    assert "KeyError: '\\\\udc81'" in kept


def test_names_that_no_terminal_shows_and_links_that_lead_nowhere_are_told(
    write, command, tmp_path
):
    write(**{"pyproject.toml": "", "docs/a.md": GOOD})
    (tmp_path / "docs" / "loop.md").symlink_to("loop.md")
    (tmp_path / "docs" / "gone.md").symlink_to("nowhere.md")
    odd = tmp_path / "docs" / "b\udcff.md"
    odd.write_text(BAD)
    code, out, err = command("docs")
    assert (code, err) == (1, "")
    assert "docs/b .md:4: snippet-failed ZeroDivisionError: division by zero\n" in out
    assert "docs/loop.md: unreadable-page the page cannot be opened: Too many levels" in out
    assert "unreadable-page the page cannot be opened: No such file or directory\n" in out
    assert "3 snippets on 2 of 4 pages read: 2 passed, 1 failed" in out
    assert "2 unchanged since they passed;" in command("--changed", "docs")[1]
