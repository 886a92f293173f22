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
    assert 'href="https://example.org/small-repo/blob/HEAD/src"' in line
    assert re.findall(r">(ADR-\d+)</a>", line) == ["ADR-0002"]


def test_unknown_record_in_a_docstring_is_named_with_its_source_line(project, passed):
    reference(project)
    project.write("src/queues.py", MODULE.replace("ADR-0002", "ADR-0777"))
    project.ran("src/queues.py", passed())
    built = project.build(strict=False)
    assert built.aborted
    assert built.log[0].startswith("src/queues.py:1: unknown-citation ADR-0777")


def name_line(page, name):
    """What stands under a public name, as words."""
    part = page[page.index(f'id="{name}"') :]
    return re.search(r'<p class="sd-ruling sd-name"[^>]*>(.*?)</p>', part, re.DOTALL)[1]


def test_public_name_links_to_its_source_at_its_line(project, passed):
    reference(project)
    project.ran("src/queues.py", passed())
    line = name_line(project.build().page("page"), "queues.double")
    assert 'href="https://example.org/small-repo/blob/HEAD/src/queues.py#L6"' in line


def test_public_name_names_the_records_that_rule_it(project, passed):
    reference(project)
    project.write("src/queues.py", MODULE.replace("Twice the number.", "Twice (ADR-0003)."))
    third = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    third = third.replace("governs", "x-governs").replace("supersedes: [1]\n", "")
    project.write("adr/0003-cited.md", third)
    project.write("adr/0004-naming.md", third.replace("A third layer", "`double()`"))
    project.write("adr/0005-other.md", third)
    project.ran("src/queues.py", passed())
    line = name_line(project.build(strict=False).page("page"), "queues.double")
    assert re.findall(r">(ADR-\d+)</a>", line) == ["ADR-0003", "ADR-0004"]


def test_what_rules_every_name_of_a_page_is_said_once_at_its_top(project, passed):
    reference(project)
    project.ran("src/queues.py", passed())
    page = project.build().page("page")
    assert "ADR-0002" in re.search(r'<p class="sd-ruling">.*?</p>', page)[0]
    assert "ADR-" not in name_line(page, "queues.double")
    project.write("docs/page.md", "# Page\n\n::: queues\n")
    alone = name_line(project.build().page("page"), "queues.double")
    assert re.findall(r">(ADR-\d+)</a>", alone) == ["ADR-0002"]


def test_name_that_less_rules_than_its_page_says_what_does(project, passed):
    reference(project)
    project.write("src/queues.py", MODULE)
    third = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    third = third.replace("src/**", "src/more.py").replace("supersedes: [1]\n", "")
    project.write("adr/0003-more.md", third)
    project.write("src/more.py", "")
    project.ran("src/queues.py", passed())
    line = name_line(project.build().page("page"), "queues.double")
    assert re.findall(r">(ADR-\d+)</a>", line) == ["ADR-0002"]


def test_public_name_names_the_pages_whose_code_uses_it(project, passed):
    reference(project)
    project.write("docs/use.md", "# Use\n\n```python\nimport queues as q\n\nq.double(1)\n```\n")
    project.write("docs/other.md", "# Other\n\n```python\ndouble = 1\nprint(double)\n```\n")
    project.write("snippets/show.py", "from queues import double\n\n\ndef main():\n    double(3)\n")
    project.write("docs/shown.md", '# Shown\n\n```python\n--8<-- "snippets/show.py"\n```\n')
    for name in ("docs/use.md", "docs/other.md", "docs/shown.md", "src/queues.py"):
        project.ran(name, passed())
    built = project.build()
    assert built.log == []
    line = name_line(built.page("page"), "queues.double")
    assert re.findall(r'href="([^"]+)">([^<]+:\d+)</a>', line) == [
        ("../shown/", "Shown:3"),
        ("../use/", "Use:3"),
    ]


def test_example_in_another_docstring_is_an_example_too(project, passed):
    reference(project)
    more = MODULE.replace("double(2)\n    4", "from queues import double\n    >>> double(2)\n    4")
    other = more[more.index("def double") :].replace("def double", "def triple")
    more += "\n\n" + other.replace("double(2)\n    4", "double(3)\n    6")
    project.write("src/queues.py", more.replace('["double"]', '["double", "triple"]'))
    project.ran("src/queues.py", passed(), passed())
    page = project.build().page("page")
    assert '<a href="./#queues.triple">triple:' in name_line(page, "queues.double")
    assert "queues.double" not in name_line(page, "queues.triple")
