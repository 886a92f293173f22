"""What the decision pages cost on top of Material alone: `python benchmarks/site.py 100 1000`.

Generates logs with snippets, relations and citations, and builds each in a process of its own:
with Material alone on the same pages, and with the plugin. CPU seconds and peak memory are those of
the whole process. Feeds, redirects and copies are counted apart, since Material alone writes none.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TAGS = ("queue", "storage", "service", "layers", "tooling", "site", "records", "search")
CONFIG = """
site_name: Benchmark
site_url: http://127.0.0.1:8000/
docs_dir: docs
theme: {{name: material, font: false}}
plugins: {plugins}
markdown_extensions: [attr_list, tables, pymdownx.highlight, pymdownx.superfences]
nav: [{{Home: index.md}}]
not_in_nav: "*"
"""
BUILD = """
import json, resource, sys, time
from mkdocs.commands.build import build
from mkdocs.config import load_config
if sys.argv[2] == "pages":
    from sage.tools.site.plugin import DecisionsPlugin
    DecisionsPlugin._outputs = lambda self, config: iter(())
config = load_config(sys.argv[1])
config.plugins.on_startup(command="build", dirty=False)
build(config)
use = resource.getrusage(resource.RUSAGE_SELF)
child = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpu": use.ru_utime + use.ru_stime + child.ru_utime + child.ru_stime,
                  "mib": use.ru_maxrss / 1024}))
"""


@dataclass(frozen=True)
class Cost:
    """What one build took."""

    cpu: float
    mib: float


def record(number: int, total: int) -> str:
    """A record of the usual length, with a relation, citations, a table and a snippet."""
    old = number - 1 if number % 7 == 0 and number else None
    status = "superseded" if (number + 1) % 7 == 0 and number + 1 < total else "accepted"
    front = [f"status: {status}", f"date: 2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"]
    front += ["decision-makers: [Ada, Grace]", f"tags: [{TAGS[number % 8]}, {TAGS[number % 5]}]"]
    front += [f"layers: [L{number % 6 + 1}]"]
    front += [f"supersedes: [{old}]"] if old is not None else []
    cited = ", ".join(f"ADR-{(number * k) % total:04d}" for k in (3, 5, 7))
    options = "\n".join(
        f"{n}. **Option {n} of {number}.** It is simple and costs little. Somebody must keep it "
        "in step with everything that changes around it, and that is where it fails."
        for n in range(1, 5)
    )
    return "\n".join(
        ["---", *front, "---", "", f"# Decide matter number {number}", "", "## Context", ""]
        + [f"The matter came up after {cited}. Two parts disagree about who owns it.", ""]
        + ["## Options", "", options, "", "## Decision", "", f"Take option {number % 4 + 1}.", ""]
        + ["```python", f"print({number} + 1)", "```", "", "``` {.text .output}"]
        + [str(number + 1), "```", "", "## Consequences", "", "| what | effect |", "|---|---|"]
        + [f"| part {n} | keeps its shape |" for n in range(6)]
        + [""]
    )


def generate(folder: Path, count: int, *, plugin: bool) -> Path:
    """Write a repository with `count` records; its configuration file."""
    docs = folder / "docs"
    records = folder / "adr" if plugin else docs / "adr"
    records.mkdir(parents=True)
    docs.mkdir(exist_ok=True)
    (docs / "index.md").write_text("# Home\n\nRead ADR-0001.\n")
    for number in range(count):
        (records / f"{number:04d}-matter.md").write_text(record(number, count))
    plugins = "[search, {decisions: {stale: show}}]" if plugin else "[search]"
    config = folder / "mkdocs.yml"
    config.write_text(CONFIG.format(plugins=plugins))
    return config


def build(config: Path, what: str) -> Cost:
    """Build in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(config), what],
        cwd=config.parent,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def measure(count: int, rounds: int) -> dict[str, Cost]:
    """The median cost of each way to build `count` records; the ways take turns."""
    ways = {"material": False, "pages": True, "all": True}
    found: dict[str, list[Cost]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        configs = {
            way: generate(Path(folder) / way, count, plugin=plugin) for way, plugin in ways.items()
        }
        for _ in range(rounds):
            for way in ways:
                found[way].append(build(configs[way], way))
        page = Path(folder, "pages/site/adr/0007/index.html").stat().st_size
    print(f"{count:>6} records; a record's page is {page / 1024:.1f} KiB")
    return {
        way: Cost(
            statistics.median(cost.cpu for cost in costs),
            statistics.median(cost.mib for cost in costs),
        )
        for way, costs in found.items()
    }


def main(words: Sequence[str] | None = None) -> int:
    """Print one table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="What decision pages cost on top of Material.")
    parser.add_argument("counts", nargs="*", type=int, default=[100, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(words)
    broken = 0
    for count in options.counts:
        costs = measure(count, options.rounds)
        base = costs["material"]
        for way, cost in costs.items():
            print(
                f"       {way:<9} {cost.cpu:7.2f} s CPU ({cost.cpu / base.cpu:4.2f} x)"
                f" {cost.mib:7.0f} MiB ({cost.mib / base.mib:4.2f} x)"
            )
        pages = costs["pages"]
        if count >= 1000:
            broken += pages.cpu > 1.15 * base.cpu
            broken += pages.mib > 1.2 * base.mib + 40
    print(f"{resource.getpagesize()} byte pages, Python {sys.version.split()[0]}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
