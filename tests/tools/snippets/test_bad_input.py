"""Broken pages: a finding with file and line, never a traceback; the other pages run."""

import pytest

from sage.tools.snippets import Finder, PageSettings

NO_FENCE = (
    "opens no code block on the site; write the options as `{.python …}`, close the fence, "
    "and keep its lines indented alike"
)

BAD = {
    "an unterminated fence": (
        "# T\n\n```python\nx = 1\n",
        ["page.md:3: unterminated-fence ```python is never closed; end it with ```"],
    ),
    "an option that superfences does not know": (
        "# T\n\n```python notest\nx = 1\n```\n",
        [f"page.md:3: lost-fence ```python notest {NO_FENCE}",
         "page.md:5: unterminated-fence ``` is never closed: ```python notest on line 3 opens no "
         "code block; write its options as `{.language …}`"],
    ),
    "an include that is missing": (
        '# T\n\n```python\n--8<-- "snippets/none.py:main"\n```\n',
        ['page.md:4: missing-include the include "snippets/none.py" names no file; '
         "correct the path"],
    ),
    "a section that is missing": (
        '# T\n\n```python\n--8<-- "snippets/a.py:other"\n```\n',
        ['page.md:4: missing-section a.py has no section "other"; its sections: main'],
    ),
    "an include that leaves the project": (
        '# T\n\n```python\n--8<-- "../outside.py"\n```\n',
        ['page.md:4: include-outside the include "../outside.py" leaves repo/; '
         "include only files of the project"],
    ),
    "front matter that is broken": (
        "---\ntitle: [x\n---\n# T\n",
        ["page.md:3: broken-front-matter the front matter cannot be read: expected ',' or ']', "
         "but got '<stream end>'; correct the YAML"],
    ),
    "an unknown key under snippets": (
        "---\nsnippets:\n  file: a\n---\n# T\n",
        ["page.md:2: broken-front-matter `snippets:` in the front matter has the unknown key "
         "file; known keys: files, fixtures, requires, setup, skip, timeout"],
    ),
    "a skip without a reason": (
        '# T\n\n```{.python skip=""}\nx\n```\n',
        ['page.md:3: bad-fence-option skip needs a reason: write skip="needs a GPU"'],
    ),
    "options that are nearly ours": (
        '# T\n\n```{.python skipp="x"}\n1\n```\n\n- a\n\n'
        '    ```{.pycon Requires="os" time-out="5"}\n    >>> 1\n    1\n    ```\n',
        ["page.md:3: unknown-option skipp is no option of a fence; did you mean skip?",
         "page.md:9: unknown-option Requires is no option of a fence; did you mean requires?",
         "page.md:9: unknown-option time-out is no option of a fence; did you mean timeout?"],
    ),
    "options of other tools": (
        '# T\n\n```{.python title="a.py" hl_lines="1" linenums="1" exec="on" source="above" '
        'result="text" test="skip" id="x" html="1" width="80" tabs="a|b"}\n1\n```\n',
        [],
    ),
    "300,000 characters on a line": (
        "# T\n\n" + "x" * 300_000 + "\n",
        ["page.md:3: unreadable-page the page has 300000 characters on one line; break it, "
         "or link to the data"],
    ),
    "a binary file": (
        "# T\n\0\1\2",
        ["page.md:2: unreadable-page the page holds a NUL byte; a page is UTF-8 text"],
    ),
    "a page that is not UTF-8": (
        "# T\n\n\udce9t\udce9\n",
        ["page.md:3: unreadable-page the page is not UTF-8 (byte 0xe9); save it as UTF-8"],
    ),
    "a second output of one piece of code": (
        "```python\nprint(1)\n```\n\n```output\n1\n```\n\n```output\n2\n```\n\n"
        "``` {.text .output}\n3\n```\n",
        [f"page.md:{line}: output-without-code what the code above prints is shown already; "
         "write one output below it" for line in (9, 13)],
    ),
    "an empty page": ("", []),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_it_is_a_finding_with_its_line(case, tmp_path, write):
    text, expected = BAD[case]
    root = tmp_path / "repo"
    write(**{"outside.py": "x = 1\n"})
    write(**{"repo/snippets/a.py": "# --8<-- [start:main]\n1\n# --8<-- [end:main]\n"})
    page = Finder(root, PageSettings()).find(write(**{"repo/page.md": text}))
    assert sorted(map(str, page.findings)) == sorted(expected)
