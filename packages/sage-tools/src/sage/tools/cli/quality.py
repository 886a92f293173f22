"""`sage-dev quality`: every check, with one summary and one exit code."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sage.tools.quality import PARTS, Part, check_quality
from sage.tools.report import Format, exit_code, render

__all__ = ["app"]

app = typer.Typer(no_args_is_help=False, subcommand_metavar="")


@app.callback(invoke_without_command=True)
def check(
    root: Annotated[Path, typer.Option("--root", help="The repository to look at.")] = Path(),
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="CHECK",
            help=f"Run only this check; may be repeated: {', '.join(PARTS)}.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="COMMIT",
            help="Run only what the changes since this commit can touch.",
        ),
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="How findings are printed.")
    ] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")] = False,
) -> None:
    """Run layers, versions, records, citations, claims and snippets side by side.

    Progress goes to standard error, findings to standard output.
    Exit codes: 0 clean, 1 findings, 2 a check cannot begin.
    """
    names = [name for word in only or () for name in word.split(",")]
    progress = _Progress([name for name in PARTS if not names or name in names])
    report = check_quality(root.resolve(), only=names, since=since, on_part=progress.tell)
    told = () if format is Format.TEXT else report.unbegun  # a text's reader reads stderr too
    print(render([*report.findings, *told], format), end="")
    out = sys.stdout if format is Format.TEXT else sys.stderr
    print(f"sage-dev quality: {report}", file=out)
    for error in report.errors:
        print(f"sage-dev: {error}", file=sys.stderr)
    raise typer.Exit(2 if report.errors else exit_code(report.findings, strict=strict))


class _Progress:
    """Tells of each part when it is done; to a terminal also which are still at work."""

    def __init__(self, names: Sequence[str]) -> None:
        self._left = list(names)
        self._live = sys.stderr.isatty()
        self._show()

    def tell(self, part: Part) -> None:
        self._left.remove(part.name)
        lines = [str(part), *(f"  note: {note}" for note in part.notes)]
        for line in lines:
            print(f"{_ERASE if self._live else ''}{line}", file=sys.stderr, flush=True)
        self._show()

    def _show(self) -> None:
        if self._live and self._left:
            print(f"{_ERASE}at work: {', '.join(self._left)}", end="", file=sys.stderr, flush=True)


_ERASE = "\r\x1b[2K"
