"""Plant an import that points up, and let the layer check find it."""

# --8<-- [start:main]
import tempfile
from pathlib import Path

from sage.tools.layers import check_layers

LAYERS = """\
version: 1
packages:
  sage-platform: {layer: L2, summary: queues}
  sage-kernel: {layer: L3, summary: the engine}
rules:
  upward-import: {adr: [1, 2]}
"""

PLATFORM = """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.kernel import Engine
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "layer.yaml").write_text(LAYERS)
        package(root, "platform", PLATFORM)
        package(root, "kernel", "class Engine: ...\n")
        for finding in check_layers(root).findings:
            print(f"{finding.path}:{finding.line}")
            print(finding.code, finding.adr)


# --8<-- [end:main]


def package(root: Path, name: str, source: str) -> None:
    """A distribution `sage-<name>` under `root`, with one module."""
    folder = root / "packages" / f"sage-{name}"
    module = folder / "src" / "sage" / name
    module.mkdir(parents=True)
    (module / "__init__.py").write_text(source)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "sage-{name}"\nversion = "1"\n'
    )


if __name__ == "__main__":
    main()
