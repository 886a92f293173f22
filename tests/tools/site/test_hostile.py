"""Records that mean harm: everything they hold is shown as text, and nothing grows without end."""

import json
import re
import xml.etree.ElementTree as etree

import pytest

SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"""
---
status: proposed
date: 2026-01-01
decision-makers: ["{SCRIPT}", "\\"><img src=x onerror=alert(1)>"]
tags: ["{SCRIPT}", "a b/../c", "'\\" onmouseover=alert(1) x='"]
layers: ["{SCRIPT}"]
governs: ["src/**"]
---

# Title with {SCRIPT} and "quotes" & ]]> marks

## Context

It follows ADR-0002 {SCRIPT.replace("<", "&lt;")}.

## Decision

Take "{SCRIPT}" and <img src=x onerror=alert(1)>.

## Consequences

None.
"""


@pytest.fixture
def hostile(project):
    """A project with a hostile record that others cite."""
    project.write("adr/0003-hostile.md", HOSTILE)
    project.write("docs/page.md", "# Page\n\nADR-0003\n\n<!-- sage: decisions-at-a-glance -->\n")
    return project


def generated(page: str) -> str:
    """The parts of a page that we generate; what authors write in Markdown is theirs."""
    text = re.sub(r'<div class="sd-record__text">.*?</article>', "", page, flags=re.DOTALL)
    return text[text.index("<body") :]


@pytest.mark.parametrize(
    "address", ["adr/0003", "adr", "adr/all", "adr/history", "adr/topics/layer-LAYER", "page"]
)
def test_script_in_a_record_is_shown_as_text(hostile, address):
    built = hostile.build(strict=False)
    (name,) = {
        folder.name
        for folder in (built.folder / "adr/topics").glob("layer-*")
        if folder.name not in ("layer-L1", "layer-L2")
    }
    page = built.page(address.replace("layer-LAYER", name))
    tags = re.findall(r"<[a-z][^<>]*>", re.sub(r'"[^"]*"', '""', generated(page)))
    assert len(tags) > 50
    assert [tag for tag in tags if "onerror" in tag or "onmouseover" in tag] == []
    assert "<script>alert" not in generated(page)
    assert "<img src=x" not in generated(page)


def test_hostile_title_does_not_leave_the_head_of_the_page(hostile):
    page = hostile.build(strict=False).page("adr/0003")
    head = page[: page.index("</head>")]
    assert "<script>alert" not in head
    assert len(re.findall("<title>", head)) == 1


def test_hostile_tag_has_a_harmless_address(hostile):
    built = hostile.build(strict=False)
    names = [f.name for f in (built.folder / "adr/topics").iterdir() if f.is_dir()]
    assert len(names) >= 6
    assert all(re.fullmatch(r"(tag|layer)-[A-Za-z0-9._-]+", name) for name in names)


def test_feeds_index_and_pictures_stay_valid(hostile):
    folder = hostile.build(strict=False).folder / "adr"
    title = 'Title with <script>alert(1)</script> and "quotes" & ]]> marks'
    for name in ("feed.xml", "proposed.xml"):
        titles = [
            e.text for e in etree.parse(folder / name).iter("{http://www.w3.org/2005/Atom}title")
        ]
        assert f"ADR-0003 (proposed) {title}" in titles
    table = json.loads((folder / "index.json").read_text("utf-8"))
    assert table["records"][2]["title"] == title
    page = (folder / "history/index.html").read_text("utf-8")
    pictures = re.findall(r'<svg[^>]*class="sd-picture-svg.*?</svg>', page, re.DOTALL)
    assert len(pictures) == 1
    for picture in pictures:
        etree.fromstring(picture)


def test_marks_in_a_title_are_shown_as_the_heading_shows_them_and_plain_elsewhere(project):
    project.write(
        "adr/0003-marks.md",
        HOSTILE.replace(
            f'Title with {SCRIPT} and "quotes" & ]]> marks',
            "Use `__init__` & *stars* in [files](https://a.org/(b)) \u202edefil eht \u2066on",
        ),
    )
    built = project.build(strict=False)
    page = built.page("adr/0003")
    (heading,) = re.findall(r"<h1[^>]*>.*?</span> (.*?)<", page)
    assert heading == "Use "
    assert "<code>__init__</code> &amp; stars in files defil eht on" in page
    plain = "Use __init__ &amp; stars in files defil eht on"
    assert f"<title>ADR-0003 (proposed) {plain} - Small</title>" in page
    for address in ("adr", "adr/all", "adr/history"):
        assert plain in built.page(address)
    table = json.loads((built.folder / "adr/index.json").read_text("utf-8"))
    assert table["records"][2]["title"] == "Use __init__ & stars in files defil eht on"


def test_panel_of_a_record_with_hundreds_of_relations_stays_short(project):
    olds = range(100, 300)
    for number in olds:
        text = f"---\nstatus: superseded\n---\n\n# Old {number}\n"
        project.write(f"adr/{number:04d}-old.md", text)
    project.write(
        "adr/0003-many.md", HOSTILE.replace("governs:", f"supersedes: {list(olds)}\ngoverns:")
    )
    page = project.build(strict=False).page("adr/0003")
    panel = page[page.index('id="evidence"') :]
    assert panel.count("<dd>") == 20
    assert '<dd class="sd-note">and 180 more</dd>' in panel
    assert "<svg" not in panel[: panel.index("</aside>")]


def test_day_before_the_year_1000_is_a_day_in_the_feed(project):
    project.write("adr/0003-old.md", HOSTILE.replace("2026-01-01", "0001-01-01"))
    text = (project.build(strict=False).folder / "adr/feed.xml").read_text("utf-8")
    assert "<updated>0001-01-01T00:00:00Z</updated>" in text


def test_control_characters_do_not_break_the_feed(project):
    project.write("adr/0003-control.md", HOSTILE.replace("Title with", "Title\x0b\x1f with"))
    folder = project.build(strict=False).folder
    feed = etree.parse(folder / "adr/feed.xml")
    titles = [title.text for title in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert any("Title with" in (title or "") for title in titles)


def test_ten_megabytes_of_output_are_cut(project, passed):
    project.show_stale()
    project.write("docs/page.md", "# Page\n\n```python\nprint('x' * 10_000_000)\n```\n")
    project.ran("docs/page.md", passed("x" * 10_000_000))
    built = project.build()
    assert built.log == []
    page = built.page("page")
    assert len(page) < 100_000
    assert "more characters were printed" in page


def test_output_is_text(project, passed):
    project.write("docs/page.md", "# Page\n\n```python\nprint('<b>')\n```\n")
    project.ran("docs/page.md", passed(f"{SCRIPT}\n"))
    page = project.build().page("page")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n" in page
    assert SCRIPT not in page


def test_enormous_table_is_rendered_once(project):
    rows = "\n".join(f"| {n} | ADR-0002 |" for n in range(3000))
    record = HOSTILE.replace("None.", f"| a | b |\n|---|---|\n{rows}\n")
    project.write("adr/0003-table.md", record)
    page = project.build(strict=False).page("adr/0003")
    assert page.count("<tr>") == 3001


def test_record_that_supersedes_itself_or_in_a_circle_still_has_a_page(project):
    circle = HOSTILE.replace("status: proposed", "status: proposed\nsupersedes: [3, 4]")
    project.write("adr/0003-a.md", circle)
    project.write("adr/0004-b.md", circle.replace("[3, 4]", "[3]"))
    built = project.build(strict=False)
    assert built.aborted
    assert any("adr/0003-a.md" in line for line in built.log)
