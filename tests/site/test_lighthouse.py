"""The script that scores pages: what it takes as a pass, and what it says when it cannot begin."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def lighthouse(root: Path) -> ModuleType:
    """`tools/lighthouse.py`, loaded."""
    sys.path.insert(0, str(root / "tools"))
    try:
        spec = importlib.util.spec_from_file_location("lighthouse", root / "tools/lighthouse.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(root / "tools"))
    return module


def report(performance: float | None) -> str:
    """What Lighthouse writes, as far as it is read."""
    others = {name: {"score": 1} for name in ("accessibility", "best-practices", "seo")}
    return json.dumps({"categories": {"performance": {"score": performance}, **others}})


def test_median_of_the_runs_is_judged(lighthouse: ModuleType) -> None:
    runs = [lighthouse.read_scores(report(score)) for score in (0.2, 0.97, 0.96, 0.95, 0.99)]
    scores = lighthouse.medians(runs)
    assert scores["performance"] == 0.96
    assert lighthouse.missed(scores) == []


@pytest.mark.parametrize("score", [0.94, None])
def test_score_below_its_bound_or_missing_is_missed(
    lighthouse: ModuleType, score: float | None
) -> None:
    assert lighthouse.missed(lighthouse.read_scores(report(score))) == ["performance"]


def test_every_category_has_a_bound(lighthouse: ModuleType) -> None:
    assert lighthouse.BOUNDS == {
        "performance": 0.95,
        "accessibility": 1.0,
        "best-practices": 1.0,
        "seo": 1.0,
    }


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nowhere"], "nowhere holds no built site; run `make build`"),
        (["nowhere", "hom"], "no page is called hom; known: home, index, record, "),
        (["nowhere", "--runs", "0"], "--runs is 0; give 1 or more"),
    ],
)
def test_what_cannot_begin_is_one_sentence(
    lighthouse: ModuleType, words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lighthouse.main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"lighthouse: {why}")
    assert error.count("\n") == 1


def test_every_page_that_is_scored_exists(lighthouse: ModuleType, site: Path) -> None:
    assert [p for p in lighthouse.PAGES.values() if not (site / p / "index.html").is_file()] == []
