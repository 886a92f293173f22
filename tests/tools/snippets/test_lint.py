"""`--lint`: ruff and mypy speak of the Markdown's lines."""

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.snippets.lint import lint_pages

PAGE = """\
# T

```python
import os
x: int = 1
```

> ```pycon
> >>> x.upper()
> >>> y = "a" + 1
> >>> x
> 1
> ```

```python
import json

json.dumps(undefined_name)
await json.loads("1")
```

```{.python skip="needs a GPU"}
nowhere(1)
```

```{.python raises="TypeError"}
"a" + 1
```
"""


def test_findings_have_the_line_of_the_markdown(find, tmp_path):
    found = [str(finding) for finding in lint_pages([find(PAGE)], tmp_path)[0]]
    assert sorted(found) == [
        'page.md:10: mypy-operator Unsupported operand types for + ("str" and "int")',
        'page.md:18: mypy-name-defined Name "undefined_name" is not defined',
        "page.md:18: ruff-f821 Undefined name `undefined_name`",
        'page.md:9: mypy-attr-defined "int" has no attribute "upper"',
    ]


def test_clean_pages_have_no_findings(find, tmp_path):
    page = find("# T\n\n```python\nimport json\n\njson.dumps(1)\n```\n\n```pycon\n>>> 1\n1\n```\n")
    assert lint_pages([page], tmp_path) == ([], 1)


@pytest.mark.parametrize("text", ["# no code\n", "```json\n{}\n```\n"])
def test_pages_without_code_run_nothing(find, tmp_path, text):
    assert lint_pages([find(text)], tmp_path) == ([], 0)


def test_example_that_is_meant_to_fail_and_value_not_narrowed_are_left_alone(find, tmp_path):
    page = find(
        "```pycon\n>>> def get() -> object: return {'a': 1}\n>>> get()['a']\n1\n>>> 1 + 'a'\n"
        "Traceback (most recent call last):\n    ...\n"
        "TypeError: unsupported operand type(s) for +: 'int' and 'str'\n>>> 2 + 'b'\n3\n```\n"
    )
    assert [str(finding) for finding in lint_pages([page], tmp_path)[0]] == [
        'page.md:9: mypy-operator Unsupported operand types for + ("int" and "str")'
    ]


BROKEN = """\
```python
x: int = "a"
```

```python
def f(:
```

```pycon
>>> y: int = "b"
>>> f(
```

```pycon
>>> 1 +
Traceback (most recent call last):
SyntaxError: invalid syntax
>>> z: int = "c"
```
"""


def test_code_that_is_no_python_keeps_no_other_from_being_read(find, tmp_path):
    found, pages = lint_pages(
        [find(BROKEN), find('```python\nw: int = "d"\n```\n', "b.md")], tmp_path
    )
    assert [(f.path, f.line, f.code) for f in found] == [
        ("b.md", 2, "mypy-assignment"),
        ("page.md", 2, "mypy-assignment"),
        ("page.md", 18, "mypy-assignment"),
    ]
    assert pages == 2


@pytest.mark.parametrize("file", [".ruff.toml", "ruff.toml", "pyproject.toml"])
def test_rules_are_those_of_the_file_that_ruff_takes(find, write, tmp_path, file):
    table = "[tool.ruff.lint]" if file == "pyproject.toml" else "[lint]"
    write(**{"pyproject.toml": "[tool.ruff.lint]\nselect = ['F']\n"})
    write(**{file: f'{table}\nselect = ["CPY", "UP"]\npreview = true\n'})
    page = find("```python\nfrom typing import Iterator\n```\n")
    [found] = lint_pages([page], tmp_path)[0]
    assert (found.line, found.code) == (2, "ruff-up035")
    write(**{file: f"{table}\nselect = 3\n"})
    with pytest.raises(CannotBegin, match=rf"{file}: ruff refuses to run: ") as refused:
        lint_pages([page], tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("folder", ["flat", "src/flat"])
def test_code_is_typed_against_the_repository_s_own_package(find, write, tmp_path, folder):
    write(**{f"{folder}/__init__.py": "def f(x: int) -> int:\n    return x\n"})
    [found] = lint_pages([find('```python\nimport flat\nflat.f("a")\n```\n')], tmp_path)[0]
    assert (found.line, found.code) == (3, "mypy-arg-type")
