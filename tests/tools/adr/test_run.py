"""Plain command lines, taken apart without Typer, mean what they mean to Typer."""

import inspect
import signal
import subprocess
import sys
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.tools.cli._run import _commands, plain_call
from sage.tools.cli.adr import app

COMMANDS = _commands(app)


def typers_call(name: str, words: list[str]) -> dict[str, Any]:
    """The arguments that Typer calls the command with; an error of Typer's for bad words."""
    seen: dict[str, Any] = {}
    command = COMMANDS[name]

    def record(**values: object) -> None:
        seen.update(values)

    record.__signature__ = inspect.signature(command)  # type: ignore[attr-defined]
    record.__annotations__ = command.__annotations__
    alone = typer.Typer()
    alone.command()(record)
    alone(words, standalone_mode=False)
    return seen


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list", []),
        ("list", ["--status", "accepted", "--status=draft", "--format", "json"]),
        ("lint", ["--strict", "--root", "x", "--dir", "a", "--dir", "web=b"]),
        ("why", ["-"]),
        ("why", ["a.py", "--format=md", "b.py"]),
        ("show", ["2"]),
        ("reject", ["3", "--reason", "No need."]),
        ("supersede", ["3", "--by", "4", "--dry-run"]),
        ("new", ["A title"]),
        ("cited", ["--commits", "main..HEAD", "src"]),
    ],
)
def test_plain_command_line_is_read_without_typer(name: str, words: list[str]) -> None:
    plain = plain_call(COMMANDS[name], words)
    assert plain is not None
    assert plain == {key: value for key, value in typers_call(name, words).items() if key in plain}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list", ["--help"]),
        ("list", ["--format", "xml"]),
        ("list", ["--format"]),
        ("list", ["--nothing"]),
        ("list", ["extra"]),
        ("list", ["--root", "a", "--root", "b"]),
        ("list", ["--"]),
        ("list", ["-x"]),
        ("lint", ["--strict=yes"]),
        ("lint", ["--strict", "--root="]),
        ("show", []),
        ("show", ["1", "2"]),
        ("reject", ["3"]),
        ("renumber", ["3", "--to", "5"]),
        ("why", ["--format", "--root"]),
    ],
)
def test_what_only_typer_can_judge_is_left_to_it(name: str, words: list[str]) -> None:
    assert plain_call(COMMANDS[name], words) is None


WORDS = st.sampled_from(
    [
        *("--dir", "--root", "--format", "--format=json", "json", "md", "xml", "--strict", "--fix"),
        *("--status", "--tag=a", "--by", "--title=T", "--dry-run", "--undo", "--reason", "-", "--"),
        *("1", "ADR-0002", "a=b", "--against", "--since", "--commits", "main..HEAD", "--date", ""),
        *("--to", "5", "-x", "--message", "--record=2", "--template", "--schema", "a b", "--help"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(COMMANDS)), st.lists(WORDS, max_size=5))
def test_whatever_is_read_without_typer_is_what_typer_reads(name: str, words: list[str]) -> None:
    plain = plain_call(COMMANDS[name], words)
    if plain is None:
        return
    whole = typers_call(name, words)
    assert plain == {key: value for key, value in whole.items() if key in plain}
    left = {key: value for key, value in whole.items() if key not in plain}
    assert all(not value or value == _default(name, key) for key, value in left.items())


def _default(name: str, key: str) -> object:
    return inspect.signature(COMMANDS[name]).parameters[key].default


def test_plain_command_line_imports_no_pydantic(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    code = (
        "import sys\nfrom sage.tools.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    heavy = {'pydantic', 'rich', 'yaml', 'jinja2', 'mkdocs'} & set(sys.modules)\n"
        "    print('heavy:', sorted(heavy))"
    )
    for words in (["list"], ["lint"], ["cited"], ["why", "adr/0001-a.md"], ["show", "1"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "adr", *words],
            cwd=repo.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.endswith("heavy: []\n"), (words, done.stdout, done.stderr)


WAITING = """
import signal, sys
from sage.tools.cli import main

class Waiting:
    def read(self):
        print("reading", file=sys.stderr, flush=True)
        signal.pause()

sys.stdin = Waiting()
main()
"""


def test_interrupted_command_ends_quietly(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    running = subprocess.Popen(
        [sys.executable, "-c", WAITING, "adr", "why", "-"],
        cwd=repo.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "reading\n"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, "", "")
