"""The command `sage-dev`."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated

import typer

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
            # Its own docstring is its help: that says the exit codes too.
            app.add_typer(import_module(f"sage.tools.cli.{name}").app, name=name)
        else:
            app.add_typer(typer.Typer(), name=name, help=line)

    @app.callback()
    def root(
        version: Annotated[
            bool, typer.Option("--version", is_eager=True, callback=_tell_version,
                               help="Show the version and exit.")
        ] = False,
    ) -> None:  # fmt: skip
        """Decisions that run: records, documentation and layers, checked."""

    return app


def main() -> None:
    """Run `sage-dev` with the words of the command line; ends the process.

    Exit codes: 0 clean, 1 findings of severity error, 2 the command cannot begin.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names of files may hold what it cannot write
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(sys.argv[1:])
    except CannotBegin as error:
        print(f"sage-dev: {error}", file=sys.stderr)
        status = 2
    gc.freeze()  # the process ends, and need not look through all that it has read
    sys.exit(status)


def _run(words: Sequence[str]) -> int:
    try:
        ended = build(words)(list(words), standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        if message := " ".join(error.format_message().split()):
            print(f"sage-dev: {message.rstrip('.')}; see --help", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has stopped; so that the end of Python does not try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.filename is None:
            raise  # a fault of ours
        raise CannotBegin(f"{error.filename}: cannot be used: {error.strerror}") from error
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return ended if isinstance(ended, int) else 0


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"sage-dev {version('sage-tools')}")
        raise typer.Exit


def _completing() -> bool:
    return any(name.endswith("_COMPLETE") for name in os.environ)
