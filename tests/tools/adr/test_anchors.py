"""What a link may name after its `#`, as GitHub and as Python-Markdown name headings."""

import re
from pathlib import Path

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.tools.adr import check_log
from sage.tools.adr.anchors import anchors_of, leads_to
from sage.tools.adr.source import parse_source

PAGE = """\
---
title: From the front matter
---
# 1. Queues are *values*

## Context & problem

## 上下文 与 问题

## `put_all()` and __init__

## [Linked](x.md) heading {#own-id}

## Same

## Same

## 📋 Contents

## 结果

Underlined
----------

<h3>In <b>HTML</b></h3>
<a id="by-id"></a> <a name='by-name'></a>

A paragraph. {: #of-a-paragraph }

```
## In a fence
```
"""


def anchors(text: str) -> frozenset[str]:
    found = anchors_of(parse_source(text, Path("x.md"), "x.md")[0])
    assert found is not None
    return found


@pytest.mark.parametrize(
    "fragment",
    [
        *("1-queues-are-values", "context--problem", "context-problem", "Context-Problem"),
        *("上下文-与-问题", "%E7%BB%93%E6%9E%9C", "put_all-and-init", "own-id", "linked-heading"),
        *("same", "same-1", "same_1", "-contents", "contents", "underlined", "in-html", "by-id"),
        *("by-name", "of-a-paragraph", "from-the-front-matter", "user-content-same", "_1"),
        *("", "top", "fn:1", "fnref:1", "L12", "L3-L9", ":~:text=values"),
    ],
)
def test_anchor_of_either_kind_is_known(fragment: str) -> None:
    assert leads_to(fragment, anchors(PAGE))


@pytest.mark.parametrize("fragment", ["same-2", "in-a-fence", "nowhere", "queues", "own", "_9"])
def test_anchor_that_nothing_makes_is_not_known(fragment: str) -> None:
    assert not leads_to(fragment, anchors(PAGE))


@pytest.mark.parametrize("line", ["::: sage.platform.queue", '--8<-- "part.md"', "{% include x %}"])
def test_anchors_of_a_page_that_takes_others_in_are_unknown(line: str) -> None:
    assert anchors_of(parse_source(f"# T\n\n{line}\n", Path("x.md"), "x.md")[0]) is None


# Without underscores: which of them are emphasis, neither kind agrees on.
TITLE = st.text(st.sampled_from("aB -.,:()&/队列é"), min_size=1, max_size=20)


@settings(max_examples=300, deadline=None)
@given(st.lists(TITLE, min_size=1, max_size=5))
def test_every_anchor_that_python_markdown_makes_is_known(titles: list[str]) -> None:
    text = "".join(f"## x{title}\n\n" for title in titles)
    made = re.findall(r'<h2 id="([^"]*)"', markdown.markdown(text, extensions=["toc"]))
    assert len(made) == len(titles)
    assert [each for each in made if not leads_to(each, anchors(text))] == []


def test_broken_anchor_is_found_in_a_record_and_another_page(repo, record_text) -> None:
    repo.write("docs/page.md", "# Page\n\n## Why\n")
    repo.write("adr/0002-b.md", record_text("B"))
    links = "[a](#decision) [b](../docs/page.md#why)\n[c](0002-b.md#decisoin)\n"
    more = "[d](../docs/page.md#how)\n\n[e]: #nowhere\n"
    repo.write("adr/0001-a.md", record_text("A") + f"\n{links}{more}")
    findings = check_log(repo.log())
    assert [(f.code, f.line, f.severity) for f in findings] == [
        ("broken-anchor", 21, "error"),
        ("broken-anchor", 22, "error"),
        ("broken-anchor", 24, "error"),
    ]
    assert [f.message for f in findings] == [
        "0002-b.md#decisoin: 0002-b.md has no heading or anchor #decisoin; did you mean #decision?",
        "../docs/page.md#how: ../docs/page.md has no heading or anchor #how; "
        "name a heading that it has",
        "#nowhere: this record has no heading or anchor #nowhere; name a heading that it has",
    ]


def test_escaped_marks_in_a_link_are_what_they_are(repo, record_text) -> None:
    repo.write("docs/a_b.md", "# A\n\n<a id='c_d'></a>\n")
    repo.write("adr/0001-a.md", record_text("A") + "\n[x](../docs/a\\_b.md#c\\_d)\n")
    assert check_log(repo.log()) == []
