"""Statuses in other languages than English and Chinese: read, and written in their own."""

# adr: off (the numbers here are examples)

import datetime

import pytest

from sage.tools.adr import check_log
from sage.tools.adr.commands import plan_status, plan_supersede
from sage.tools.adr.parse import parse_record
from sage.tools.adr.references import relations
from sage.tools.adr.tongues import MEANING, TONGUES
from sage.tools.adr.words import read_status

DAY = datetime.date(2026, 11, 24)


@pytest.mark.parametrize("word", MEANING)
def test_every_word_is_read(word: str) -> None:
    assert read_status(word.capitalize()) == MEANING[word]
    assert read_status(f"**{word.upper()}** (2025-01-02)") == MEANING[word]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Reemplazado por ADR-5", "superseded"),
        ("Aceito, substituído por [5. X](0005-x.md)", "superseded"),
        ("Ersetzt durch ADR-5", "superseded"),
        ("Remplacé par ADR-5", "superseded"),
        ("Заменено на ADR-5", "superseded"),
        ("Propuesto | Aceptado", "unknown"),
        ("Принято?", "unknown"),
        ("Aceptadísimo", "unknown"),
    ],
)
def test_status_says_no_more_than_its_words(text: str, status: str) -> None:
    record, _ = parse_record(f"# 1. T\n\n## Estado\n\n{text}\n", "adr/0001-t.md")
    assert record is not None
    assert record.status == status
    assert record.superseded_by == (("ADR-0005",) if status == "superseded" else ())


@pytest.mark.parametrize(
    "head",
    [
        "**Статус:** ПРИНЯТО\n**Дата:** 2025-04-05\n",
        "- Estado: Aceptado\n- Fecha: 2025-04-05\n",
        "## Statut\n\nAccepté le 2025-04-05\n",
        "---\nstatus: akzeptiert\ndate: 2025-04-05\n---\n",
    ],
)
def test_labels_are_read(head: str) -> None:
    text = f"{head}\n# T\n" if head.startswith("---") else f"# T\n\n{head}"
    record, _ = parse_record(text, "adr/0001-t.md")
    assert record is not None
    assert (record.status, record.date) == ("accepted", datetime.date(2025, 4, 5))


@pytest.mark.parametrize(
    ("head", "accepted", "superseded"),
    [
        ("## Estado\n\nPropuesto\n", "\nAceptado\n", "\nReemplazado por [2. T](0002-t.md)\n"),
        ("**Статус:** ПРЕДЛОЖЕНО\n", " ПРИНЯТО\n", " ЗАМЕНЕНО на [ADR-0002](0002-t.md)\n"),
        ("* Status: vorgeschlagen\n", " akzeptiert\n", " ersetzt durch [ADR-0002](0002-t.md)\n"),
    ],
)
def test_status_is_written_in_its_language(repo, head, accepted: str, superseded: str) -> None:
    for number in (1, 2):
        repo.write(f"adr/000{number}-t.md", f"# {number}. T\n\n{head}\n## Contexto\n")
    log = repo.log()
    plan_status(log, log.records[0], "accepted", day=DAY).apply()
    assert accepted in repo.read("adr/0001-t.md")
    log = repo.log()
    plan_supersede(log, *log.records, day=DAY).apply()
    assert superseded in repo.read("adr/0001-t.md")
    codes = {finding.code for finding in check_log(repo.log(), sections=())}
    assert codes == set()


def test_each_language_has_a_word_for_each_status() -> None:
    statuses = {"draft", "proposed", "accepted", "rejected", "deprecated", "superseded"}
    assert all(set(tongue.words) == statuses for tongue in TONGUES)


@pytest.mark.parametrize(
    ("text", "over", "by"),
    [
        ("ADR-0002 によって置き換えられました", (), ("ADR-0002",)),
        ("[5. に置き換え](0005-x.md) に置き換え済み", (), ("ADR-0005",)),
        ("ADR-0001 を置き換え、ADR-0003 に置き換え済み", ("ADR-0001",), ("ADR-0003",)),
        ("ADR-0004로 대체됨", (), ("ADR-0004",)),
        ("ADR-0001과 ADR-0002를 대체", ("ADR-0001", "ADR-0002"), ()),
        ("Redis로 대체", (), ()),
        ("ADR-0001 の一部を置き換え", (), ()),
    ],
)
def test_japanese_and_korean_name_the_other_record_first(text, over, by) -> None:
    assert relations(text) == (over, by)
