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


def test_a_result_that_is_not_committed_is_called_so(measured, monkeypatch, tmp_path):
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    page = measured.fill(measured.PAGE.read_text(encoding="utf-8"))
    assert page.count("No run is committed yet.") == 3


def test_a_figure_of_the_site_that_is_too_high_is_called_missed(measured):
    row = {"name": "build, CPU", "records": 1000, "unit": "s", "ours": 6.0, "peer": "Material"}
    row |= {"peers": 4.0, "figure": 1.5, "must": 1.15, "ok": False}
    (line,) = measured.site_table({"results": [row]})[2:]
    assert line == ("| build, CPU | 1,000 | Material | 6.00 s | 4.00 s | 1.50 | ≤ 1.15, missed |")
