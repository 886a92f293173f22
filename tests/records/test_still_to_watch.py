"""What the page "Still to watch" names as a check fails when what it watches for happens."""

import re
import shutil
from pathlib import Path

import pytest

from sage.tools.claims import CODES as CLAIMS
from sage.tools.layers.codes import CODES as LAYERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs_src/still-to-watch.md").read_text("utf-8")
ROWS = [line.split("|")[1:4] for line in PAGE.splitlines() if line.startswith("| ")][1:]
PATH = re.compile(r"`((?:tests|tools)/[\w./-]+)`")
RULE = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def test_the_page_has_a_row_for_each_matter_of_the_document():
    asked = [cell.split()[0] for cell, _, _ in ROWS]

    assert len(asked) == 4
    assert "`tools/install/check_tool_versions.sh`" in asked


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:30])
def test_a_row_names_a_check_that_exists(row):
    _, watched, fails = row
    rules = set(RULE.findall(watched))

    assert rules <= {*CLAIMS, *LAYERS}
    assert rules or PATH.search(watched)
    assert all((ROOT / path).exists() for path in PATH.findall(watched))
    assert fails.strip()


@pytest.fixture
def copy(workspace, tmp_path):
    """A workspace of its own, which the test may spoil."""
    root = tmp_path / "copy"
    shutil.copytree(workspace.root, root)
    for name in ("requirements", "tools"):
        shutil.copytree(ROOT / name, root / name)
    (root / "docs_src").mkdir()
    return type(workspace)(root)


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("SAGE has twelve packages.", "wrong-number"),
        ("SAGE has five layers.", "wrong-number"),
        ("Queues are in sage-platform (L3).", "wrong-layer"),
        ("The L2 layer is missing.", "layer-denied"),
        ("L2 缺失。", "layer-denied"),
    ],
)
def test_a_page_that_forgets_l2_fails_quality(copy, sentence, rule):
    clean = copy.run("sage-dev", "quality", "--only", "claims")
    (copy.root / "docs_src/page.md").write_text(f"# Page\n\n{sentence}\n", "utf-8")
    spoilt = copy.run("sage-dev", "quality", "--only", "claims")

    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert spoilt.returncode == 1
    assert f"docs_src/page.md:3: {rule} " in spoilt.stdout
    assert rule in ROWS[0][1]


def test_a_scheduler_that_joins_without_a_layer_fails_layers(copy):
    source = copy.root / "packages/sage-scheduler/src/sage/scheduler"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("")
    (source.parents[2] / "pyproject.toml").write_text('[project]\nname = "sage-scheduler"\n')
    found = copy.run("sage-dev", "layers")

    assert found.returncode == 1
    assert "undeclared-package sage-scheduler" in found.stdout
    assert "undeclared-package" in ROWS[1][1]


def test_a_member_of_l2_that_imports_the_kernel_fails_layers(copy):
    joined = copy.root / "packages/sage-platform/src/sage/platform/scheduler.py"
    joined.write_text("def plan():\n    from sage.kernel import runtime\n")
    found = copy.run("sage-dev", "layers")

    assert found.returncode == 1
    assert "sage/platform/scheduler.py:2: upward-import" in found.stdout
    assert "upward-import" in ROWS[1][1]


def test_a_dependency_of_the_platform_without_a_pin_fails_the_script(copy):
    pins = copy.root / "requirements/dev.txt"
    text = pins.read_text("utf-8")
    assert len(re.findall(r"^msgspec==", text, re.M)) == 1
    pins.write_text(re.sub(r"^msgspec==", "another==", text, flags=re.M), "utf-8")
    found = copy.run("sh", "tools/install/check_tool_versions.sh")

    assert found.returncode == 1
    assert re.search(r"sage-platform/pyproject\.toml:\d+: unpinned-package msgspec", found.stdout)
