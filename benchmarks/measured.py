"""Write the page "What it costs" from the committed results.

    python benchmarks/measured.py

The tables of docs_src/concepts/measured.md stand between two marks and are made here, so that no
figure on the page is typed by hand. A test fails when the page and the results part.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs_src" / "concepts" / "measured.md"

Result = Mapping[str, Any]


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


def fill(page: str) -> str:
    """Return the page with each table made from its result."""
    for name, table in (("queues", queue_table), ("stores", store_table), ("site", site_table)):
        begin, end = f"<!-- made from {name}.json -->", f"<!-- end of {name}.json -->"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(
                f"{PAGE.relative_to(ROOT)} has no {begin} … {end}; put both marks back"
            )
        file = RESULTS / f"{name}.json"
        lines = ["No run is committed yet."]
        if file.exists():
            result = json.loads(file.read_text(encoding="utf-8"))
            lines = [*table(result), "", measured_on(result)]
        made = "\n".join([begin, "", *lines, "", end])
        page = before + made + after
    return page


def queue_table(result: Result) -> list[str]:
    """Rates beside their peers, and what the server holds in memory."""
    rows = [
        (
            row["name"],
            f"`{row['ours']}`",
            row["peer"],
            f"{row['ours_rate']:,}",
            f"{row['peer_rate']:,}",
            f"{row['ratio']:.2f}",
            _must("≥", row),
        )
        for row in result["results"]
    ]
    head = ("queue", "ours", "beside", "ours, items/s", "peer, items/s", "ratio", "must be")
    lines = table_of(head, rows, numbers=3)
    memory = result.get("memory")
    if memory:
        lines += [
            "",
            f"A server that holds {memory['items']:,} items of 100 bytes takes "
            f"{memory['ratio']:.2f} times their payload in memory (must be ≤ {memory['must']:g}).",
        ]
    return lines


def store_table(result: Result) -> list[str]:
    """The median time of one call beside its peer's."""
    rows = [
        (
            row["name"],
            f"{row['size']:,}",
            row["peer"],
            f"{row['ours_us']:.2f}",
            f"{row['peer_us']:.2f}",
            f"{row['ratio']:.2f}",
            _must("≤", row),
        )
        for row in result["results"]
    ]
    head = ("store", "bytes", "beside", "ours, µs", "peer, µs", "ratio", "must be")
    return table_of(head, rows, numbers=3)


def site_table(result: Result) -> list[str]:
    """Each figure of the site's build beside its peer's."""
    rows = [
        (
            row["name"],
            f"{row['records']:,}",
            row["peer"] or "–",
            f"{row['ours']:,.2f} {row['unit']}".strip(),
            f"{row['peers']:,.2f} {row['unit']}".strip() if row["peer"] else "–",
            f"{row['figure']:,.2f}",
            _must_site(row),
        )
        for row in result["results"]
    ]
    head = ("what", "records", "beside", "ours", "peer", "figure", "must be")
    return table_of(head, rows, numbers=3)


def _must_site(row: Result) -> str:
    if row["must"] is None:
        return "–"
    return f"≤ {row['must']:.2f}{'' if row['ok'] else ', missed'}"


def _must(sign: str, row: Result) -> str:
    return f"{sign} {row['must']:g}{'' if row['ok'] else ', missed'}" if row["must"] else "–"


def table_of(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int) -> list[str]:
    """Return a Markdown table whose figures, from that column on, stand to the right."""
    rule = ["---" if place < numbers else "---:" for place in range(len(head))]
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)]


def measured_on(result: Result) -> str:
    """Return the sentence about day, machine and versions."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {one}" for name, one in machine["versions"].items())
    return (
        f"Measured on {result['date']}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}, Python {machine['python']}, {versions}."
    )


if __name__ == "__main__":
    main()
