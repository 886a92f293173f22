"""`sage-dev layers`: which package may import which."""

import gc
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sage.tools.finding import counted
from sage.tools.layers import check_layers
from sage.tools.quality import check_layer_citations, record_names
from sage.tools.report import Format, exit_code, render
from sage.tools.settings import load_settings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=False, subcommand_metavar="[COMMAND] [ARGS]...")

Root = Annotated[Path, typer.Option("--root", help="The repository to look at.")]


class Picture(StrEnum):
    """In which form the graph is written."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


@app.callback(invoke_without_command=True)
def check(
    context: typer.Context,
    root: Root = Path(),
    format: Annotated[
        Format, typer.Option("--format", help="How findings are printed.")
    ] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")] = False,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Known findings; new and gone ones fail."),
    ] = None,
    freeze: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline", metavar="FILE", help="Freeze today's findings in this file."
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why they are frozen.")] = "",
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read every file again.")] = False,
) -> None:
    """Check imports, dependencies and layers of every package under ROOT against its layer.yaml.

    Exit codes: 0 clean, 1 findings, 2 cannot begin.
    """
    if context.invoked_subcommand:
        return
    load_settings(root)  # so that a wrong line in them stops every command
    gc.disable()  # the run is short, and its thousands of imports hold no circles
    known = None
    if baseline:
        from sage.tools.layers import read_baseline

        known = read_baseline(baseline)
    from sage.tools.layers.check import CACHE

    cache = None if no_cache else root / CACHE
    report = check_layers(root, resolve=record_names(root), cache=cache)
    if freeze:
        from sage.tools.layers import write_baseline
        from sage.tools.layers.baseline import NEVER

        number = write_baseline(report.findings, freeze, reason=reason)
        entries = counted(number, "entry", "entries")
        print(f"sage-dev layers: {report}; {entries} written to {freeze}")
        left = [finding for finding in report.findings if finding.code in NEVER]
        if left:
            codes = ", ".join(sorted({finding.code for finding in left}))
            print(f"left out: {counted(len(left), 'finding')} ({codes}): a baseline never hides "
                  "that something could not be looked at")  # fmt: skip
        return
    findings = report.folded(known.apply(report.findings) if known else None)
    cited = check_layer_citations(root, report.spec)  # no baseline hides what leads nowhere
    findings = tuple(sorted((*findings, *cited)))
    report = replace(report, findings=(*report.findings, *cited))
    print(render(findings, format), end="")
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    summary = f"sage-dev layers: {report}"
    if known:
        summary += f"; beside the baseline {len(findings)} new or gone"
    print(summary, file=sys.stdout if format is Format.TEXT else sys.stderr)
    raise typer.Exit(exit_code(findings, strict=strict))


@app.command("explain")
def explain_command(
    source: Annotated[str, typer.Argument(help="Package or module that imports.")],
    target: Annotated[str, typer.Argument(help="Package or module that is imported.")],
    root: Root = Path(),
) -> None:
    """Say why SOURCE may, or may not, import TARGET, and by which way it does.

    Exit codes: 0 answered, 2 cannot begin.
    """
    from sage.tools.layers import explain

    load_settings(root)
    resolve = record_names(root)
    print(explain(check_layers(root, resolve=resolve), source, target, resolve=resolve))


@app.command("graph")
def graph_command(
    root: Root = Path(),
    format: Annotated[Picture, typer.Option("--format", help="Form of the graph.")] = Picture.SVG,
) -> None:
    """Draw the packages by layer; imports that break the order are red.

    Exit codes: 0 drawn, 2 cannot begin.
    """
    from sage.tools.layers import draw_svg, to_dot, to_json, to_mermaid

    load_settings(root)
    writers = {
        Picture.SVG: draw_svg,
        Picture.MERMAID: to_mermaid,
        Picture.DOT: to_dot,
        Picture.JSON: to_json,
    }
    print(writers[format](check_layers(root)), end="")
