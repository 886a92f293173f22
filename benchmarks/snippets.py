"""How much CPU documentation costs to run: `sage-dev snippets` beside its peers, in one run.

    python benchmarks/snippets.py --sizes 200 1000 5000 --save

It ends with the targets, and with those that are not met. `--page` then writes the comparison page.

Every contender runs the same pages in a process of its own; CPU seconds are user + system of that
process and all it waited for, memory is the largest process among them. Figures are comparable
within one run only: read the ratios, not the seconds. Up to 1,000 fences, each contender takes five
turns and the best one counts: what else a machine does adds CPU, and never takes any away. Peers
are installed into a scratch virtual environment that the script makes; one that does not install is
left out and named.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "snippets.json"
PAGE = HERE.parent / "docs_src" / "concepts" / "comparison.md"
PEERS = ("sybil", "pytest-examples", "mktestdocs", "pytest-markdown-docs", "phmdoctest",
         "markdown-exec")  # fmt: skip
TYPER = "typer<0.29"  # as this repository pins it: ADR-0021
BASE = "plain pytest item a fence"
EMPTY = "floor: pytest with one empty test"
OURS = "from sage.tools.cli import main; main()"

FENCE = """\
## Step {n}

Some words about step {n}, with `code` and a [link](https://example.org/{n}).

```python
values_{n} = [k * {n} for k in range(3)]
total_{n} = sum(values_{n})
assert total_{n} == 3 * {n}
```

"""
SESSION = """\
## Step {n}

Some words about step {n}, with `code` and a [link](https://example.org/{n}).

```python
>>> values_{n} = [k * {n} for k in range(3)]
>>> sum(values_{n})
{sum}
```

"""

PLAIN = """\
import re
import pytest

FENCE = re.compile(r"^```python\\n(.*?)^```$", re.M | re.S)

def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".md":
        return Page.from_parent(parent, path=file_path)

class Page(pytest.File):
    def collect(self):
        self.names = {}
        text = self.path.read_text()
        for match in FENCE.finditer(text):
            line = text.count("\\n", 0, match.start()) + 1
            yield Item.from_parent(self, name=f"L{line}", code=match[1], line=line)

class Item(pytest.Item):
    def __init__(self, *, code, line, **words):
        super().__init__(**words)
        self.code, self.line = code, line

    def runtest(self):
        exec(compile(self.code, str(self.path), "exec"), self.parent.names)

    def reportinfo(self):
        return self.path, self.line, self.name
"""
SYBIL = """\
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
"""
EXAMPLES = """\
import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_docs(example: CodeExample, eval_example: EvalExample):
    eval_example.run(example)
"""
MKTESTDOCS = """\
import pathlib
import pytest
from mktestdocs import check_md_file

@pytest.mark.parametrize("path", sorted(pathlib.Path("docs").glob("*.md")), ids=str)
def test_docs(path):
    check_md_file(fpath=path, memory=True)
"""
FLOOR = """\
import pathlib, re
for path in sorted(pathlib.Path("docs").glob("*.md")):
    names = {}
    for match in re.finditer(r"^```python\\n(.*?)^```$", path.read_text(), re.M | re.S):
        exec(compile(match[1], str(path), "exec"), names)
"""
PHM = """\
import pathlib, subprocess, sys
pathlib.Path("tests").mkdir(exist_ok=True)
import phmdoctest.main
for path in sorted(pathlib.Path("docs").glob("*.md")):
    text = phmdoctest.main.testfile(str(path))
    pathlib.Path("tests", f"test_{path.stem}.py").write_text(text)
sys.exit(subprocess.call([sys.executable, "-m", "pytest", "-q", "tests"]))
"""
EXEC = """\
import pathlib
import markdown
from markdown_exec import formatter, validator
fences = [{"name": "python", "class": "python", "validator": validator, "format": formatter}]
for path in sorted(pathlib.Path("docs").glob("*.md")):
    text = path.read_text().replace("```python", '```python exec="true"')
    md = markdown.Markdown(
        extensions=["pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"custom_fences": fences}},
    )
    md.convert(text)
"""


# Pages with an example that fails: does the run?
FAILS = "assert False\n"
CASES = {
    "a plain fence": f"```python\n{FAILS}```\n",
    "`py`": f"```py\n{FAILS}```\n",
    "with a title: `{.python title=…}`": f'```{{.python title="a.py"}}\n{FAILS}```\n',
    "tildes": f"~~~python\n{FAILS}~~~\n",
    "in a list": f"- item\n\n    ```python\n    {FAILS}    ```\n",
    "in a tab": f'=== "Tab"\n\n    ```python\n    {FAILS}    ```\n',
    "in an admonition": f"!!! note\n\n    ```python\n    {FAILS}    ```\n",
    "in a quote": f"> ```python\n> {FAILS}> ```\n",
    "below three backquotes in prose": f"Write ``` to open.\n\n```python\n{FAILS}```\n",
    "a `>>>` session": "```python\n>>> 1 + 1\n3\n```\n",
    "an opening that is no fence on the site": f"```python notest\n{FAILS}```\n",
    "never closed": f"text\n\n```python\n{FAILS}",
    "below `os._exit(0)`": f"```python\nimport os\nos._exit(0)\n```\n\n```python\n{FAILS}```\n",
}
COMMAND, PLUGIN = "sage-dev snippets", "the pytest plugin"
BOTH = (COMMAND, PLUGIN)
UNCHANGED = (f"{COMMAND} --changed, nothing changed",
             f"{PLUGIN} --snippets-changed, nothing changed")  # fmt: skip
# Kind of pages, fences a page, contenders, and the ratio that they must not exceed at any size.
TARGETS = (
    ("code", 20, BOTH, 1.0),
    ("code", 2, BOTH, 2.0),
    ("sessions", 20, BOTH, 0.5),
    ("code", 20, UNCHANGED, 0.3),
)
EDITED_PAGES = 1000  # of which one is edited
EDITED_SECONDS = 1.0
TURNS, SHORT = 5, 1000  # how often runs are repeated, and up to how many fences
NOTHING_RAN = 5  # pytest's exit code for no test at all: green in most CI scripts


@dataclass
class Contender:
    """A tool: the files it needs beside the pages, and its command line."""

    name: str
    words: list[str]
    files: dict[str, str] = field(default_factory=dict)
    before: Callable[[str, Path], None] | None = None  # not measured


def contenders() -> dict[str, list[Contender]]:
    """Who runs what: code fences, and sessions."""
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    plain = [*pytest, "docs"]
    ini = {"pyproject.toml": '[tool.pytest.ini_options]\nsnippets = ["docs"]\n'}
    command = ["-c", OURS, "snippets", "docs"]
    code = [
        Contender("floor: one process, compile and exec", ["-c", FLOOR]),
        Contender("floor: sage-dev snippets on a page without code",
                  ["-c", OURS, "snippets", "none"], {"none/page.md": "# Nothing\n"}),
        Contender(EMPTY,
                  [*pytest, "none"], {"none/test_one.py": "def test_one(): pass\n"}),
        Contender(BASE, plain, {"conftest.py": PLAIN}),
        Contender("sage-dev snippets", command),
        Contender("sage-dev snippets --self-check", [*command, "--self-check"]),
        Contender("the pytest plugin", plain, ini),
        Contender("sage-dev snippets --changed, nothing changed", [*command, "--changed"],
                  before=run_once),
        Contender("the pytest plugin --snippets-changed, nothing changed",
                  [*plain, "--snippets-changed"], ini, before=run_once),
        Contender("sage-dev snippets --changed, one page edited", [*command, "--changed"],
                  before=edit_one),
        Contender("sybil", plain, {"conftest.py": SYBIL}),
        Contender("mktestdocs", plain, {"docs/test_docs.py": MKTESTDOCS}),
        Contender("pytest-markdown-docs", [*pytest, "--markdown-docs", "docs"]),
        Contender("phmdoctest", ["-c", PHM]),
        Contender("pytest-examples", plain, {"docs/test_docs.py": EXAMPLES}),
        Contender("markdown-exec", ["-c", EXEC]),
    ]  # fmt: skip
    sessions = [
        Contender("sybil", plain, {"conftest.py": SYBIL}),
        Contender("sage-dev snippets", command),
        Contender("the pytest plugin", plain, ini),
    ]  # fmt: skip
    return {"code": code, "sessions": sessions}


def run_once(python: str, folder: Path) -> None:
    """The run that the measured one can build on."""
    subprocess.run([python, "-c", OURS, "snippets", "docs"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip


def edit_one(python: str, folder: Path) -> None:
    """The same, and then one page is another."""
    run_once(python, folder)
    edit(python, folder)


def edit(_python: str, folder: Path) -> None:
    """One page is another than it was in the run before."""
    page = sorted((folder / "docs").glob("*.md"))[0]
    page.write_text("```python\nedited = 1\n```\n\n" + page.read_text())


def write_pages(folder: Path, template: str, fences: int, a_page: int) -> None:
    """Pages of so many fences each."""
    (folder / "docs").mkdir()
    for page in range(-(-fences // a_page)):
        numbers = range(page * a_page, min((page + 1) * a_page, fences))
        text = "".join(template.format(n=n, sum=3 * n) for n in numbers)
        (folder / "docs" / f"page{page:04d}.md").write_text(f"# Page {page}\n\n{text}")


def measure(contender: Contender, python: str, folder: Path) -> tuple[float, float]:
    """CPU seconds and MiB of one run."""
    for name, text in contender.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    if contender.before is not None:
        contender.before(python, folder)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON", "COV"))}
    process = subprocess.Popen(
        [python, *contender.words],
        cwd=folder,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{contender.name} failed:\n{output[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def scratch_python(folder: Path) -> tuple[str, dict[str, str]]:
    """A virtual environment with the peers that install, and their versions."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    ours = str(HERE.parent / "packages" / "sage-tools")
    for name in ("pytest", "pymdown-extensions", TYPER, ours, *PEERS):
        done = subprocess.run([python, "-m", "pip", "install", "-q", name], check=False,
                              capture_output=True)  # fmt: skip
        if done.returncode != 0:
            print(f"left out, it does not install: {name}")
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "json"], check=True,
                            capture_output=True)  # fmt: skip
    versions = {row["name"].lower(): row["version"] for row in json.loads(listed.stdout)}
    named = ("pytest", "typer", *PEERS)
    return python, {name: versions[name] for name in named if name in versions}


def compare(kind: str, fences: int, a_page: int, python: str, only: str) -> list[dict[str, object]]:
    """One table: every contender on the same pages."""
    chosen = [each for each in contenders()[kind] if only in each.name or each.name == BASE]
    taken: dict[str, list[tuple[float, float]]] = {}
    for _ in range(TURNS if fences <= SHORT else 1):
        for contender in chosen:
            with tempfile.TemporaryDirectory(prefix="bench-") as name:
                folder = Path(name)
                write_pages(folder, SESSION if kind == "sessions" else FENCE, fences, a_page)
                try:
                    figures = measure(contender, python, folder)
                except RuntimeError as error:
                    print(error)
                    continue
            taken.setdefault(contender.name, []).append(figures)
    rows: list[dict[str, object]] = []
    for name, runs in taken.items():
        seconds, memory = (min(column) for column in zip(*runs, strict=True))
        rows.append({"name": name, "cpu_seconds": round(seconds, 3), "mib": round(memory)})
    base = next((row for row in rows if row["name"] == (BASE if kind == "code" else "sybil")), None)
    for row in rows:
        ratio = float(str(row["cpu_seconds"])) / float(str(base["cpu_seconds"])) if base else 0.0
        row["ratio"] = round(ratio, 2)
        print(
            f"  {row['cpu_seconds']:>7} s  {row['ratio']:>5} x  {row['mib']:>4} MiB  {row['name']}"
        )
    return rows


def judge(result: dict[str, Any]) -> list[str]:
    """One line for each figure that a target speaks of: what it is, what it must be, whether."""
    lines = []
    for kind, a_page, names, most in TARGETS:
        for table in result["tables"]:
            if (table["kind"], table["a_page"]) == (kind, a_page):
                lines += [
                    _verdict(f"{row['name']}, {kind}, {table['fences']:,} fences, {a_page} a page",
                             row["ratio"], most, "x", _floor(result, table, row))
                    for row in table["rows"] if row["name"] in names
                ]  # fmt: skip
    edited = result.get("edited")
    if edited:
        what = f"one page of {edited['pages']:,} edited ({edited['a_page']} fences a page)"
        lines.append(_verdict(what, edited["cpu_seconds"], EDITED_SECONDS, "s of CPU"))
    return lines


def _floor(result: dict[str, Any], table: dict[str, Any], row: dict[str, Any]) -> float:
    """What pytest takes to start and run nothing, as a ratio like the row's; 0 without pytest."""
    if not row["name"].startswith(PLUGIN):
        return 0.0
    empty = next(each["cpu_seconds"] for t in result["tables"] if t["fences"] == table["fences"]
                 for each in t["rows"] if each["name"] == EMPTY)  # fmt: skip
    return float(row["ratio"] * empty / row["cpu_seconds"])


def _verdict(what: str, measured: float, most: float, unit: str, floor: float = 0.0) -> str:
    word = "met" if measured <= most else "SHORT OF TARGET"
    beyond = f"; an empty pytest run alone is {floor:.2f}" if measured > most < floor else ""
    return f"{word}: {what}: {measured:.2f} {unit}, at most {most:g}{beyond}"


def print_verdicts(result: dict[str, Any]) -> None:
    """All targets, those that are not met last."""
    print("targets")
    for line in sorted(judge(result), key=lambda line: line.startswith("SHORT")):
        print(f"  {line}")


def measure_edited(python: str, a_page: int) -> dict[str, object]:
    """CPU seconds to run what one edited page among many needs."""
    words = ["-c", OURS, "snippets", "docs", "--changed"]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        write_pages(Path(name), FENCE, EDITED_PAGES * a_page, a_page)
        run_once(python, Path(name))
        contender = Contender("edited", words, before=edit)
        runs = [measure(contender, python, Path(name)) for _ in range(TURNS)]
    seconds, memory = (min(column) for column in zip(*runs, strict=True))
    print(f"  {seconds:.3f} s, {memory:.0f} MiB, {a_page} fences a page")
    return {"pages": EDITED_PAGES, "a_page": a_page, "cpu_seconds": round(seconds, 3),
            "mib": round(memory)}  # fmt: skip


def try_cases(python: str) -> dict[str, dict[str, bool]]:
    """For each tool, and each page with a failing example, whether the run fails."""
    found: dict[str, dict[str, bool]] = {}
    for contender in contenders()["code"]:
        variant = "--" in contender.name or contender.name.startswith("floor")
        if variant or contender.name.startswith(("floor", "plain")):
            continue
        found[contender.name] = {}
        for case, page in CASES.items():
            with tempfile.TemporaryDirectory(prefix="bench-") as name:
                folder = Path(name)
                (folder / "docs").mkdir()
                (folder / "docs" / "page.md").write_text("# T\n\n" + page)
                for file, text in contender.files.items():
                    (folder / file).write_text(text)
                done = subprocess.run([python, *contender.words], cwd=folder, check=False,
                                      capture_output=True, timeout=60)  # fmt: skip
                found[contender.name][case] = done.returncode not in (0, NOTHING_RAN)
        print(f"  {sum(found[contender.name].values()):>2} of {len(CASES)}  {contender.name}")
    return found


def speed_table(result: dict[str, Any], kind: str, a_page: int) -> str:
    """The ratios of one kind of pages, as Markdown."""
    tables = [t for t in result["tables"] if t["kind"] == kind and t["a_page"] == a_page]
    tables = [t for t in tables if t["fences"] in (200, 1000, 5000)]
    sizes = [table["fences"] for table in tables]
    names = [row["name"] for row in tables[0]["rows"]]
    lines = ["| | " + " | ".join(f"{size:,} fences" for size in sizes) + " |",
             "|---|" + "---:|" * len(sizes)]  # fmt: skip
    for name in names:
        cells = [next((f"{row['ratio']:.2f}" for row in t["rows"] if row["name"] == name), "–")
                 for t in tables]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    if any("| –" in line for line in lines):
        lines += ["", "–: not measured at this size, to keep the run short."]
    return "\n".join(lines)


def case_table(result: dict[str, Any]) -> str:
    """Who notices which failing example, as Markdown."""
    tools = list(result["cases"])
    lines = ["| a failing example | " + " | ".join(tools) + " |", "|---|" + ":---:|" * len(tools)]
    for case in CASES:
        cells = ["fails" if result["cases"][tool][case] else "**green**" for tool in tools]
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def figures(result: dict[str, Any]) -> dict[str, str]:
    """What the comparison page shows of a result, by the section of the page."""
    return {
        "noticed": case_table(result),
        "twenty": speed_table(result, "code", 20),
        "two": speed_table(result, "code", 2),
        "sessions": speed_table(result, "sessions", 20),
        "run": "\n".join([*edited_words(result), *short_words(result), measured_on(result)]),
    }


def measured_on(result: dict[str, Any]) -> str:
    """Day, machine and versions."""
    versions = ", ".join(f"{name} {version}" for name, version in result["peers"].items())
    return (f"Measured on {result['date']}: {result['machine']}, Python {result['python']}; "
            f"{versions}.")  # fmt: skip


def short_words(result: dict[str, Any]) -> list[str]:
    """What is short of its target, in words; nothing where all is met."""
    rows = [line.partition(": ")[2] for line in judge(result) if line.startswith("SHORT")]
    return ["Short of its target:", "", *(f"- {row}" for row in rows), ""] if rows else []


def edited_words(result: dict[str, Any]) -> list[str]:
    """One page among many, in words; nothing for a result that lacks it."""
    edited = result.get("edited")
    if not edited:
        return []
    one = f"One page of {edited['pages']:,} edited, {edited['a_page']} fences each: "
    return [f"{one}`{COMMAND} --changed` takes {edited['cpu_seconds']:.2f} s of CPU.", ""]


def fill(page: str, result: dict[str, Any]) -> str:
    """The page with the figures of a result in its sections."""
    for name, made in figures(result).items():
        begin, end = f"<!-- --8<-- [start:{name}] -->", f"<!-- --8<-- [end:{name}] -->"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE.name} has no {begin} … {end}; put both marks back")
        page = f"{before}{begin}\n\n{made}\n\n{end}{after}"
    return page


def main() -> None:
    """Measure, print and, with `--save`, keep the result beside this script."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--only", default="", help="only contenders whose name holds this")
    parser.add_argument("--python", default="", help="an interpreter that has the peers")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--cases", action="store_true", help="keep the saved speeds")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    words = parser.parse_args()
    if words.page:
        result = json.loads(RESULT.read_text())
        PAGE.write_text(fill(PAGE.read_text("utf-8"), result), "utf-8")
        return
    scratch = Path(tempfile.mkdtemp(prefix="peers-"))
    try:
        python, versions = (words.python, {}) if words.python else scratch_python(scratch)
        cases = try_cases(python)
        if words.cases:
            saved = json.loads(RESULT.read_text()) | {"cases": cases}
            RESULT.write_text(json.dumps(saved, indent=1) + "\n")
            return
        tables = []
        for kind, a_page in (("code", 20), ("code", 2), ("sessions", 20)):
            for fences in words.sizes:
                print(f"{fences} fences, {a_page} a page, {kind}")
                rows = compare(kind, fences, a_page, python, words.only)
                tables.append({"kind": kind, "fences": fences, "a_page": a_page, "rows": rows})
        for size in (500, 2000):
            print(f"{size:,} fences on one page")
            one = compare("code", size, size, python, words.only or "sage-dev snippets")
            tables.append({"kind": "code", "fences": size, "a_page": size, "rows": one})
        print(f"one page of {EDITED_PAGES:,} edited")
        edited = measure_edited(python, 20)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    table = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} shared cores, {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "peers": versions,
        "cases": cases,
        "tables": tables,
        "edited": edited,
    }
    print_verdicts(table)
    if words.save:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
