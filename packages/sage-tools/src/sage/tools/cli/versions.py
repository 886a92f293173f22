"""`sage-dev versions`: pins, bounds, hooks, workflows and what is installed agree."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sage.tools.report import Format, exit_code, render
from sage.tools.settings import load_settings
from sage.tools.versions import check_versions

__all__ = ["app"]

app = typer.Typer(no_args_is_help=False, subcommand_metavar="")


@app.callback(invoke_without_command=True)
def check(
    root: Annotated[Path, typer.Option("--root", help="The repository to look at.")] = Path(),
    format: Annotated[
        Format, typer.Option("--format", help="How findings are printed.")
    ] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")] = False,
    installed: Annotated[
        bool | None,
        typer.Option(
            "--installed/--no-installed",
            help="Compare what is installed here; by default if ROOT is installed here.",
        ),
    ] = None,
) -> None:
    """Check that pins, bounds, hooks, workflows and what is installed state the same versions.

    Exit codes: 0 clean, 1 findings, 2 cannot begin.
    """
    load_settings(root)  # so that a wrong line in them stops every command
    report = check_versions(root, installed=installed)
    print(render(report.findings, format), end="")
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    out = sys.stdout if format is Format.TEXT else sys.stderr
    print(f"sage-dev versions: {report}", file=out)
    raise typer.Exit(exit_code(report.findings, strict=strict))
