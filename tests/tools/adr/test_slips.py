"""Front matter that is misspelt or misplaced is found; what other tools keep there is not."""

# adr: off (the numbers here are examples)

import pytest

from sage.tools.adr import check_log


def lint(repo) -> list[tuple[int, str, str]]:
    return [(f.line, f.code, f.message) for f in check_log(repo.log(), sections=())]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("govern", "governs"),
        ("Governs_", "governs"),
        ("govenrs", "governs"),
        ("supersede", "supersedes"),
        ("supercedes", "supersedes"),
        ("supercede", "supersedes"),
        ("superseded", "superseded-by"),
        ("superceded_by", "superseded-by"),
        ("superseded by", "superseded-by"),
        ("reviewby", "review-by"),
        ("review_be", "review-by"),
        ("decision-maker", "decision-makers"),
        ("decider", "deciders"),
        ("layrs", "layers"),
        ("titel", "title"),
    ],
)
def test_a_key_that_is_misspelt_is_found(repo, key: str, meant: str) -> None:
    repo.write("adr/0001-a.md", f"---\nstatus: accepted\n{key}: x\n---\n# A\n")
    spelt = key.lower().replace("_", "-")
    message = f"{spelt} is no key sage-dev knows; did you mean {meant}?"
    assert lint(repo) == [(3, "unknown-key", message)]


FOREIGN = """\
adr-status layout permalink nav_order nav_title parent grand_parent slug description id summary
author authors owner owners category categories tag label labels keywords consulted informed
created updated modified last_modified_at reviewed reviewed-by reviewers review state stage version
data dates-of-review decided decided-by decision implemented supported-by related relates-to links
sidebar_position sidebar_label hide template toc weight draft excerpt lang locale subtitle epic
component components team teams scope source impact area deployed approvers approved-by layer
amends amended-by informs replaced-by replaces driver contributors type kind name date-created
"""


def test_keys_of_other_tools_are_fine(repo) -> None:
    keys = "".join(f"{key}: x\n" for key in FOREIGN.split())
    repo.write("adr/0001-a.md", f"---\nstatus: accepted\n{keys}---\n# A\n")
    assert lint(repo) == []


def test_a_key_beside_the_one_it_resembles_is_a_word_of_its_own(repo) -> None:
    repo.write("adr/0001-a.md", "---\nstatus: accepted\nstats: x\n---\n# A\n")
    assert lint(repo) == []


LAYERS = "version: 1\nlayers: [L1, L2, apps]\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("layers: [L1, apps]", []),
        ("layers: L2", []),
        ("title: no layer at all", []),
        ("layer: L2", ["layer is no key sage-dev knows; did you mean layers?"]),
        ("layers: [L1, app]", ["'app' is no layer of layer.yaml; did you mean apps?"]),
        ("layers: [L9]", ["'L9' is no layer of layer.yaml; its layers are L1, L2, apps"]),
        ("layers: [tools]", ["'tools' is no layer of layer.yaml; its layers are L1, L2, apps"]),
    ],
)
def test_a_layer_is_one_of_layer_yaml(repo, line: str, expected: list[str]) -> None:
    repo.write("layer.yaml", LAYERS)
    repo.write("adr/0001-a.md", f"---\nstatus: accepted\n{line}\n---\n# A\n")
    assert [(at, message) for at, _, message in lint(repo)] == [(3, each) for each in expected]


@pytest.mark.parametrize("text", [None, "layers: [", "- a list\n", "layers: L1\n", "other: 1\n"])
def test_without_a_readable_layer_yaml_any_layer_will_do(repo, text: str | None) -> None:
    if text is not None:
        repo.write("layer.yaml", text)
    repo.write("adr/0001-a.md", "---\nstatus: accepted\nlayers: [L9]\n---\n# A\n")
    assert lint(repo) == []


UNOPENED = "front matter is never opened; write a line `---` above it"
BELOW = "front matter begins below the first line; delete the empty lines above it"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("status: accepted\ndate: 2025-10-22\n---\n", UNOPENED),
        ("foreign: x\nstatus: accepted\ngoverns:\n  - src/**\n---\n", UNOPENED),
        ("\nstatus: accepted\n---\n", UNOPENED),
        ("\n---\nstatus: accepted\n---\n", BELOW),
    ],
)
def test_front_matter_is_opened_on_the_first_line(repo, head: str, message: str) -> None:
    repo.write("adr/0001-a.md", f"{head}\n# A\n")
    assert lint(repo) == [(1, "bad-front-matter", message)]


@pytest.mark.parametrize(
    "head",
    [
        "Status: Accepted\n---\n",  # an underlined heading, or a line and a rule
        "status: accepted\n\n---\n",
        "foreign: x\n---\n",
        "status: accepted\n",
        "# A\nstatus: accepted\n---\n",
    ],
)
def test_text_above_a_rule_is_no_front_matter(repo, head: str) -> None:
    repo.write("adr/0001-a.md", f"{head}\n# A\n\n## Status\n\nAccepted\n")
    assert "bad-front-matter" not in [code for _, code, _ in lint(repo)]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("status: [accepted", 2),
        ("date: 2025-10-22\nstatus: [accepted\ntitle: x", 3),
        ('status: "accepted\ndate: 2025-10-22', 2),
        ("date: 2025-10-22\nstatus accepted\ntitle: x", 3),
        ("date: 2025-10-22\nstatus: a: b\ntitle: x", 3),
        ("date: 2025-10-22\n  status: x\ntitle: x", 3),
        ("date: 2025-10-22\nstatus: *gone", 3),
        ("date: 2025-10-22\nstatus: {a", 3),
        ("date: 2025-10-22\n\tstatus: x", 3),
        ('date: 2025-10-22\nstatus: "a" b\ntitle: x', 3),
    ],
)
def test_broken_front_matter_is_shown_where_it_is_broken(repo, front: str, line: int) -> None:
    repo.write("adr/0001-a.md", f"---\n{front}\n---\n\n# A\n")
    assert [(at, code) for at, code, _ in lint(repo)] == [(line, "bad-front-matter")]


@pytest.mark.parametrize(
    ("status", "heirs"),
    [
        ("Superseded by [#88](https://example.org/o/r/pull/88)", ()),
        ("Superseded by #88", ()),
        ("Superseded by #2", ("ADR-0002",)),
        ("Superseded by ADR-0088", ("ADR-0088",)),
        ("Superseded by ADR #88", ("ADR-0088",)),
    ],
)
def test_a_pull_request_is_no_successor(repo, status: str, heirs: tuple[str, ...]) -> None:
    repo.write("adr/0001-a.md", f"# A\n\n## Status\n\n{status}\n")
    repo.write("adr/0002-b.md", "# B\n\n## Status\n\nAccepted\n\nSupersedes ADR-0001\n")
    log = repo.log()
    old = log.find(1)
    assert old is not None
    assert old.superseded_by == tuple(dict.fromkeys((*heirs, "ADR-0002")))
    unknown = [f for f in check_log(log, sections=()) if f.code == "unknown-successor"]
    assert len(unknown) == ("ADR-0088" in heirs)


@pytest.mark.parametrize(
    ("stated", "silent", "severity"), [(2, 3, "warning"), (3, 3, "error"), (0, 2, "error")]
)
def test_a_log_may_do_without_statuses(repo, stated: int, silent: int, severity: str) -> None:
    for number in range(stated):
        repo.write(f"adr/{number:04d}-a.md", "# A\n\n## Status\n\nAccepted\n")
    for number in range(stated, stated + silent):
        repo.write(f"adr/{number:04d}-a.md", "# A\n\n## Decision\n\nWe do.\n")
    found = check_log(repo.log(), sections=())
    assert [(f.code, f.line, f.severity) for f in found] == [
        ("missing-status", 1, severity)
    ] * silent
