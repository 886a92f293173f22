"""The comparison page shows the committed figures, and nothing typed by hand."""

import importlib.util
import json


def test_page_holds_the_figures_of_the_committed_result(root):
    file = root / "benchmarks" / "snippets.py"
    spec = importlib.util.spec_from_file_location("benchmark_snippets", file)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    result = json.loads(benchmark.RESULT.read_text())
    page = benchmark.PAGE.read_text("utf-8")
    assert page == benchmark.fill(page, result), "run: python benchmarks/snippets.py --page"
    assert page.count("\n| ") > 50


def test_ours_notices_every_failing_example_and_costs_what_was_promised(root):
    result = json.loads((root / "benchmarks" / "results" / "snippets.json").read_text())
    for ours in ("sage-dev snippets", "the pytest plugin"):
        assert len(result["cases"][ours]) >= 13
        assert all(result["cases"][ours].values())
    [table] = [
        t for t in result["tables"] if (t["kind"], t["fences"], t["a_page"]) == ("code", 5000, 20)
    ]
    ratios = {row["name"]: row["ratio"] for row in table["rows"]}
    assert ratios["sage-dev snippets"] <= 1.0
    assert ratios["the pytest plugin"] <= 1.0
    assert ratios["sage-dev snippets --changed, nothing changed"] <= 0.3
