"""What `--help` tells: the exit codes of each check, and no command that is not there."""

from importlib import metadata

import pytest
from typer.testing import CliRunner

from sage.tools.cli import COMMANDS, build

CHECKS = ["layers", "quality", "snippets", "versions"]


def help_of(*words: str) -> str:
    done = CliRunner().invoke(
        build(words), [*words, "--help"], env={"NO_COLOR": "1", "COLUMNS": "120"}
    )
    assert done.exit_code == 0, done.output
    return done.output


def test_every_command_stands_in_the_help_with_one_line() -> None:
    shown = help_of()
    assert sorted(COMMANDS) == sorted(["adr", *CHECKS])
    assert [line for line in COMMANDS.values() if line not in shown] == []


@pytest.mark.parametrize("name", CHECKS)
def test_help_of_a_check_states_its_exit_codes(name: str) -> None:
    assert "Exit codes: 0 clean, 1 " in help_of(name)


@pytest.mark.parametrize("name", ["quality", "snippets", "versions"])
def test_help_offers_no_commands_where_there_are_none(name: str) -> None:
    assert "COMMAND" not in help_of(name)


def test_version_is_that_of_the_installed_package() -> None:
    done = CliRunner().invoke(build(["--version"]), ["--version"])
    assert (done.exit_code, done.output) == (0, f"sage-dev {metadata.version('sage-tools')}\n")
