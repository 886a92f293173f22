"""`sage-dev adr`: read, check, write and cite decision records."""

import gc
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sage.tools.adr.log import DecisionLog
from sage.tools.adr.words import STATUSES
from sage.tools.cli import _adr_views as views
from sage.tools.cli import _adr_write
from sage.tools.cli._adr_options import (
    Dirs,
    DryRun,
    Number,
    ReportFormat,
    Root,
    Strict,
    find,
    find_alike,
    note,
    open_place,
    today,
    write,
)
from sage.tools.finding import CannotBegin, Finding
from sage.tools.report import Format, counted, exit_code, render

if TYPE_CHECKING:
    from sage.tools.adr.citations import Citation
    from sage.tools.why import Ruling

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def begin() -> None:
    """Read, check, write and cite decision records."""
    gc.disable()  # a command is short, and its thousands of records hold no circles


class ListFormat(StrEnum):
    """How records are printed."""

    TEXT = "text"
    JSON = "json"


class WhyFormat(StrEnum):
    """How rulings are printed."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


class CiteFormat(StrEnum):
    """In which language a citation is written."""

    MD = "md"
    RST = "rst"
    URL = "url"


class GraphFormat(StrEnum):
    """In which language the graph is written."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


class ExportFormat(StrEnum):
    """In which language everything that is known is written."""

    JSON = "json"


@app.command("list")
def list_records(
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[ListFormat, typer.Option(help="Text, or JSON.")] = ListFormat.TEXT,
    status: Annotated[
        list[str] | None, typer.Option(help="Only records with this status; may be repeated.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(help="Only records with this tag; may be repeated.")
    ] = None,
) -> None:
    """Print every record with its status, date and title.

    Exit codes: 0 done, 1 a file could not be read or there is no record, 2 cannot begin.
    """
    for word in status or ():
        if word not in STATUSES:
            raise CannotBegin(f"--status {word}: no such status; one of {', '.join(STATUSES)}")
    logs = open_place(dir, root).logs()
    everything = [record for log in logs for record in log.records]
    records = [
        record
        for record in everything
        if (not status or record.status in status) and (not tag or set(tag) & set(record.tags))
    ]
    if everything and not records:
        asked = " and ".join(
            f"the {name} {' or '.join(words)}"
            for name, words in (("status", status), ("tag", tag))
            if words
        )
        note(f"{counted(len(everything), 'record')}, none with {asked}")
    if format is ListFormat.JSON:
        write(views.list_json(sorted(records, key=lambda record: record.path)))
    else:
        views.show_list(records)
    raise typer.Exit(_tell_unread(logs))


@app.command()
def show(
    number: Number,
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[ListFormat, typer.Option(help="Text, or JSON.")] = ListFormat.TEXT,
) -> None:
    """Print one record: its facts and its text.

    Exit codes: 0 done, 2 there is no such record.
    """
    logs = open_place(dir, root).held_logs()
    record, log = find(logs, number)
    if format is ListFormat.JSON:
        from sage.tools.adr.export import export_record

        write(export_record(record))
    else:
        views.show_record(record, log)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words that the record must all hold.")],
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[ListFormat, typer.Option(help="Text, or JSON.")] = ListFormat.TEXT,
) -> None:
    """Print the records that hold every one of WORDS, the best first.

    Exit codes: 0 done, found or not; 2 cannot begin.
    """
    from sage.tools.adr.search import search as find_words

    hits = [hit for log in open_place(dir, root).held_logs() for hit in find_words(log, words)]
    hits.sort(key=lambda hit: -hit.score)
    if format is ListFormat.JSON:
        write(views.list_json(hit.record for hit in hits))
    else:
        views.show_hits(hits)
    if not hits:
        note(f"no record holds {' '.join(words)!r}")


for _command in (
    _adr_write.new,
    _adr_write.accept,
    _adr_write.reject,
    _adr_write.deprecate,
    _adr_write.supersede,
    _adr_write.renumber,
):
    app.command()(_command)


@app.command()
def lint(
    dir: Dirs = None,
    root: Root = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="A branch whose numbers are taken too; may be repeated, or hold a *."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="A commit after which no decision may be rewritten.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the missing side of one-way supersedes first.")
    ] = False,
    dry_run: DryRun = False,
    format: ReportFormat = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Check that the log is sound.

    Exit codes: 0 clean, 1 findings, 2 cannot begin.
    """
    from sage.tools.adr.rules import check_log

    place = open_place(dir, root)
    logs = place.logs()
    if fix:
        from sage.tools.adr.commands import plan_fix

        with place.writing():
            for log in place.logs():
                _adr_write.carry_out(plan_fix(log, day=today()), dry_run, quiet=True)
        logs = place.logs()
    findings = [each for log in logs for each in check_log(log, sections=place.sections)]
    if against or since is not None:
        findings += _check_history(logs, against or (), since)
    _report(findings, format, strict, counted(sum(map(len, logs)), "record"))


@app.command()
def cited(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders to search; all if not given.")
    ] = None,
    dir: Dirs = None,
    root: Root = None,
    commits: Annotated[
        str | None, typer.Option(help="Search the messages of these commits, such as main..HEAD.")
    ] = None,
    message: Annotated[
        Path | None, typer.Option(help="Search this file, which holds one commit's message.")
    ] = None,
    record: Annotated[
        str | None, typer.Option("--record", help="Only print who cites this record.")
    ] = None,
    format: ReportFormat = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Check every citation of a record in code, comments, pages and commit messages.

    Exit codes: 0 clean, 1 findings, 2 cannot begin.
    """
    from sage.tools.adr.citations import (
        check_citations,
        find_citations,
        find_commit_citations,
        find_message_citations,
    )

    place = open_place(dir, root)
    logs = place.held_logs()
    exclude = place.exclude
    found: list[Citation] = []
    places = []

    def add(citations: Sequence["Citation"], kind: str) -> None:
        found.extend(citations)
        places.append(counted(len({each.path for each in citations}), kind))

    if paths or not (commits or message):
        add(find_citations(place.root, paths or (), exclude=exclude), "file")
    if commits:
        add(find_commit_citations(place.root, commits), "commit")
    if message:
        add(find_message_citations(message), "message")
    if record is not None:
        wanted = find_alike(logs, record)[0][0].id
        for citation in found:
            if citation.record == wanted:
                print(f"{citation.path}:{citation.line}: {views.one_line(citation.text)}")
        return
    summary = f"{counted(len(found), 'citation')} in {' and '.join(places)}"
    _report(check_citations(found, *logs), format, strict, summary)


@app.command()
def cite(
    number: Number,
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[CiteFormat, typer.Option(help="Markdown, RST or the address.")] = (
        CiteFormat.MD
    ),
) -> None:
    """Print what to paste in order to cite record N: a link, where its address is known.

    Without `adr-url` and `site_url` a path would lead nowhere from a comment, so that it is
    printed as such.

    Exit codes: 0 done, 2 there is no such record.
    """
    from sage.tools.adr.place import link_to, site_address

    place = open_place(dir, root)
    record, _ = find(place.held_logs(), number)
    pattern = place.url or site_address(place.root)
    print(link_to(record, form=format.value, pattern=pattern))


@app.command()
def why(
    paths: Annotated[
        list[str], typer.Argument(help="Files and folders; - reads them from standard input.")
    ],
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[WhyFormat, typer.Option(help="Text, JSON or Markdown.")] = WhyFormat.TEXT,
) -> None:
    """Print which decisions rule these files: by `governs`, by citation, by the layers' rules.

    A path that is not there is answered where Git knows it or a decision rules it.

    Exit codes: 0 done, 2 cannot begin.
    """
    from sage.tools.why import why as find_rulings

    place = open_place(dir, root)
    if paths == ["-"]:
        # `git diff --name-only` names paths from the root, wherever it is run.
        names, base = _listed(sys.stdin.read()), place.root
    else:
        names, base = paths, Path.cwd()
    wanted = [base / name for name in names if name.strip()]
    rulings = find_rulings(place.root, wanted, place.folders)
    if paths != ["-"]:
        _check_known(place.root, wanted, rulings)
    if format is WhyFormat.MD:
        from sage.tools.adr.place import site_address

        write(views.markdown(rulings, place.url or site_address(place.root)))
    elif format is WhyFormat.JSON:
        write(views.why_json(rulings))
    else:
        views.show_why(rulings)
        if not rulings:
            note("no decision rules these files")


@app.command()
def graph(
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[GraphFormat, typer.Option(help="Mermaid, DOT or SVG.")] = GraphFormat.MERMAID,
) -> None:
    """Draw which record supersedes and cites which.

    Exit codes: 0 done, 2 cannot begin.
    """
    from sage.tools.adr.graph import draw_dot, draw_mermaid, draw_svg

    draw = {
        GraphFormat.MERMAID: draw_mermaid,
        GraphFormat.DOT: draw_dot,
        GraphFormat.SVG: draw_svg,
    }[format]
    logs = open_place(dir, root).held_logs()
    if len(logs) > 1:
        raise CannotBegin("graph draws one log; name it with --dir")
    write(draw(logs[0]))


@app.command()
def export(
    dir: Dirs = None,
    root: Root = None,
    format: Annotated[ExportFormat, typer.Option(help="Only JSON.")] = ExportFormat.JSON,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema instead.")
    ] = False,
) -> None:
    """Print everything that is known of every record, with who cites it, as JSON.

    Exit codes: 0 done, 1 a file could not be read or there is no record, 2 cannot begin.
    """
    from sage.tools.adr.citations import find_citations
    from sage.tools.adr.export import export_log, json_schema

    if schema:
        write(json_schema())
        return
    place = open_place(dir, root)
    logs = place.logs()
    exclude = place.exclude
    write(export_log(logs, find_citations(place.root, exclude=exclude)))
    raise typer.Exit(_tell_unread(logs))


def _check_history(
    logs: Sequence[DecisionLog], branches: Sequence[str], since: str | None
) -> list[Finding]:
    """What is wrong with the logs beside other branches, and beside their own past."""
    from sage.tools.adr.history import check_against, check_since

    findings = [each for log in logs for branch in branches for each in check_against(log, branch)]
    for log in logs if since is not None else ():
        findings += check_since(log, since or "")
    return findings


def _check_known(root: Path, paths: Sequence[Path], rulings: Sequence["Ruling"]) -> None:
    """Tell a path that is only not there any more, or not yet, from one that is mistyped.

    Raises:
        CannotBegin: Nothing rules a path, and there is no such file and never was.
    """
    from sage.tools.adr.git import git

    ruled = {ruling.path for ruling in rulings}
    for path in paths:
        name = os.path.relpath(path, root).replace(os.sep, "/")
        if os.path.lexists(path):
            continue
        if name in ruled:
            note(f"{name}: is not there; this is what rules a file at that place")
        elif not git(root, "log", "-1", "--format=%h", "--", name):
            raise CannotBegin(f"{path}: no such file or folder; name one of the repository")


def _listed(text: str) -> list[str]:
    """The paths in a list that Git prints: by lines, with `-z`, or as `--name-status` does."""
    if "\0" in text:
        return text.split("\0")
    fields = (line.split("\t") for line in text.splitlines())
    return [_unquoted(names[-1]) for names in fields]


def _unquoted(name: str) -> str:
    """A path as Git means it: names with unusual letters are quoted, each byte as its number."""
    if len(name) < 2 or name[0] != '"' or name[-1] != '"':
        return name
    held = name[1:-1].encode("latin-1", "ignore").decode("unicode_escape")
    return os.fsdecode(held.encode("latin-1", "ignore"))


def _tell_unread(logs: Sequence[DecisionLog]) -> int:
    """Say on standard error which files could not be read; the exit code."""
    unread = [
        finding
        for log in logs
        for finding in log.findings
        if finding.code in ("empty-log", "unreadable-record", "empty-record", "bad-front-matter")
    ]
    print(render(unread), end="", file=sys.stderr)
    return exit_code(unread)


def _report(findings: Sequence[Finding], format: Format, strict: bool, summary: str) -> None:
    write(render(findings, format))
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    told = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if findings else "clean"
    note(f"{summary}: {told}")
    raise typer.Exit(exit_code(findings, strict=strict))
