"""What fences, front matter and settings ask for is understood, or refused with a reason."""

import os

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.snippets import Finder, load_page_settings
from sage.tools.snippets.requirements import missing


def fence(options: str, code: str = "x = 1") -> str:
    return f"# T\n\n```{options}\n{code}\n```\n"


def told(page):
    return [f"{f.line} {f.code}: {f.message}" for f in page.findings]


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "5s", "1e9"])
def test_time_limit_that_is_none_is_refused(find, runner, seconds):
    page = find(fence(f'{{.python timeout="{seconds}"}}'))
    assert told(page) == [
        f'3 bad-fence-option: timeout="{seconds}" is no number of seconds above 0'
    ]
    assert [str(o.status) for o in runner.run(page).values()] == ["passed"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("skip", 'skip needs a reason: write skip="needs a GPU"'),
        ('skip=" "', 'skip needs a reason: write skip="needs a GPU"'),
        ("skip=skip", 'skip needs a reason: write skip="needs a GPU"'),
        ("raises", 'raises needs an exception: write raises="KeyError"'),
        ("requires", 'requires needs a name: write requires="redis-server"'),
        ("timeout=", 'timeout needs seconds: write timeout="5"'),
        (
            'requires="python<3.9"',
            'requires="python<3.9" is not understood; name a program, a module, a package such as '
            "numpy>=2, python>=3.12, or env:TOKEN",
        ),
    ],
)
def test_option_that_says_nothing_is_refused(find, option, message):
    assert told(find(fence(f"{{.python {option}}}"))) == [f"3 bad-fence-option: {message}"]


FRONTS = {
    "timeout: .inf": "3 `timeout:` in the front matter is inf, no number of seconds above 0",
    "timeout: true": "3 `timeout:` in the front matter is True, no number of seconds above 0",
    "timeout: soon": "3 `timeout:` in the front matter is 'soon', no number of seconds above 0",
    "setup: [a, b]": "3 `setup:` in the front matter is no text; write `setup: |` and code below "
    "it",
    "skip: true": "3 `skip:` in the front matter needs a reason: write `skip: needs a GPU`",
    "files: 3": "3 `files:` in the front matter is no list of names; write `[one, other]`",
    "fixtures: {a: 1}": "3 `fixtures:` in the front matter is no list of names; write "
    "`[one, other]`",
    "files: [none.csv]": "3 `files:` none.csv names no file; write the path of a file, from {}/ on",
    "files: [/etc/hosts]": "3 `files:` /etc/hosts leaves the project; write the path of a file, "
    "from {}/ on",
}


@pytest.mark.parametrize("line", FRONTS)
def test_front_matter_of_a_wrong_kind_is_refused(find, tmp_path, line):
    page = find(f"---\nsnippets:\n  {line}\n---\n" + fence("python"))
    [finding] = page.findings
    assert f"{finding.line} {finding.message}" == FRONTS[line].format(tmp_path.name)


def test_file_that_is_gone_is_missed_though_the_page_is_unchanged(write, settings, tmp_path):
    text = "---\nsnippets:\n  files: [a.csv]\n---\n" + fence("python")
    page = write(**{"a.csv": "1\n", "page.md": text})
    codes = []
    for _ in range(2):
        finder = Finder(tmp_path, settings)
        codes.append([finding.code for finding in finder.find(page).findings])
        finder.save()
        (tmp_path / "a.csv").unlink(missing_ok=True)
    assert codes == [[], ["missing-file"]]


def test_time_limit_in_quotes_is_one(find):
    page = find("---\nsnippets:\n  timeout: '5'\n---\n" + fence("python"))
    assert (told(page), page.snippets[0].timeout) == ([], 5.0)


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "1e9", '"5"', "true"])
def test_setting_of_no_seconds_is_refused(tmp_path, value):
    (tmp_path / "pyproject.toml").write_text(f"[tool.sage-dev]\nsnippets-timeout = {value}\n")
    with pytest.raises(CannotBegin, match="expected seconds above 0, up to a day"):
        load_page_settings(tmp_path)


def test_installed_packages_and_their_versions_meet_requirements():
    met = ["pydantic", "pydantic>=1.2", "typing-extensions", "concurrent.futures", "xml.dom"]
    absent = ["pydantic>=99", "no-such-package>=1", "concurrent.none", "no_such.thing", "__main__x"]
    assert missing([*met, *absent]) == absent
    assert "PATH" in os.environ
    assert missing(["env:PATH"]) == []


@pytest.mark.parametrize("expected", ["SyntaxError", "Exception"])
def test_code_that_is_no_python_may_be_what_the_page_expects(run, expected):
    [outcome] = run(fence(f'{{.python raises="{expected}"}}', "x = = 1")).values()
    assert (outcome.passed, outcome.message) == (True, "SyntaxError: invalid syntax")
    [outcome] = run(fence('{.python raises="KeyError"}', "x = = 1"), "b.md").values()
    assert (outcome.passed, outcome.message) == (False, "SyntaxError: invalid syntax")


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("python2", "it is Python 2"),
        ("ipython", "it is for IPython"),
        ("pyi", "it is a stub, which only type checkers read"),
    ],
)
def test_python_of_another_kind_says_why_it_does_not_run(run, language, reason):
    [outcome] = run(fence(language, "print 1")).values()
    assert (str(outcome.status), outcome.message) == ("skipped", reason)


def test_session_of_which_nothing_runs_has_not_passed(run):
    prompts, skipped, empty = run(
        fence("pycon", "In [1]: 1 + 1\nOut[1]: 3")
        + fence("pycon", ">>> 1 / 0  # doctest: +SKIP")
        + fence("pycon", "")
    ).values()
    message = "the session has no example: its code stands after `>>> `"
    assert (str(prompts.status), prompts.message) == ("failed", message)
    assert (str(skipped.status), skipped.message) == (
        "skipped",
        "each example says `# doctest: +SKIP`",
    )
    assert str(empty.status) == "passed"


@pytest.mark.parametrize("options", ["python", "doctest", ""])
def test_session_may_start_with_a_comment(run, options):
    [outcome] = run(fence(options, "# first\n>>> 1 + 1\n3")).values()
    assert outcome.message == "`1 + 1` printed something else"


def test_fence_in_the_language_output_right_below_code_is_its_output(run, find):
    text = fence("python", "print(1)")
    [outcome] = run(f"{text}\n```output\n2\n```\n").values()
    assert outcome.message == "it printed something else than the page shows"
    page = find(f"{text}\n```bash\nls\n```\n\n```output\n2\n```\n", "b.md")
    assert ([s.line for s in page.snippets], told(page)) == ([3], [])
