"""The figures on the page are those of the committed runs, and reach what they must."""

import importlib.util
import json

import pytest


@pytest.fixture
def measured(root):
    place = root / "benchmarks" / "measured.py"
    spec = importlib.util.spec_from_file_location("measured", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_committed_results(measured):
    page = measured.PAGE.read_text(encoding="utf-8")
    assert page == measured.fill(page), "run: python benchmarks/measured.py"
    assert page.count("\n| ") > 20


def test_a_page_without_its_marks_is_refused(measured):
    with pytest.raises(SystemExit, match="put both marks back"):
        measured.fill("# What it costs\n")


@pytest.mark.parametrize(
    ("name", "fewest"),
    [("queues", 8), ("stores", 16)],
)
def test_the_committed_results_name_their_day_and_machine(root, name, fewest):
    result = json.loads((root / "benchmarks" / "results" / f"{name}.json").read_text())
    assert len(result["date"]) == 10
    assert {"cpu", "cores", "system", "python", "versions"} <= set(result["machine"])
    assert len(result["results"]) >= fewest


def test_a_ratio_that_falls_short_is_called_missed(measured):
    row = {"name": "x", "ours": "put", "peer": "y", "ours_rate": 1, "peer_rate": 2, "ratio": 0.5}
    (line,) = measured.queue_table({"results": [{**row, "must": 0.8, "ok": False}]})[2:]
    assert line == "| x | `put` | y | 1 | 2 | 0.50 | ≥ 0.8, missed |"


STORES_MUST = {
    "Dict, live objects, get": 3,
    "RocksDB, encoded, get": 3,
    "RocksDB, raw bytes, get": 2,
    "Redis, encoded, get": 1.15,
}


def test_what_stores_must_reach_is_not_loosened(root):
    result = json.loads((root / "benchmarks" / "results" / "stores.json").read_text())
    for name, must in STORES_MUST.items():
        rows = [row for row in result["results"] if row["name"] == name]
        assert len(rows) == 2
        for row in rows:
            assert row["must"] == must
            assert row["ratio"] == pytest.approx(row["ours_us"] / row["peer_us"], abs=0.15)
            assert row["ratio"] <= must


@pytest.fixture
def site_result(measured):
    """A result of one row, of the form that `benchmarks/site.py` writes."""
    row = {"name": "build, CPU", "records": 1000, "unit": "s", "ours": 4.4, "peer": "Material"}
    row |= {"peers": 4.0, "figure": 1.1, "must": 1.15, "ok": True}
    machine = json.loads((measured.RESULTS / "stores.json").read_text())["machine"]
    return {"date": "2026-11-24", "machine": machine, "results": [row]}


def pages(measured):
    return (
        measured.fill(measured.PAGE.read_text(encoding="utf-8")),
        measured.fill_chinese(measured.CHINESE.read_text(encoding="utf-8")),
    )


def test_the_site_has_a_section_where_it_has_a_result(measured, monkeypatch, tmp_path, site_result):
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    english, chinese = pages(measured)
    assert "## The site" not in english
    assert "## 站点" not in chinese
    (tmp_path / "site.json").write_text(json.dumps(site_result))
    english, chinese = pages(measured)
    assert english.count("## The site") == chinese.count("## 站点") == 1
    assert "| build, CPU | 1,000 | Material | 4.40 s | 4.00 s | 1.10 | ≤ 1.15 |" in english
    assert 'measured.md:site"' in chinese


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ({}, "Material | 4.40 s | 4.00 s | 1.10 | ≤ 1.15 |"),
        ({"must": 1.004, "ok": False}, "Material | 4.40 s | 4.00 s | 1.10 | ≤ 1, missed |"),
        ({"must": None}, "Material | 4.40 s | 4.00 s | 1.10 | – |"),
        ({"unit": "bytes", "ours": 17135}, "Material | 17,135 bytes | 4 bytes | 1.10 | ≤ 1.15 |"),
        (
            {"peer": "no peer", "unit": "ms", "peers": 0.0, "figure": 4.4},
            "– | 4.40 ms | – | 4.40 ms | ≤ 1.15 |",
        ),
        (
            {"peer": "", "unit": "", "ours": 0.0, "figure": False, "must": 0.0},
            "– | no | – | no | no |",
        ),
    ],
)
def test_a_row_of_the_site_shows_units_and_no_peer_that_is_not_there(
    measured, site_result, row, cells
):
    site_result["results"][0] |= row
    assert measured.site_table(site_result)[-1].endswith(cells)


def test_a_page_is_filled_twice_as_once(measured, monkeypatch, tmp_path, site_result):
    (tmp_path / "site.json").write_text(json.dumps(site_result))
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    english, chinese = pages(measured)
    assert measured.fill(english) == english
    assert measured.fill_chinese(chinese) == chinese


def test_other_figures_leave_the_translation_one_of_this_page(
    measured, monkeypatch, tmp_path, site_result
):
    for name in ("PAGE", "CHINESE"):
        copy = tmp_path / f"{name}.md"
        copy.write_text(getattr(measured, name).read_text("utf-8"), "utf-8")
        monkeypatch.setattr(measured, name, copy)
    (tmp_path / "site.json").write_text(json.dumps(site_result))
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    before = measured.PAGE.read_text("utf-8")
    measured.main()
    after = measured.PAGE.read_text("utf-8")
    assert after != before
    assert f'translates: "{measured.digest(after)}"' in measured.CHINESE.read_text("utf-8")


def test_each_pair_without_a_target_is_explained(measured, root):
    rows = [
        row
        for name in ("queues", "stores")
        for row in json.loads((measured.RESULTS / f"{name}.json").read_text())["results"]
        if not row["must"]
    ]
    assert len(rows) >= 8
    for page in (measured.PAGE, measured.CHINESE):
        prose = [line for line in page.read_text("utf-8").splitlines() if not line.startswith("|")]
        for row in rows:
            names = row["peer"].partition(", ")[0], row["name"].partition(", ")[0]
            assert any(f"**{names[0]}" in line or f"`{names[1]}`" in line for line in prose), row


def test_batches_beside_single_items_are_called_an_unlike_pair(measured):
    row = {"name": "x", "ours": "put_many", "peer": "y, one by one", "must": 50.0, "ok": True}
    row |= {"ours_rate": 1, "peer_rate": 2, "ratio": 1234.5}
    (line,) = measured.queue_table({"results": [row]})[2:]
    assert line == "| x | `put_many` | y, one by one (an unlike pair) | 1 | 2 | 1,234.50 | ≥ 50 |"


def test_a_figure_of_the_site_that_is_too_high_is_called_missed(measured):
    row = {"name": "build, CPU", "records": 1000, "unit": "s", "ours": 6.0, "peer": "Material"}
    row |= {"peers": 4.0, "figure": 1.5, "must": 1.15, "ok": False}
    (line,) = measured.site_table({"results": [row]})[2:]
    assert line == ("| build, CPU | 1,000 | Material | 6.00 s | 4.00 s | 1.50 | ≤ 1.15, missed |")
