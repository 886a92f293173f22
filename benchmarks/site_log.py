"""Generated decision logs with snippets, relations and citations, one repository for each way.

The ways to build them get the same pages: the indexes that the plugin makes are put into plain
Material's folder as the HTML that the plugin made of them, and each peer gets the records in the
front matter that it reads.
"""

import re
from collections.abc import Iterator
from pathlib import Path

TAGS = ("queue", "storage", "service", "layers", "tooling", "site", "records", "search")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CONFIG = """
site_name: Benchmark
site_url: http://127.0.0.1:8000/
docs_dir: docs
theme: {{name: {theme}, font: false}}
plugins: {plugins}
markdown_extensions: [attr_list, tables, pymdownx.highlight, pymdownx.superfences]
nav: [{{Home: index.md}}]
not_in_nav: "*"
watch: {watch}
"""
LOG4BRAINS = "project:\n  name: Benchmark\n  tz: Etc/UTC\n  adrFolder: ./docs/adr\n"
PLUGINS = {
    "material": "[search]",
    "ours": "[search, {decisions: {stale: show}}]",
    "mkdocs-material-adr": "[search, mkdocs-material-adr/adr]",
}


def front_matter(number: int, total: int) -> Iterator[str]:
    """The front matter of a record in MADR's words, as the plugin reads it."""
    yield f"status: {status_of(number, total)}"
    yield f"date: 2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    yield "decision-makers: [Ada, Grace]"
    yield f"tags: [{TAGS[number % 8]}, {TAGS[number % 5]}]"
    yield f"layers: [L{number % 6 + 1}]"
    if number % 7 == 0 and number:
        yield f"supersedes: [{number - 1}]"


def peer_front_matter(number: int, total: int) -> Iterator[str]:
    """The same facts as mkdocs-material-adr reads them."""
    yield "adr:"
    yield "  author: Ada"
    yield f"  created: {number % 28 + 1:02d}-{MONTHS[number % 12]}-2026"
    yield f"  status: {status_of(number, total)}"
    if status_of(number, total) == "superseded":
        yield f'  superseded_by: "{number + 1:04d}-matter"'


def status_of(number: int, total: int) -> str:
    """Every seventh record supersedes the one before it."""
    return "superseded" if (number + 1) % 7 == 0 and number + 1 < total else "accepted"


def body(number: int, total: int) -> str:
    """A record of the usual length, with citations, a table and a snippet."""
    cited = ", ".join(f"ADR-{(number * k) % total:04d}" for k in (3, 5, 7))
    options = "\n".join(
        f"{n}. **Option {n} of {number}.** It is simple and costs little. Somebody must keep it "
        "in step with everything that changes around it, and that is where it fails."
        for n in range(1, 5)
    )
    return "\n".join(
        [f"# Decide matter number {number}", "", "## Context", ""]
        + [f"The matter came up after {cited}. Two parts disagree about who owns it.", ""]
        + ["## Options", "", options, "", "## Decision", "", f"Take option {number % 4 + 1}.", ""]
        + ["```python", f"print({number} + 1)", "```", "", "``` {.text .output}"]
        + [str(number + 1), "```", "", "## Consequences", "", "| what | effect |", "|---|---|"]
        + [f"| part {n} | keeps its shape |" for n in range(6)]
        + [""]
    )


def record(number: int, total: int, way: str = "ours") -> str:
    """A whole record, as one of the ways reads it."""
    text = body(number, total)
    if way == "log4brains":
        status, day = status_of(number, total), f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        facts = f"- Status: {status}\n- Date: {day}\n- Tags: {TAGS[number % 8]}\n\n"
        return text.replace("\n\n", f"\n\n{facts}", 1)
    front = peer_front_matter if way == "mkdocs-material-adr" else front_matter
    return "\n".join(["---", *front(number, total), "---", "", text])


def generate(folder: Path, count: int, way: str) -> Path:
    """Write a repository with `count` records for one way; its configuration file."""
    docs = folder / "docs"
    records = folder / "adr" if way == "ours" else docs / "adr"
    records.mkdir(parents=True)
    docs.mkdir(exist_ok=True)
    for number in range(count):
        day = f"2026{number % 12 + 1:02d}{number % 28 + 1:02d}"
        name = f"{day}-matter-{number}.md" if way == "log4brains" else f"{number:04d}-matter.md"
        (records / name).write_text(record(number, count, way))
    if way == "log4brains":
        (records / "index.md").write_text("# Records\n")
        (folder / ".log4brains.yml").write_text(LOG4BRAINS)
        return folder / ".log4brains.yml"
    (docs / "index.md").write_text("# Home\n\nRead ADR-0001.\n")
    theme = way if way == "mkdocs-material-adr" else "material"
    watch = "[adr]" if way == "ours" else "[docs]"
    config = folder / "mkdocs.yml"
    config.write_text(CONFIG.format(theme=theme, plugins=PLUGINS[way], watch=watch))
    return config


def add_indexes(site: Path, docs: Path) -> int:
    """Give plain Material the index pages of a site that the plugin built; how many there were."""
    names = ["adr", "adr/all", "adr/history", "adr/topics"]
    names += sorted(
        folder.relative_to(site).as_posix()
        for folder in (site / "adr/topics").iterdir()
        if folder.is_dir()
    )
    for name in names:
        text = (site / name / "index.html").read_text("utf-8")
        article = re.search(r"<article[^>]*>(.*)</article>", text, re.DOTALL)
        if article is None:
            raise SystemExit(f"{name} of the built site has no article; was it built whole?")
        page = docs / name / "index.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        flat = re.sub(r"\n\s*\n", "\n", article[1])
        page.write_text(f"---\nsearch: {{exclude: true}}\n---\n\n<div>{flat}</div>\n", "utf-8")
    return len(names)
