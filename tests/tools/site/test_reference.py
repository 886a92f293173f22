"""Pages made from docstrings: examples are code with a badge, citations are links."""

# adr: off (the numbers here are examples)

import re

MODULE = '''
"""Queues, as ADR-0002 has them."""

__all__ = ["double"]


def double(number: int) -> int:
    """Twice the number.

    >>> double(2)
    4
    """
    return 2 * number
'''


def reference(project):
    text = (project.root / "mkdocs.yml").read_text("utf-8")
    plugin = "- mkdocstrings: {handlers: {python: {paths: [src]}}}"
    project.write("mkdocs.yml", text.replace("- search\n", f"- search\n  {plugin}\n"))
    project.write("src/queues.py", MODULE)
    project.write("docs/page.md", "# Page\n\n<!-- sage: ruled-by path=src -->\n\n::: queues\n")


def test_example_that_ran_is_code_with_its_badge(project, passed):
    reference(project)
    project.ran("src/queues.py", passed())
    built = project.build()
    assert built.log == []
    page = built.page("page")
    assert "<blockquote>" not in page
    assert re.search(r"<pre>.*?<code>.*?sd-run--passed", page, re.DOTALL)


def test_example_that_did_not_run_fails_the_strict_build_at_its_line(project):
    reference(project)
    built = project.build()
    assert built.aborted
    assert built.log[0].startswith("src/queues.py:9: stale-snippet")


def test_citation_in_a_docstring_is_a_link(project, passed):
    reference(project)
    project.ran("src/queues.py", passed())
    link = re.search(r"Queues, as (<a [^>]*>)ADR-0002</a>", project.build().page("page"))
    assert 'href="../adr/0002/"' in link[1]


def test_page_names_the_records_that_rule_its_source(project, passed):
    reference(project)
    project.ran("src/queues.py", passed())
    line = re.search(r'<p class="sd-ruling">.*?</p>', project.build().page("page"))[0]
    assert 'href="https://example.org/small-repo/blob/main/src"' in line
    assert re.findall(r">(ADR-\d+)</a>", line) == ["ADR-0002"]


def test_unknown_record_in_a_docstring_is_named_with_its_source_line(project, passed):
    reference(project)
    project.write("src/queues.py", MODULE.replace("ADR-0002", "ADR-0777"))
    project.ran("src/queues.py", passed())
    built = project.build(strict=False)
    assert built.aborted
    assert built.log[0].startswith("src/queues.py:1: unknown-citation ADR-0777")
