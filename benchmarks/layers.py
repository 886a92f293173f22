"""What `sage-dev layers` costs beside grimp alone, import-linter and tach, in one run.

    python benchmarks/layers.py                   # a few minutes; --save keeps the result
    python benchmarks/layers.py --peers FOLDER    # where the peers live; made ready once

The subjects are the installed source of Django, SQLAlchemy and Ray, and a generated workspace of
5,000 modules in 25 distributions on five layers.

A figure is the CPU time (user and system) of a whole process in seconds, and its peak memory: the
median of several rounds taken in turns, so that what else the machine does falls on all. Read the
ratios. `grimp` is a Python process that builds the graph and does nothing with it; `start-up` is
`sage-dev layers` on a workspace of one empty module. Warm means a second run with each tool's own
cache. `empty Typer run` is the floor under a command that Typer reads. Exit 1 when a target is
missed.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "layers.json"
PEERS = ("grimp", "import-linter", "tach", "django", "sqlalchemy", "typer")
ROUNDS = 5
LAYERS, PACKAGES, MODULES = 5, 25, 200
COLD, WARM, MEMORY, HELP = 2.0, 1.5, 1.5, 1.5


@dataclass(frozen=True)
class Figure:
    """Medians of one command: CPU seconds, and peak memory in MiB."""

    cpu: float
    memory: float


@dataclass(frozen=True)
class Subject:
    """One body of code, and the arguments with which each tool reads it."""

    name: str
    root: Path
    portions: tuple[str, ...]
    path: str
    files: int


Command = tuple[list[str], Path, dict[str, str]]


def main() -> int:
    """Measure, print, and with `--save` keep the result; 1 when a target is missed."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # pip has compiled the peers
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".sage-dev" / "bench-peers")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--save", action="store_true", help=f"write {RESULT.name}")
    options = parser.parse_args()
    binaries = make_peers(options.peers)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        fixed = measure(fixed_costs(base, binaries), options.rounds)
        rows = {}
        for subject in subjects(base, options.peers):
            print(f"{subject.name}: {subject.files} files", flush=True)
            rows[subject.name] = measure(commands(subject, binaries), options.rounds)
            show(rows[subject.name])
        show(fixed)
    targets = [one for name, row in rows.items() for one in judge(name, row, fixed)]
    targets += judge_help(fixed)
    print("\ntargets")
    for target in targets:
        print(f"  {'met  ' if target.met else 'SHORT'} {target}")
    short = [target for target in targets if not target.met]
    print(f"\nshort of target: {len(short)} of {len(targets)}")
    for target in short:
        print(f"  {target}")
    if options.save:
        save(rows, fixed, targets)
    return int(bool(short))


def make_peers(folder: Path) -> Path:
    """A virtual environment with the peers, made once; returns its `bin`."""
    binaries = folder / "bin"
    if not (binaries / "tach").exists():
        print(f"installing {', '.join(PEERS)} into {folder}", flush=True)
        venv.create(folder, with_pip=True)
        wanted = [f"grimp=={version('grimp')}" if one == "grimp" else one for one in PEERS]
        pip = [str(binaries / "python"), "-m", "pip", "install", "-q", *wanted]
        subprocess.run(pip, check=True)
    return binaries


def subjects(base: Path, peers: Path) -> list[Subject]:
    """The code to read, copied or written under `base`."""
    (site,) = (peers / "lib").glob("python*/site-packages")
    ray = subprocess.run(
        [sys.executable, "-c", "import importlib.util as u; print(u.find_spec('ray').origin)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    sources = {"django": site / "django", "sqlalchemy": site / "sqlalchemy"}
    found = []
    for name, source in (sources | {"ray": Path(ray).parent}).items():
        root = base / name
        shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        (root / "tach.toml").write_text(
            f'source_roots = ["."]\n[[modules]]\npath = "{name}"\ndepends_on = []\n'
        )
        (root / ".importlinter").write_text(
            f"[importlinter]\nroot_package = {name}\n[importlinter:contract:1]\nname = x\n"
            f"type = acyclic_siblings\nancestors = {name}\n"
        )
        found.append(Subject(name, root, (name,), str(root), count(root)))
    return [*found, generated(base / "workspace")]


def count(root: Path) -> int:
    """How many Python files lie under `root`."""
    return sum(1 for _ in root.rglob("*.py"))


def generated(root: Path) -> Subject:
    """25 distributions of 200 modules; each module imports five, two of them from below."""
    names = [f"big.p{number:02}" for number in range(PACKAGES)]
    layer = [number * LAYERS // PACKAGES for number in range(PACKAGES)]
    packages = ""
    for number, name in enumerate(names):
        below = [other for other in range(PACKAGES) if layer[other] < layer[number]]
        folder = root / "packages" / f"big-p{number:02}"
        source = folder / "src" / "big" / f"p{number:02}"
        source.mkdir(parents=True)
        wanted = ", ".join(f'"big-p{other:02}"' for other in below)
        project = f'[project]\nname = "big-p{number:02}"\ndependencies = [{wanted}]\n'
        (folder / "pyproject.toml").write_text(project)
        packages += f"  big-p{number:02}: {{layer: L{layer[number]}}}\n"
        (source / "__init__.py").write_text("")
        for module in range(MODULES - 1):
            lines = [f"from {name} import m{(module * 7 + step) % module:03}"
                     for step in range(3) if module]  # fmt: skip
            lines += [f"import {names[below[(module + step) % len(below)]]}.m{module:03}"
                      for step in range(2) if below]  # fmt: skip
            body = "\n\ndef work(value):\n    return value * 2 + 1\n" * 8
            (source / f"m{module:03}.py").write_text("\n".join(lines) + body)
    levels = [f"L{number}" for number in range(LAYERS)]
    (root / "layer.yaml").write_text(
        f"version: 1\nnamespace: big\nlayers: [{', '.join(levels)}]\npackages:\n{packages}"
    )
    roots = [f"packages/big-p{number:02}/src" for number in range(PACKAGES)]
    tops = "".join(f'[[modules]]\npath = "{name}"\nlayer = "L{layer[number]}"\n'
                   for number, name in enumerate(names))  # fmt: skip
    (root / "tach.toml").write_text(
        f"source_roots = {json.dumps(roots)}\nlayers = {json.dumps(levels[::-1])}\n{tops}"
    )
    stack = "\n    ".join(
        " : ".join(name for number, name in enumerate(names) if layer[number] == level)
        for level in reversed(range(LAYERS))
    )
    (root / ".importlinter").write_text(
        "[importlinter]\nroot_packages =\n    " + "\n    ".join(names)
        + f"\n[importlinter:contract:1]\nname = x\ntype = layers\nlayers =\n    {stack}\n"
    )  # fmt: skip
    path = os.pathsep.join(str(root / one) for one in roots)
    return Subject("5,000 modules", root, tuple(names), path, count(root))


def commands(subject: Subject, binaries: Path) -> dict[str, Command]:
    """What is measured on one subject."""
    own = str(Path(sys.executable).with_name("sage-dev"))
    portions = ", ".join(repr(name) for name in subject.portions)
    caches = {tool: str(subject.root / f".cache-{tool}") for tool in ("grimp", "linter")}

    def build(cache: str) -> str:
        options = f"include_external_packages=True, cache_dir={cache}"
        return f"import grimp; grimp.build_graph({portions}, {options})"

    def at(*words: str) -> Command:
        return [*words], subject.root, {"PYTHONPATH": subject.path}

    python, linter = str(binaries / "python"), str(binaries / "lint-imports")
    return {
        "grimp": at(python, "-c", build("None")),
        "grimp, warm": at(python, "-c", build(repr(caches["grimp"]))),
        "sage-dev layers": ([own, "layers", "--no-cache"], subject.root, {}),
        "sage-dev layers, warm": ([own, "layers"], subject.root, {}),
        "import-linter": at(linter, "--no-cache"),
        "import-linter, warm": at(linter, "--cache-dir", caches["linter"]),
        "tach": at(str(binaries / "tach"), "check"),
    }


def fixed_costs(base: Path, binaries: Path) -> dict[str, Command]:
    """What each tool costs before it has read anything."""
    empty = base / "empty"
    (empty / "one").mkdir(parents=True)
    (empty / "one" / "__init__.py").write_text("")
    app = base / "app.py"
    app.write_text("import typer\n\napp = typer.Typer()\n\n\n@app.command()\ndef main() -> None:\n"
                   '    """Do nothing."""\n\n\napp()\n')  # fmt: skip
    own = str(Path(sys.executable).with_name("sage-dev"))
    return {
        "start-up": ([own, "layers", "--no-cache"], empty, {}),
        "start-up, warm": ([own, "layers"], empty, {}),
        "import grimp": ([str(binaries / "python"), "-c", "import grimp"], base, {}),
        "empty Typer run": ([sys.executable, str(app)], base, {}),
        "empty Typer --help": ([sys.executable, str(app), "--help"], base, {}),
        "sage-dev --help": ([own, "--help"], base, {}),
    }


def measure(table: dict[str, Command], rounds: int) -> dict[str, Figure]:
    """Each command once to warm up, then `rounds` times in turns."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in table}
    for number in range(rounds + 1):
        for name, command in table.items():
            figure = once(*command)
            if number:
                seen[name].append(figure)
    return {
        name: Figure(
            round(statistics.median(cpu for cpu, _ in figures), 3),
            round(statistics.median(memory for _, memory in figures), 1),
        )
        for name, figures in seen.items()
    }


def once(words: Sequence[str], folder: Path, more: dict[str, str]) -> tuple[float, float]:
    """CPU seconds and MiB of one run; stops when the command did not do its work."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            words, cwd=folder, env=os.environ | more, stdout=out, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    if process.returncode not in (0, 1) or "Traceback" in text:
        raise SystemExit(f"{' '.join(words)} in {folder} failed:\n{text[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


@dataclass(frozen=True)
class Target:
    """One promise: what was measured, and the most that it may be."""

    what: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit

    def __str__(self) -> str:
        return f"{self.what}: {self.value:.3g}, at most {self.limit:.3g}"


def judge(name: str, row: dict[str, Figure], fixed: dict[str, Figure]) -> list[Target]:
    """The targets of one subject."""
    grimp = fixed["import grimp"].cpu
    found: list[Target] = []
    for kind, factor in (("", COLD), (", warm", WARM)):
        own = row[f"sage-dev layers{kind}"].cpu
        build = row[f"grimp{kind}"].cpu - grimp
        limit = factor * build + fixed[f"start-up{kind}"].cpu
        what = f"{name}: CPU seconds{kind or ', cold'}"
        found.append(Target(f"{what}, beside {factor:g} x grimp's build and start-up", own, limit))
        for peer in (f"import-linter{kind}", "tach"):
            found.append(Target(f"{what}, beside {peer}", own, row[peer].cpu))
    memory, limit = row["sage-dev layers"].memory, MEMORY * row["grimp"].memory
    return [*found, Target(f"{name}: MiB, beside {MEMORY:g} x grimp", memory, limit)]


def judge_help(fixed: dict[str, Figure]) -> list[Target]:
    """Whether `sage-dev --help` starts as fast as was promised."""
    limit = HELP * fixed["empty Typer --help"].cpu
    what = f"CPU seconds of sage-dev --help, beside {HELP:g} x an empty Typer application"
    return [Target(what, fixed["sage-dev --help"].cpu, limit)]


def show(row: dict[str, Figure]) -> None:
    """Print one table."""
    for name, figure in row.items():
        print(f"  {name:24} {figure.cpu:7.2f} s CPU {figure.memory:7.0f} MiB", flush=True)


def save(
    rows: dict[str, dict[str, Figure]], fixed: dict[str, Figure], targets: Sequence[Target]
) -> None:
    """Write the result with where and when it was measured."""
    plain: Callable[[dict[str, Figure]], dict[str, list[float]]] = lambda row: {  # noqa: E731
        name: [figure.cpu, figure.memory] for name, figure in row.items()
    }
    data = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} shared cores, {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "unit": "[CPU seconds of the process, peak MiB], medians",
        "fixed": plain(fixed),
        "subjects": {name: plain(row) for name, row in rows.items()},
        "targets": [[one.what, round(one.value, 3), round(one.limit, 3)] for one in targets],
        "missed": [str(one) for one in targets if not one.met],
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(data, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
