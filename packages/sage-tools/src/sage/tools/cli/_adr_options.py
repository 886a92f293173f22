"""What the commands of `sage-dev adr` share: their options, and the repository they name."""

import datetime
import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sage.tools.adr.log import DecisionLog, read_logs
from sage.tools.adr.place import find_folder, find_root
from sage.tools.adr.record import SECTIONS, Record
from sage.tools.adr.references import stem_of
from sage.tools.finding import CannotBegin
from sage.tools.report import Format

__all__ = [
    "Date",
    "Dirs",
    "DryRun",
    "Number",
    "Place",
    "ReportFormat",
    "Root",
    "Strict",
    "Template",
    "Undo",
    "day",
    "find",
    "find_alike",
    "note",
    "open_place",
    "today",
    "write",
]

Dirs = Annotated[
    list[str] | None,
    typer.Option("--dir", help="Folder of the records; NAME=FOLDER for a further log."),
]
Root = Annotated[
    Path | None, typer.Option("--root", help="The repository; found by its .git if not given.")
]
ReportFormat = Annotated[Format, typer.Option("--format", help="How findings are printed.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show the change, as a diff.")]
Date = Annotated[
    str | None,
    typer.Option("--date", help="The day of the change, YYYY-MM-DD; today if not given."),
]
Template = Annotated[Path | None, typer.Option(help="The file that the record starts from.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the last such edit back.")]
Number = Annotated[str, typer.Argument(metavar="N", help="Number, id or file of a record.")]


@dataclass(frozen=True, slots=True)
class Place:
    """The repository that a command works on, the folders of its logs, and its settings."""

    root: Path
    folders: dict[str, Path]
    template: Path | None = None
    sections: Sequence[str] = SECTIONS
    exclude: Sequence[str] = ()
    url: str = ""

    def prefer(self, template: Path | None) -> Path | None:
        """The template given, else the repository's own."""
        return template or self.template

    def logs(self) -> list[DecisionLog]:
        """The logs, read; one without any record has a finding that says so."""
        return read_logs(self.folders, root=self.root)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer, once what another one left half done is taken back."""
        from sage.tools.adr.edit import recover, sole_writer

        with sole_writer(self.root):
            if told := recover(self.root):
                note(told)
            yield

    def held_logs(self) -> list[DecisionLog]:
        """The logs, read.

        Raises:
            CannotBegin: None of them holds a record, so that nothing could be found there.
        """
        logs = self.logs()
        if not any(log.records for log in logs):
            empty = next(each for log in logs for each in log.findings if each.code == "empty-log")
            raise CannotBegin(f"{empty.path}: {empty.message}")
        return logs


def open_place(dirs: Sequence[str] | None, root: Path | None) -> Place:
    """The repository and its logs, as options and settings name them."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter is shown its number.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    named = [_named_folder(text) for text in dirs or ()]
    base = _root(root, [path for _, path in named])
    if named and len(dict(named)) < len(named):
        raise CannotBegin("--dir: two logs have one name; write --dir NAME=FOLDER")
    if not _has_settings(base):
        return Place(base, dict(named) or {"": find_folder(base)})
    # Here, because most repositories have none, and pydantic takes long to import.
    from sage.tools.settings import load_settings

    settings = load_settings(base)
    folders = dict(named)
    if not named:
        folders = {"": find_folder(base, settings.adr_dir)}
        folders |= {name: base / path for name, path in settings.adr_logs.items()}
    return Place(
        base,
        folders,
        base / settings.adr_template if settings.adr_template else None,
        settings.adr_sections,
        settings.adr_cited_exclude,
        settings.adr_url or "",
    )


def _has_settings(root: Path) -> bool:
    try:
        return b"sage-dev" in (root / "pyproject.toml").read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _named_folder(text: str) -> tuple[str, Path]:
    if match := re.fullmatch(r"([A-Za-z][\w-]*)=(.+)", text):
        return match[1], Path(match[2]).absolute()
    return "", Path(text).absolute()


def _root(root: Path | None, folders: Sequence[Path]) -> Path:
    if root is not None:
        if not root.is_dir():
            raise CannotBegin(f"{root}: no such folder; name the repository with --root")
        return root.absolute()
    if not folders:
        return find_root(Path.cwd())
    # The records' own repository; a folder in none belongs to where the command was called.
    own = find_root(folders[0])
    here = Path.cwd()
    return here if own == folders[0] and own.is_relative_to(here) else own


def find(logs: Sequence[DecisionLog], number: str) -> tuple[Record, DecisionLog]:
    records, log = find_alike(logs, number)
    if len(records) > 1:
        names = ", ".join(each.path for each in records)
        raise CannotBegin(f"{number}: means each of {names}; name the file")
    return records[0], log


def find_alike(logs: Sequence[DecisionLog], number: str) -> tuple[Sequence[Record], DecisionLog]:
    """The record; all that share a number, where that is what was given."""
    for log in logs:
        if record := log.find(number):
            own = number in (record.path, record.file.name, stem_of(record.file))
            return [record] if own else log.by_id[record.id], log
    known = [record.id for log in logs for record in log.records]
    span = f"{known[0]} to {known[-1]}" if known else "no record"
    raise CannotBegin(f"{number}: no such record; the log holds {span}")


def write(text: str) -> None:
    # A file's name may hold bytes that are no text; what stands for them must not stop the output.
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def note(text: str) -> None:
    print(f"sage-dev adr: {text}", file=sys.stderr)


def day(text: str | None) -> datetime.date:
    if text is None:
        return today()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise CannotBegin(f"--date {text}: is no day; write YYYY-MM-DD") from None


def today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).date()
