"""How records are shown by `sage-dev adr`: in a terminal, in a pipe, and as JSON."""

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sage.tools.adr.log import DecisionLog
from sage.tools.adr.place import posted_address
from sage.tools.adr.record import Record
from sage.tools.adr.source import split_lines

if TYPE_CHECKING:
    from sage.tools.adr.search import Hit
    from sage.tools.why import Ruling

__all__ = [
    "list_json",
    "markdown",
    "one_line",
    "show_hits",
    "show_list",
    "show_record",
    "show_why",
    "why_json",
]

# Columns that a table needs, so that titles are not folded to a few letters a line.
_TABLE = 60
_COLOURS = {
    "accepted": "green",
    "proposed": "yellow",
    "draft": "yellow",
    "rejected": "red",
    "deprecated": "bright_black",
    "superseded": "bright_black",
    "unknown": "bold red",
}


def one_line(text: str) -> str:
    """The text on one line, without marks that could drive a terminal."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def list_json(records: Iterable[Record]) -> str:
    """The records as the JSON array that `adr list --format json` promises."""
    rows = [
        {
            "id": record.id,
            "number": record.number,
            "title": record.title,
            "status": record.status,
            "status_text": record.status_text,
            "date": record.date.isoformat() if record.date else None,
            "path": record.path,
            "dialect": record.dialect,
            "supersedes": list(record.supersedes),
            "superseded_by": list(record.superseded_by),
            "tags": list(record.tags),
        }
        for record in records
    ]
    import json

    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def show_list(records: Sequence[Record]) -> None:
    """Print one line a record: a table in a terminal that is wide enough, else plain columns."""
    if sys.stdout.isatty() and shutil.get_terminal_size().columns >= _TABLE:
        _table(records)
        return
    width = max((len(record.id) for record in records), default=0)
    for record in records:
        day = str(record.date or "-")
        print(f"{one_line(record.id):{width}}  {record.status:10}  {day:10}  {_line(record)}")


def show_record(record: Record, log: DecisionLog) -> None:
    """Print a record's facts and its text: rendered in a terminal, as written in a pipe."""
    body = "\n".join(split_lines(record.text)[record.body_line - 1 :]).strip()
    facts = list(_facts(record, log))
    if not sys.stdout.isatty():
        print(f"{record.id} {one_line(record.title)}")
        for name, value in facts:
            print(f"{name + ':':14} {value}")
        print(f"\n{body}")
        return
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.table import Column, Table
    from rich.text import Text

    console = Console()
    # Folded, because a line of Chinese has no spaces at which it could be broken.
    head = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))
    head.add_row(Text(record.id, style="bold"), Text(one_line(record.title), style="bold"))
    table = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for name, value in facts:
        style = _COLOURS.get(record.status, "") if name == "status" else ""
        table.add_row(Text(name, style="dim"), Text(value, style=style))
    console.print(head)
    console.print(table)
    console.print()
    # The title stands above already.
    shown = re.sub(r"\A#[ \t][^\n]*\n+", "", body)
    shown = "".join(c if c.isprintable() or c in "\n\t" else " " for c in shown)
    console.print(Markdown(shown))


def show_hits(hits: Sequence["Hit"]) -> None:
    """Print each hit's record and the line that shows it."""
    for hit in hits:
        print(f"{hit.record.path}:{hit.line}: {one_line(str(hit.record))} ({hit.record.status})")
        print(f"    {one_line(hit.text)}")


def show_why(rulings: Sequence["Ruling"]) -> None:
    """Print, for each path, the records that rule it and every reason."""
    shown = ""
    for ruling in rulings:
        if ruling.path != shown:
            print(one_line(ruling.path))
            shown = ruling.path
        print(f"  {one_line(str(ruling.record))} ({ruling.record.status}) {ruling.record.path}")
        for reason in ruling.reasons:
            place = f"{reason.path}:{reason.line}" if reason.line else reason.path
            print(f"    {reason.kind}: {_cut(one_line(reason.text))} [{one_line(place)}]")


def why_json(rulings: Sequence["Ruling"]) -> str:
    """The rulings as a JSON array, one object a path and record."""
    rows = [
        {
            "path": ruling.path,
            "id": ruling.record.id,
            "title": ruling.record.title,
            "status": ruling.record.status,
            "record": ruling.record.path,
            "reasons": [
                {"kind": each.kind, "text": each.text, "path": each.path, "line": each.line}
                for each in ruling.reasons
            ],
        }
        for ruling in rulings
    ]
    import json

    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def markdown(rulings: Sequence["Ruling"], pattern: str) -> str:
    """The rulings as Markdown to post on a pull request: one row a record.

    Records are linked by `pattern`, an address with `{number}` in it, or by where they lie.
    """
    if not rulings:
        return "No decision rules these files.\n"
    by_record: dict[str, list[Ruling]] = {}
    for ruling in rulings:
        by_record.setdefault(ruling.record.id, []).append(ruling)
    lines = ["### Decisions that rule these files", ""]
    lines += ["| Decision | Status | Files | Why |", "|---|---|---|---|"]
    for group in sorted(by_record.values(), key=lambda each: each[0].record.path):
        record = group[0].record
        files = ", ".join(f"`{_cell(ruling.path)}`" for ruling in group[:5])
        files += f" and {len(group) - 5} more" if len(group) > 5 else ""
        kinds = sorted({reason.kind for ruling in group for reason in ruling.reasons})
        address = posted_address(record, pattern)
        name = f"[{_cell(record.id)}]({_cell(address)}) {_cell(record.title)}"
        lines.append(f"| {name} | {record.status} | {files} | {', '.join(kinds)} |")
    return "\n".join(lines) + "\n"


def _cut(text: str, most: int = 100) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _cell(text: str) -> str:
    text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "|[]`*\\" else c for c in text)


def _line(record: Record) -> str:
    title = one_line(record.title)
    if record.superseded_by:
        return f"{title} (superseded by {', '.join(record.superseded_by)})"
    return title


def _facts(record: Record, log: DecisionLog) -> Iterable[tuple[str, str]]:
    def titled(name: str) -> str:
        shared = len(log.by_id.get(name, ())) > 1  # then nobody can tell whose title is meant
        return name if shared else str(log.find(name) or name)

    def named(ids: Sequence[str]) -> str:
        return one_line("; ".join(map(titled, ids)))

    yield "status", record.status
    if record.status_text and record.status_text.lower() != record.status:
        yield "as written", one_line(record.status_text)
    if record.date:
        yield "date", str(record.date)
    if record.supersedes:
        yield "supersedes", named(record.supersedes)
    if record.superseded_by:
        yield "superseded by", named(record.superseded_by)
    for name, values in (
        ("tags", record.tags),
        ("layers", record.layers),
        ("deciders", record.deciders),
        ("governs", record.governs),
    ):
        if values:
            yield name, one_line(", ".join(values))
    if record.review_by:
        yield "review by", str(record.review_by)
    yield "path", one_line(record.path)


def _table(records: Sequence[Record]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("Record", "Status", "Date", "Title"):
        table.add_column(title, no_wrap=title != "Title", overflow="fold")
    for record in records:
        table.add_row(
            Text(one_line(record.id), style="bold"),
            Text(record.status, style=_COLOURS[record.status]),
            Text(str(record.date or "–")),
            Text(_line(record)),
        )
    Console().print(table)
