"""`--update`: wrong outputs are rewritten, and not one other byte."""

import pytest

from sage.tools.snippets import Evidence
from sage.tools.snippets.suite import run_pages
from sage.tools.snippets.update import update_outputs

PAGE = """\
# T  \t

- list

    ```python
    print("a\\n\\n  b  ")
    ```

    ``` {.text .output}
    wrong
    wrong
    ```

> ```pycon
> >>> 1 + 1
> 3
> >>> print("x\\n\\ny")
> >>> 2
> 2
> >>> 1 / 0
> 1
> ```

no newline at the end: ok"""
FIXED = """\
# T  \t

- list

    ```python
    print("a\\n\\n  b  ")
    ```

    ``` {.text .output}
    a

      b
    ```

> ```pycon
> >>> 1 + 1
> 2
> >>> print("x\\n\\ny")
> x
> <BLANKLINE>
> y
> >>> 2
> 2
> >>> 1 / 0
> Traceback (most recent call last):
>     ...
> ZeroDivisionError: division by zero
> ```

no newline at the end: ok"""


def update(runner, file):
    page = runner.finder.find(file)
    results = list(run_pages(runner, [page], Evidence.read(runner.root)))
    return [str(found) for found in update_outputs(results, runner.root)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_wrong_outputs_change(runner, tmp_path, end, mark):
    file = tmp_path / "page.md"
    file.write_bytes((mark + PAGE.replace("\n", end)).encode())
    assert update(runner, file) == [f"page.md:{n}: output updated" for n in (9, 15, 17, 20)]
    assert file.read_bytes() == (mark + FIXED.replace("\n", end)).encode()
    assert update(runner, file) == []


def test_docstring_is_updated_in_its_module(write, runner):
    text = 'def f():\n    """F.\n\n    >>> f()\n    2\n    """\n    return 1\n'
    file = write(**{"packages/p/src/upd/m.py": text})
    assert update(runner, file) == ["packages/p/src/upd/m.py:4: output updated"]
    assert file.read_text() == (
        'def f():\n    """F.\n\n    >>> f()\n    1\n    """\n    return 1\n'
    )


def test_tab_that_a_docstring_shows_as_eight_columns_is_left(write, runner):
    text = 'def f():\n    r"""F.\n\n    >>> print("a\\tb")\n    a\n    """\n'
    file = write(**{"packages/p/src/upd/m.py": text})
    why = "what was printed would not read back so from a session"
    assert update(runner, file) == [f"packages/p/src/upd/m.py:4: output left as it is: {why}"]
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("print('```')", "holds ```, which would end its fence; use a longer one"),
        ("print('\\0')", "holds characters that a page cannot show"),
        ("print('a\\rb')", "holds characters that a page cannot show"),
        ("print('\\033[1mbold')", "holds characters that a page cannot show"),
        ("print('x' * 30_000)", "has more than 20,000 characters"),
        ("print('x\\n' * 9**6)", "has more than 20,000 characters"),
    ],
)
def test_output_that_a_page_cannot_hold_is_left(write, runner, code, why):
    text = f"```python\n{code}\n```\n\n``` {{.text .output}}\nx\n```\n"
    file = write(**{"page.md": text})
    left = f"page.md:5: output left as it is: what was printed {why}"
    assert update(runner, file) == [left]
    assert file.read_text() == text


def test_longer_fence_takes_output_that_holds_a_shorter(write, runner):
    text = "```python\nprint('```')\n```\n\n```` {{.text .output}}\n{}\n````\n"
    file = write(**{"page.md": text.format("x")})
    assert update(runner, file) == ["page.md:5: output updated"]
    assert file.read_text() == text.format("```")


@pytest.mark.parametrize(
    "code",
    [
        "print('>>> 1')",
        "print('a', end='')",
        "print('a ')",
        "print('<BLANKLINE>\\n')",
        "print('a'); 1 / 0",
    ],
)
def test_output_that_a_session_would_not_read_back_is_left(write, runner, code):
    text = f"```pycon\n>>> {code}\nx\n```\n"
    file = write(**{"page.md": text})
    why = "what was printed would not read back so from a session"
    assert update(runner, file) == [f"page.md:2: output left as it is: {why}"]
    assert file.read_text() == text


def test_output_below_a_session_is_updated(write, runner):
    text = "```pycon\n>>> print(1)\n1\n```\n\n``` {{.text .output}}\n{}\n```\n"
    file = write(**{"page.md": text.format(2)})
    assert update(runner, file) == ["page.md:6: output updated"]
    assert file.read_text() == text.format(1)


TABS = """\
```python
print("a\\tb", "abcd\\te", sep="\\n")
```

``` {.text .output}
SHOWN
```

> ```python
> print("a\\tb", "abcd\\te", sep="\\n")
> ```
>
> ```output
> SHOWN
> ```

- one

\t```pycon
\t>>> print("a\\tb", "abcd\\te", sep="\\n")
\tSHOWN
\t```
"""


def test_printed_tabs_are_compared_as_the_page_shows_them(write, runner, tmp_path):
    write(**{"page.md": TABS})
    file = tmp_path / "page.md"
    assert update(runner, file) == [f"page.md:{n}: output updated" for n in (5, 13, 20)]
    expected = (
        TABS.replace("> SHOWN", "> a\tb\n> abcd\te")
        .replace("\tSHOWN", "\ta\tb\n\tabcd\te")
        .replace("SHOWN", "a\tb\nabcd\te")
    )
    assert file.read_text("utf-8") == expected
    outcomes = runner.run(runner.finder.find(file)).values()
    assert [str(outcome.status) for outcome in outcomes] == ["passed", "passed", "passed"]


@pytest.mark.parametrize("shown", ["ab", "a b", "a     b", "a b c", "  a b"])
def test_printed_tab_is_not_any_run_of_blanks(run, shown):
    text = f'> ```python\n> print("a\\tb")\n> ```\n>\n> ```output\n> {shown}\n> ```\n'
    [outcome] = run(text).values()
    assert outcome.passed == (shown == "a b")


def test_dots_that_end_a_block_stay(write, runner):
    text = "```pycon\n>>> for n in range(2):\n...     print(n)\n...\n{}```\n"
    file = write(**{"page.md": text.format("x\n")})
    assert update(runner, file) == ["page.md:2: output updated"]
    assert file.read_text() == text.format("0\n1\n")
    assert update(runner, file) == []


@pytest.mark.parametrize("code", ["1 / 0", "raise ValueError('it printed something else')"])
def test_failure_that_is_no_wrong_output_is_left(write, runner, code):
    text = f"```python\n{code}\n```\n\n``` {{.text .output}}\nx\n```\n"
    file = write(**{"page.md": text})
    assert update(runner, file) == []
    assert file.read_text() == text


def test_console_output_is_updated(write, runner):
    write(**{"adr/0001-x.md": "---\nstatus: accepted\ndate: 2026-01-02\n---\n# Use it\n"})
    text = "```console\n$ sage-dev adr cite 1 --format url\n{}\n```\n"
    file = write(**{"page.md": text.format("wrong")})
    assert update(runner, file) == ["page.md:2: output updated"]
    assert "wrong" not in file.read_text()
    assert update(runner, file) == []


def test_console_output_shows_no_path_of_the_copy_it_ran_in(write, runner):
    text = "```console\n$ sage-dev adr list --dir nowhere\n{}\n```\n"
    file = write(**{"page.md": text.format("wrong")})
    update(runner, file)
    said = "sage-dev: nowhere: no such folder; name the folder of the records with --dir"
    assert file.read_text() == text.format(said)
