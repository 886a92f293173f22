"""Which records rule a file by `governs`: those that hold or may come to hold."""

# adr: off (the numbers here are examples)

import pytest

from sage.tools.why import why


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("draft", ["governs", "citation"]),
        ("proposed", ["governs", "citation"]),
        ("accepted", ["governs", "citation"]),
        ("rejected", ["citation"]),
        ("deprecated", ["citation"]),
        ("superseded", ["citation"]),
    ],
)
def test_a_record_that_no_longer_holds_rules_by_citation_only(
    repo, record_text, status: str, kinds: list[str]
) -> None:
    repo.write("adr/0001-a.md", record_text("A", status=status, governs='["src/**"]'))
    file = repo.write("src/queue.py", "# ADR-0001\n")
    (ruling,) = why(repo.root, [file], {"": repo.adr})
    assert (ruling.path, ruling.record.id) == ("src/queue.py", "ADR-0001")
    assert [reason.kind for reason in ruling.reasons] == kinds


def test_a_record_does_not_cite_itself_by_its_own_title(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    file = repo.write("adr/0002-b.md", record_text("ADR-0002: B") + "\nSee ADR-0001.\n")
    rulings = why(repo.root, [file], {"": repo.adr})
    assert [ruling.record.id for ruling in rulings] == ["ADR-0001"]
