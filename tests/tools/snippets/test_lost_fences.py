"""Code that a reader sees and no fence holds is told of, with what to write instead."""

import pytest

from sage.tools.snippets import Finder, Kind, load_page_settings
from sage.tools.snippets.run import Runner
from sage.tools.snippets.selfcheck import SelfCheck

LOST = {
    "on the line of its bullet": (
        "- ```python\n  x = 1\n  ```\n",
        [
            "1 lost-fence: - ```python opens no code block on the site; put the fence on a line of "
            "its own, indented by four",
            "3 unterminated-fence: ``` is never closed: - ```python on line 1 opens no code block; "
            "write its options as `{.language …}`",
        ],
    ),
    "braces without a dot": (
        "```{python}\nx = 1\n```\n",
        ["1 lost-fence: ```{python} shows plain text on the site; write ```{.python}"],
    ),
    "indented, for codehilite": (
        "text\n\n    :::python\n    x = 1\n\n    #!py\n    y = 2\n",
        [
            f"{line} lost-fence: this indented code is not run; put it into a fence that opens "
            "with ```python"
            for line in (3, 6)
        ],
    ),
    "an indented session": (
        "text\n\n    >>> x = 1\n    >>> x\n    2\n",
        [
            "3 lost-fence: this indented code is not run; put it into a fence that opens with "
            "```python"
        ],
    ),
    "an opening that another tool understands": (
        "```toml example\na = 1\n```\n\ntext\n",
        [
            "3 unterminated-fence: ``` is never closed: ```toml example on line 1 opens no code "
            "block; write its options as `{.language …}`"
        ],
    ),
}


@pytest.mark.parametrize("case", LOST)
def test_code_in_no_fence_is_told_of(find, case):
    text, expected = LOST[case]
    page = find(text)
    assert [f"{f.line} {f.code}: {f.message}" for f in page.findings] == expected
    assert page.snippets == ()


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n\n    >>> hidden\n\n    :::python\n-->\n",
        "````text\n\n    >>> shown\n\n```{python}\n````\n",
        "1. a\n\n    ```python\n    x = '''\n\n    >>> 1\n    '''\n    ```\n",
        "text\n    >>> goes on\n",
    ],
)
def test_what_is_hidden_or_shown_in_a_fence_is_not_told_of(find, text):
    assert find(text).findings == ()


def test_myst_code_runs_outside_mkdocs_with_its_lines(find, runner, tmp_path):
    page = find(
        "```{code-block} python\n:linenos:\n:caption: A\n\nx = 1\n1 / 0\n```\n\n"
        "> ~~~{code} pycon\n> >>> x\n> 1\n> ~~~\n\n```{code-cell} ipython3\n%time\n```\n\n"
        "````{code-block} text\n```{code-block} python\n````\n"
    )
    assert (page.findings, [s.line for s in page.snippets]) == ((), [1, 9, 14])
    failed, session, cell = runner.run(page).values()
    assert (failed.message, failed.line) == ("ZeroDivisionError: division by zero", 6)
    assert (str(session.status), cell.message) == ("passed", "it is for IPython")
    assert SelfCheck(tmp_path, runner.settings).checked(page).findings == ()


def test_myst_code_on_a_site_of_mkdocs_is_lost(write, tmp_path):
    write(**{"mkdocs.yml": "markdown_extensions: [pymdownx.superfences]\n"})
    page = write(**{"page.md": "```{code-block} python\nx = 1\n```\n\ntext\n"})
    findings = Finder(tmp_path, load_page_settings(tmp_path)).find(page).findings
    assert "lost-fence" in [finding.code for finding in findings]
    [lost] = [finding.message for finding in findings if finding.code == "lost-fence"]
    assert lost.endswith("opens no code block on the site, which has no such directives; write "
                         "```python")  # fmt: skip


INCLUDES = {
    "folder": 'the include "folder" cannot be read: Is a directory; include a file of text',
    "binary": 'the include "binary" is no text in utf-8; include a file of text',
    "a.py:7:9": "a.py has 2 lines, none of those that are included",
    "https://example.org/a.py": 'the include "https://example.org/a.py" is an address, which is '
    "not fetched here; include a file",
}


@pytest.mark.parametrize("path", INCLUDES)
def test_include_that_shows_nothing_fails_its_fence_alone(write, find, runner, path):
    write(**{"a.py": "x = 1\ny = 2\n", "binary": "\udcff\0", "folder/b.py": ""})
    page = find(f'# T\n\n```python\n--8<-- "{path}"\n```\n\n```python\nprint(2)\n```\n')
    assert [(f.line, f.message) for f in page.findings] == [(4, INCLUDES[path])]
    lost, sound = runner.run(page).values()
    assert (lost.message, lost.line, sound.output) == (INCLUDES[path], 3, "2\n")


SITE = """\
docs_dir: pages
markdown_extensions:
  - attr_list
  - material.extensions.preview:
      targets: {include: ["*"]}
  - pymdownx.superfences:
      custom_fences: [{name: mermaid, class: mermaid}]
  - pymdownx.snippets:
      base_path: [!relative $docs_dir/parts, !relative $config_dir]
plugins:
  - search
  - markdown-exec:
      ansi: required
"""


def test_fences_of_markdown_exec_say_who_runs_them(write, tmp_path):
    write(**{"mkdocs.yml": SITE, "pages/parts/a.py": "x = 1\n", "b.py": "y = 2\n"})
    page = write(
        **{
            "pages/page.md": '```python exec="on" session="s"\n1 / 0\n```\n\n'
            '```python exec="off"\nx = 1\n```\n\n```sh exec="1"\nls\n```\n\n'
            '```python\n--8<-- "a.py"\n--8<-- "b.py"\nprint(x + y)\n```\n\n'
            '```{.py exec="true" source="above"}\n1 / 0\n```\n'
        }
    )
    with Runner(tmp_path, load_page_settings(tmp_path)) as runner:
        found = runner.finder.find(page)
        assert [(f.line, f.code) for f in found.findings] == [(5, "lost-fence")]
        assert [(s.line, s.kind) for s in found.snippets] == [
            (1, Kind.CODE),
            (13, Kind.CODE),
            (19, Kind.CODE),
        ]
        taken, sound, also = runner.run(found).values()
    assert {taken.message, also.message} == {"markdown-exec runs it when the site is built"}
    assert (str(taken.status), sound.output) == ("skipped", "3\n")


def test_site_that_previews_links_can_prove_its_pages(write, tmp_path):
    write(**{"mkdocs.yml": SITE})
    page = write(**{"pages/page.md": "```python\nx = 1\n```\n"})
    settings = load_page_settings(tmp_path)
    found = Finder(tmp_path, settings).find(page)
    assert SelfCheck(tmp_path, settings).checked(found).findings == ()


@pytest.mark.parametrize("opening", ["```text", "```", "```txt title='Output'", "``` {.text}"])
def test_text_right_below_code_that_prints_is_told_of(find, opening):
    page = find(f"```python\nprint(1)\n```\n\n{opening}\n2\n```\n")
    assert [(f.line, f.code, f.severity) for f in page.findings] == [
        (5, "unchecked-output", "warning")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)\n```\n\nIn the log:\n\n```text\n2\n```\n",
        "```python\nx = 1\n```\n\n```text\n2\n```\n",
        "```python\nprint(1)\n```\n\n```bash\n2\n```\n",
        "```{.python skip='no GPU'}\nprint(1)\n```\n\n```text\n2\n```\n",
        "```python\nprint(1)\n```\n\n``` {.text .output}\n1\n```\n\n```text\n2\n```\n",
    ],
)
def test_text_that_is_no_output_is_not_told_of(find, text):
    assert find(text).findings == ()
