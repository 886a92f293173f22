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
    return update_outputs(results, runner.root)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_wrong_outputs_change(runner, tmp_path, end, mark):
    file = tmp_path / "page.md"
    file.write_bytes((mark + PAGE.replace("\n", end)).encode())
    assert update(runner, file) == ["page.md"]
    assert file.read_bytes() == (mark + FIXED.replace("\n", end)).encode()
    assert update(runner, file) == []


def test_docstring_is_updated_in_its_module(write, runner):
    text = 'def f():\n    """F.\n\n    >>> f()\n    2\n    """\n    return 1\n'
    file = write(**{"packages/p/src/upd/m.py": text})
    assert update(runner, file) == ["packages/p/src/upd/m.py"]
    assert file.read_text() == (
        'def f():\n    """F.\n\n    >>> f()\n    1\n    """\n    return 1\n'
    )


def test_output_that_a_fence_cannot_hold_is_left(write, runner):
    text = "```python\nprint('```')\n```\n\n``` {.text .output}\nx\n```\n"
    file = write(**{"page.md": text})
    assert update(runner, file) == []
    assert file.read_text() == text


def test_failure_that_is_no_wrong_output_is_left(write, runner):
    text = "```python\n1 / 0\n```\n\n``` {.text .output}\nx\n```\n"
    file = write(**{"page.md": text})
    assert update(runner, file) == []
    assert file.read_text() == text


def test_console_output_is_updated(write, runner):
    write(**{"adr/0001-x.md": "---\nstatus: accepted\ndate: 2026-01-02\n---\n# Use it\n"})
    text = "```console\n$ sage-dev adr cite 1 --format url\n{}\n```\n"
    file = write(**{"page.md": text.format("wrong")})
    assert update(runner, file) == ["page.md"]
    assert "wrong" not in file.read_text()
    assert update(runner, file) == []
