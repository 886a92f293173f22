"""What `sage-dev adr` costs beside a bare read of the files, `grep -r` and its peers, in one run.

    python benchmarks/adr_log.py                  # about a minute; --save keeps the result
    python benchmarks/adr_log.py --peers FOLDER   # beside the peers that are installed there

Peers are made ready once, in a folder of their own:

    python -m venv FOLDER/venv && FOLDER/venv/bin/pip install adr-viewer
    npm --prefix FOLDER install log4brains
    git clone https://github.com/npryce/adr-tools FOLDER/adr-tools

A figure is CPU time (user and system) in seconds, the median of several rounds taken in turns, so
that what else the machine does falls on all. Read the ratios. The bare read is a Python process
that reads every file and parses its front matter with libyaml. Of both, the time that the same
process takes without any record is taken off; rows that say *whole process* keep it. Exit 1 when a
target is missed.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULT = Path(__file__).resolve().parent / "results" / "adr_log.json"
SIZES = (1_000, 10_000)
PEER_SIZE = 500
TREE = 1_000
PARTS = 50
ROUNDS = 5
TEXT = """\
---
status: accepted
date: 2025-10-22
decision-makers: [Architecture Review]
tags: [queue, registration]
layers: [L2, L3]
governs: ["packages/part-{part}/src/**"]
---

# {number}. Record {number} about queues

## Status

Accepted

## Context and problem

The platform needs queues that are reached by name. See [the first](0001-record-1.md) and the
registry in `packages/registry.py`, which many places use.

## Decision drivers

- speed
- `make test` stays quick

## Considered options

- **One.** It costs this.
- **Two.** It costs that.

## Decision

We take option one, because it is simple. A producer opens the queue by name.

```python
queue = open_queue("name")
```

## Consequences

- Good: simple.
- Bad: slow at times.
"""
BARE_READ = """
import os, sys, yaml
for entry in sorted(os.scandir("adr"), key=lambda entry: entry.name):
    with open(entry.path, encoding="utf-8") as file:
        yaml.load(file.read().split("---\\n")[1], yaml.CSafeLoader)
"""
SAGE_DEV = (sys.executable, "-c", "from sage.tools.cli import main; main()", "adr")


@dataclass(frozen=True)
class Row:
    """One command beside the one it is held against."""

    what: str
    size: int
    seconds: float
    beside: str
    beside_seconds: float
    ratio: float
    target: str
    reached: bool


def main() -> int:
    """Measure, print, and keep the result if asked to; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/adr_log.json")
    parser.add_argument("--peers", type=Path, help="folder in which the peers are installed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adr-bench-") as folder:
        rows = [*_scale(Path(folder)), *_citations(Path(folder))]
        if given.peers:
            rows += _peers(Path(folder), given.peers.resolve())
    for row in rows:
        mark = "" if row.reached else "  MISSED"
        print(
            f"{row.what:34} {row.size:6} {row.seconds:8.3f} s  {row.ratio:7.2f} x {row.beside}"
            f" ({row.beside_seconds:.3f} s)  {row.target}{mark}"
        )
    if given.save:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(_result(rows), indent=1, ensure_ascii=False) + "\n")
    return 0 if all(row.reached for row in rows) else 1


def _scale(folder: Path) -> list[Row]:
    rows: list[Row] = []
    work: dict[tuple[str, int], float] = {}
    for size in SIZES:
        root = _log(folder / str(size), size)
        (root / "empty").mkdir()
        commands = {
            "list": ("list",),
            "list --format json": ("list", "--format", "json"),
            "lint": ("lint",),
        }
        path = "packages/part-7/src/x.py"
        took = _in_turns(
            {
                "bare read": (sys.executable, "-c", BARE_READ),
                "its start": (sys.executable, "-c", "import os, sys, yaml"),
                "why": (*SAGE_DEV, "why", path, "--dir", "adr"),
                **{name: (*SAGE_DEV, *words, "--dir", "adr") for name, words in commands.items()},
                **{
                    f"{name}, empty log": (*SAGE_DEV, *words, "--dir", "empty")
                    for name, words in commands.items()
                },
            },
            root,
        )
        bare = took["bare read"] - took["its start"]
        for name in commands:
            work[name, size] = took[name] - took[f"{name}, empty log"]
            row = _ratio(name, size, work[name, size], "bare read", bare, 3)
            # The promise is for a thousand records, and that ten thousand take ten times as long.
            rows.append(row if size == SIZES[0] else replace(row, target="", reached=True))
            rows.append(_only_told(f"{name}, whole process", size, took[name], took["bare read"]))
        if size == SIZES[0]:
            whole = _only_told("why, whole process", size, took["why"], took["bare read"])
            rows.append(replace(whole, target="< 0.3 s", reached=took["why"] < 0.3))
    for name in ("list", "lint"):
        small, large = work[name, SIZES[0]], work[name, SIZES[1]]
        # Linear: ten times the records take at most ten times the time, and a tenth for noise.
        rows.append(_ratio(f"{name}, linear", SIZES[1], large, f"{SIZES[0]} records", small, 11))
    return rows


def _only_told(what: str, size: int, took: float, other: float) -> Row:
    return Row(what, size, took, "bare read", other, took / other, "", True)


def _citations(folder: Path) -> list[Row]:
    """Citations of a tree of a thousand files, in a process that runs, beside `grep -r`."""
    root = _log(folder / "tree", 20)
    for number in range(TREE):
        file = root / f"src/part-{number // 50}/module_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        cite = f"# See ADR-{number % 20 + 1:04d}.\n" if number % 10 == 0 else ""
        file.write_text(f"{cite}" + f"def function_{number}(x):\n    return x + {number}\n" * 40)
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "Start")):
        subprocess.run(["git", *words], cwd=root, check=True, env=os.environ | _AUTHOR)
    call = f"""
from pathlib import Path
from sage.tools.adr.citations import find_citations
for _ in range({{rounds}}):
    assert len(find_citations(Path("."), [Path("src")])) == {TREE // 10}
"""
    one, many = ((sys.executable, "-c", call.format(rounds=count)) for count in (1, 21))
    took = _in_turns(
        {
            "one": one,
            "many": many,
            "grep": ("grep", "-rnE", "ADR-[0-9]+", "src"),
            "cited": (*SAGE_DEV, "cited", "--dir", "adr"),
        },
        root,
    )
    search = (took["many"] - took["one"]) / 20
    return [
        _ratio("citations, the search", TREE, search, "grep -r", took["grep"], 2),
        Row(
            *("cited, the whole command", TREE, took["cited"], "grep -r", took["grep"]),
            *(took["cited"] / took["grep"], "", True),
        ),
    ]


def _peers(folder: Path, peers: Path) -> list[Row]:
    root = _log(folder / "peers", PEER_SIZE)
    (root / "doc").mkdir()
    shutil.copytree(root / "adr", root / "doc" / "adr")
    (root / ".log4brains.yml").write_text(
        "project:\n  name: bench\n  tz: UTC\n  adrFolder: ./doc/adr\n"
    )
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "Start")):
        subprocess.run(["git", *words], cwd=root, check=True, env=os.environ | _AUTHOR)
    tools = peers / "adr-tools" / "src"
    commands: dict[str, tuple[str, ...]] = {"list": (*SAGE_DEV, "list", "--dir", "doc/adr")}
    for name, words in {
        "adr-tools list": (str(tools / "adr"), "list"),
        "adr-tools generate toc": (str(tools / "adr"), "generate", "toc"),
        "adr-viewer": (str(peers / "venv/bin/adr-viewer"), "--output", str(root / "out.html")),
        "log4brains adr list": (str(peers / "node_modules/.bin/log4brains"), "adr", "list"),
    }.items():
        if Path(words[0]).exists():
            commands[name] = words
    took = _in_turns(commands, root, {"PATH": f"{tools}:{os.environ['PATH']}"}, rounds=2)
    return [
        Row(name, PEER_SIZE, seconds, "sage-dev adr list", took["list"],
            seconds / took["list"], "", True)
        for name, seconds in took.items()
        if name != "list"
    ]  # fmt: skip


_AUTHOR = {
    "GIT_AUTHOR_NAME": "Bench",
    "GIT_AUTHOR_EMAIL": "bench@example.org",
    "GIT_COMMITTER_NAME": "Bench",
    "GIT_COMMITTER_EMAIL": "bench@example.org",
}


def _ratio(what: str, size: int, took: float, beside: str, other: float, most: float) -> Row:
    ratio = took / other
    return Row(what, size, took, beside, other, ratio, f"≤ {most:g} x", ratio <= most)


def _log(root: Path, size: int) -> Path:
    (root / "adr").mkdir(parents=True)
    (root / "packages").mkdir()
    (root / "packages/registry.py").write_text("")
    for number in range(PARTS):
        part = root / f"packages/part-{number}/src"
        part.mkdir(parents=True)
        (part / "x.py").write_text("")
    for number in range(1, size + 1):
        text = TEXT.format(number=number, part=number % PARTS)
        (root / "adr" / f"{number:04d}-record-{number}.md").write_text(text)
    return root


def _in_turns(
    commands: Mapping[str, Sequence[str]],
    root: Path,
    extra: Mapping[str, str] | None = None,
    *,
    rounds: int = ROUNDS,
) -> dict[str, float]:
    """The median CPU seconds of each command, all of them run once a round."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, words in commands.items():
            took[name].append(_cpu(words, root, dict(extra or {})))
    # The first round warms the caches.
    return {name: statistics.median(each[1:]) for name, each in took.items()}


def _cpu(words: Sequence[str], root: Path, extra: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        words, cwd=root, env=os.environ | extra, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:4])}: exit {done.returncode}: {done.stderr[-500:]}")
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def _result(rows: Sequence[Row]) -> dict[str, object]:
    return {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("PyYAML", "typer")},
        "unit": "median CPU seconds of one process",
        "rows": [
            {
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in asdict(row).items()
            }
            for row in rows
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
