"""Which module may know the site's generator."""

import ast
from pathlib import Path

ADAPTER = {
    *(
        "counterparts.py",
        "fitting.py",
        "navigation.py",
        "placement.py",
        "plugin.py",
        "recordpage.py",
    )
}
GENERATORS = {"mkdocs", "properdocs", "material", "zensical"}


def imports(file: Path) -> set[str]:
    """The top names of everything that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_only_the_adapter_knows_the_generator(root: Path) -> None:
    room = root / "packages/sage-tools/src/sage/tools/site"
    modules = {file.name: imports(file) for file in room.glob("*.py")}
    assert len(modules) > 15
    assert {name for name, names in modules.items() if names & GENERATORS} == ADAPTER
