"""The pytest plugin, driven through pytest itself; every test states how many were collected."""

import json
import sys
import xml.etree.ElementTree as ElementTree

import pytest

pytest_plugins = ["pytester"]

PAGE = """\
# T

```python
x = 1
```

```python
print(x + 1)
```

``` {.text .output}
2
```

```pycon
>>> x
1
```
"""
INI = '[tool.pytest.ini_options]\nsnippets = ["docs", "snippets", "packages"]\n'


@pytest.fixture
def repository(pytester):
    """A repository with a page, a program and a module with a docstring."""

    def write(name, text):
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    pytester.write = write
    write("pyproject.toml", INI)
    write("docs/page.md", PAGE)
    write("snippets/program.py", "print('hello')\n")
    write("packages/p/src/plug/__init__.py", '"""P.\n\n>>> 1 + 1\n2\n"""\n')
    return pytester


def collected(pytester, *words):
    result = pytester.runpytest("--collect-only", "-q", *words)
    return [line for line in result.outlines if "::" in line]


def test_every_fence_session_program_and_docstring_is_an_item(repository):
    assert collected(repository) == [
        "docs/page.md::L3",
        "docs/page.md::L7",
        "docs/page.md::L15",
        "packages/p/src/plug/__init__.py::L3",
        "snippets/program.py::L1",
    ]


def test_items_run_and_pass(repository):
    repository.runpytest().assert_outcomes(passed=5)


def test_plugin_is_inert_unless_asked(repository):
    repository.write("pyproject.toml", "")
    assert collected(repository) == []
    assert len(collected(repository, "--snippets", "docs")) == 3


def test_command_and_pytest_run_the_same_items(repository):
    listed = repository.run(
        sys.executable, "-c", "from sage.tools.cli import main; main()",
        "snippets", "docs", "packages", "snippets", "--list",
    )  # fmt: skip
    places = [line.split(": ")[0].replace(":", "::L") for line in listed.outlines]
    assert places == collected(repository)
    assert len(places) == 5


@pytest.mark.parametrize(
    ("words", "passed", "deselected"),
    [(["docs/page.md::L15"], 1, 0), (["-k", "L15"], 1, 4), (["-k", "L7 or L15"], 2, 3)],
)
def test_item_carries_its_prerequisites(repository, words, passed, deselected):
    repository.runpytest(*words).assert_outcomes(passed=passed, deselected=deselected)


def test_last_failed_runs_only_the_failed_item_with_its_prerequisites(repository):
    repository.write("docs/page.md", PAGE.replace("\n2\n", "\n3\n"))
    repository.runpytest().assert_outcomes(passed=4, failed=1)
    repository.runpytest("--lf").assert_outcomes(failed=1)


def test_xdist_runs_every_item_and_a_page_once_a_worker(repository):
    fences = "".join(f"```python\nn += 1\nassert n == {i}\n```\n" for i in range(1, 31))
    record = repository.path / "starts"
    start = f"```python\nn = 0\nopen({str(record)!r}, 'a').write('s')\n```\n"
    repository.write("docs/long.md", start + fences)
    repository.runpytest("-n", "2", "docs/long.md").assert_outcomes(passed=31)
    assert 1 <= len(record.read_text()) <= 2


def test_xdist_writes_evidence_of_all_workers(repository):
    repository.runpytest("-n", "2").assert_outcomes(passed=5)
    pages = json.loads((repository.path / ".sage-dev/evidence.json").read_text())["pages"]
    assert {page: len(entries) for page, entries in pages.items()} == {
        "docs/page.md": 3,
        "packages/p/src/plug/__init__.py": 1,
        "snippets/program.py": 1,
    }


def test_failure_names_file_and_line_and_shows_expected_against_got(repository):
    repository.write("docs/page.md", PAGE.replace("\n2\n", "\n3\n"))
    result = repository.runpytest()
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "docs/page.md:12: it printed something else than the page shows",
            "Expected:",
            "    3",
            "Got:",
            "    2",
            "FAILED docs/page.md::L7 - it printed something else than the page shows",
        ]
    )


def test_traceback_shows_the_markdown_line_with_its_source(repository):
    repository.write("docs/page.md", "# T\n\n```python\nx = 1\nraise ValueError(x)\n```\n")
    result = repository.runpytest("docs")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "docs/page.md:5: ValueError: 1",
            ">    5 raise ValueError(x)",
            '  File "docs/page.md", line 5, in <module>',
        ]
    )


WRONG = "# T\n\n```python\nfor n in 1, -2, 3: print(n)\n```\n\n``` {.text .output}\n1\n-2\n4\n```\n"


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["here", "in a worker"])
def test_failure_is_in_colours_at_a_terminal_and_plain_in_files(repository, words):
    repository.write("docs/page.md", WRONG)
    result = repository.runpytest("docs", *words, "--color=yes", "--junitxml=out.xml")
    assert "\n".join(result.outlines).count("\x1b[31m    -4\x1b[0m\n\x1b[32m    +3\x1b[0m") == 1
    shown = result.outlines.index(
        "\x1b[31m\x1b[1mdocs/page.md:10: it printed something else than the page shows\x1b[0m"
    )
    assert result.outlines[shown + 1 : shown + 3] == ["", "line 7: the output shown"]
    assert "     -2" in result.outlines[shown:]
    written = (repository.path / "out.xml").read_text("utf-8")
    assert "Difference:" in written
    assert "\x1b" not in written
    assert "#x1B" not in written


def test_finding_of_a_page_is_a_failing_item(repository):
    repository.write("docs/bad.md", "# T\n\n```python\nx = 1\n")
    assert collected(repository, "docs/bad.md") == ["docs/bad.md::L3-unterminated-fence"]
    result = repository.runpytest("docs/bad.md", "--junitxml=out.xml")
    result.assert_outcomes(failed=1)
    said = "```python is never closed; end it with ```"
    result.stdout.fnmatch_lines(
        [f"docs/bad.md:3: unterminated-fence {said}",
         "FAILED docs/bad.md::L3-unterminated-fence - ```python is never closed;*"]
    )  # fmt: skip
    assert f'<failure message="{said}">' in (repository.path / "out.xml").read_text("utf-8")


def test_findings_snippets_and_tests_of_any_order_leave_nothing_set_up(repository):
    wrong = "```{.python skipp='a'}\nx = 1\n```\n\n"
    for name in ("docs/a/one.md", "docs/b/two.md", "docs/c/three.md"):
        repository.write(name, wrong + "```python\ny = 2\n```\n")
    for name in ("docs/a/test_a.py", "docs/b/test_b.py"):
        repository.write(name, "def test_it(tmp_path):\n    assert tmp_path\n")
    result = repository.runpytest("docs", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=3, passed=11)


def test_skip_shows_its_reason(repository):
    repository.write("docs/page.md", '```{.python skip="needs a GPU"}\n1 / 0\n```\n')
    result = repository.runpytest("-rs", "docs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED [1] docs/page.md:1: needs a GPU"])


def test_page_that_kills_its_process_does_not_end_the_run(repository):
    repository.write("docs/crash.md", "```python\nimport ctypes\nctypes.string_at(0)\n```\n")
    repository.write("docs/exit.md", "```python\nimport os\nos._exit(0)\n```\n")
    repository.runpytest().assert_outcomes(passed=5, failed=2)


def test_junit_file_holds_every_item(repository):
    repository.write("docs/page.md", PAGE.replace("\n2\n", "\n3\n"))
    repository.runpytest("--junitxml=out.xml").assert_outcomes(passed=4, failed=1)
    suite = ElementTree.parse(repository.path / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("5", "1")
    [failure] = suite.iter("failure")
    assert failure.get("message") == "it printed something else than the page shows"
    assert "Expected:\n    3\nGot:\n    2" in (failure.text or "")


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["", "xdist"])
def test_changed_leaves_out_what_passed_and_is_the_same(repository, workers):
    ran = repository.path / "ran"
    page = f"```python\nopen({str(ran)!r}, 'a').write('x')\n```\n"
    repository.write("docs/page.md", page)
    repository.runpytest("docs").assert_outcomes(passed=1)
    again = repository.runpytest("docs", "--snippets-changed", *workers)
    assert again.ret == pytest.ExitCode.OK
    again.stdout.fnmatch_lines(["1 snippet unchanged since they passed"])
    assert ran.read_text() == "x"
    repository.write("docs/page.md", page + "\n```python\n1 / 0\n```\n")
    edited = repository.runpytest("docs", "--snippets-changed", *workers)
    edited.assert_outcomes(failed=1)
    assert ran.read_text() == "xx"  # what the edited one builds on
    repository.runpytest("docs", "--snippets-changed", *workers).assert_outcomes(failed=1)


def test_changed_finds_no_tests_where_there_are_none(repository):
    repository.write("docs/page.md", "# Nothing\n")
    done = repository.runpytest("docs", "--snippets-changed")
    assert done.ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["here", "in a worker"])
def test_github_gets_one_annotation_a_failure(repository, monkeypatch, words):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    repository.write("docs/page.md", "# T\n\n```python\n1 / 0\n```\n\n```python\nx\n")
    repository.write("docs/test_it.py", "def test_it():\n    assert False\n")
    result = repository.runpytest("docs", *words)
    result.assert_outcomes(failed=3)
    assert sorted(line for line in result.outlines if line.startswith("::")) == [
        "::error file=docs/page.md,line=4,title=snippet-failed::ZeroDivisionError: division by "
        "zero",
        "::error file=docs/page.md,line=7,title=unterminated-fence::```python is never closed; end "
        "it with ```",
    ]


@pytest.mark.parametrize(
    "words",
    ["---\nsnippets:\n  fixtures: [port, folder]\n---\n",
     "<!-- snippets: {fixtures: [port, folder]} -->\n\n"],
    ids=["front matter", "comment"],
)  # fmt: skip
def test_fixtures_serve_the_whole_page(repository, words):
    repository.write(
        "conftest.py",
        "from pathlib import Path\nimport pytest\n\n"
        "@pytest.fixture\ndef port(monkeypatch):\n"
        "    monkeypatch.setenv('SERVICE', 'up')\n    yield 7\n    Path('down').write_text('x')\n\n"
        "@pytest.fixture\ndef folder(tmp_path):\n    return tmp_path\n",
    )
    repository.write(
        "docs/page.md",
        words + "```python\nimport os\nassert os.environ['SERVICE'] == 'up'\nport += 1\n```\n\n"
        "```python\nassert port == 8 and folder.is_dir()\n```\n",
    )
    result = repository.runpytest("docs")
    result.assert_outcomes(passed=2)
    assert result.ret == 0  # the folder, too, was torn down
    assert (repository.path / "down").read_text() == "x"


TWO = "---\nsnippets:\n  fixtures: [it]\n---\n```python\nx = 1\n```\n\n```python\nx + 1\n```\n"
FIXTURES = {
    "is skipped": ("def it():\n    pytest.skip('no GPU')", {"skipped": 2}, "*:5: no GPU"),
    "raises": ("def it():\n    1 / 0", {"failed": 2}, "*line 5, in it"),
    "fails": ("def it():\n    pytest.fail('nowhere')", {"failed": 2}, "*fixtures failed: nowhere"),
    "has parameters": (
        "(params=[1])\ndef it(request):\n    return request.param", {"failed": 2},
        "*the page's fixtures failed: The requested fixture has no parameter defined for test",
    ),
    "is not there": (
        "def other(): ...", {"failed": 2},
        "*failed: there is no fixture it; `pytest --fixtures` lists those there are",
    ),
    "raises at its end": (
        "def it():\n    yield\n    1 / 0", {"passed": 2, "errors": 1}, "E *ZeroDivisionError*",
    ),
    "lives as long as the module": ("(scope='module')\ndef it():\n    yield 3", {"passed": 2}, "*"),
    "lives as long as the class": ("(scope='class')\ndef it(): ...", {"passed": 2}, "*"),
}  # fmt: skip


@pytest.mark.parametrize("case", FIXTURES)
def test_page_whose_fixture(repository, case):
    code, outcomes, line = FIXTURES[case]
    repository.write(
        "conftest.py",
        f"import pytest\n\n@pytest.fixture{'' if code[0] == '(' else chr(10)}{code}\n",
    )
    repository.write("docs/page.md", TWO)
    result = repository.runpytest("docs", "-rs")
    result.assert_outcomes(**outcomes)
    assert "INTERNALERROR" not in str(result.stdout) + str(result.stderr)
    result.stdout.fnmatch_lines([line])


def test_coverage_measures_library_code_that_snippets_run(repository):
    repository.write("packages/p/src/plug/lib.py", "def used():\n    return 1\n")
    repository.write("docs/page.md", "```python\nfrom plug.lib import used\nused()\n```\n")
    repository.write(
        ".coveragerc", "[run]\nparallel = true\npatch = subprocess\nsource_pkgs = plug\n"
    )
    coverage = [sys.executable, "-m", "coverage"]
    repository.run(*coverage, "run", "-m", "pytest", "docs").assert_outcomes(passed=1)
    assert repository.run(*coverage, "combine").ret == 0
    report = repository.run(*coverage, "json", "-o", "-", "--quiet")
    files = json.loads(report.stdout.str())["files"]
    assert files["packages/p/src/plug/lib.py"]["executed_lines"] == [1, 2]


MOVED = """\
import builtins, sys
import pytest
given = builtins.__import__

def moved(name, within=None, *rest, **named):
    private = name.startswith("_pytest") and name != "_pytest.assertion.rewrite"  # pytest's own
    if private and (within or {}).get("__name__", "").startswith("sage.tools.pytest_plugin"):
        raise ImportError(f"{name} has moved")
    return given(name, within, *rest, **named)

builtins.__import__ = moved
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_private_parts_of_pytest_are_needed_by_fixtures_and_failures_only(repository):
    repository.write("test_plain.py", "def test_plain():\n    assert True\n")
    words = (sys.executable, "-c", MOVED, "-p", "no:cacheprovider")
    repository.run(*words, "test_plain.py", "docs").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("mkdocs.yml", "site_name: x\na: [b\n", "ERROR: mkdocs.yml:3: cannot be read as YAML: *"),
        ("pyproject.toml", f"{INI}[tool.sage-dev]\nsnippets-timeout = 'x'\n", "ERROR: *timeout*"),
    ],
)
def test_broken_configuration_is_one_sentence(repository, file, text, said):
    repository.write(file, text)
    done = repository.runpytest_subprocess()
    done.stderr.fnmatch_lines([said])
    assert (done.ret, "Traceback" in str(done.stderr)) == (pytest.ExitCode.USAGE_ERROR, False)


def test_what_the_command_warns_of_is_a_warning(repository):
    repository.write("docs/page.md", "```python\nprint(1)\n```\n\n```text\n1\n```\n")
    done = repository.runpytest_subprocess("docs")
    done.stdout.fnmatch_lines(["*PytestWarning: docs/page.md:5: unchecked-output this text is *"])
    done.assert_outcomes(passed=2, warnings=1)
    strict = repository.runpytest_subprocess("docs", "-W", "error")
    strict.assert_outcomes(passed=1, failed=1)
