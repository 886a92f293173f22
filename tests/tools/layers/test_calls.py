"""The quick look at dynamic imports finds what the syntax tree finds, or gives up."""

import sysconfig
from pathlib import Path

import pytest

from sage.tools.layers.calls import peek
from sage.tools.layers.source import read_source

STDLIB = Path(sysconfig.get_path("stdlib"))
SURE = {
    "a plain text": ("import_module('json.tool')", [("json.tool", 1)]),
    "a text given by its name": ("import_module(name='json')", [("json", 1)]),
    "a constant": ("NAME = 'json'\nimport_module(NAME)", [("json", 2)]),
    "an annotated constant": ("NAME: str = 'json'\nimport_module(NAME)", [("json", 2)]),
    "a computed name": ("import_module(name())", [("", 1)]),
    "a text within a computed name": ("import_module(f'{base}.{name}')", [("", 1)]),
    "several lines": ("import_module(\n    'json',\n)", [("json", 1)]),
    "the other importer": ("__import__('json')", [("json", 1)]),
    "a comment": ("# import_module('json')", []),
    "a definition": ("def import_module(name): ...", []),
    "a longer name": ("my_import_module('json')\nimport_modules('json')", []),
    "old line ends": ("x = 1\r__import__('json')\r", [("json", 2)]),
}
UNSURE = {
    "an alias": "from importlib import import_module as load\nload('json')",
    "a name for the importer": "load = importlib.import_module\nload('json')",
    "two texts added": "import_module('js' + 'on')",
    "a constant in an f-string": "END = 'on'\nimport_module(f'js{END}')",
    "a constant of several lines": "NAME = (\n    'json'\n)\nimport_module(NAME)",
    "two values": "NAME = 'json'\nif old:\n    NAME = 'csv'\nimport_module(NAME)",
    "a constant of a constant": "A = 'json'\nB = A\nimport_module(B)",
    "a package": "import_module('.tool', 'json')",
    "what a package gives": "__import__('xml', fromlist=['dom'])",
    "a walrus": "if (NAME := 'json'):\n    import_module(NAME)",
}


@pytest.mark.parametrize("told", SURE)
def test_sure_of(told: str) -> None:
    text, found = SURE[told]
    assert peek(text.encode()) == found


@pytest.mark.parametrize("told", UNSURE)
def test_leaves_to_the_syntax_tree(told: str) -> None:
    assert peek(UNSURE[told].encode()) is None


def test_misses_nothing_that_the_syntax_tree_finds_in_the_standard_library() -> None:
    looked_at = 0
    for path in STDLIB.rglob("*.py"):
        data = path.read_bytes()
        if "site-packages" in path.parts or not (b"import_module" in data or b"__import__" in data):
            continue
        try:
            reading = read_source(data, "here.module", package=False)
        except (SyntaxError, ValueError):  # the interpreter's own tests of bad files
            continue
        calls = peek(data)
        if calls is not None:
            found = {name.split(".")[0] for name, _ in calls}
            told = {one.name.split(".")[0] for one in reading.imports if one.dynamic}
            assert told - {"here", ""} <= found, path
            looked_at += 1
    assert looked_at >= 20
