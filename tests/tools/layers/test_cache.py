"""The cache changes the time and nothing else."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sage.tools.layers import LayerReport, check_layers

Plant = Callable[..., Path]
QUEUE = "packages/sage-platform/src/sage/platform/planted.py"
SOURCE = (
    "import importlib, requests\nfrom typing import TYPE_CHECKING\n"
    "if TYPE_CHECKING:\n    from sage.kernel import rpc\n"
    "def f(x):\n    importlib.import_module(x)\n    importlib.import_module('sage.libs')\n"
)


def facts(report: LayerReport) -> tuple[object, ...]:
    graph = report.graph
    return (
        report.findings,
        report.notes,
        report.files,
        report.imports,
        graph.crossing,
        sorted(graph.foreign),
        {module: sorted(rows) for module, rows in graph.inner.items()},
    )


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The distributions that are read from their files from now on."""
    from sage.tools.layers import reader

    seen: list[str] = []
    real = reader.read_distribution

    def spy(distribution, *rest):  # type: ignore[no-untyped-def]
        seen.append(distribution.name)
        return real(distribution, *rest)

    monkeypatch.setattr(reader, "read_distribution", spy)
    return seen


def test_second_run_reads_no_file_and_finds_the_same(
    plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = plant({QUEUE: SOURCE, f"{QUEUE}x/bad.py": "def f(:\n"}), tmp_path / "c" / "l.json"
    plain = check_layers(root)
    assert len(plain.findings) >= 3
    assert facts(check_layers(root, cache=cache)) == facts(plain)
    seen = reads(monkeypatch)
    assert facts(check_layers(root, cache=cache)) == facts(plain)
    assert seen == []


def test_changed_file_is_read_again_and_its_neighbours_are_not(
    plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = plant({QUEUE: "import os\n"}), tmp_path / "l.json"
    assert check_layers(root, cache=cache).findings == ()
    seen = reads(monkeypatch)
    (root / QUEUE).write_text("import sage.kernel\n")
    found = [one.code for one in check_layers(root, cache=cache).findings]
    assert found == ["package-cycle", "upward-import"]
    assert seen == ["sage-platform"]


def test_change_of_the_same_size_and_time_is_seen(plant: Plant, tmp_path: Path) -> None:
    root, cache = plant({QUEUE: "import sage.commons\n"}), tmp_path / "l.json"
    status = (root / QUEUE).stat()
    before = check_layers(root, cache=cache)
    assert [one.code for one in before.findings] == ["undeclared-dependency"]
    (root / QUEUE).write_text("import sage.kernel \n")
    os.utime(root / QUEUE, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "upward-import" in [one.code for one in check_layers(root, cache=cache).findings]


def test_new_module_elsewhere_makes_names_exact_again(plant: Plant, tmp_path: Path) -> None:
    root, cache = plant({QUEUE: "from sage.common import late\n"}), tmp_path / "l.json"
    first = check_layers(root, cache=cache).graph.between("sage-platform", "sage-common")
    assert [one.imported for one in first] == ["sage.common", "sage.common.errors"]
    (root / "packages/sage-common/src/sage/common/late.py").write_text("")
    second = check_layers(root, cache=cache).graph.between("sage-platform", "sage-common")
    assert [one.imported for one in second] == ["sage.common.late", "sage.common.errors"]


def test_changed_layer_file_is_obeyed_at_once(plant: Plant, tmp_path: Path) -> None:
    root, cache = plant(), tmp_path / "l.json"
    assert check_layers(root, cache=cache).findings == ()
    text = (root / "layer.yaml").read_text().replace("sage-kernel: {layer: L3}", "")
    (root / "layer.yaml").write_text(text)
    assert [one.code for one in check_layers(root, cache=cache).findings] == ["undeclared-package"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"context": 1}', '{"context": "x", "distributions": []}', "\0"]
)
def test_broken_cache_is_ignored(plant: Plant, tmp_path: Path, text: str) -> None:
    root, cache = plant({QUEUE: SOURCE}), tmp_path / "l.json"
    cache.write_text(text)
    assert facts(check_layers(root, cache=cache)) == facts(check_layers(root))


def test_cache_with_broken_rows_is_ignored(plant: Plant, tmp_path: Path) -> None:
    root, cache = plant({QUEUE: SOURCE}), tmp_path / "l.json"
    check_layers(root, cache=cache)
    data = json.loads(cache.read_text())
    for row in data["distributions"].values():
        row["counts"] = []
    cache.write_text(json.dumps(data))
    assert facts(check_layers(root, cache=cache)) == facts(check_layers(root))


def test_cache_that_cannot_be_written_is_done_without(plant: Plant, tmp_path: Path) -> None:
    root = plant({QUEUE: SOURCE})
    (tmp_path / "file").write_text("")
    cache = tmp_path / "file" / "l.json"
    assert facts(check_layers(root, cache=cache)) == facts(check_layers(root))


def test_cache_folder_keeps_itself_out_of_git(plant: Plant, tmp_path: Path) -> None:
    cache = tmp_path / ".sage-dev" / "layers.json"
    check_layers(plant(), cache=cache)
    assert (cache.parent / ".gitignore").read_text() == "*\n"
    assert sorted(one.name for one in cache.parent.iterdir()) == [".gitignore", "layers.json"]
