"""The ratchet turns one way: each finding of several alike that goes must leave the baseline."""

from collections.abc import Callable
from pathlib import Path

from sage.tools.layers import check_layers, read_baseline, write_baseline

Plant = Callable[..., Path]
PLANTED = "packages/sage-platform/src/sage/platform/planted.py"
ONCE = "import sage.kernel\n"


def test_one_of_two_findings_alike_that_has_gone_must_leave_the_baseline(
    plant: Plant, tmp_path: Path
) -> None:
    file = tmp_path / "baseline.json"
    twice = check_layers(plant({PLANTED: f"{ONCE}if 1:\n    {ONCE}"}))
    write_baseline(twice.findings, file, reason="moves in May")
    baseline = read_baseline(file)
    assert [(one.code, one.count) for one in baseline.entries] == [
        ("package-cycle", 1),
        ("upward-import", 2),
    ]
    assert baseline.apply(twice.findings) == []
    (left,) = baseline.apply(check_layers(plant({PLANTED: ONCE})).findings)
    assert (left.code, left.path, left.line) == ("stale-baseline", "baseline.json", 12)
    assert left.message.startswith(f"1 of this has gone: {PLANTED}: upward-import ")
