"""What the site offers beside its pages: data, feeds, text for machines, redirects."""

import json
import re
import xml.etree.ElementTree as etree

import jsonschema
import pytest

from sage.tools.site.translations import digest

ATOM = {"a": "http://www.w3.org/2005/Atom"}
PROPOSED = """
---
status: proposed
date: 2026-01-02
decision-makers: []
---

# Split the queue

## Context

Some.

## Decision

Split it.

## Consequences

None.
"""


def test_index_json_obeys_its_published_schema(project):
    folder = project.build().folder / "adr"
    table = json.loads((folder / "index.json").read_text("utf-8"))
    jsonschema.validate(table, json.loads((folder / "index.schema.json").read_text("utf-8")))
    assert [row["id"] for row in table["records"]] == ["ADR-0001", "ADR-0002"]
    assert table["records"][0] == {
        "id": "ADR-0001",
        "number": 1,
        "title": "Keep two layers",
        "status": "superseded",
        "date": "2025-10-22",
        "decision": "Keep two layers and no third one.",
        "tags": ["layers"],
        "layers": ["L1", "L2"],
        "deciders": ["Ada", "Grace"],
        "supersedes": [],
        "superseded_by": ["ADR-0002"],
        "url": "0001/",
    }


def test_feeds_hold_all_records_and_those_open_for_review(project):
    project.write("adr/0003-split.md", PROPOSED)
    folder = project.build().folder / "adr"
    entries = etree.parse(folder / "feed.xml").findall("a:entry/a:title", ATOM)
    assert [entry.text for entry in entries] == [
        "ADR-0003 (proposed) Split the queue",
        "ADR-0002 (accepted) Create a third layer",
        "ADR-0001 (superseded) Keep two layers",
    ]
    proposed = etree.parse(folder / "proposed.xml")
    links = proposed.findall("a:entry/a:link", ATOM)
    assert [link.get("href") for link in links] == ["https://example.org/small/adr/0003/"]
    assert proposed.find("a:updated", ATOM).text == "2026-01-02T00:00:00Z"


def test_llms_text_lists_records_and_pages(project):
    text = (project.build().folder / "llms.txt").read_text("utf-8")
    assert (
        "- [ADR-0002 (accepted) Create a third layer]"
        "(https://example.org/small/adr/0002/index.md): "
        "A third layer holds what the others share." in text
    )
    assert "- [Home](https://example.org/small/): Read ADR-0002." in text


def test_each_record_has_a_markdown_copy(project):
    copy = (project.build().folder / "adr/0002/index.md").read_text("utf-8")
    assert copy == (project.root / "adr/0002-third-layer.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("adr/2", "../0002/"),
        ("adr/0002-third-layer", "../0002/"),
        ("adr/ADR-0002", "../0002/"),
        ("ADR-0002", "../adr/0002/"),
        ("zh/adr/2", "../0002/"),
        ("zh/ADR-0002", "../adr/0002/"),
    ],
)
def test_other_spellings_of_an_address_lead_to_the_record(project, address, target):
    original = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    project.write(
        "docs/zh/adr/0002.md",
        f'---\ntranslates: "{digest(original)}"\n---\n\n# 第三层\n\n## 决策\n\n建立。\n',
    )
    page = project.build().page(address)
    assert f'content="0; url={target}"' in page
    assert f'<a href="{target}">' in page


def test_renamed_record_keeps_its_address(project):
    project.build()
    old = project.root / "adr/0002-third-layer.md"
    old.rename(project.root / "adr/0002-quite-another-title.md")
    built = project.build()
    assert built.log == []
    assert "Create a third layer" in built.page("adr/0002")
    for address in ("adr/2", "ADR-0002", "adr/0002-quite-another-title"):
        assert re.search(r'url=(\.\./)+(adr/)?0002/"', built.page(address))


def test_preview_waits_for_no_redirects_and_copies(project):
    whole = project.build().folder
    for name in ("adr/2/index.html", "ADR-0002/index.html", "adr/0002/index.md"):
        assert (whole / name).is_file()
    preview = project.build(command="serve").folder
    for name in ("adr/2", "ADR-0002", "adr/0002/index.md"):
        assert not (preview / name).exists()
    for name in ("adr/0002/index.html", "adr/index.json", "adr/feed.xml"):
        assert (preview / name).is_file()
