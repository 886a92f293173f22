"""The records as a reader meets them: source, programs, sessions, and where they come from."""

import re

import pytest
import yaml

from sage.tools.adr import read_log
from sage.tools.layers.codes import CODES
from sage.tools.site.summary import plain_text, summary
from sage.tools.snippets import find_page, load_page_settings

RECORDS = [0, 1, 2, 3, 4]
WITH_CODE = RECORDS[1:]


@pytest.fixture(scope="module")
def log(root):
    return read_log(root / "adr", root=root)


@pytest.fixture(scope="module")
def settings(root):
    return load_page_settings(root)


def text_of(log, number: int) -> str:
    record = log.find(number)
    assert record is not None
    return record.text


def test_the_documents_decisions_keep_their_numbers(log):
    titles = {number: log.find(number).title for number in RECORDS}

    assert titles == {
        0: "Keep two base layers and no L2",
        1: "Create sage-platform as L2",
        2: "Register a factory so that L2 need not import L3",
        3: "What belongs to L2 and what does not",
        4: "Docs and tool chain follow the layers",
    }


def test_the_decision_against_l2_is_superseded_by_the_decision_for_it(log):
    assert [log.find(number).status for number in RECORDS] == ["superseded"] + ["accepted"] * 4
    assert log.find(0).superseded_by == ("ADR-0001",)


def test_the_dates_are_those_of_the_history(log):
    assert [str(log.find(number).date) for number in RECORDS] == [
        "2025-10-22",
        "2025-10-22",
        "2025-10-23",
        "2025-12-02",
        "2025-12-02",
    ]


@pytest.mark.parametrize("number", RECORDS)
@pytest.mark.parametrize(
    "title",
    ["Context and problem", "Decision drivers", "Considered options", "Decision", "Consequences"],
)
def test_a_record_has_the_parts_of_a_decision(log, number, title):
    assert title in [section.title for section in log.find(number).sections]


def test_a_decision_opens_with_a_sentence_that_says_it(log):
    assert len(log.records) >= 21
    for record in log.records:
        (decision,) = (section for section in record.sections if section.title == "Decision")
        sentence = summary(record)

        assert plain_text(decision.text).startswith(sentence), record.id
        assert not sentence.startswith("Option"), record.id
        assert sentence.endswith("."), f"{record.id}: cut off"
        assert len(sentence.split()) >= 12, record.id


@pytest.mark.parametrize("number", RECORDS)
@pytest.mark.parametrize("matter", ["date", "checklist", "conclusion"])
def test_a_record_says_where_document_and_history_part(log, number, matter):
    (provenance,) = (
        section for section in log.find(number).sections if section.title == "Provenance"
    )

    assert re.search(rf"^\| \*\*{matter}\*\* \| [^|]+ \| [^|]+ \|$", provenance.text, re.M)
    assert "github.com/intellistream/SAGE" in provenance.text


@pytest.mark.parametrize("number", WITH_CODE)
def test_a_record_shows_living_source(log, number):
    shown = re.findall(r'^--8<-- "([^"]+)"$', text_of(log, number), re.M)

    assert [path for path in shown if path.startswith(("packages/", "layer.yaml:"))]


@pytest.mark.parametrize("number", WITH_CODE)
@pytest.mark.parametrize("kind", ["program", "session"])
def test_a_record_shows_code_that_runs(root, log, settings, number, kind):
    page = find_page(log.find(number).file, root=root, settings=settings)

    assert kind in [snippet.kind for snippet in page.snippets]
    assert not [snippet for snippet in page.snippets if snippet.skip]


@pytest.mark.parametrize("number", WITH_CODE)
def test_a_record_compares_the_output_of_its_programs(root, log, settings, number):
    page = find_page(log.find(number).file, root=root, settings=settings)

    assert all(
        snippet.expected is not None for snippet in page.snippets if snippet.kind == "program"
    )


def test_every_rule_names_the_record_it_rests_on(root, log):
    rules = yaml.safe_load((root / "layer.yaml").read_text("utf-8"))["rules"]

    assert set(rules) == set(CODES)
    for code, rule in rules.items():
        assert rule["adr"], code
        assert all(log.find(number).status == "accepted" for number in rule["adr"]), code
