"""Break a behaviour of the code, and the record that rests on it fails: no record is decoration."""

import re
from collections import Counter
from pathlib import Path

import pytest

RECORDS = [1, 2, 3, 4]


def path_of(root: Path, number: int) -> Path:
    (path,) = root.glob(f"adr/{number:04d}-*.md")
    return path


@pytest.mark.parametrize("number", RECORDS)
def test_a_record_passes_in_an_unchanged_copy(workspace, number):
    record = path_of(workspace.root, number)

    run = workspace.run_record(f"adr/{record.name}")

    assert run.returncode == 0, run.stdout + run.stderr


def test_a_record_fails_when_a_behaviour_it_rests_on_is_broken(workspace, mutate, mutation):
    mutate(mutation)

    run = workspace.run_record(mutation.record)

    assert run.returncode == 1, run.stdout + run.stderr
    assert mutation.record in run.stdout


def test_each_mutation_changes_one_place_of_one_file(root, mutations):
    for mutation in mutations:
        source = (root / mutation.file).read_text("utf-8")
        assert source.count(mutation.text) == 1, f"{mutation}: found elsewhere or not at all"
        assert mutation.file.startswith("packages/")


def test_at_least_two_behaviours_of_each_record_are_broken(mutations):
    broken = Counter(int(mutation.record[4:8]) for mutation in mutations)

    assert sorted(broken) == RECORDS
    assert min(broken.values()) >= 2


@pytest.mark.parametrize("number", RECORDS)
def test_a_record_lists_the_behaviours_that_are_broken_here(root, mutations, number):
    text = path_of(root, number).read_text("utf-8")
    listed = re.findall(r"^\d\. (.+?)$(?:\n   (.+))?", section(text, "How it is kept"), re.M)

    claims = {mutation.claim for mutation in mutations if int(mutation.record[4:8]) == number}

    assert {" ".join(part for part in item if part) for item in listed} == claims


def section(text: str, title: str) -> str:
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found
