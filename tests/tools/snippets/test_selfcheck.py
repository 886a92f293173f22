"""The self-check: what was found is what the rendered page shows."""

from dataclasses import replace

import pytest

from sage.tools.snippets import Finder, PageSettings
from sage.tools.snippets.selfcheck import SelfCheck

PAGE = (
    "# T\n\n```python\nx = 1\n```\n\n- a\n\n    ```{.python title='b'}\n    y = 1\n    ```\n\n"
    "Inline `#!python z = 1`.\n\n```\n>>> 1\n1\n```\n"
)


@pytest.fixture
def check(tmp_path, write):
    """Findings of the self-check for a page as found, or as changed by a function."""

    def check(text, change=lambda page: page, settings=None):
        settings = settings or PageSettings()
        page = Finder(tmp_path, settings).find(write(**{"page.md": text}))
        checker = SelfCheck(tmp_path, settings)
        checker._blocks._finder.find = lambda _file: change(page)
        return [str(finding) for finding in checker.checked(change(page)).findings]

    return check


def test_page_whose_fences_are_all_found_is_clean(check):
    assert check(PAGE) == []


def test_fence_that_was_not_found_is_an_error(check):
    missed = check(PAGE, lambda page: replace(page, snippets=page.snippets[:1]))
    assert missed == [
        "page.md: missed-snippet the page shows Python that was not found: 'y = 1'",
    ]


def test_snippet_that_the_page_does_not_show_is_an_error(check):
    def invent(page):
        ghost = replace(page.snippets[0], number=3, line=99, source="ghost")
        return replace(page, snippets=(*page.snippets, ghost))

    assert check(PAGE, invent) == [
        "page.md:99: unseen-snippet this was found as a snippet, and the page does not show it"
    ]


@pytest.mark.parametrize(
    "extensions",
    [
        {"pymdownx.superfences": {}, "pymdownx.extra": {}, "attr_list": {}},
        {"pymdownx.superfences": {"preserve_tabs": True}, "attr_list": {}},
        {"pymdownx.superfences": {}, "attr_list": {}, "pymdownx.critic": {}},
        {
            "pymdownx.superfences": {},
            "attr_list": {},
            "pymdownx.highlight": {"use_pygments": False},
        },
    ],
)
def test_it_holds_with_other_extensions(check, tmp_path, extensions):
    settings = PageSettings(extensions=extensions)
    assert check(PAGE, settings=settings) == []
    page = Finder(tmp_path, settings).find(tmp_path / "page.md")
    assert [(s.line, s.source) for s in page.snippets] == [
        (3, "x = 1"),
        (9, "y = 1"),
        (15, ">>> 1\n1"),
    ]


def test_site_without_superfences_has_its_fences_found(tmp_path, write):
    from sage.tools.snippets import load_page_settings

    write(**{"mkdocs.yml": "site_name: x\n", "page.md": "```python\nx = 1\n```\n"})
    settings = load_page_settings(tmp_path)
    [snippet] = Finder(tmp_path, settings).find(tmp_path / "page.md").snippets
    assert snippet.source == "x = 1"


@pytest.mark.parametrize(
    "words",
    [
        "- `run\n  a <script>`",
        "`` <style> ``\n",
        "a `<!--`\nb",
        "a\n`b <!-- c` d",
        "use <!-- as it is\n",
    ],
)
def test_tag_that_is_shown_as_text_hides_no_fence(tmp_path, words):
    file = tmp_path / "page.md"
    file.write_text(f"{words}\n\n```python\nx=1\n```\n")
    finder = Finder(tmp_path, PageSettings())
    page = SelfCheck(tmp_path, PageSettings(), finder.found).checked(finder.find(file))
    assert ([str(snippet) for snippet in page.snippets], page.findings) == (["page.md:4"], ())


@pytest.mark.parametrize("tag", ["script", "style", "template", "textarea"])
def test_tag_that_is_closed_hides_what_stands_in_it(check, tag):
    assert check(f"<{tag}>\n```python\nx = 1\n```\n</{tag}>\n") == []


@pytest.mark.parametrize("before", ["Use the <script> tag.", "<script>\nvar a;", "`a\n<script> b`"])
def test_fence_below_a_tag_that_is_never_closed_is_told_of(check, before):
    line = before.count("\n") + 3
    assert check(f"{before}\n\n```python\nx=1\n```\n\n```python\ny=1\n```\n") == [
        f"page.md:{line}: lost-fence <script> above is never closed, and hides this fence on the "
        "site; close it, or write `<script>`"
    ]


def test_missed_block_of_one_word_is_an_error(check):
    assert check('<pre class="language-python"><code>x=1</code></pre>\n') == [
        "page.md: missed-snippet the page shows Python that was not found: 'x=1'"
    ]
