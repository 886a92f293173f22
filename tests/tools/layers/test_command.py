"""`sage-dev layers` as its user meets it: exit codes, formats, messages."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Plant = Callable[..., Path]
QUEUE = "packages/sage-platform/src/sage/platform/planted.py"
GUARDED = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from sage.kernel import rpc\n"
RECORD = "---\nstatus: accepted\ndate: 2025-10-22\n---\n\n# Create sage-platform as L2\n"


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("sage-dev")), "layers", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


def test_clean_workspace_exits_0_and_says_what_it_looked_at(plant: Plant) -> None:
    done = run("--root", str(plant()))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "sage-dev layers: 3 packages, 6 files, 3 imports looked at: no findings\n"
    )


def test_planted_type_only_import_exits_1_and_names_both_records(plant: Plant) -> None:
    files = {QUEUE: GUARDED, "adr/0001-create-sage-platform-as-l2.md": RECORD,
             "adr/0002-register.md": RECORD}  # fmt: skip
    done = run(cwd=plant(files))
    assert done.returncode == 1
    (line,) = [one for one in done.stdout.splitlines() if "upward-import" in one]
    assert line.startswith(f"{QUEUE}:4: upward-import ")
    title = "ADR-0001 Create sage-platform as L2 (adr/0001-create-sage-platform-as-l2.md)"
    assert title in line
    assert "ADR-0002" in line
    (plant() / QUEUE).unlink()
    assert run(cwd=plant()).returncode == 0


def test_record_that_a_rule_names_and_nobody_wrote_is_a_finding(
    plant: Plant, tmp_path: Path
) -> None:
    rules = """\
rules:
  upward-import: {adr: [1, 99]}
  package-cycle:
    adr:
      - 98
      - 97  # adr: elsewhere
exceptions:
  - {importer: sage.a, imported: sage.b, reason: why, adr: 96}
"""
    root = plant()
    layer = (root / "layer.yaml").read_text().partition("rules:")[0]
    first = layer.count("\n") + 2
    files = {"layer.yaml": layer + rules}
    plant(files)
    assert "unknown-citation" not in run(cwd=root).stdout  # the records live elsewhere
    plant({**files, "adr/0001-x.md": RECORD, "adr/0005-y.md": RECORD})
    done = run(cwd=root)
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if "unknown-citation" in line]
    assert [
        re.match(r"layer.yaml:(\d+): .* ADR-\d\d(\d\d) is no record", line).groups()
        for line in said
    ] == [
        (str(first), "99"),
        (str(first + 3), "98"),
        (str(first + 6), "96"),
    ]
    assert "(the log ends at ADR-0005)" in said[0]
    assert "stale-exception" in done.stdout
    assert done.stdout.endswith(": 4 findings\n")
    file = str(tmp_path / "known.json")
    written = run("--write-baseline", file, "--reason", "soon", cwd=root)
    assert written.stdout.count("1 entry written") == 1
    beside = run("--baseline", file, cwd=root)
    assert (beside.returncode, beside.stdout.count("unknown-citation")) == (1, 3)


def test_address_of_a_record_follows_the_settings(plant: Plant) -> None:
    settings = '[tool.sage-dev]\nadr-url = "https://adr.example/adr/{number}/"\n'
    files = {QUEUE: GUARDED, "adr/0001-x.md": RECORD, "pyproject.toml": settings}
    assert "as L2 (https://adr.example/adr/0001/)" in run(cwd=plant(files)).stdout


def test_address_of_a_record_follows_the_site(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = 'site_url: !ENV [SITE_URL, "http://127.0.0.1:8000/"]\n'
    root = plant({QUEUE: GUARDED, "adr/0001-x.md": RECORD, "mkdocs.yml": site})
    monkeypatch.delenv("SITE_URL", raising=False)
    assert "as L2 (adr/0001-x.md)" in run(cwd=root).stdout
    monkeypatch.setenv("SITE_URL", "https://sage.example/decisions/")
    assert "as L2 (https://sage.example/decisions/adr/0001/)" in run(cwd=root).stdout


def test_formats_agree_on_what_was_found(plant: Plant) -> None:
    root = str(plant({QUEUE: GUARDED}))
    rows = json.loads(run("--root", root, "--format", "json").stdout)
    assert [(one["code"], one["path"], one["line"]) for one in rows] == [
        ("upward-import", QUEUE, 4),
    ]
    assert rows[0]["adr"] == ["ADR-0001", "ADR-0002"]
    github = run("--root", root, "--format", "github").stdout.splitlines()
    assert [one.split("::")[1] for one in github] == [
        f"error file={QUEUE},line=4,title=upward-import",
    ]
    sarif = json.loads(run("--root", root, "--format", "sarif").stdout)
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == ["upward-import"]


CHECKLIST = """\
checklist:
  - {group: g, text: L2 uses L1 only, package: sage-platform, uses: [sage-common]}
  - {group: g, text: no cycles, rule: package-cycle}
  - {group: g, text: no engine, package: sage-common, modules: [sage.common.engine]}
"""


def test_what_follows_from_an_upward_import_is_told_with_it(plant: Plant) -> None:
    layers = (plant() / "layer.yaml").read_text() + CHECKLIST
    root = str(plant({QUEUE: GUARDED, "layer.yaml": layers}))
    own, cause, summary = run("--root", root).stdout.splitlines()
    assert own.startswith("layer.yaml:15: broken-checklist the checklist says 'no engine'")
    assert cause.startswith(f"{QUEUE}:4: upward-import ")
    assert cause.endswith(
        "ADR-0001; ADR-0002. It breaks as well: broken-checklist at layer.yaml:13 (the checklist "
        "says 'L2 uses L1 only'); broken-checklist at layer.yaml:14 (the checklist says "
        f"'no cycles'); package-cycle at {QUEUE}:4 (sage-kernel → sage-platform → sage-kernel)"
    )
    assert summary.endswith("looked at: 2 findings, from which 3 more follow")


def test_circle_that_stays_without_the_upward_import_is_a_finding_of_its_own(plant: Plant) -> None:
    layers = (
        (plant() / "layer.yaml").read_text().replace("present: false", "imports: [sage-kernel]")
    )
    libs = "packages/sage-libs"
    files = {
        f"{libs}/pyproject.toml": '[project]\nname = "sage-libs"\ndependencies = ["sage-kernel"]\n',
        f"{libs}/src/sage/libs/__init__.py": "import sage.kernel\n",
        "packages/sage-kernel/src/sage/kernel/up.py": "import sage.libs\n",
    }
    done = run("--root", str(plant({QUEUE: GUARDED, "layer.yaml": layers, **files})))
    found = [one.split()[1] for one in done.stdout.splitlines()[:-1]]
    assert found.count("package-cycle") == found.count("upward-import") == 1


@pytest.mark.parametrize("words", [["explain", "a", "b"], ["graph"]])
def test_wrong_setting_stops_the_command_as_it_stops_the_others(
    plant: Plant, words: list[str]
) -> None:
    root = plant({"pyproject.toml": "[tool.sage-dev]\nadr-dri = 'x'\n"})
    done = run(*words, "--root", str(root))
    assert (done.returncode, done.stdout) == (2, "")
    assert "[tool.sage-dev] has the unknown key adr-dri; did you mean adr-dir?" in done.stderr


REFUSED = {
    "broken layer.yaml": (
        "version: 1\npackages: {a: {layer: L1, laier: x}}\n",
        "did you mean layer",
    ),
    "bomb": ("a: &a [x]\nb: [*a]\n", "layer.yaml:2: is not YAML: aliases"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_broken_layer_file_exits_2_with_one_sentence(plant: Plant, name: str) -> None:
    text, words = REFUSED[name]
    done = run("--root", str(plant({"layer.yaml": text})))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sage-dev: layer.yaml:2: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_folder_that_is_not_there_exits_2() -> None:
    done = run("--root", "no/such")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "sage-dev: no/such: no such folder; give the repository with --root\n"


def test_unknown_option_exits_2() -> None:
    assert run("--colour").returncode == 2


def test_explain_and_graph_are_commands_of_their_own(plant: Plant) -> None:
    root = str(plant())
    told = run("explain", "sage.platform", "sage.kernel", "--root", root)
    assert told.returncode == 0
    assert told.stdout.startswith("sage-platform (layer L2) may not import sage-kernel (layer L3)")
    starts = {"svg": "<svg ", "mermaid": "flowchart", "dot": "digraph", "json": "{"}
    for form, start in starts.items():
        assert run("graph", "--format", form, "--root", root).stdout.startswith(start)
    assert run("explain", "a", "b", "--root", root).returncode == 2


def test_baseline_freezes_and_then_holds(plant: Plant, tmp_path: Path) -> None:
    root, file = str(plant({QUEUE: GUARDED})), str(tmp_path / "known.json")
    written = run("--root", root, "--write-baseline", file, "--reason", "moves in May")
    assert (written.returncode, written.stdout.count("2 entries written")) == (0, 1)
    assert run("--root", root, "--baseline", file).returncode == 0
    (Path(root) / QUEUE).unlink()
    gone = run("--root", root, "--baseline", file)
    assert (gone.returncode, gone.stdout.count("stale-baseline")) == (1, 2)


def test_baseline_leaves_out_what_could_not_be_looked_at_and_says_so(
    plant: Plant, tmp_path: Path
) -> None:
    broken = {QUEUE: GUARDED, "packages/sage-common/src/sage/common/bad.py": "def (\n",
              "packages/bare/src/bare.py": "x = 1\n"}  # fmt: skip
    root, file = str(plant(broken)), tmp_path / "known.json"
    written = run("--root", root, "--write-baseline", str(file), "--reason", "soon")
    assert written.stdout.splitlines()[1] == (
        "left out: 2 findings (missing-metadata, unreadable-file): a baseline never hides that "
        "something could not be looked at"
    )
    assert run("--root", root, "--baseline", str(file)).returncode == 1
    file.write_text(file.read_text().replace('"upward-import"', '"unreadable-file"'))
    read = run("--root", root, "--baseline", str(file))
    assert read.returncode == 2
    assert read.stderr.endswith(
        ": unreadable-file is no rule that a baseline can freeze: it says that something could "
        "not be looked at\n"
    )


def test_this_repository_keeps_its_own_layers(root: Path) -> None:
    done = run("--root", str(root), "--strict")
    assert done.stdout.startswith("sage-dev layers: 4 packages, "), done.stdout
    assert done.returncode == 0


def test_planted_import_in_this_repository_breaks_adr_0001_and_0002(
    root: Path, tmp_path: Path
) -> None:
    for name in ("adr", "packages", "layer.yaml", "pyproject.toml"):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / QUEUE).write_text(GUARDED)
    done = run("--root", str(tmp_path))
    assert done.returncode == 1
    (line,) = [one for one in done.stdout.splitlines() if "upward-import" in one]
    assert line.startswith(f"{QUEUE}:4: upward-import sage.platform.planted → sage.kernel")
    assert "ADR-0001 Create sage-platform as L2" in line
    assert "ADR-0002 " in line
    (tmp_path / QUEUE).unlink()
    assert run("--root", str(tmp_path)).returncode == 0
