"""The log as a graph, as exported data, as search results: whole, and safe to show."""

# adr: off (the numbers here are examples)

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sage.tools.adr.export import ExportedLog, export_log, json_schema
from sage.tools.adr.graph import Edge, draw_dot, draw_mermaid, draw_svg, edges
from sage.tools.adr.place import link_to
from sage.tools.adr.search import search

NASTY = '</title><script>alert("1")</script> "]; end; %%{init}%% | \\ `x` #'


@pytest.fixture
def log(repo, record_text):
    repo.write("adr/0001-a.md", record_text("A", status="superseded"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]") + "\nADR-0001, ADR-0003\n")
    repo.write("adr/0003-c.md", record_text(NASTY) + "\nADR-0003 and ADR-0099\n")
    return repo.log()


def test_edges_are_successions_and_citations(log) -> None:
    assert edges(log) == [
        Edge("ADR-0002", "ADR-0001", "supersedes"),
        Edge("ADR-0002", "ADR-0003", "cites"),
    ]


def test_mermaid_escapes_titles(log) -> None:
    text = draw_mermaid(log)
    assert '  r0["ADR-0001: A"]:::superseded\n' in text
    assert "  r1 -->|supersedes| r0\n  r1 -.-> r2\n" in text
    (label,) = re.findall(r'  r2\["(.*)"\]:::accepted', text)
    assert "#60;script#62;" in label
    assert not set('"<>`|\\') & set(label)


def test_dot_escapes_titles(log) -> None:
    text = draw_dot(log)
    assert '"ADR-0002" -> "ADR-0001" [label="supersedes"];' in text
    (label,) = re.findall(r'"ADR-0003" \[label=("(?:[^"\\]|\\.)*"), style=solid\];', text)
    assert '\\"1\\"' in label


def test_svg_is_sound_says_what_it_shows_and_escapes_titles(log) -> None:
    svg = ET.fromstring(draw_svg(log))
    names = {"s": "http://www.w3.org/2000/svg"}
    assert svg.find("s:title", names).text == "Decision log"
    assert "ADR-0002 supersedes ADR-0001." in svg.find("s:desc", names).text
    assert len(svg.findall("s:g", names)) == 3
    assert [path.get("class") for path in svg.findall("s:path", names)] == ["supersedes", "cites"]
    assert svg.find(".//s:script", names) is None
    assert {element.get("stroke") for element in svg.iter()} <= {None, "currentColor", "none"}


def test_long_titles_are_cut_to_their_row(repo, record_text) -> None:
    for number, title in ((1, "x" * 48), (2, "x" * 49), (3, "队" * 24), (4, "队" * 25)):
        repo.write(f"adr/000{number}-t.md", record_text(title))
    svg = ET.fromstring(draw_svg(repo.log()))
    texts = [e.text for e in svg.iter("{http://www.w3.org/2000/svg}text")]
    shown = [text for text in texts if text.startswith("ADR-")]
    assert [text.endswith("…") for text in shown] == [False, True, False, True]
    assert [len(text) for text in shown] == [58, 58, 34, 34]


def test_empty_log_can_be_drawn(repo) -> None:
    empty = repo.log()
    assert draw_mermaid(empty).startswith("graph TD\n")
    assert draw_dot(empty).endswith("}\n")
    ET.fromstring(draw_svg(empty))


def test_export_fits_its_published_schema(log, root: Path) -> None:
    exported = ExportedLog.model_validate_json(export_log([log]))
    assert [record.id for record in exported.records] == ["ADR-0001", "ADR-0002", "ADR-0003"]
    assert exported.records[0].superseded_by == ["ADR-0002"]
    assert [s.title for s in exported.records[1].sections][1:3] == [
        "Context and problem",
        "Decision",
    ]
    published = root / "docs_src/reference/decision-log.schema.json"
    assert published.read_text("utf-8") == json_schema()


def test_export_says_who_cites_each_record(log, repo) -> None:
    from sage.tools.adr import find_citations

    repo.write("x.py", "# ADR-0003  adr: past\n")
    exported = json.loads(export_log([log], find_citations(repo.root)))
    cited = exported["records"][2]["cited_by"]
    assert {"path": "x.py", "line": 1, "text": "# ADR-0003  adr: past", "past": True} in cited


def test_search_weighs_titles_before_text(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("Stores") + "\nA queue is used here.\n")
    repo.write("adr/0002-b.md", record_text("Queues are values"))
    hits = search(repo.log(), ["QUEUE"])
    assert [hit.record.number for hit in hits] == [2, 1]
    assert hits[1].text == "A queue is used here."
    assert [hit.record.number for hit in search(repo.log(), ["queue", "stores"])] == [1]
    assert search(repo.log(), [" "]) == []


def test_search_finds_chinese_words(repo) -> None:
    repo.write("adr/0001-a.md", "# 队列是值\n\n状态：通过\n\n内存不足。\n")
    (hit,) = search(repo.log(), ["内存"])
    assert (hit.line, hit.text) == (5, "内存不足。")


def test_search_minds_no_accents(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("Größe des Cafés"))
    for words in (["cafe"], ["CAFÉ"], ["GROSSE"], ["größe", "cafe\u0301"]):
        assert [hit.record.number for hit in search(repo.log(), words)] == [1], words
    assert search(repo.log(), ["caffe"]) == []


def test_link_escapes_the_title(log) -> None:
    link = link_to(log.records[2], form="md", pattern="https://example.org/{number}/")
    assert link.startswith('[ADR-0003: &lt;/title&gt;&lt;script&gt;alert("1")&lt;/script&gt;')
    assert link.endswith("](https://example.org/0003/)")
    assert "\\`x\\`" in link
