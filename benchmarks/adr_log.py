"""What `sage-dev adr` costs beside a bare read of the files, `grep -r` and its peers, in one run.

    python benchmarks/adr_log.py                  # about a minute; --save keeps the result
    python benchmarks/adr_log.py --peers FOLDER   # beside the peers that are installed there

Peers are made ready once, in a folder of their own:

    python -m venv FOLDER/venv && FOLDER/venv/bin/pip install adr-viewer
    npm --prefix FOLDER install log4brains
    git clone https://github.com/npryce/adr-tools FOLDER/adr-tools

A figure is CPU time (user and system) in seconds of a whole process, start included, the median of
several rounds taken in turns, so that what else the machine does falls on all. Read the ratios.
The bare read is a Python process that reads every file and parses its front matter with libyaml.
Rows that say *work* have the time taken off that the same process takes for one record. What no
program in Python can go below stands at the end: the start of Python itself, of `import typer`, and
of an application of Typer's with one empty command. Exit 1 when a target is missed.
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
EMPTY_APP = """
import typer

app = typer.Typer()

@app.command()
def one(word: str = "x") -> None: ...

@app.command()
def two() -> None: ...

app()
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
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # pip has compiled the peers
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/adr_log.json")
    parser.add_argument("--peers", type=Path, help="folder in which the peers are installed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adr-bench-") as folder:
        rows = [*_scale(Path(folder)), *_citations(Path(folder)), *_starts(Path(folder))]
        if given.peers:
            rows += _peers(Path(folder), given.peers.resolve())
    _show(rows)
    if given.save:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(_result(rows), indent=1, ensure_ascii=False) + "\n")
    return 0 if all(row.reached for row in rows) else 1


def _show(rows: Sequence[Row]) -> None:
    """Print the table, and what is short of its target."""
    print(f"{'':28} {'size':>6} {'CPU s':>8} {'ratio':>8}   {'beside':34} target")
    for row in rows:
        mark = "" if row.reached else "  SHORT"
        beside = f"{row.beside} ({row.beside_seconds:.3f} s)"
        print(
            f"{row.what:28} {row.size:6} {row.seconds:8.3f} {row.ratio:6.2f} x   {beside:34} "
            f"{row.target}{mark}"
        )
    short = [row for row in rows if not row.reached]
    print(f"\nshort of target: {len(short) or 'nothing'}")
    for row in short:
        print(f"  {row.what}, {row.size}: {row.seconds:.3f} s, {row.ratio:.2f} x, not {row.target}")


def _scale(folder: Path) -> list[Row]:
    rows: list[Row] = []
    work: dict[tuple[str, int], float] = {}
    commands = {
        "list": ("list",),
        "list --format json": ("list", "--format", "json"),
        "lint": ("lint",),
    }
    for size in SIZES:
        root = _log(folder / str(size), size)
        (root / "one").mkdir()
        shutil.copy(root / "adr/0001-record-1.md", root / "one")
        path = "packages/part-7/src/x.py"
        took = _in_turns(
            {
                "bare read": (sys.executable, "-c", BARE_READ),
                "why": (*SAGE_DEV, "why", path, "--dir", "adr"),
                **{name: (*SAGE_DEV, *words, "--dir", "adr") for name, words in commands.items()},
                **{
                    f"{name}, one record": (*SAGE_DEV, *words, "--dir", "one")
                    for name, words in commands.items()
                },
            },
            root,
        )
        bare = took["bare read"]
        for name in commands:
            work[name, size] = took[name] - took[f"{name}, one record"]
            row = _ratio(name, size, took[name], "bare read", bare, 3)
            # The promise is for a thousand records, and that ten thousand take ten times as long.
            rows.append(row if size == SIZES[0] else replace(row, target="", reached=True))
        if size == SIZES[0]:
            row = _only_told("why, one path", size, took["why"], "bare read", bare)
            rows.append(replace(row, target="< 0.3 s", reached=took["why"] < 0.3))
    for name in ("list", "lint"):
        small, large = work[name, SIZES[0]], work[name, SIZES[1]]
        # Linear: ten times the records take at most ten times the time, and a tenth for noise.
        beside = f"work for {SIZES[0]} records"
        rows.append(_ratio(f"{name}, work", SIZES[1], large, beside, small, 11))
    return rows


def _only_told(what: str, size: int, took: float, beside: str, other: float) -> Row:
    return Row(what, size, took, beside, other, took / other, "", True)


def _starts(folder: Path) -> list[Row]:
    """What a process costs that does nothing, and ours with one record."""
    root = _log(folder / "starts", 1)
    (root / "app.py").write_text(EMPTY_APP)
    took = _in_turns(
        {
            "python": (sys.executable, "-c", "pass"),
            "import typer": (sys.executable, "-c", "import typer"),
            "empty Typer app": (sys.executable, "app.py", "one"),
            "sage-dev adr list": (*SAGE_DEV, "list", "--dir", "adr"),
            "sage-dev adr cited": (*SAGE_DEV, "cited", "--dir", "adr"),
        },
        root,
    )
    empty = took["empty Typer app"]
    return [
        _only_told(f"start: {name}", 1, seconds, "empty Typer app", empty)
        for name, seconds in took.items()
    ]


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
        _only_told("cited, the whole command", TREE, took["cited"], "grep -r", took["grep"]),
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
        _only_told(name, PEER_SIZE, seconds, "sage-dev adr list", took["list"])
        for name, seconds in took.items()
        if name != "list"
    ]


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
