"""Code is passed over until its own fence ends, and not one line longer."""

import pytest

from sage.tools.claims import Facts, claims_in

FACTS = Facts(("L1", "L2", "L3"), {"sage-common": "L1"}, 1)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("````\n```\nThere is no L2.\n```\n````\nThere is no L2.\n", [6]),
        ("~~~\n```\nThere is no L2.\n~~~\nThere is no L2.\n", [5]),
        ("```\nThere is no L2.\n`````\nThere is no L2.\n", [4]),
        ("> ```\n> There is no L2.\n> ```\n\nThere is no L2.\n", [5]),
        ("```\nThere is no L2.\n", []),
    ],
)
def test_a_fence_is_ended_by_one_as_long_and_of_its_own_kind(text: str, lines: list[int]) -> None:
    assert [one.line for one in claims_in(text, "x.md", FACTS)] == lines
