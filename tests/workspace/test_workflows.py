"""The workflows cannot run here; their shape and what they call can be checked."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

WORKFLOWS = ["check.yml", "site.yml"]


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.github-workflows", str(path)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_these_are_all_the_workflows(root: Path) -> None:
    found = sorted(path.name for path in (root / ".github/workflows").iterdir())
    assert found == WORKFLOWS


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_obeys_the_schema(root: Path, name: str) -> None:
    done = validate(root / ".github/workflows" / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_refuses_a_wrong_workflow(root: Path, tmp_path: Path) -> None:
    text = (root / ".github/workflows/site.yml").read_text("utf-8")
    broken = tmp_path / "site.yml"
    broken.write_text(text.replace("runs-on:", "run-on:"), "utf-8")
    assert validate(broken).returncode == 1


def test_deployment_waits_for_tests_and_build(root: Path) -> None:
    jobs = yaml.safe_load((root / ".github/workflows/site.yml").read_text("utf-8"))["jobs"]
    assert jobs["deploy"]["needs"] == "build"
    runs = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    assert runs[-1] == ".ci/run"


@pytest.mark.parametrize(("name", "job"), [("check.yml", "test"), ("site.yml", "build")])
def test_what_runs_the_suite_runs_on_debian_which_packages_chromium(
    root: Path, name: str, job: str
) -> None:
    described = yaml.safe_load((root / ".github/workflows" / name).read_text("utf-8"))["jobs"][job]
    assert described["container"]["image"] == "debian:12"
    assert ".ci/run" in [step.get("run") for step in described["steps"]]


def test_a_job_builds_a_clean_environment_from_the_pins(root: Path) -> None:
    jobs = yaml.safe_load((root / ".github/workflows/check.yml").read_text("utf-8"))["jobs"]
    job = jobs["clean-environment"]
    assert job["container"] == "debian:12"
    assert "make setup" in [step.get("run") for step in job["steps"]]
