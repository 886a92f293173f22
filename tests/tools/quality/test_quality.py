"""`sage-dev quality`: every part runs, one summary, one exit code, and formats that hold."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures.process import _ExecutorManagerThread
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from sage.tools.finding import CannotBegin
from sage.tools.quality import PARTS, check_quality, record_names, run_part
from sage.tools.quality.run import _side_by_side

RECORD = """\
---
status: accepted
date: 2026-01-01
---

# Create the platform

## Context and problem

Two copies.

## Decision

One package (ADR-0001).

## Consequences

- Good: one place.
"""
CLEAN = {
    "layer.yaml": (
        "version: 1\nnamespace: app\nlayers: [low, high]\npackages:\n"
        "  app-a: {layer: low}\n  app-b: {layer: high}\nrules:\n  upward-import: {adr: 1}\n"
    ),
    "packages/a/pyproject.toml": '[project]\nname = "app-a"\ndependencies = []\n',
    "packages/a/src/app/a/__init__.py": "",
    "packages/b/pyproject.toml": '[project]\nname = "app-b"\ndependencies = ["app-a"]\n',
    "packages/b/src/app/b/__init__.py": "import app.a\n",
    "adr/0001-create-the-platform.md": RECORD,
    "docs/index.md": "# Start\n\n```python\nprint(1 + 1)\n```\n",
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a clean repository with changes (path → text, `None`: left out)."""
    root = tmp_path / "root"

    def write(changes: Mapping[str, str | None] = {}) -> Path:
        for path, text in (CLEAN | dict(changes)).items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
        return root

    return write


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("sage-dev")), "quality", "--root", str(root)]
    return subprocess.run(
        [*command, *words], capture_output=True, text=True, timeout=120, check=False
    )


UPWARD = {"packages/a/src/app/a/up.py": "import app.b\n"}
STALE = {"docs/more.md": "# More\n\nSee ADR-0007. There are five layers.\n"}
LOOSE = {"requirements.txt": "ruff==0.1\n", "packages/a/pyproject.toml": None}


def test_circle_is_told_with_the_upward_import_that_closes_it(write: Write) -> None:
    (line, _) = run(write(UPWARD), "--only", "layers").stdout.splitlines()
    assert line.startswith("packages/a/src/app/a/up.py:1: upward-import ")
    assert "It breaks as well: package-cycle at packages/a/src/app/a/up.py:1" in line


def test_clean_repository_runs_all_six_checks_and_exits_0(write: Write) -> None:
    done = run(write())
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(
        r"sage-dev quality: 6 of 6 checks ran, 0 errors, 0 warnings; [\d.]+ s\n", done.stdout
    )
    progress = sorted(line.partition(":")[0] for line in done.stderr.splitlines() if line[0] != " ")
    assert progress == ["citations", "claims", "layers", "records", "snippets", "versions"]
    assert "layers: 2 packages, 2 files, 1 import looked at: no findings" in done.stderr
    assert "snippets: 1 snippet on 1 of 4 pages read: 1 passed" in done.stderr


def test_findings_of_every_part_are_joined_under_one_exit_code(write: Write) -> None:
    faults = {
        **UPWARD,
        **STALE,
        "adr/0002-no-sections.md": "---\nstatus: accepted\ndate: 2026-13-01\n---\n\n# Empty\n",
        "docs/index.md": "# Start\n\n```python\nraise ValueError(3)\n```\n",
        "requirements.txt": "ruff==0.1\n",
        "requirements/dev.in": "mypy\n",
    }
    done = run(write(faults), "--format", "json")
    assert done.returncode == 1
    rows = {(one["code"], one["path"]) for one in json.loads(done.stdout)}
    assert {
        ("upward-import", "packages/a/src/app/a/up.py"),
        ("unknown-citation", "docs/more.md"),
        ("wrong-number", "docs/more.md"),
        ("missing-section", "adr/0002-no-sections.md"),
        ("snippet-failed", "docs/index.md"),
        ("unpinned-package", "requirements/dev.in"),
    } <= rows


def test_rule_that_rests_on_no_record_or_on_one_that_no_longer_holds_is_found(write: Write) -> None:
    rejected = RECORD.replace("status: accepted", "status: rejected")
    layer = CLEAN["layer.yaml"].replace("adr: 1}", "adr: [1, 2, 3]}")
    root = write({"layer.yaml": layer, "adr/0002-reject.md": rejected.replace("0001", "0002")})
    done = run(root, "--only", "citations")
    assert [line.partition(";")[0] for line in done.stdout.splitlines()[:2]] == [
        "layer.yaml:8: outdated-citation ADR-0002 is rejected",
        "layer.yaml:8: unknown-citation ADR-0003 is no record here (the log ends at ADR-0002)",
    ]
    assert done.returncode == 1


def test_part_that_cannot_begin_exits_2_and_the_others_still_report(write: Write) -> None:
    done = run(
        write({**STALE, "layer.yaml": "version: 1\nlayrs: [a]\n"}), "--only", "layers,citations"
    )
    assert done.returncode == 2
    assert "\nlayers: cannot begin\n" in f"\n{done.stderr}"
    assert done.stderr.endswith(
        "sage-dev: layers: layer.yaml:2: layrs is not a known key; did you mean layers?\n"
    )
    assert done.stderr.count("layrs is not a known key") == 1
    assert "unknown-citation" in done.stdout
    assert "Traceback" not in done.stderr


def test_only_runs_what_is_named(write: Write) -> None:
    done = run(write({**UPWARD, **STALE}), "--only", "claims", "--only", "versions")
    assert done.returncode == 1
    assert done.stdout.startswith("docs/more.md:3: wrong-number says five layers")
    assert "sage-dev quality: 2 of 2 checks ran, 1 error, 0 warnings" in done.stdout


def test_unknown_check_and_missing_folder_exit_2(write: Write, tmp_path: Path) -> None:
    done = run(write(), "--only", "layer")
    assert done.returncode == 2
    assert done.stderr == f"sage-dev: layer: no such check; there are {', '.join(PARTS)}\n"
    with pytest.raises(CannotBegin, match="no such folder"):
        check_quality(tmp_path / "none")


def test_repository_without_records_or_layers_says_what_was_not_done(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Hello\n")
    done = run(tmp_path)
    assert done.returncode == 0
    assert "layers: nothing to do: " in done.stderr
    assert "records: nothing to do: " in done.stderr
    assert "claims: nothing to do: there is no layer.yaml to hold pages to" in done.stderr
    assert "no Python file found" in done.stderr


def test_nothing_to_check_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotBegin, match=r"nothing to check: .*no Python file found"):
        check_quality(tmp_path, only=["layers", "records"])


def git(root: Path, *words: str) -> None:
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *name, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(write: Write) -> Path:
    """The clean repository, committed."""
    root = write()
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def parts_of(root: Path) -> dict[str, bool]:
    report = check_quality(root, since="HEAD")
    return {part.name: not part.skipped for part in report.parts}


def test_since_runs_only_what_a_changed_page_can_touch(repository: Path) -> None:
    (repository / "docs/more.md").write_text("# More\n\nADR-0007 and five layers.\n")
    assert parts_of(repository) == {
        "layers": False,
        "versions": False,
        "records": True,
        "citations": True,
        "claims": True,
        "snippets": True,
    }
    report = check_quality(repository, since="HEAD", only=["citations", "claims"])
    assert [one.code for one in report.findings] == ["unknown-citation", "wrong-number"]


def test_since_runs_only_what_changed_code_can_touch(repository: Path) -> None:
    (repository / "packages/b/src/app/b/__init__.py").write_text("import app.a  # again\n")
    assert parts_of(repository) == {
        "layers": True,
        "versions": False,
        "records": True,
        "citations": True,
        "claims": False,
        "snippets": True,
    }


def test_since_looks_at_what_a_moved_file_was(repository: Path) -> None:
    source = repository / "packages/b/src/app/b/__init__.py"
    git(repository, "mv", str(source), str(source.with_suffix(".html")))
    assert parts_of(repository)["layers"]
    git(repository, "reset", "-q", "--hard")
    (repository / "layer.yaml").rename(repository / "LAYERS")
    assert parts_of(repository)["layers"]


def test_since_looks_at_every_citation_when_the_settings_change(repository: Path) -> None:
    (repository / "docs/more.md").write_text("See ADR-0007.\n")
    settings = repository / "pyproject.toml"
    settings.write_text('[tool.sage-dev]\nadr-cited-exclude = ["docs/more.md"]\n')
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    settings.write_text("")
    report = check_quality(repository, since="HEAD", only=["citations"])
    assert [one.code for one in report.findings] == ["unknown-citation"]


def test_since_looks_at_the_records_when_a_file_of_any_kind_goes(repository: Path) -> None:
    (repository / "logo.svg").write_text("<svg/>")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    (repository / "logo.svg").unlink()
    assert parts_of(repository)["records"]


def test_since_looks_at_every_citation_when_a_record_changes(repository: Path) -> None:
    (repository / "docs/more.md").write_text("See ADR-0001.\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    (repository / "adr/0001-create-the-platform.md").rename(repository / "adr/0003-create.md")
    report = check_quality(repository, since="HEAD", only=["citations"])
    assert ("unknown-citation", "docs/more.md") in {(x.code, x.path) for x in report.findings}


def test_since_of_an_unchanged_tree_runs_nothing_and_is_clean(repository: Path) -> None:
    report = check_quality(repository, since="HEAD")
    assert [part.skipped for part in report.parts] == [
        "the change touches nothing that it looks at"
    ] * 6


def test_folders_of_pages_without_a_page_are_nothing_to_check(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.rst").write_text("Title\n")
    with pytest.raises(CannotBegin, match="nothing to check: the folders of pages hold no page"):
        check_quality(tmp_path, only=["snippets"])


def test_since_an_unknown_commit_is_refused(repository: Path) -> None:
    with pytest.raises(CannotBegin, match="no-such-branch: Git knows no such"):
        check_quality(repository, since="no-such-branch")


def test_every_part_is_told_of_as_it_ends(write: Write) -> None:
    told: list[str] = []
    report = check_quality(
        write(), only=["layers", "claims"], on_part=lambda part: told.append(part.name)
    )
    assert sorted(told) == ["claims", "layers"]
    assert [part.name for part in report.parts] == ["layers", "claims"]


def test_part_never_raises_for_a_fault_of_the_repository(write: Write) -> None:
    part = run_part("layers", write({"layer.yaml": "- a\n"}))
    assert part.error.startswith("layer.yaml:1: expected a mapping")


def test_interrupt_ends_every_process_without_a_traceback(write: Write) -> None:
    root = write({"docs/slow.md": "# Slow\n\n```python\nimport time\n\ntime.sleep(50)\n```\n"})
    # A test run in the background ignores the interrupt, and its children with it.
    heed = ["env", "--default-signal=INT"]
    sage_dev = str(Path(sys.executable).with_name("sage-dev"))
    command = [*heed, sage_dev, "quality", "--root", str(root)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        told = [process.stderr.readline() for _ in range(5)]  # all parts but the slow one
        os.killpg(process.pid, signal.SIGINT)
        out, rest = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "snippets" not in "".join(told)
    assert "Traceback" not in rest + out


def test_part_whose_process_dies_hides_no_other(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dying.py").write_text(
        "import os\nfrom sage.tools import quality\nreal = quality.run_part\n\n\n"
        "def run_part(name, root, changed=None):\n"
        "    return os._exit(9) if name == 'layers' else real(name, root, changed)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sage.tools.quality.run.run_part", import_module("dying").run_part)
    report = check_quality(write(STALE), only=["layers", "versions", "records", "claims"])
    assert report.errors == ("layers: its process ended; run it alone to see why",)
    assert [one.code for one in report.findings if one.code == "wrong-number"] == ["wrong-number"]
    assert str(report).startswith("3 of 4 checks ran, ")


def test_progress_is_shown_to_a_terminal_only(write: Write) -> None:
    root = write()
    plain = run(root, "--only", "layers,claims")
    assert "\x1b" not in plain.stderr
    assert "at work" not in plain.stderr
    ours, theirs = pty.openpty()
    sage_dev = str(Path(sys.executable).with_name("sage-dev"))
    command = [sage_dev, "quality", "--root", str(root), "--only", "layers,claims"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert shown.startswith("\r\x1b[2Kat work: layers, claims")
    assert shown.count("at work") == 2
    assert "\r\x1b[2Kclaims: " in shown


def test_records_are_named_by_title_and_address(write: Write) -> None:
    settings = '[tool.sage-dev]\nadr-url = "/adr/{number}/"\n'
    names = record_names(write({"pyproject.toml": settings}))
    assert names(1) == ("Create the platform", "/adr/0001/")
    assert names(2) is None


def test_sarif_of_findings_and_of_none_satisfies_the_sarif_schema(write: Write) -> None:
    schema = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    odd = {"docs/with space & ünï.md": '# Odd\n\nADR-0007 says <b>"five layers"</b>.\n'}
    faulty = run(write({**UPWARD, **STALE, **odd}), "--format", "sarif")
    log = json.loads(faulty.stdout)
    assert [error.message for error in validator.iter_errors(log)] == []
    (found,) = log["runs"]
    assert len(found["results"]) >= 4
    places = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in found["results"]
    }
    assert "docs/with%20space%20%26%20%C3%BCn%C3%AF.md" in places
    for result in found["results"]:
        assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    log["runs"][0]["results"][0]["level"] = "bad"
    assert len(list(validator.iter_errors(log))) == 1


def test_check_that_cannot_begin_stands_in_every_format_beside_what_the_others_found(
    write: Write,
) -> None:
    root = write({**STALE, "layer.yaml": "version: 1\npackages: {a: {layer: L9}}\n"})
    words = ("--only", "layers,citations", "--format")
    github = run(root, *words, "github")
    assert github.returncode == 2
    assert github.stdout.splitlines()[1].startswith(
        "::error file=layer.yaml,line=2,title=cannot-begin::layers cannot begin: a: no layer L9;"
    )
    assert "title=unknown-citation" in github.stdout
    rows = json.loads(run(root, *words, "json").stdout)
    assert [row["code"] for row in rows] == ["unknown-citation", "cannot-begin"]
    schema = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text())
    log = json.loads(run(root, *words, "sarif").stdout)
    jsonschema.validate(log, schema)
    assert [one["ruleId"] for one in log["runs"][0]["results"]][1] == "cannot-begin"
    assert "cannot-begin" not in run(root, *words, "text").stdout


def test_github_annotations_name_file_and_line(write: Write) -> None:
    done = run(write(STALE), "--only", "claims", "--format", "github")
    assert done.stdout.startswith("::error file=docs/more.md,line=3,title=wrong-number::says five")


def test_this_repository_is_clean_and_its_sarif_is_valid(root: Path) -> None:
    """The snippets run under pytest itself; the other five checks run here."""
    names = [name for name in PARTS if name != "snippets"]
    done = run(root, "--only", ",".join(names), "--strict", "--format", "sarif")
    log = json.loads(done.stdout)
    schema = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(log)] == []
    assert [one["message"]["text"] for one in log["runs"][0]["results"]] == []
    assert "5 of 5 checks ran" in done.stderr
    assert done.returncode == 0


def test_process_that_dies_before_the_last_part_is_handed_on_hides_no_other(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "at_once.py").write_text(
        "import os\n\n\ndef run_part(name, root, changed=None):\n    os._exit(9)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sage.tools.quality.run.run_part", import_module("at_once").run_part)

    others = set(threading.enumerate())

    class Waiting(list[str]):
        def __iter__(self) -> Iterator[str]:
            yield "layers"
            for thread in set(threading.enumerate()) - others:
                if isinstance(thread, _ExecutorManagerThread):
                    thread.join()  # it ends once it knows that its process is gone
            yield "claims"

    done = list(_side_by_side(write(STALE), Waiting(), None, 1))
    assert sorted(done) == [("claims", None), ("layers", None)]
