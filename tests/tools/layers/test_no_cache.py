"""`--no-cache`: nothing is kept, and what was kept is not believed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Plant = Callable[..., Path]


def run(root: Path, *words: str) -> int:
    command = [str(Path(sys.executable).with_name("sage-dev")), "layers", "--root", str(root)]
    return subprocess.run([*command, *words], capture_output=True, timeout=60).returncode


def test_no_cache_leaves_nothing_behind(plant: Plant) -> None:
    root = plant()
    before = sorted(root.rglob("*"))
    assert run(root, "--no-cache") == 0
    assert sorted(root.rglob("*")) == before
    assert run(root) == 0
    assert sorted(root.rglob("*")) != before
