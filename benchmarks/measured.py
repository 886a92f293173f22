"""Write the page "What it costs" from the committed results, in both languages.

    python benchmarks/measured.py

The tables of docs_src/concepts/measured.md stand between two marks and are made here, so that no
figure on the page is typed by hand. What has no committed result has no section. A test fails when
the page and the results part.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs_src" / "concepts" / "measured.md"
CHINESE = ROOT / "docs_src" / "zh" / "concepts" / "measured.md"

Result = Mapping[str, Any]

SITE = """\
## The site

`make bench-site` builds generated logs with plain Material, with the decision pages on top of it,
and with two other tools. Plain Material gets the same pages, their indexes too; feeds, redirects
and Markdown copies are counted apart. The figure is ours divided by the peer's; where there is no
peer, it is ours.

<!-- --8<-- [start:site] -->

{table}

<!-- --8<-- [end:site] -->

Where it says "–" under "must be", there is no target: at 100 records a build is mostly start-up;
feeds, redirects and copies are more than plain Material does; and the other tools make other pages
of the same records.
"""
SITE_CHINESE = """\
## 站点

`make bench-site` 用生成的日志分别构建：只用 Material、加上决策页面，以及另外两个工具。Material 得到同样的页面，包括索引；订阅、重定向和 Markdown 副本另外计算。figure 是我们的数字除以对方的数字；没有对方时，就是我们自己的数字。

--8<-- "docs_src/concepts/measured.md:site"

写着“–”的没有目标：只有 100 条记录时，构建时间主要花在启动上；订阅、重定向和副本是 Material 本来不做的工作；另外两个工具则用同样的记录生成别的页面。
"""  # noqa: E501 (a line break between two Chinese characters shows as a space)


def main() -> None:
    """Write the page anew, and the translation's section and digest of it."""
    before, after = PAGE.read_text(encoding="utf-8"), fill(PAGE.read_text(encoding="utf-8"))
    chinese = fill_chinese(CHINESE.read_text(encoding="utf-8"))
    PAGE.write_text(after, encoding="utf-8")
    # Other figures need no other translation: one that was of this page still is.
    CHINESE.write_text(chinese.replace(digest(before), digest(after)), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {CHINESE.relative_to(ROOT)}")


def digest(page: str) -> str:
    """Return the digest by which a translation names its original."""
    return hashlib.sha256(page.encode()).hexdigest()[:12]


def fill(page: str) -> str:
    """Return the page with each table made from its result."""
    for name, table in (("queues", queue_table), ("stores", store_table)):
        page = between(page, name, shown(name, table))
    site = shown("site", site_table)
    return between(page, "site", SITE.format(table=site) if site else "")


def fill_chinese(page: str) -> str:
    """Return the translation, with the section on the site where there is a result."""
    return between(page, "site", SITE_CHINESE if (RESULTS / "site.json").exists() else "")


def between(page: str, name: str, made: str) -> str:
    """Return the page with `made` between the marks of that name."""
    begin, end = f"<!-- made from {name}.json -->", f"<!-- end of {name}.json -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{PAGE.name} has no {begin} … {end}; put both marks back")
    return "\n\n".join(part for part in (before + begin, made.strip(), end + after) if part)


def shown(name: str, table: Callable[[Result], list[str]]) -> str:
    """Return the table of a result, with its day and machine; empty where there is no result."""
    file = RESULTS / f"{name}.json"
    if not file.exists():
        return ""
    result = json.loads(file.read_text(encoding="utf-8"))
    return "\n".join([*table(result), "", measured_on(result)])


def queue_table(result: Result) -> list[str]:
    """Rates beside their peers, and what the server holds in memory."""
    rows = [
        (
            row["name"],
            f"`{row['ours']}`",
            f"{row['peer']} (an unlike pair)" if _unlike(row) else row["peer"],
            f"{row['ours_rate']:,}",
            f"{row['peer_rate']:,}",
            f"{row['ratio']:,.2f}",
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
            row["peer"] if _has_peer(row) else "–",
            _amount(row, "ours"),
            _amount(row, "peers") if _has_peer(row) else "–",
            f"{row['figure']:,.2f}" if _has_peer(row) else _amount(row, "figure"),
            _must("≤", row),
        )
        for row in result["results"]
    ]
    head = ("what", "records", "beside", "ours", "peer", "figure", "must be")
    return table_of(head, rows, numbers=3)


def _has_peer(row: Result) -> bool:
    return row["peer"] not in ("", "no peer")


def _amount(row: Result, key: str) -> str:
    """A figure with its unit; where that is none, it says whether something is so."""
    if not row["unit"]:
        return "yes" if row[key] else "no"
    whole = row["unit"] == "bytes"
    return f"{row[key]:,.0f} bytes" if whole else f"{row[key]:,.2f} {row['unit']}"


def _unlike(row: Result) -> bool:
    """Whether batches of ours stand beside single items of the peer's."""
    return bool(row["ours"] == "put_many" and "one by one" in row["peer"])


def _must(sign: str, row: Result) -> str:
    if row.get("unit") == "":
        bound = "no"
    elif not row["must"]:
        return "–"
    else:
        bound = f"{sign} {round(row['must'], 2):g}"
    return bound if row["ok"] else f"{bound}, missed"


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
