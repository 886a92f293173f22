"""What is found on a page: what its reader sees, with the line in the Markdown."""

import re
from pathlib import Path

import markdown
import pytest

from sage.tools.snippets import Finder, Kind, PageBlocks, PageSettings, load_page_settings
from sage.tools.snippets.selfcheck import SelfCheck

PAGE = '''\
---
title: every place a fence can stand in
---
# Page

```python
top = 1
```

- item

    ```{.python skip="needs a GPU" requires="redis, ray"}
    in_list = 1
    ```

    1. deeper

        ~~~py title="a.py"
        deeper = 1
        ~~~

!!! note

    ```pycon
    >>> 1
    1
    ```

??? tip

    ```{ .python }
    details = 1
    ```

> ```python
> quoted = 1
>
> still = 1
> ```

<div markdown>
```python
in_html = 1
```
</div>

=== "Tab"

    ```python3
    tabbed = 1
    ```

`````python
longer = """
```
"""
`````

```
>>> "no language"
'no language'
```

| a |
|---|

```JSON
{}
```

<!--
```python
in_comment = 1
```
-->

    ```python
    indented_code = 1
    ```

````text
```python
inside_a_longer_fence = 1
```
````

```bash
echo no
```
'''

FOUND = [
    (6, "code", "top = 1", 7),
    (12, "code", "in_list = 1", 13),
    (18, "code", "deeper = 1", 19),
    (24, "session", ">>> 1\n1", 25),
    (31, "code", "details = 1", 32),
    (35, "code", "quoted = 1\n\nstill = 1", 36),
    (42, "code", "in_html = 1", 43),
    (49, "code", "tabbed = 1", 50),
    (53, "code", 'longer = """\n```\n"""', 54),
    (59, "session", ">>> \"no language\"\n'no language'", 60),
    (67, "data", "{}", 68),
]


def test_every_visible_fence_is_found_with_its_line(find):
    page = find(PAGE)
    found = [(s.line, str(s.kind), s.source, s.origin_line) for s in page.snippets]
    assert found == FOUND
    assert page.findings == ()


@pytest.mark.parametrize("text", [PAGE.replace("\n", "\r\n"), "\ufeff" + PAGE])
def test_line_endings_and_byte_order_mark_change_nothing(find, text):
    page = find(text)
    assert [(s.line, str(s.kind), s.source, s.origin_line) for s in page.snippets] == FOUND


def test_options_of_a_fence_are_read(find):
    snippet = find(PAGE).snippets[1]
    assert (snippet.skip, snippet.requires) == ("needs a GPU", ("redis", "ray"))


def test_output_fence_belongs_to_the_code_before_it(find):
    page = find("```python\nprint(1)\n```\n\nprints\n\n``` {.text .output}\n1\n```\n")
    assert [str(s.kind) for s in page.snippets] == ["code", "output"]
    assert page.snippets[0].expected == 1


def test_output_without_code_is_a_finding(find):
    page = find("# T\n\n``` {.text .output}\n1\n```\n")
    assert [str(f) for f in page.findings] == [
        "page.md:3: output-without-code this output follows no code of its own; "
        "put it after the code that prints it"
    ]


def test_included_program_is_that_program(write, find):
    write(**{"snippets/a.py": "import os\n# --8<-- [start:main]\nprint(1)\n# --8<-- [end:main]\n"})
    [snippet] = find('# T\n\n```python\n--8<-- "snippets/a.py:main"\n```\n').snippets
    assert (snippet.kind, snippet.program) == (Kind.PROGRAM, "snippets/a.py")
    assert (snippet.line, snippet.origin, snippet.origin_line) == (3, "snippets/a.py", 3)


def test_included_package_code_is_source(write, find):
    write(**{"packages/p/src/p.py": "# --8<-- [start:f]\ndef f(): ...\n# --8<-- [end:f]\n"})
    [snippet] = find('```python\n--8<-- "packages/p/src/p.py:f"\n```\n').snippets
    assert (snippet.kind, snippet.source) == (Kind.SOURCE, "def f(): ...")


def test_include_with_anything_beside_it_runs(write, find):
    write(**{"snippets/a.py": "a = 1\n"})
    [snippet] = find('```python\n--8<-- "snippets/a.py"\nprint(a)\n```\n').snippets
    assert (snippet.kind, snippet.source.rstrip("\n").split("\n")[0]) == (Kind.CODE, "a = 1")


def test_fence_within_an_included_page_has_the_line_of_the_include(write, find):
    write(**{"parts/common.md": "text\n\n```python\nx = 1\n```\n"})
    [snippet] = find('# T\n\n--8<-- "parts/common.md"\n').snippets
    assert (snippet.line, snippet.origin, snippet.origin_line) == (3, "parts/common.md", 4)


def test_docstring_examples_are_found_with_their_lines(write, runner):
    file = write(
        **{
            "packages/p/src/pkg/mod.py": '"""M.\n\n>>> 1\n1\n"""\n\n\nclass A:\n    """A.\n\n'
            '    >>> A()\n    A\n    """\n\n    def f(self):\n        r"""F.\n\n        ```pycon\n'
            '        >>> 2\n        2\n        ```\n        """\n\n\n'
            'def plain():\n    """None."""\n',
            "packages/p/src/pkg/__init__.py": "",
        }
    )
    page = runner.finder.find(file.parent / "mod.py")
    assert [(s.line, s.name, s.source) for s in page.snippets] == [
        (3, "pkg.mod", ">>> 1\n1"),
        (11, "pkg.mod.A", ">>> A()\nA"),
        (19, "pkg.mod.A.f", ">>> 2\n2"),
    ]
    assert page.module == "pkg.mod"


def test_settings_come_from_mkdocs_yml_with_its_tags(tmp_path: Path):
    (tmp_path / "mkdocs.yml").write_text(
        "site_url: !ENV [NO_SUCH_NAME, 'x']\n"
        "markdown_extensions:\n"
        "  - attr_list\n"
        "  - pymdownx.emoji:\n"
        "      emoji_index: !!python/name:material.extensions.emoji.twemoji\n"
        "  - pymdownx.superfences:\n"
        "      custom_fences:\n"
        "        - name: mermaid\n"
        "          class: mermaid\n"
        "          format: !!python/name:pymdownx.superfences.fence_code_format\n"
        "        - name: exec\n"
        "          class: exec\n"
        "          format: !!python/name:no.such.module.format\n"
    )
    settings = load_page_settings(tmp_path)
    assert list(settings.extensions) == ["tables", "attr_list", "pymdownx.superfences"]
    page = tmp_path / "page.md"
    page.write_text("```mermaid\na\n```\n\n```exec\nb\n```\n\n```python\nx = 1\n```\n")
    [snippet] = Finder(tmp_path, settings).find(page).snippets
    assert snippet.line == 9


def test_renderer_learns_which_snippet_each_block_is(tmp_path: Path):
    settings = PageSettings()
    file = tmp_path / "page.md"
    file.write_text(PAGE)
    body = PAGE.split("---\n", 2)[2]
    blocks = PageBlocks(Finder(tmp_path, settings), lambda s, html: f"[{s.line} {s.kind}]{html}")
    md = markdown.Markdown(
        extensions=list(settings.extensions), extension_configs=settings.extensions
    )
    blocks.attach(md)
    blocks.begin(file, body)
    html = md.convert(body)
    shown = re.findall(r"\[(\d+) (\w+)\]<div", html)
    assert [(int(line), kind) for line, kind in shown] == [row[:2] for row in FOUND]
    assert "skip=" not in html
    assert "requires=" not in html


def test_conversion_within_a_page_is_left_alone(tmp_path: Path):
    file = tmp_path / "page.md"
    file.write_text("```python\nx = 1\n```\n")
    wrapped = []
    blocks = PageBlocks(Finder(tmp_path, PageSettings()), lambda s, html: wrapped.append(s) or html)
    md = markdown.Markdown(extensions=list(PageSettings().extensions))
    blocks.attach(md)
    md.convert("```python\ny = 2\n```\n")
    assert wrapped == []


def test_string_below_an_assignment_is_a_docstring_too(write, runner):
    text = 'LIMIT = 3\n"""The limit.\n\n>>> LIMIT\n3\n"""\n\n\nclass A:\n    x: int = 1\n'
    text += '    """X.\n\n    >>> A.x\n    1\n    """\n'
    file = write(**{"packages/p/src/assigned/m.py": text})
    page = runner.finder.find(file)
    assert [(s.line, s.name) for s in page.snippets] == [
        (4, "assigned.m.LIMIT"),
        (13, "assigned.m.A.x"),
    ]
    assert [o.message for o in runner.run(page).values()] == ["", ""]


MYST = """\
# T

```{include} ../README.md
:start-after: 'code-begin -->'
```

```python
a = 1
```

````{admonition} A title
```python
b = 2
```
````

> ~~~{figure} a.png
> ~~~
> ```python
> c = 3
> ```

````markdown
```{include} shown.md
```
````

```{note}
text
```

```python
text = '''
```{include} in_code.md
'''
```
"""


def test_myst_directives_hide_no_fence_outside_mkdocs(tmp_path, find):
    page = find(MYST)
    assert page.findings == ()
    assert [(s.line, s.source) for s in page.snippets] == [
        (7, "a = 1"),
        (12, "b = 2"),
        (19, "c = 3"),
        (32, "text = '''\n```{include} in_code.md\n'''"),
    ]
    check = SelfCheck(tmp_path, PageSettings())
    assert check.checked(page).findings == ()


def test_directive_on_a_page_of_mkdocs_is_what_its_reader_sees(tmp_path):
    (tmp_path / "mkdocs.yml").write_text("markdown_extensions: [pymdownx.superfences]\n")
    page = tmp_path / "page.md"
    page.write_text("# T\n\n```{include} a.md\n```\n\ntext\n")
    [finding] = Finder(tmp_path, load_page_settings(tmp_path)).find(page).findings
    assert str(finding) == "page.md:4: unterminated-fence ``` is never closed; end it with ```"


COMMENTS = """\
---
snippets:
  setup: |
    a = 1
  requires: [json]
---
# T

<!-- snippets:
  setup: |
    b = a + 1
  files: [data.csv]
-->

```markdown
<!-- snippets: {skip: "only shown"} -->
```

```python
print(b)
```

<!-- snippets: {setup: "c = 3", requires: os, timeout: 5} -->
"""


def test_comments_say_what_the_front_matter_could(find, write):
    write(**{"data.csv": ""})
    page = find(COMMENTS)
    assert (page.findings, page.setup_line, page.files) == ((), 4, ("data.csv",))
    lines = dict(enumerate(page.setup.split("\n"), page.setup_line))
    assert {n: line for n, line in lines.items() if line} == {
        4: "a = 1",
        11: "b = a + 1",
        23: "c = 3",
    }
    [snippet] = page.snippets
    assert (snippet.requires, snippet.timeout, snippet.skip) == (("json", "os"), 5.0, "")


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("<!-- snippets: {setpu: x} -->", "3: broken-front-matter `snippets:` in the comment has "
         "the unknown key setpu; known keys: files, fixtures, requires, setup, skip, timeout"),
        ("<!-- snippets:\n  setup: [\n-->", "5: broken-front-matter the comment cannot be read: "
         "expected the node content, but found '<stream end>'; correct the YAML"),
    ],
)  # fmt: skip
def test_broken_comment_is_a_finding_with_its_line(find, comment, said):
    assert [str(f) for f in find(f"# T\n\n{comment}\n").findings] == [f"page.md:{said}"]
