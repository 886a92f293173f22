"""The command `sage-dev`."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from sage.tools.cli._run import run
from sage.tools.finding import CannotBegin

__all__ = ["build", "main"]

COMMANDS = {
    "adr": "Read, check, write and cite decision records.",
    "snippets": "Run every piece of code that a reader sees.",
    "layers": "Check which package may import which.",
    "versions": "Check that pins, bounds and installed tools agree.",
    "quality": "Run every check, with one summary and one exit code.",
}


def build(words: Sequence[str]) -> typer.Typer:
    """The application, with the code of the one command that `words` start with.

    The others carry only their help line, so that `sage-dev --help` imports none of them.
    """
    app = typer.Typer(
        name="sage-dev",
        help="Decisions that run: records, documentation and layers, checked.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=True,
    )
    complete = _completing()
    for name, line in COMMANDS.items():
        if complete or (words and words[0] == name):
            app.add_typer(import_module(f"sage.tools.cli.{name}").app, name=name, help=line)
        else:
            app.add_typer(typer.Typer(), name=name, help=line)

    @app.callback()
    def root() -> None:
        """Decisions that run: records, documentation and layers, checked."""

    return app


def main() -> None:
    """Run `sage-dev` with the words of the command line; ends the process.

    Exit codes: 0 clean, 1 findings of severity error, 2 the command cannot begin.
    """
    words = sys.argv[1:]
    try:
        sys.exit(run(build(words), words, _own(words)))
    except CannotBegin as error:
        print(f"sage-dev: {error}", file=sys.stderr)
        sys.exit(2)


def _own(words: Sequence[str]) -> typer.Typer | None:
    """The application of the command that `words` start with; `None` where they name none."""
    if not words or words[0] not in COMMANDS or _completing():
        return None
    own: typer.Typer = import_module(f"sage.tools.cli.{words[0]}").app
    return own


def _completing() -> bool:
    return any(name.endswith("_COMPLETE") for name in os.environ)
