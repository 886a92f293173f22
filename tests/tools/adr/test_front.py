"""Front matter: the quick way must say what the YAML parser says."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.tools.adr.front import FrontMatterError, _flat, _simple, parse_front_matter

VALUE = st.sampled_from(
    [
        *("accepted", "2025-10-22", "0042", "null", "~", "", "[]", "[a, b]", '["x y", z]', "yes"),
        *("a b (c)", "a+b", "x: y", "a #b", "- a", '"quoted"', "'single'", "[a, [b]]", "*x", "&y"),
        *("a.b/c-d", "1e3", "0x1F", "[0001]", '["packages/**/x.py"]', "{a: b}", "a,b", "|", ">-"),
        *("a:", ":a", "(x)", "[a,b]", '["a, b"]', "a ", "  a", "\ta", "A_b", "[a b, c]", '""'),
    ]
)
KEY = st.sampled_from(["status", "date", "review-by", "superseded_by", "a b", "A", "x:", "- s", ""])


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.tuples(KEY, VALUE), max_size=5))
def test_quick_way_agrees_with_yaml(pairs: list[tuple[str, str]]) -> None:
    block = [f"{key}: {value}" for key, value in pairs]
    quick = _simple(block)
    if quick is not None:
        loaded = yaml.load("\n".join(block), yaml.CBaseLoader)
        assert quick == _flat(loaded or {})


@settings(max_examples=500, deadline=None)
@given(st.lists(st.text(alphabet="ab:-[]\"' ,#0~n\t", max_size=14), max_size=4))
def test_quick_way_agrees_with_yaml_on_any_lines(block: list[str]) -> None:
    quick = _simple(block)
    if quick is not None:
        loaded = yaml.load("\n".join(block), yaml.CBaseLoader)
        assert quick == _flat(loaded or {})


def test_usual_front_matter_takes_the_quick_way() -> None:
    block = ["status: accepted", "date: 2025-10-22", "tags: [queue, registration]"]
    block += ['governs: ["packages/sage-platform/src/**"]', "decision-makers: [SAGE Review]"]
    assert _simple(block) == {
        "status": "accepted",
        "date": "2025-10-22",
        "tags": ("queue", "registration"),
        "governs": ("packages/sage-platform/src/**",),
        "decision-makers": ("SAGE Review",),
    }


def test_values_stay_as_written() -> None:
    lines = ["---", "a: 0042", "b: yes", "c: 2025-13-40 # no day", "d: {x: y}", "---", ""]
    front, body = parse_front_matter(lines)
    assert front == {"a": "0042", "b": "yes", "c": "2025-13-40"}
    assert body == 6


@pytest.mark.parametrize(
    "lines",
    [
        ["status: accepted", "date: 2025-01-02", "status: proposed"],
        ["superseded-by: 3", "title: x", '"superseded_by": [4]'],
    ],
)
def test_key_that_stands_twice_is_an_error_and_neither_is_taken(lines: list[str]) -> None:
    with pytest.raises(FrontMatterError, match="stands twice; keep one") as caught:
        parse_front_matter(["---", *lines, "---", "# Title"])
    assert (caught.value.line, caught.value.body) == (4, 5)


def test_key_within_another_stands_for_itself() -> None:
    lines = ["---", "status: accepted", "more:", "  status: x", "note: |", "  status: y", "---"]
    front, _ = parse_front_matter(lines)
    assert front == {"status": "accepted", "note": "status: y"}


@pytest.mark.parametrize(
    "lines",
    [
        ["relations:", "  supersedes: [0042]", '  superseded-by: "52"'],
        [
            *("links:", "  - target: 0042", "    kind: supersedes"),
            *("  - {kind: supersededby, target: 52}", "  - {kind: amends, target: 7}", "  - 8"),
        ],
        ["links:", "  - Supersedes: 0042", "  - superseded_by: [52]", "  - precedes: [9]"],
        ["related:", "  - {type: superseded by, id: 52}", "supersedes: 0042"],
    ],
)
def test_successions_among_relations_are_read(lines: list[str]) -> None:
    front, _ = parse_front_matter(["---", *lines, "---"])
    read = {key: front[key] for key in ("supersedes", "superseded-by")}
    assert {key: "".join(value) for key, value in read.items()} == {
        "supersedes": "0042",
        "superseded-by": "52",
    }


def test_yaml_bomb_is_an_error_and_a_few_aliases_are_none() -> None:
    bomb = ["title: Laughs", "a: &a [x, x]", *(f"{n}: &{n} [*a, *a, *a]" for n in "bcde")]
    with pytest.raises(FrontMatterError, match="repeats values by many aliases") as caught:
        parse_front_matter(["---", *bomb, "status: accepted", "---"])
    assert caught.value.line == 4
    front, _ = parse_front_matter(["---", "tags: &t [x]", "labels: *t", "---"])
    assert front == {"tags": ("x",), "labels": ("x",)}


def test_emphasis_in_front_matter_is_no_alias() -> None:
    lines = ["---", "note: |", *("  an *old* word & a *new* one",) * 9, "status: accepted", "---"]
    assert parse_front_matter(lines)[0]["status"] == "accepted"
