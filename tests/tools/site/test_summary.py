"""What a record decided, in one sentence."""

import pytest

from sage.tools.adr import read_log
from sage.tools.site.summary import summary

RECORD = """---
status: accepted
date: 2026-01-01
---

# Queue

## Context

The context.

## {heading}

{text}

## Consequences

None.
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Take it. It is good.", "Take it."),
        ("Option 4. Take **it** and [that](x.md).", "Take it and that."),
        (
            'Chosen option: "Redis", because it lasts. More.',
            'Chosen option: "Redis", because it lasts.',
        ),
        ('Chosen option: "MADR", because\n\n* it is short', 'Chosen option: "MADR"'),
        ("- Keep `a`.\n- Drop b.", "Keep a."),
        ("1. **Keep** a, b\n   and c.\n2. Drop d.", "Keep a, b and c."),
        ("```python\nx = 1\n```\n\nShow it.", "Show it."),
        ("- one\n\nThe list says it.", "The list says it."),
        ("Use a store, e.g. Redis, for it. More.", "Use a store, e.g. Redis, for it."),
        ("存放在这里。以后再说。", "存放在这里。"),
        ("", "The context."),
    ],
)
def test_summary_is_the_first_full_sentence_of_the_decision(tmp_path, text, sentence):
    (tmp_path / "0001-queue.md").write_text(RECORD.format(heading="Decision", text=text), "utf-8")
    (record,) = read_log(tmp_path, root=tmp_path).records
    assert summary(record) == sentence


def test_drivers_and_makers_are_not_the_decision(tmp_path):
    text = RECORD.format(heading="Decision drivers", text="It must be fast.")
    text += "\n## Decision outcome\n\nKeep it.\n"
    (tmp_path / "0001-queue.md").write_text(text, "utf-8")
    (record,) = read_log(tmp_path, root=tmp_path).records
    assert summary(record) == "Keep it."


def test_summary_is_bounded(tmp_path):
    text = RECORD.format(heading="Decision", text="x " * 5000)
    (tmp_path / "0001-queue.md").write_text(text, "utf-8")
    (record,) = read_log(tmp_path, root=tmp_path).records
    assert len(summary(record)) <= 200
