"""`sage-dev layers`: which package may import which."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sage.tools.layers import Resolve, check_layers
from sage.tools.report import Format, exit_code, render

__all__ = ["app"]

app = typer.Typer(no_args_is_help=False)

Root = Annotated[Path, typer.Option("--root", help="The repository to look at.")]


@app.callback(invoke_without_command=True)
def check(
    context: typer.Context,
    root: Root = Path(),
    format: Annotated[
        Format, typer.Option("--format", help="How findings are printed.")
    ] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")] = False,
) -> None:
    """Check imports, dependencies and layers of every package under ROOT against its layer.yaml.

    Exit codes: 0 clean, 1 findings, 2 cannot begin.
    """
    if context.invoked_subcommand is not None:
        return
    report = check_layers(root, resolve=resolver(root))
    print(render(report.findings, format), end="")
    out = sys.stdout if format is Format.TEXT else sys.stderr
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"sage-dev layers: {report}", file=out)
    raise typer.Exit(exit_code(report.findings, strict=strict))


def resolver(root: Path) -> Resolve:
    """Looks up a record's title and address; nothing where the repository has no records."""
    from sage.tools.adr import read_log
    from sage.tools.settings import load_settings

    directory = load_settings(root).adr_dir or "adr"
    log = read_log(root / directory, root=root) if (root / directory).is_dir() else None

    def resolve(number: int) -> tuple[str, str] | None:
        record = log.find(number) if log else None
        return (record.title, f"{directory}/{record.file.name}") if record else None

    return resolve
