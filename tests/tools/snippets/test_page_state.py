"""What flows down a page beside its names, and what its exceptions and sessions say."""

import pytest


def fence(*codes: str) -> str:
    return "\n".join(f"```python\n{code}\n```\n" for code in codes)


def test_context_is_one_for_the_whole_page_awaiting_or_not(run):
    outcomes = run(
        fence(
            "import asyncio, contextvars\nv = contextvars.ContextVar('v')\ntoken = v.set(1)",
            "await asyncio.sleep(0)\nprint(v.get())\nv.reset(token)\n_ = v.set(2)",
            "print(v.get())",
        )
    )
    assert [(o.status, o.output) for o in outcomes.values()] == [
        ("passed", ""),
        ("passed", "1\n"),
        ("passed", "2\n"),
    ]


def test_standard_output_stays_what_the_page_makes_of_it(run):
    outcomes = run(
        fence(
            "import io, sys\nsys.stdout = kept = io.StringIO()",
            "print('kept')",
            "sys.stdout = io.TextIOWrapper(sys.__stdout__.buffer, 'utf-8')\n"
            "print(kept.getvalue().upper())",
        )
    )
    assert [o.output for o in outcomes.values()] == ["", "", "KEPT\n\n"]


def test_notes_of_an_exception_are_part_of_it(run):
    code = "error = ValueError('no')\nerror.add_note('a note')\nraise error"
    session = (
        "```pycon\n>>> raise error\nTraceback (most recent call last):\n    ...\n"
        "ValueError: no\na note\n```\n"
    )
    raised, shown = run(fence(code) + session).values()
    assert (raised.message, shown.message) == ("ValueError: no\na note", "")


@pytest.mark.parametrize(
    ("session", "line", "message"),
    [
        (">>> 1\n1\n>>>2", 4, "lacks blank after >>>: '>>>2'"),
        (">>> 1  # doctest: +NOPE\n1", 2, "has an invalid option: '+NOPE'"),
    ],
)
def test_malformed_session_says_what_is_wrong_with_which_line(run, session, line, message):
    [outcome] = run(f"```pycon\n{session}\n```\n").values()
    assert (outcome.line, outcome.message) == (
        line,
        f"the session is not well formed: it {message}",
    )
