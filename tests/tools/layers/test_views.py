"""explain, the pictures and the baseline."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.layers import (
    check_layers,
    draw_svg,
    explain,
    read_baseline,
    to_dot,
    to_json,
    to_mermaid,
    write_baseline,
)

Plant = Callable[..., Path]
PLATFORM = "packages/sage-platform/src/sage/platform"
COMMON = "packages/sage-common/src/sage/common"
QUEUE = f"{PLATFORM}/planted.py"
SVG = "{http://www.w3.org/2000/svg}"


def test_explain_forbids_upward_and_names_the_record(plant: Plant) -> None:
    titles = {1: ("Create sage-platform as L2", "/adr/0001/")}
    told = explain(check_layers(plant()), "sage.platform", "sage.kernel", resolve=titles.get)
    assert str(told) == (
        "sage-platform (layer L2) may not import sage-kernel (layer L3) (upward-import): imports "
        "point down only; let the upper package register a factory with the lower one, or move "
        "the shared type down. See ADR-0001 Create sage-platform as L2 (/adr/0001/); ADR-0002.\n"
        "There is no such import, neither direct nor through others."
    )


def test_explain_lists_direct_imports_with_their_labels(plant: Plant) -> None:
    told = explain(check_layers(plant()), "sage-kernel", "sage.platform")
    assert told.code == ""
    assert [(one.line, one.importer, one.imported, one.kind) for one in told.direct] == [
        (2, "sage.kernel.rpc", "sage.platform.queue", "run time")
    ]


def test_explain_finds_the_shortest_chain(plant: Plant) -> None:
    files = {
        f"{PLATFORM}/queue.py": "def f():\n    from sage.platform import middle\n",
        f"{PLATFORM}/middle.py": "import sage.common.errors\n",
        "packages/sage-kernel/src/sage/kernel/rpc.py": "from sage.platform import queue\n",
    }
    told = explain(check_layers(plant(files)), "sage.kernel", "sage.common.errors")
    assert told.direct == ()
    assert [(one.importer, one.imported, one.kind) for one in told.chain] == [
        ("sage.kernel.rpc", "sage.platform.queue", "run time"),
        ("sage.platform.queue", "sage.platform.middle", "lazy"),
        ("sage.platform.middle", "sage.common.errors", "run time"),
    ]
    assert "No direct import; the shortest way round is:" in str(told)


def test_explain_refuses_a_name_that_nobody_knows(plant: Plant) -> None:
    with pytest.raises(CannotBegin, match=r"nope: no such package or module; known packages: sage"):
        explain(check_layers(plant()), "sage.platform", "nope")


def drawn(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # our own text, just written


def test_picture_has_a_name_a_description_and_every_package(plant: Plant) -> None:
    picture = drawn(draw_svg(check_layers(plant())))
    assert picture.get("role") == "img"
    ids = (picture.get("aria-labelledby") or "").split()
    named = {one.get("id"): one.text for one in picture if one.get("id")}
    assert [named[one] for one in ids] == [
        "The layers and their packages",
        "From bottom to top. L1: sage-common. L2 (marked): sage-platform. L3: sage-kernel, "
        "sage-libs (elsewhere). No import breaks the order.",
    ]
    words = {one.text for one in picture.iter(f"{SVG}text")}
    assert {"L1", "L2", "L3", "sage-common", "sage-platform", "sage-kernel", "sage-libs"} <= words


def classes(picture: ElementTree.Element, word: str) -> list[ElementTree.Element]:
    return [one for one in picture.iter() if word in (one.get("class") or "").split()]


def test_picture_marks_l2_and_dashes_what_lives_elsewhere(plant: Plant) -> None:
    picture = drawn(draw_svg(check_layers(plant())))
    (marked,) = classes(picture, "lp-mark")
    assert [one.text for one in marked.iter(f"{SVG}text")] == ["L2"]
    (absent,) = classes(picture, "lp-absent")
    assert [one.text for one in absent.iter(f"{SVG}text")] == ["sage-libs"]


def test_picture_shows_violations_in_red_and_lawful_imports_not(plant: Plant) -> None:
    assert classes(drawn(draw_svg(check_layers(plant()))), "lp-alarm") == []
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    picture = drawn(draw_svg(report))
    assert len(classes(picture, "lp-alarm")) == 2
    assert {one.text for box in classes(picture, "lp-bad") for one in box.iter(f"{SVG}text")} == {
        "sage-platform",
        "sage-kernel",
    }


def test_linked_picture_is_a_group_so_that_its_links_are_reachable(plant: Plant) -> None:
    hrefs = {"L2": "/layers/#l2", "sage-platform": "/p/?a=1&b=2"}
    picture = drawn(draw_svg(check_layers(plant()), hrefs=hrefs))
    assert picture.get("role") == "group"
    links = [(one.get("href"), one.get("aria-label")) for one in picture.iter(f"{SVG}a")]
    assert links == [
        ("/layers/#l2", "layer L2"),
        ("/p/?a=1&b=2", "sage-platform: layer L2"),
    ]


def test_picture_speaks_the_words_it_is_given(plant: Plant) -> None:
    said = {
        "From bottom to top.": "自下而上。",
        "arrow: imports": "箭头：导入",
        "layer {name}": "层级 {name}",
        "{source} imports {target}, {count} times": "{source} 导入 {target}，{count} 次",
    }
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    picture = draw_svg(report, hrefs={"L2": "#l2"}, title="{braces}", words=said)

    assert 'aria-label="层级 L2"' in picture
    assert "<title>sage-platform 导入 sage-kernel，1 次</title>" in picture
    assert "自下而上。 L1: sage-common." in picture
    assert "箭头：导入" in picture
    assert "dashed: documented, lives in another one" in picture
    assert ">{braces}</title>" in picture


def test_picture_sums_a_package_up_in_the_words_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(
        "version: 1\nlayers: [low]\npackages:\n"
        "  one: {layer: low, present: false, summary: 'stores {x}'}\n"
    )
    report = check_layers(tmp_path)

    assert "one: stores {x}" in draw_svg(report)
    assert "one: 存储 (lives in another repository)" in draw_svg(
        report, words={"stores {x}": "存储"}
    )


def notes(picture: ElementTree.Element) -> list[tuple[str | None, str | None]]:
    return [(one.get("x"), one.text) for one in classes(picture, "lp-note")]


def test_legend_of_a_picture_with_violations_is_broken_before_the_edge(plant: Plant) -> None:
    picture = drawn(draw_svg(check_layers(plant({QUEUE: "import sage.kernel\n"}))))
    assert notes(picture) == [
        ("18", "solid: in this repository · dashed: documented, lives in another one · "
         "arrow: imports"),
        ("18", "red: breaks the order"),
    ]  # fmt: skip


def test_summary_beside_a_package_takes_two_lines_where_one_would_leave_the_picture(
    tmp_path: Path,
) -> None:
    more = "many more words than two lines beside it can hold"
    (tmp_path / "layer.yaml").write_text(
        "version: 1\nlayers: [L1, L2]\npackages:\n"
        "  sage-platform: {layer: L1, present: false, summary: 'queue, storage, service'}\n"
        f"  sage-long: {{layer: L2, present: false, summary: {more}}}\n"
    )
    report = check_layers(tmp_path)
    legend = ["solid: in this repository", "dashed: documented, lives in another one"]
    narrow = [text for _, text in notes(drawn(draw_svg(report, width=390)))]
    assert narrow == ["queue, storage,", "service", *legend]
    wide = [text for _, text in notes(drawn(draw_svg(report)))]
    assert wide == [more, "queue, storage, service", " · ".join(legend)]


def test_long_names_of_layers_have_room_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(
        "version: 1\nlayers: [domain, infrastructure, 基础平台服务, longer-than-all-the-others]\n"
        "packages:\n  shop: {layer: domain, present: false}\n"
    )
    report = check_layers(tmp_path)
    for width, last, left in (
        (760, "longer-than-all-the-others", "250"),
        (390, "longer-than-a…", "130"),
    ):
        picture = drawn(draw_svg(report, width=width))
        (box,) = classes(picture, "lp-box")
        assert box.get("x") == left
        names = [text for _, text in notes(picture)][:3]
        assert names == [last, "基础平台服务", "infrastructure"]


def test_picture_escapes_names(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(
        "version: 1\nlayers: ['<b>']\npackages:\n  'a&\"<x>': {layer: '<b>', present: false}\n"
    )
    picture = drawn(draw_svg(check_layers(tmp_path)))
    words = [one.text for one in picture.iter(f"{SVG}text")]
    assert words[:2] == ["<b>", 'a&"<x>']


def test_picture_of_many_packages_fits(tmp_path: Path) -> None:
    rows = "".join(f"  package-number-{n}: {{layer: low, present: false}}\n" for n in range(40))
    text = f"version: 1\nlayers: [low]\npackages:\n{rows}"
    (tmp_path / "layer.yaml").write_text(text)
    picture = drawn(draw_svg(check_layers(tmp_path)))
    _, _, width, height = (float(one) for one in (picture.get("viewBox") or "").split())
    boxes = classes(picture, "lp-box")
    assert len(boxes) == 40
    for box in boxes:
        assert float(box.get("x", 0)) + float(box.get("width", 0)) <= width
        assert float(box.get("y", 0)) + float(box.get("height", 0)) <= height


def test_mermaid_and_dot_show_the_violation_in_red(plant: Plant) -> None:
    report = check_layers(plant({QUEUE: "def f():\n    import sage.kernel\n"}))
    assert to_mermaid(report) == (
        "flowchart TD\n"
        '  subgraph layer0["L3"]\n'
        '    p0["sage-kernel"]\n'
        '    p1["sage-libs"]:::absent\n'
        "  end\n"
        '  subgraph layer1["L2"]\n'
        '    p2["sage-platform"]\n'
        "  end\n"
        '  subgraph layer2["L1"]\n'
        '    p3["sage-common"]\n'
        "  end\n"
        '  p0 -->|"run time"| p3\n'
        '  p0 -->|"run time"| p2\n'
        '  p2 -->|"run time"| p3\n'
        '  p2 -->|"lazy"| p0\n'
        "  classDef absent stroke-dasharray: 5 4\n"
        "  linkStyle 3 stroke:#e03c3c,stroke-width:3px\n"
    )
    red = '  "sage-platform" -> "sage-kernel" [label="lazy", color=red, penwidth=3]\n'
    assert red in to_dot(report)
    assert '    "sage-libs" [style=dashed]\n' in to_dot(report)


def test_json_graph_holds_every_import_between_packages(plant: Plant) -> None:
    data = json.loads(to_json(check_layers(plant({QUEUE: "import sage.kernel\n"}))))
    assert data["layers"] == ["L1", "L2", "L3"]
    assert [(one["name"], one["layer"], one["present"]) for one in data["packages"]] == [
        ("sage-common", "L1", True),
        ("sage-platform", "L2", True),
        ("sage-kernel", "L3", True),
        ("sage-libs", "L3", False),
    ]
    assert [(one["source"], one["target"], one["code"]) for one in data["edges"]] == [
        ("sage-kernel", "sage-common", None),
        ("sage-kernel", "sage-platform", None),
        ("sage-platform", "sage-common", None),
        ("sage-platform", "sage-kernel", "upward-import"),
    ]
    assert data["edges"][3]["imports"] == [
        {
            "path": QUEUE,
            "line": 1,
            "importer": "sage.platform.planted",
            "imported": "sage.kernel",
            "kind": "run time",
            "dynamic": False,
        }
    ]


def test_baseline_lets_known_findings_pass_wherever_they_move(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    assert write_baseline(report.findings, file, reason="moves in May") == 2
    assert read_baseline(file).apply(report.findings) == []
    moved = check_layers(plant({QUEUE: "import os\n\n\nimport sage.kernel\n"}))
    assert read_baseline(file).apply(moved.findings) == []


def test_baseline_fails_on_new_findings(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(check_layers(plant()).findings, file, reason="none so far")
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    left = read_baseline(file).apply(report.findings)
    assert [one.code for one in left] == ["package-cycle", "upward-import"]


def test_second_import_like_a_known_one_is_new(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    once = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    write_baseline(once.findings, file, reason="moves in May")
    twice = check_layers(plant({QUEUE: "import sage.kernel\nif 1:\n    import sage.kernel\n"}))
    left = read_baseline(file).apply(twice.findings)
    assert [(one.code, one.line) for one in left] == [("upward-import", 3)]


def test_baseline_fails_on_findings_that_have_gone(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    write_baseline(report.findings, file, reason="moves in May")
    left = read_baseline(file).apply(check_layers(plant({QUEUE: ""})).findings)
    assert [(one.code, one.path, one.line) for one in left] == [
        ("stale-baseline", "baseline.json", 5),
        ("stale-baseline", "baseline.json", 12),
    ]


def test_baseline_keeps_the_reasons_that_it_has(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    write_baseline(report.findings, file, reason="the first")
    write_baseline(report.findings, file, reason="the second")
    assert {one.reason for one in read_baseline(file).entries} == {"the first"}


def test_baseline_entry_without_a_reason_is_a_finding(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    report = check_layers(plant({QUEUE: "import sage.kernel\n"}))
    write_baseline(report.findings, file, reason="moves in May")
    file.write_text(file.read_text().replace("moves in May", " "))
    left = read_baseline(file).apply(report.findings)
    assert [one.code for one in left] == ["reasonless-exception"] * 2


def test_baseline_never_hides_what_could_not_be_read(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    report = check_layers(plant({QUEUE: "def f(:\n"}))
    assert write_baseline(report.findings, file, reason="moves in May") == 0


BROKEN = {
    "missing": (None, "no such baseline; write one with --write-baseline"),
    "no JSON": ('{\n"version": 1,\n', ":3: is not JSON"),
    "another shape": ("[]", 'expected {"version": 1, "findings": [...]}'),
    "an entry of another shape": (
        '{"version": 1, "findings": [3]}',
        ":1: an entry is an object with code, path, text, count, reason",
    ),
    "a key missing": (
        '{"version": 1, "findings": [\n{"code": "upward-import"}]}',
        ":2: path is missing or no text",
    ),
    "a rule that it may not hide": (
        '{"version": 1, "findings": [\n'
        '{"code": "unreadable-file", "path": "a", "text": "b", "reason": "c"}]}',
        ":2: unreadable-file is no rule that a baseline can freeze",
    ),
    "a count that is none": (
        '{"version": 1, "findings": [\n'
        '{"code": "upward-import", "path": "a", "text": "b", "reason": "c", "count": 0}]}',
        ":2: count 0 is no number from 1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_baseline_is_refused(tmp_path: Path, name: str) -> None:
    text, sentence = BROKEN[name]
    file = tmp_path / "baseline.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CannotBegin) as caught:
        read_baseline(file)
    assert sentence in str(caught.value)


def test_baseline_cannot_be_written_without_a_reason(tmp_path: Path) -> None:
    with pytest.raises(CannotBegin, match="a baseline needs --reason TEXT"):
        write_baseline([], tmp_path / "b.json", reason=" ")
