"""Findings print so that each reader takes them for what they are: a terminal, GitHub, SARIF."""

import json

from sage.tools.finding import Finding
from sage.tools.report import Format, exit_code, render

WHOLE = Finding(
    "a, b:c.md", 0, "odd-name", "100% odd:\r\ntwo lines, one finding", adr=("ADR-0001",)
)
AT_LINE = Finding("z.md", 7, "stale", "look again", severity="warning")


def test_github_annotations_escape_what_ends_a_property_or_a_line() -> None:
    assert render([AT_LINE, WHOLE], Format.GITHUB).splitlines() == [
        "::error file=a%2C b%3Ac.md,line=1,title=odd-name::100%25 odd:%0D%0Atwo lines, one finding",
        "::warning file=z.md,line=7,title=stale::look again",
    ]


def test_sarif_places_a_finding_of_a_whole_file_on_its_first_line() -> None:
    (run,) = json.loads(render([AT_LINE, WHOLE], Format.SARIF))["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in places] == [
        ("a%2C%20b%3Ac.md", 1),
        ("z.md", 7),
    ]
    assert [(each["ruleId"], each["ruleIndex"], each["level"]) for each in run["results"]] == [
        ("odd-name", 0, "error"),
        ("stale", 1, "warning"),
    ]
    assert [each["properties"]["adr"] for each in run["results"]] == [["ADR-0001"], []]


def test_text_keeps_a_finding_on_its_line_and_names_no_line_of_a_whole_file() -> None:
    assert render([AT_LINE, WHOLE, WHOLE]) == (
        "a, b:c.md: odd-name 100% odd:  two lines, one finding\nz.md:7: stale look again\n"
    )


def test_json_of_nothing_is_an_array() -> None:
    assert json.loads(render([], Format.JSON)) == []
    assert render([]) == ""


def test_a_warning_fails_a_strict_run_only() -> None:
    assert [exit_code(found, strict=strict) for found in ([], [AT_LINE], [AT_LINE, WHOLE])
            for strict in (False, True)] == [0, 0, 0, 1, 1, 1]  # fmt: skip
