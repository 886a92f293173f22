"""What the guides state in tables is what the code and the packages have."""

import re
import subprocess
import sys
import tomllib
from dataclasses import astuple
from pathlib import Path

from sage.platform.service import Deadlines

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs_src/guides/packages/sage-platform"
UNITS = {"GiB": 1024**3, "MiB": 1024 * 1024, "s": 1}


def rows(page: Path) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]


def test_the_servers_options_have_the_defaults_that_the_guide_states():
    command = [Path(sys.executable).with_name("sage-kernel"), "rpc-serve", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    given = [
        re.match(r"(--[\w-]+).*\(default:\s+([\d.]+)\)", part, re.S)
        for part in re.split(r"^  (?=--)", said, flags=re.M)
    ]
    stated = {}
    for option, _, default in rows(GUIDES / "rpc-server.md"):
        number, _, unit = default.partition(" ")
        stated[option.strip("`")] = int(number.replace(",", "")) * UNITS.get(unit, 1)

    limits = {match[1]: float(match[2]) for match in given if match and match[1] != "--port"}
    assert limits == stated
    assert len(stated) == 5


def test_the_overview_lists_the_extras_of_the_package():
    project = tomllib.loads((ROOT / "packages/sage-platform/pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    listed = {row[0] for row in rows(GUIDES / "overview.md")}

    assert listed == {f"`sage-platform[{extra}]`" for extra in extras}


def test_extras_that_pages_name_exist():
    extras = {
        (project.parent.name, extra)
        for project in ROOT.glob("packages/*/pyproject.toml")
        for extra in tomllib.loads(project.read_text("utf-8"))["project"].get(
            "optional-dependencies", ()
        )
    }
    named = {
        one
        for page in ROOT.glob("docs_src/**/*.md")
        for one in re.findall(r"(sage-\w+)\[(\w+)\]", page.read_text("utf-8"))
    }

    assert len(named) >= 5
    assert named <= extras


def test_a_hook_has_the_deadline_that_the_guide_states():
    (stated,) = re.findall(r"deadline of (\d+) seconds", (GUIDES / "service.md").read_text("utf-8"))

    assert set(astuple(Deadlines())) == {float(stated)}
