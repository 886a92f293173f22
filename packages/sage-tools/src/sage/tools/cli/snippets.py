"""`sage-dev snippets`: run every piece of code that a reader sees."""

import gc
import os
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sage.tools.cli._progress import Progress
from sage.tools.finding import CannotBegin, Finding, counted
from sage.tools.report import Format, exit_code, render
from sage.tools.settings import Settings, load_settings
from sage.tools.snippets.compare import difference_colours
from sage.tools.snippets.config import PageSettings, load_page_settings
from sage.tools.snippets.evidence import Evidence
from sage.tools.snippets.model import Kind, Page
from sage.tools.snippets.run import Runner
from sage.tools.snippets.suite import (
    Result,
    default_paths,
    find_files,
    find_pages,
    find_root,
    finding_of,
    nothing_in,
    nothing_shown,
    run_pages,
    summary,
)
from sage.tools.snippets.text import relative
from sage.tools.snippets.watch import State, look
from sage.tools.snippets.watch import watch as watch_files

if TYPE_CHECKING:
    from sage.tools.snippets.shown import Shown
    from sage.tools.snippets.update import Update

__all__ = ["app"]

# One command, whose options may stand after its paths.
app = typer.Typer(context_settings={"allow_interspersed_args": True}, subcommand_metavar="")


@app.callback(invoke_without_command=True)
def snippets(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Pages, or folders of pages.", show_default=False)
    ] = None,
    root: Annotated[Path | None, typer.Option(help="The repository; found if not given.")] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Leave out what passed and has not changed since.")
    ] = False,
    lint: Annotated[bool, typer.Option("--lint", help="Run ruff and mypy over the pages.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Then run a page again when it or its code changes.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="List public names that no example that ran shows.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Write what was printed over wrong outputs.")
    ] = False,
    list_only: Annotated[
        bool, typer.Option("--list", help="List what would run, and run nothing.")
    ] = False,
    self_check: Annotated[
        bool, typer.Option("--self-check", help="Prove against the rendered page what was found.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")] = False,
    format: Annotated[Format, typer.Option(help="How findings are printed.")] = Format.TEXT,
) -> None:
    """Run the code of Markdown pages, docstrings and programs, as their readers would.

    Exit codes: 0 clean, 1 something failed or did not run without a reason, 2 cannot begin.
    """
    started = time.perf_counter()
    if not watch:
        gc.disable()  # the run is short, and its thousands of snippets hold no circles
    top = _root(root, paths or [])
    settings = load_page_settings(top)
    wanted = list(paths or default_paths(top, load_settings(top).snippets_paths))
    if not wanted:
        raise CannotBegin(f"{top}: no folder of pages found; name one: sage-dev snippets docs/")
    files = find_files(wanted, top, settings)
    if not files:
        raise CannotBegin(nothing_in(wanted, settings))
    state = look(files)  # what changes while the first run is under way is run again
    with Runner(top, settings) as runner:
        check = self_check or settings.self_check
        reading = Progress("reading").over(files, lambda file: relative(file, top))
        pages = list(find_pages(runner.finder, reading, self_check=check))
        state |= look(sorted(runner.finder.beside(pages))) if watch else {}
        if list_only:
            _list(pages, len(files))
            raise typer.Exit(0)
        evidence = Evidence.read(top)
        try:
            results, findings = _run(runner, pages, evidence, changed=changed, format=format)
        except KeyboardInterrupt:
            evidence.write()  # what has run need not run again
            raise
        updates = _update(results, top) if update else []
        if any(not each.left for each in updates):
            pages = list(find_pages(runner.finder, files, self_check=check))
            runner.forget()
            results, findings = _run(runner, pages, evidence, changed=True, format=format)
        lost = _kept(evidence, runner)
        objections, linted = _lint(pages, top) if lint else ([], 0)
        findings += objections
    shown = _coverage(results, top, load_settings(top), wanted, report=coverage)
    findings += shown.findings() if shown is not None else []
    findings += [finding for page in pages for finding in page.findings]
    findings += runner.finder.findings
    sys.stdout.write(render(findings, format))
    if format is Format.TEXT:
        for each in updates:
            typer.echo(each)
        if shown is not None:
            typer.echo(f"{shown}")
        if lint:
            said = counted(len(objections), "objection")
            typer.echo(f"ruff and mypy read the code of {counted(linted, 'page')}: {said}")
        typer.echo(summary(results, time.perf_counter() - started, read=len(files)))
    if lost is not None:
        raise lost
    if watch:
        _watch(top, settings, wanted, state)
    raise typer.Exit(exit_code(findings, strict=strict))


def _kept(evidence: Evidence, runner: Runner) -> CannotBegin | None:
    """Why what was learned could not be kept; the findings are told before that is."""
    try:
        evidence.write()
        runner.finder.save()
    except CannotBegin as error:
        return error
    return None


def _update(results: list[Result], root: Path) -> "list[Update]":
    from sage.tools.snippets.update import update_outputs

    return update_outputs(results, root)


def _lint(pages: list[Page], root: Path) -> tuple[list[Finding], int]:
    from sage.tools.snippets.lint import lint_pages

    return lint_pages(pages, root)


def _watch(root: Path, settings: PageSettings, wanted: list[Path], state: State) -> None:
    """Run each page that changes, or builds on what does, until the user interrupts."""
    typer.echo("watching; press Ctrl-C to end")

    def there() -> list[Path]:
        # An editor may take a file away for a moment before it puts the new one there.
        return find_files([path for path in wanted if path.exists()], root, settings)

    beside = state.keys() - set(there())
    with suppress(KeyboardInterrupt), Runner(root, settings) as runner:
        for changed in watch_files(lambda: [*there(), *beside], since=state):
            started = time.perf_counter()
            runner.forget()
            evidence = Evidence.read(root)
            # Any page may build on a file that is none; what has not changed does not run again.
            files = changed if beside.isdisjoint(changed) else there()
            pages = list(find_pages(runner.finder, files, self_check=settings.self_check))
            results, findings = _run(runner, pages, evidence, changed=True, format=Format.TEXT)
            evidence.write()
            runner.finder.save()
            beside.update(runner.finder.beside(pages).difference(there()))
            findings += [finding for page in pages for finding in page.findings]
            sys.stdout.write(render(findings))
            typer.echo(summary(results, time.perf_counter() - started, read=len(files)))


def _root(given: Path | None, paths: list[Path]) -> Path:
    if given is not None:
        if not given.is_dir():
            raise CannotBegin(f"{given}: no such folder; --root takes the repository's folder")
        return given.resolve()
    return find_root(paths[0] if paths else Path.cwd())


def _run(
    runner: Runner, pages: list[Page], evidence: Evidence, *, changed: bool, format: Format
) -> tuple[list[Result], list[Finding]]:
    results, findings = [], []
    progress = Progress("running")
    running = progress.over(pages, lambda page: page.path)
    for result in run_pages(runner, running, evidence, changed=changed):
        results.append(result)
        finding = finding_of(result)
        if finding is not None:
            findings.append(finding)
            if format is Format.TEXT and result.outcome.detail:
                progress.clear()
                where = f"{finding.path}:{finding.line}"
                typer.echo(_failure(where, result.outcome.detail, colours=_wants_colours()))
    return results, findings


def _coverage(
    results: list[Result], root: Path, settings: Settings, wanted: list[Path], *, report: bool
) -> "Shown | None":
    """What the examples show of the packages; judged when asked, or when all pages ran."""
    usual = {path.resolve() for path in default_paths(root, settings.snippets_paths)}
    whole = settings.snippets_coverage is not None and usual <= {p.resolve() for p in wanted}
    if not report and not whole:
        return None
    from sage.tools.snippets.shown import find_shown

    shown = find_shown(results, root, settings.snippets_covered)
    if not report and shown.percent >= (settings.snippets_coverage or 0.0):
        return replace(shown, missing=())
    return shown


def _failure(where: str, detail: str, *, colours: bool) -> str:
    """A failure with its place; on a terminal, what stands out stands out."""
    lines = []
    for line, colour in difference_colours(detail.rstrip()):
        shown = f"    {line}"
        lines.append(typer.style(shown, fg=colour) if colour and colours else shown)
    return "\n".join([typer.style(where, bold=True) if colours else where, *lines, ""])


def _wants_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _list(pages: list[Page], read: int) -> None:
    if not any(page.snippets for page in pages):
        typer.echo(nothing_shown(read))
    for page in pages:
        for snippet in page.snippets:
            reason = f" (skipped: {snippet.skip})" if snippet.skip else ""
            if snippet.kind is not Kind.OUTPUT:
                typer.echo(f"{snippet}: {snippet.kind}{reason}")
