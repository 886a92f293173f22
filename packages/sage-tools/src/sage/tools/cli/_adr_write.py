"""The commands of `sage-dev adr` that write."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import Record, Status
from sage.tools.cli._adr_options import (
    Date,
    Dirs,
    DryRun,
    Number,
    Place,
    Root,
    Template,
    Undo,
    day,
    find,
    find_alike,
    note,
    open_place,
    write,
)
from sage.tools.finding import CannotBegin

if TYPE_CHECKING:
    from sage.tools.adr.edit import Plan

__all__ = ["accept", "carry_out", "deprecate", "new", "reject", "renumber", "supersede"]


def new(
    title: Annotated[str, typer.Argument(help="What is decided, in a few words.")],
    dir: Dirs = None,
    root: Root = None,
    template: Template = None,
    date: Date = None,
    dry_run: DryRun = False,
) -> None:
    """Write a new record with the next free number, status proposed.

    Exit codes: 0 done, 2 cannot begin.
    """
    from sage.tools.adr.commands import plan_new

    place = open_place(dir, root)
    with place.writing():
        log = place.logs()[0]
        carry_out(plan_new(log, title, day=day(date), template=place.prefer(template)), dry_run)


def accept(
    number: Number,
    dir: Dirs = None,
    root: Root = None,
    date: Date = None,
    dry_run: DryRun = False,
) -> None:
    """Accept a proposed record.

    Exit codes: 0 done, 2 cannot begin.
    """
    _set_status(dir, root, number, "accepted", "", date, dry_run)


def reject(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; written at the record's end.")],
    dir: Dirs = None,
    root: Root = None,
    date: Date = None,
    dry_run: DryRun = False,
) -> None:
    """Reject a proposed record, and say why.

    Exit codes: 0 done, 2 cannot begin.
    """
    _set_status(dir, root, number, "rejected", reason, date, dry_run)


def deprecate(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; written at the record's end.")] = "",
    dir: Dirs = None,
    root: Root = None,
    date: Date = None,
    dry_run: DryRun = False,
) -> None:
    """Deprecate an accepted record: it no longer holds, and nothing takes its place.

    Exit codes: 0 done, 2 cannot begin.
    """
    _set_status(dir, root, number, "deprecated", reason, date, dry_run)


def supersede(
    number: Annotated[str | None, typer.Argument(metavar="N", help="The old record.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="M", help="The new record.")] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Title of a new, accepted record to write.")
    ] = None,
    dir: Dirs = None,
    root: Root = None,
    template: Template = None,
    date: Date = None,
    dry_run: DryRun = False,
    undo: Undo = False,
) -> None:
    """Say in both records that one supersedes the other.

    Exit codes: 0 done, 2 cannot begin.
    """
    from sage.tools.adr.commands import plan_supersede, plan_supersede_by_new

    place = open_place(dir, root)
    if undo:
        _take_back(place, dry_run)
        return
    if number is None or (by is None) == (title is None):
        raise CannotBegin("supersede takes N and one of --by M and --title T")
    with place.writing():
        old, log = find(place.logs(), number)
        if by is not None:
            plan = plan_supersede(log, old, find([log], by)[0], day=day(date))
        else:
            plan = plan_supersede_by_new(
                log, old, title or "", day=day(date), template=place.prefer(template)
            )
        carry_out(plan, dry_run, undo=True)


def renumber(
    number: Annotated[
        str | None, typer.Argument(metavar="N", help="Number, id or file of a record.")
    ] = None,
    to: Annotated[
        int | None, typer.Option("--to", help="The new number; the next free one if not given.")
    ] = None,
    dir: Dirs = None,
    root: Root = None,
    dry_run: DryRun = False,
    undo: Undo = False,
) -> None:
    """Give another number to a record that is not on the default branch yet.

    Moves the file and rewrites every citation in the repository.

    Exit codes: 0 done, 2 cannot begin.
    """
    from sage.tools.adr.renumber import plan_renumber

    place = open_place(dir, root)
    if undo:
        _take_back(place, dry_run)
        return
    if number is None:
        raise CannotBegin("renumber takes N, the record to move")
    with place.writing():
        record, log = _find_newest(place, number)
        carry_out(plan_renumber(log, record, to), dry_run, undo=True)


def _find_newest(place: Place, number: str) -> tuple[Record, DecisionLog]:
    """The record; of two that share a number, the one that is not on the default branch."""
    from sage.tools.adr.git import default_branch, files_at

    rivals, log = find_alike(place.logs(), number)
    if len(rivals) == 1:
        return rivals[0], log
    branch = default_branch(place.root)
    held = files_at(place.root, branch, log.directory) if branch else {}
    fresh = [each for each in rivals if each.path not in held]
    if len(fresh) != 1:
        names = ", ".join(each.path for each in rivals)
        raise CannotBegin(f"{number}: means each of {names}; name the file")
    return fresh[0], log


def _set_status(
    dir: list[str] | None,
    root: Path | None,
    number: str,
    status: Status,
    reason: str,
    date: str | None,
    dry_run: bool,
) -> None:
    from sage.tools.adr.commands import plan_status

    place = open_place(dir, root)
    with place.writing():
        record, log = find(place.logs(), number)
        carry_out(plan_status(log, record, status, day=day(date), reason=reason), dry_run)


def carry_out(plan: "Plan", dry_run: bool, *, undo: bool = False, quiet: bool = False) -> None:
    for reason in plan.left:
        note(f"left as it is: {reason}")
    if dry_run:
        write(plan.diff())
        return
    plan.apply(undo=undo)
    if plan.changes or not quiet:
        for change in plan.changes:
            if change.after is not None:
                print(os.path.relpath(change.file))
        note(plan.summary)


def _take_back(place: Place, dry_run: bool) -> None:
    from sage.tools.adr.edit import undo

    with place.writing():
        carry_out(undo(place.root), dry_run)
