"""A registry refuses silent replacement, can be undone, and reads entry points late."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sage.common.errors import AlreadyRegistered, CannotLoad, MissingExtra, NotRegistered
from sage.common.registry import Registry


def make() -> "Registry[object]":
    return Registry("colour", entry_point_group="sage.test_colours")


def test_a_second_different_thing_is_refused() -> None:
    colours = make()
    colours.register("red", "rouge")
    with pytest.raises(AlreadyRegistered, match="replace=True"):
        colours.register("red", "rot")
    assert colours.get("red") == "rouge"


def test_the_same_thing_may_be_registered_again() -> None:
    colours = make()
    colours.register("red", "rouge")
    colours.register("red", "rouge").undo()
    assert "red" in colours


def test_a_function_loaded_twice_is_the_same_thing() -> None:
    first: dict[str, object] = {"__name__": "reloaded"}
    second: dict[str, object] = {"__name__": "reloaded"}
    exec("def paint(): ...", first)
    exec("def paint(): ...", second)
    colours = make()
    colours.register("red", first["paint"])
    colours.register("red", second["paint"])
    assert colours.get("red") is second["paint"]


def test_two_lambdas_are_never_the_same_thing() -> None:
    colours = make()
    colours.register("red", lambda: 1)
    with pytest.raises(AlreadyRegistered):
        colours.register("red", lambda: 1)


def test_undo_puts_back_what_was_there() -> None:
    colours = make()
    colours.register("red", "rouge")
    with colours.register("red", "rot", replace=True):
        assert colours.get("red") == "rot"
    assert colours.get("red") == "rouge"


def test_undo_of_a_first_registration_leaves_nothing() -> None:
    colours = make()
    colours.register("red", "rouge").undo()
    assert "red" not in colours
    assert list(colours) == []


def test_undo_leaves_a_later_replacement_alone() -> None:
    colours = make()
    first = colours.register("red", "rouge")
    colours.register("red", "rot", replace=True)
    first.undo()
    assert colours.get("red") == "rot"


def test_unregister_returns_the_thing_and_refuses_an_unknown_name() -> None:
    colours = make()
    colours.register("red", "rouge")
    assert colours.unregister("red") == "rouge"
    with pytest.raises(NotRegistered, match="registered are: none"):
        colours.unregister("red")


@pytest.mark.parametrize(
    ("name", "thing", "error"), [("", 1, ValueError), ("red", None, TypeError)]
)
def test_an_empty_name_and_none_are_refused(
    name: str, thing: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        make().register(name, thing)


def test_check_refuses_what_does_not_fit() -> None:
    def callable_only(thing: object) -> None:
        if not callable(thing):
            raise TypeError("expected a callable")

    registry: Registry[object] = Registry("hook", check=callable_only)
    with pytest.raises(TypeError, match="expected a callable"):
        registry.register("start", 3)


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Install `third-party 1.0`, which declares the colour blue as what it is told to."""
    (tmp_path / "third_party_colours.py").write_text("BLUE = 'bleu'\nNONE = None\n")
    (tmp_path / "third_party_broken.py").write_text("raise OSError('no paint')\n")
    (tmp_path / "third_party_extra.py").write_text(
        "from sage.common.errors import MissingExtra\n"
        "raise MissingExtra('third-party', 'paint', 'paint')\n"
    )
    info = tmp_path / "third_party-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n")

    def declare(value: str) -> None:
        (info / "entry_points.txt").write_text(f"[sage.test_colours]\nblue = {value}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    yield declare
    sys.modules.pop("third_party_colours", None)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("third_party_missing:BLUE", "ModuleNotFoundError: No module named 'third_party_missing'"),
        (
            "third_party_colours:RED",
            "AttributeError: module 'third_party_colours' has no attribute 'RED'",
        ),
        (
            "third_party_colours:NONE",
            "TypeError: colour 'blue' needs a thing to register, got None",
        ),
        ("third_party_broken:BLUE", "OSError: no paint"),
    ],
)
def test_an_entry_point_that_fails_names_itself_and_its_distribution(
    declare: Callable[[str], None], value: str, why: str
) -> None:
    declare(value)
    with pytest.raises(CannotLoad) as caught:
        make().get("blue")
    assert str(caught.value) == (
        f"colour 'blue' could not be loaded from {value}, which third-party 1.0 declares in "
        f"sage.test_colours: {why}; repair, upgrade or uninstall that distribution"
    )


def test_an_entry_point_that_misses_an_extra_says_which(declare: Callable[[str], None]) -> None:
    declare("third_party_extra:BLUE")
    with pytest.raises(MissingExtra, match=r"^paint is not installed; run: pip install"):
        make().get("blue")


def test_an_entry_point_is_listed_at_once_and_loaded_when_asked_for(
    declare: Callable[[str], None],
) -> None:
    declare("third_party_colours:BLUE")
    colours = make()
    assert list(colours) == ["blue"]
    assert "third_party_colours" not in sys.modules
    assert colours.get("blue") == "bleu"
    assert "third_party_colours" in sys.modules
