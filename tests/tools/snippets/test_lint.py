"""`--lint`: ruff and mypy speak of the Markdown's lines."""

import pytest

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
