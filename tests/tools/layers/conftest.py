"""A small lawful workspace of three layers, into which each test plants its own fault."""

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

LAYERS = """\
version: 1
namespace: sage
layers: [L1, L2, L3]
meta: isage
packages:
  sage-common: {layer: L1}
  sage-platform: {layer: L2}
  sage-kernel: {layer: L3}
  sage-libs: {layer: L3, present: false}
rules:
  upward-import: {adr: [1, 2]}
"""

LAWFUL = {
    "layer.yaml": LAYERS,
    "packages/sage-common/pyproject.toml": '[project]\nname = "sage-common"\ndependencies = []\n',
    "packages/sage-common/src/sage/common/__init__.py": "",
    "packages/sage-common/src/sage/common/errors.py": "class SageError(Exception): ...\n",
    "packages/sage-platform/pyproject.toml": """\
        [project]
        name = "sage-platform"
        dependencies = [
            "sage-common==1.0",
        ]
        """,
    "packages/sage-platform/src/sage/platform/__init__.py": "",
    "packages/sage-platform/src/sage/platform/queue.py": (
        "from sage.common.errors import SageError\n"
    ),
    "packages/sage-kernel/pyproject.toml": """\
        [project]
        name = "sage-kernel"
        dependencies = ["sage-common", "sage-platform"]
        """,
    "packages/sage-kernel/src/sage/kernel/__init__.py": "",
    "packages/sage-kernel/src/sage/kernel/rpc.py": (
        "import sage.common\nfrom sage.platform import queue\n"
    ),
}

Plant = Callable[..., Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes the lawful workspace with `changes` (path → text, `None`: left out) and returns it."""

    def write(changes: Mapping[str, str | bytes | None] = {}, *, bare: bool = False) -> Path:
        root = tmp_path / "root"
        for path, text in ({} if bare else LAWFUL | dict(changes)).items() or changes.items():
            if text is None:
                continue
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return root

    return write
