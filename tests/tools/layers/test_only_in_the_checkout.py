"""What only a checkout has: tools of a dependency group, and a file that hides the namespace."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sage.tools.layers import check_layers

Plant = Callable[..., Path]
PLANTED = "packages/sage-platform/src/sage/platform/planted.py"
METADATA = """\
[project]
name = "sage-platform"
dependencies = ["sage-common==1.0"]

[dependency-groups]
dev = ["no-such-thing"]
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import no_such_thing\n", [("undeclared-dependency", PLANTED, 1)]),
        ("def f():\n    import no_such_thing\n", [("undeclared-dependency", PLANTED, 2)]),
        ("try:\n    import no_such_thing\nexcept ImportError:\n    pass\n", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import no_such_thing\n", []),
    ],
)
def test_what_only_a_dependency_group_declares_is_not_there_for_users(
    plant: Plant, text: str, found: list[tuple[str, str, int]]
) -> None:
    root = plant({PLANTED: text, "packages/sage-platform/pyproject.toml": METADATA})
    findings = check_layers(root).findings
    assert [(one.code, one.path, one.line) for one in findings] == found


@pytest.mark.parametrize(("file", "named"), [("sage.py", "sage.py"), ("sage/notes.txt", "sage")])
def test_what_hides_the_namespace_in_the_checkout_is_found(
    plant: Plant, file: str, named: str
) -> None:
    findings = check_layers(plant({file: ""})).findings
    assert [(one.code, one.path) for one in findings] == [("shadowed-namespace", named)]
