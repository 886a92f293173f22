"""Measure what the decision pages cost beside plain Material on the same pages, and beside peers.

    python benchmarks/site.py [--quick] [COUNT...]

Generates logs of 100, 1,000 and 5,000 records with snippets, relations and citations. Each build
runs in a process of its own, into an empty folder; CPU seconds and peak memory are those of the
process. What has a target takes turns, and the best turn of each counts, since what else the
machine does can only slow one down; the rest is built once. Feeds, redirects and copies are
counted apart: plain Material writes none. Writes `benchmarks/results/site.json` and the page that
shows it. Exit 1 when a target is missed. Takes about ten minutes where nothing else runs.

mkdocs-material-adr and log4brains are installed into a temporary folder, from PyPI and npm. Where
that fails, their rows are left out, and the reason is printed.
"""

import argparse
import gzip
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import measured
from site_live import filter_milliseconds, reload_seconds
from site_log import add_indexes, generate

COUNTS = (100, 1000, 5000)
PEERS = {"mkdocs-material-adr": "1.2.1", "log4brains": "1.1.0"}
RESULT = Path(__file__).resolve().parent / "results" / "site.json"
BUILD = """
import sys
from mkdocs.commands.build import build
from mkdocs.config import load_config
if sys.argv[2] == "pages":
    from sage.tools.site.beside import Beside
    Beside.files = lambda *words, **options: iter(())
config = load_config(sys.argv[1])
config.plugins.on_startup(command="build", dirty=False)
build(config)
"""
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
sys.stderr.write(done.stderr[-2000:])
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpu": use.ru_utime + use.ru_stime, "mib": use.ru_maxrss / 1024}))
sys.exit(done.returncode)
"""


@dataclass(frozen=True)
class Cost:
    """What one build took."""

    cpu: float
    mib: float


@dataclass(frozen=True)
class Row:
    """One figure of ours beside another; `must` is its limit, `None` where there is none."""

    name: str
    records: int
    unit: str
    ours: float
    peer: str
    peers: float
    figure: float
    must: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the target is reached."""
        return self.must is None or self.figure <= self.must


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, keep the result; 1 when a target is missed."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # pip has compiled the peers
    parser = argparse.ArgumentParser(description="What decision pages cost beside plain Material.")
    parser.add_argument("counts", nargs="*", type=int, default=[*COUNTS])
    parser.add_argument("--quick", action="store_true", help="one turn each; keep no result")
    options = parser.parse_args(words)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers = install_peers(folder)
        rows = list(measure(folder, sorted(options.counts), peers, quick=options.quick))
    print_table(rows)
    print(f"took {(time.monotonic() - start) / 60:.0f} minutes")
    if not options.quick:
        RESULT.write_text(json.dumps(as_result(rows), indent=1) + "\n")
        measured.main()
    short = [row for row in rows if not row.ok]
    print("short of target:" if short else "every target is reached")
    for row in short:
        print(f"  {row.name}, {row.records:,} records: {row.figure:.2f}, must be ≤ {row.must:.2f}")
    return 1 if short else 0


def measure(
    folder: Path, counts: Sequence[int], peers: Mapping[str, Path], *, quick: bool
) -> Iterator[Row]:
    """Every row of the table."""
    sizes: dict[int, tuple[int, int]] = {}
    for count in counts:
        home = folder / str(count)
        costs = build_all(home, count, peers, turns=1 if quick else 3 if count > 1000 else 5)
        yield from cost_rows(costs, count)
        page = (home / "all/site/adr/0007/index.html").read_bytes()
        sizes[count] = len(page), len(gzip.compress(page))
    least, most = counts[0], counts[-1]
    big, small = sizes[most][0], sizes[least][0]
    yield Row("a record's page", most, "bytes", big, f"{least} records", small, big / small, 1.02)
    answer, usable = filter_milliseconds(folder / str(most) / "all/site", most - 1)
    print(f"{most:,} records, filter: {answer:.0f} ms", flush=True)
    yield Row("filter, worst answer", most, "ms", answer, "no peer", 0.0, answer, 100.0)
    yield Row(
        "index unusable before its data", most, "", float(not usable), "", 0.0, not usable, 0.0
    )
    live = {way: generate(folder / "live" / way, 300, way) for way in ("material", "ours")}
    taken = reload_seconds(live, rounds=1 if quick else 5)
    ours, plain = taken["ours"], taken["material"]
    print(f"300 records, live reload: {ours:.1f} s beside {plain:.1f} s", flush=True)
    yield Row("live reload", 300, "s", ours, "Material", plain, ours / plain, 1.2)


def build_all(home: Path, count: int, peers: Mapping[str, Path], *, turns: int) -> dict[str, Cost]:
    """What each way to build `count` records costs: the best of `turns` where there is a target."""
    whole = generate(home / "all", count, "ours")
    found = {"all": told(count, "all", build(whole, "all"))}
    configs = {
        "pages": generate(home / "pages", count, "ours"),
        "material": generate(home / "material", count, "material"),
    }
    add_indexes(home / "all/site", home / "material/docs")
    costs = [
        {way: told(count, way, build(config, way)) for way, config in configs.items()}
        for _ in range(turns)
    ]
    for way in configs:
        cpu, mib = (min(getattr(turn[way], part) for turn in costs) for part in ("cpu", "mib"))
        found[way] = Cost(cpu, mib)
    if "mkdocs-material-adr" in peers:
        theirs = generate(home / "peer", count, "mkdocs-material-adr")
        add_indexes(home / "all/site", home / "peer/docs")
        cost = build(theirs, "peer", PYTHONPATH=str(peers["mkdocs-material-adr"]))
        found["mkdocs-material-adr"] = told(count, "mkdocs-material-adr", cost)
    if "log4brains" in peers and count <= 100:
        log = generate(home / "log4brains", count, "log4brains")
        tool = str(peers["log4brains"] / "node_modules/.bin/log4brains")
        cost = run(["node", tool, "build"], log.parent)
        found["log4brains"] = told(count, "log4brains", cost)
    return found


def told(count: int, way: str, cost: Cost) -> Cost:
    """`cost`, after a line that says it: who waits sees how far it is."""
    print(f"{count:,} records, {way}: {cost.cpu:.1f} s, {cost.mib:.0f} MiB", flush=True)
    return cost


def cost_rows(costs: Mapping[str, Cost], count: int) -> Iterator[Row]:
    """CPU and memory of one size, beside each peer; the targets hold from 1,000 records on."""
    ours, plain = costs["pages"], costs["material"]
    cpu, memory = (1.15, 1.2 + 40 / plain.mib) if count >= 1000 else (None, None)
    yield _row("build, CPU", count, "s", ours.cpu, "Material", plain.cpu, cpu)
    yield _row("build, memory", count, "MiB", ours.mib, "Material", plain.mib, memory)
    whole = costs["all"]
    yield _row("with feeds, redirects, copies, CPU", count, "s", whole.cpu, "Material", plain.cpu)
    yield _row(
        "with feeds, redirects, copies, memory", count, "MiB", whole.mib, "Material", plain.mib
    )
    for peer in PEERS:
        if peer in costs:
            yield _row("whole build, CPU", count, "s", whole.cpu, peer, costs[peer].cpu)
            yield _row("whole build, memory", count, "MiB", whole.mib, peer, costs[peer].mib)


def _row(
    name: str,
    count: int,
    unit: str,
    ours: float,
    peer: str,
    peers: float,
    must: float | None = None,
) -> Row:
    return Row(name, count, unit, ours, peer, peers, ours / peers, must)


def build(config: Path, what: str, **environment: str) -> Cost:
    """Build with MkDocs in a process of its own, with no site there yet."""
    shutil.rmtree(config.parent / "site", ignore_errors=True)
    command = [sys.executable, "-c", BUILD, str(config), what]
    return run(command, config.parent, NO_MKDOCS_2_WARNING="1", **environment)


def run(command: Sequence[str], folder: Path, **environment: str) -> Cost:
    """What a command takes, with all that it starts."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *command],
        cwd=folder,
        env={**os.environ, "NODE_OPTIONS": "--openssl-legacy-provider", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:80]} failed: {done.stderr[-800:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def install_peers(folder: Path) -> dict[str, Path]:
    """Where each peer that can be installed here is."""
    places = {name: folder / "peers" / name for name in PEERS}
    pinned = {name: f"{name}=={number}" for name, number in PEERS.items()}
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    commands = {
        "mkdocs-material-adr": [*pip, str(places["mkdocs-material-adr"])],
        "log4brains": ["npm", "install", "--silent", "--prefix", str(places["log4brains"])],
    }
    found = {}
    for name, command in commands.items():
        places[name].mkdir(parents=True)
        what = pinned[name] if name != "log4brains" else pinned[name].replace("==", "@")
        try:
            subprocess.run(
                [*command, what], check=True, capture_output=True, text=True, timeout=300
            )
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name} is not measured: {str(getattr(error, 'stderr', '') or error)[-300:]}")
        else:
            found[name] = places[name]
    return found


def print_table(rows: Sequence[Row]) -> None:
    """One line a row."""
    for row in rows:
        must = f"  must be ≤ {row.must:.2f}" if row.must is not None else ""
        ours = f"{row.records:>6,} {row.name:<38} {row.ours:>10,.2f} {row.unit:<5}"
        print(f"{ours} beside {row.peer:<20}{row.peers:>10,.2f}  {row.figure:6.2f}{must}")


def as_result(rows: Sequence[Row]) -> dict[str, object]:
    """Return what is kept: figures with their day, machine and versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    packages = ("mkdocs", "mkdocs-material")
    machine = {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {**{name: version(name) for name in packages}, **PEERS},
    }
    results = [{**asdict(row), "ok": row.ok} for row in rows]
    return {"date": datetime.now(UTC).date().isoformat(), "machine": machine, "results": results}


if __name__ == "__main__":
    sys.exit(main())
