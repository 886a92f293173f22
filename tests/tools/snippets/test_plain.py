"""What needs no Markdown to be found is what Markdown finds."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.plain import find_plain, is_plain_site
from sage.tools.snippets.reader import Reader

LINES = [
    "", "text", "```", "```python", "```py", "``` python", "```python ", "```python notest",
    "```{.python}", "```.python", "````", "````python", "~~~", "~~~python", "  ```python",
    "    ```", "    x = 1", "        y = 2", "  ", "\t", "\tx", "> q", "> ```python", "> ```",
    ">>> 1 + 1", "    >>> 1", "- item", "- ```python", "1. ```py", "* a", "<!-- c", "-->",
    "<!-- ``` -->", "<script>", "</script>", "<pre>", "</pre>", "<div>", "</div>", "x < y",
    "--8<-- 'a.md'", "key: value", "---", "# T", "===", '=== "Tab"', "!!! note", "??? d",
    "`` ``` ``", "a ``` b", "[^1]: note", "[a]: b", "*[HTML]: x", "|a|b|", "|-|-|", ":   def",
    "    :::python", ":::python", "::: module", "#!python", "    #!python", "x \x02 y", "$$",
    "```python\u00a0", "```py+", "```c++", "```C#", "\u00a0", "a\u2028b", "```python\u2028",
    "{: .a}", "\\", "\x0c", "\ufeff", "\x85",
]  # fmt: skip
ONE = st.sampled_from(LINES).map(lambda line: [line])
BLOCK = st.builds(
    lambda language, code: [f"```{language}", *code, "```"],
    st.sampled_from(["", "python", "pycon", "text"]),
    st.lists(st.sampled_from(LINES), max_size=2),
)
READER = Reader(Path.cwd(), PageSettings())


def facts(fences):
    return [(f.line, f.end_line, f.language, f.classes, f.options, f.source) for f in fences]


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(st.lists(ONE | BLOCK, max_size=6), st.sampled_from([1, 5]))
def test_plain_page_has_the_fences_that_superfences_makes(parts, first):
    body = "\n".join(line for part in parts for line in part)
    found = find_plain(body, first)
    if found is not None:
        read = READER.fences(body, first)
        assert facts(found) == facts(read)
        assert (READER.hook.problems, READER.hook.includes) == ([], set())
        assert all(fence.prefix == "" for fence in read)


def test_plain_page_is_read_without_markdown(find, monkeypatch):
    monkeypatch.setitem(sys.modules, "sage.tools.snippets.reader", None)
    text = "# T\n\ntext\n\n```python\nx = 1 < 2\n```\n\n```\nshown\n```\n\n```pycon\n>>> x\n```\n"
    page = find(text)
    assert [(s.line, s.end_line, str(s.kind), s.source) for s in page.snippets] == [
        (5, 7, "code", "x = 1 < 2"),
        (13, 15, "session", ">>> x"),
    ]


@pytest.mark.parametrize(
    ("extensions", "plain"),
    [
        ({"pymdownx.superfences": {}, "tables": {}, "toc": {"permalink": True}}, True),
        ({"pymdownx.superfences": {}, "markdown.extensions.def_list": {}}, True),
        ({"pymdownx.superfences": {"custom_fences": [{"name": "python"}]}}, False),
        ({"pymdownx.superfences": {}, "pymdownx.snippets": {"auto_append": ["a.md"]}}, False),
        ({"pymdownx.superfences": {}, "pymdownx.snippets": {"check_paths": True}}, True),
        ({"pymdownx.superfences": {}, "their.extension": {}}, False),
    ],
)
def test_site_is_plain_where_no_extension_says_otherwise(extensions, plain):
    assert is_plain_site(PageSettings(extensions=extensions)) is plain
