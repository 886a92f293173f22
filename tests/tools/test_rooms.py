"""Who imports whom inside `sage.tools`: one way, and cores free of any front end."""

import grimp
import pytest

FLOORS = [
    {"finding", "toml_lines"},
    {"kept", "report", "settings", "yaml_file"},
    {"adr", "snippets", "layers", "versions", "claims"},
    {"quality", "why"},
    {"cli", "site", "pytest_plugin"},
]
ROOMS = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FRONT_ENDS = {"typer", "mkdocs", "pytest"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("sage.tools", include_external_packages=True, cache_dir=None)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["sage", "tools"] and len(parts) > 2 else parts[0]


def edges(graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    return {
        (room(module), room(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if room(module) in ROOMS and room(module) != room(imported)
    }


def test_every_room_is_known(graph: grimp.ImportGraph) -> None:
    found = {room(module) for module in graph.modules if module.startswith("sage.tools.")}
    assert found == set(ROOMS)


def test_rooms_import_only_from_floors_below(graph: grimp.ImportGraph) -> None:
    wrong = {
        (importer, imported)
        for importer, imported in edges(graph)
        if imported in ROOMS and ROOMS[imported] >= ROOMS[importer]
    }
    assert wrong == set()
    assert len(edges(graph)) > 10


def test_cores_know_no_front_end(graph: grimp.ImportGraph) -> None:
    wrong = {
        (importer, imported)
        for importer, imported in edges(graph)
        if ROOMS[importer] < ROOMS["cli"] and imported in FRONT_ENDS
    }
    assert wrong == set()


def test_tools_import_no_other_layer(graph: grimp.ImportGraph) -> None:
    others = {module for module in graph.modules if module.startswith("sage.")} - {
        module for module in graph.modules if module.startswith("sage.tools")
    }
    assert others == set()
