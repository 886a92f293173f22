"""Every place that states a version is compared, and each disagreement found at its line."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.versions import check_versions

HASH = " \\\n    --hash=sha256:0\n"
SOUND = {
    "pyproject.toml": (
        '[project]\nname = "whole"\nversion = "0.1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["part==0.1"]\n'
        '[tool.ruff]\ntarget-version = "py311"\n[tool.mypy]\npython_version = "3.11"\n'
    ),
    "packages/part/pyproject.toml": (
        '[build-system]\nrequires = ["hatchling"]\n'
        '[project]\nname = "part"\nversion = "0.1"\nrequires-python = ">=3.11"\n'
        'dependencies = [\n  "PyYAML>=6",\n]\n'
        "[project.optional-dependencies]\nfast = [\"uvloop>=0.20; sys_platform == 'never'\"]\n"
    ),
    "requirements/dev.in": "hatchling\nPyYAML\nruff  # the linter\n",
    "requirements/dev.txt": (
        f"# by make lock\nhatchling==1.27.0{HASH}pyyaml==6.0.2{HASH}ruff==0.9.1{HASH}"
    ),
    ".pre-commit-config.yaml": (
        "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.9.1\n"
        "  - repo: https://github.com/pre-commit/pre-commit-hooks\n    rev: v5.0.0\n"
        "    hooks:\n      - id: x\n        additional_dependencies: [pyyaml==6.0.2]\n"
    ),
    ".github/workflows/ci.yml": (
        'jobs:\n  a:\n    steps:\n      - with:\n          python-version: "3.11"\n'
        "      - run: pip install ruff==0.9.1\n"
    ),
}
Write = Callable[[Mapping[str, str | None]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a sound repository with changes (path → text, `None`: left out)."""

    def write(changes: Mapping[str, str | None]) -> Path:
        for path, text in (SOUND | dict(changes)).items():
            if text is not None:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(text)
        return tmp_path

    return write


def test_sound_repository_has_no_finding_and_says_what_was_compared(write: Write) -> None:
    report = check_versions(write({}), installed=False)
    assert report.findings == ()
    assert str(report) == "3 pins, 15 statements compared: no findings"
    assert report.notes == (
        "this repository is not installed here, so installed versions were not compared",
    )


FAULTS = {
    "package missing from the pins": (
        {"requirements/dev.txt": f"hatchling==1.27.0{HASH}ruff==0.9.1{HASH}"},
        [
            ("unpinned-package", "packages/part/pyproject.toml", 8),
            ("unpinned-package", "requirements/dev.in", 2),
        ],
    ),
    "pin below the bound": (
        {
            "packages/part/pyproject.toml": SOUND["packages/part/pyproject.toml"].replace(
                ">=6", ">7"
            )
        },
        [("pin-outside-bounds", "packages/part/pyproject.toml", 8)],
    ),
    "hook of another revision": (
        {".pre-commit-config.yaml": SOUND[".pre-commit-config.yaml"].replace("0.9.1", "0.8.0")},
        [("version-disagrees", ".pre-commit-config.yaml", 3)],
    ),
    "hook with another dependency": (
        {".pre-commit-config.yaml": SOUND[".pre-commit-config.yaml"].replace("6.0.2", "6.0.1")},
        [("version-disagrees", ".pre-commit-config.yaml", 8)],
    ),
    "workflow with another version": (
        {".github/workflows/ci.yml": SOUND[".github/workflows/ci.yml"].replace("0.9.1", "0.9.0")},
        [("version-disagrees", ".github/workflows/ci.yml", 6)],
    ),
    "workflow with a tool's own action": (
        {
            ".github/workflows/lint.yml": "jobs:\n  a:\n    steps:\n"
            "      - uses: astral-sh/ruff-action@v3\n        with:\n          version: '0.8.0'\n"
            "      - uses: actions/setup-node@v4\n        with: {version: 20}\n"
        },
        [("version-disagrees", ".github/workflows/lint.yml", 6)],
    ),
    "workflow with uvx": (
        {".github/workflows/lint.yml": "      - run: uvx --quiet ruff@0.8.0 check .\n"},
        [("version-disagrees", ".github/workflows/lint.yml", 1)],
    ),
    "workflow with an older Python": (
        {".github/workflows/ci.yml": SOUND[".github/workflows/ci.yml"].replace("3.11", "3.10")},
        [("python-disagrees", ".github/workflows/ci.yml", 5)],
    ),
    "script with another version": (
        {"tools/setup.sh": "# ruff==0.1\npip install ruff==0.1\n"},
        [("version-disagrees", "tools/setup.sh", 1), ("version-disagrees", "tools/setup.sh", 2)],
    ),
    "ruff aims at an older Python": (
        {"pyproject.toml": SOUND["pyproject.toml"].replace("py311", "py39")},
        [("python-disagrees", "pyproject.toml", 7)],
    ),
    "mypy aims at an older Python": (
        {"pyproject.toml": SOUND["pyproject.toml"].replace('"3.11"', '"3.9"')},
        [("python-disagrees", "pyproject.toml", 9)],
    ),
    "distributions that require different Pythons": (
        {
            "packages/part/pyproject.toml": SOUND["packages/part/pyproject.toml"].replace(
                ">=3.11", ">=3.10"
            )
        },
        [("python-disagrees", "packages/part/pyproject.toml", 6)],
    ),
    "part of another version than the whole asks for": (
        {
            "packages/part/pyproject.toml": SOUND["packages/part/pyproject.toml"].replace(
                'version = "0.1"', 'version = "0.2"'
            )
        },
        [("version-disagrees", "pyproject.toml", 5)],
    ),
    "pin without a hash": (
        {"requirements/dev.txt": f"hatchling==1.27.0{HASH}pyyaml==6.0.2\nruff==0.9.1{HASH}"},
        [("unhashed-pin", "requirements/dev.txt", 3)],
    ),
    "pin without a hash above one with": (
        {
            "requirements/dev.txt": "hatchling==1.27.0\npyyaml==6.0.2 --hash=sha256:0\n"
            f"ruff==0.9.1{HASH}"
        },
        [("unhashed-pin", "requirements/dev.txt", 1)],
    ),
    "two pins, one for some environments": (
        {"requirements/docs.txt": f"ruff==0.9.2 ; python_version > '3'{HASH}"},
        [("version-disagrees", "requirements/docs.txt", 1)],
    ),
    "version that a tool requires of itself": (
        {
            "pyproject.toml": SOUND["pyproject.toml"]
            + '[tool.ruff.lint]\nselect = []\n[tool.uv]\nrequired-version = ">=9"\n',
            "packages/part/pyproject.toml": SOUND["packages/part/pyproject.toml"]
            + '[tool.ruff]\nrequired-version = "==0.8.0"\n',
        },
        [("pin-outside-bounds", "packages/part/pyproject.toml", 13)],
    ),
    "tox with another version": (
        {"tox.ini": "[testenv]\ndeps =\n    ruff==0.8.0\n"},
        [("version-disagrees", "tox.ini", 3)],
    ),
    "nox with another version": (
        {"noxfile.py": "def lint(session):\n    session.install('ruff==0.8.0')\n"},
        [("version-disagrees", "noxfile.py", 2)],
    ),
    "two files with two pins": (
        {"requirements/docs.txt": f"ruff==0.9.2{HASH}"},
        [("version-disagrees", "requirements/docs.txt", 1)],
    ),
    "requirement file with an index": (
        {"requirements/dev.txt": "--index-url https://x.example\n" + SOUND["requirements/dev.txt"]},
        [("index-address", "requirements/dev.txt", 1)],
    ),
    "requirement that is none": (
        {"requirements/dev.in": "hatchling\nPyYAML\nruff >> 3\n"},
        [("unreadable-versions", "requirements/dev.in", 3)],
    ),
    "broken TOML": (
        {"packages/part/pyproject.toml": "[project\n"},
        [
            ("unreadable-versions", "packages/part/pyproject.toml", 1),
            ("unpinned-package", "pyproject.toml", 5),
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_disagreement_is_found_at_its_line(write: Write, name: str) -> None:
    changes, expected = FAULTS[name]
    report = check_versions(write(changes), installed=False)
    assert [(one.code, one.path, one.line) for one in report.findings] == expected


SHUT = "unreadable-versions the folder cannot be opened: Permission denied"
LOOP = "unreadable-versions the folder cannot be opened: Too many levels of symbolic links"


@pytest.mark.parametrize("folder", ["requirements", ".github", ".github/workflows", ".ci"])
def test_folder_that_may_not_be_opened_is_a_finding(write: Write, folder: str) -> None:
    root = write({".ci/run": ""})
    root.chmod(0o755)
    (root / folder).chmod(0)
    try:
        said = as_nobody(root)
    finally:
        (root / folder).chmod(0o755)
    assert f"{folder}: {SHUT}" in said


@pytest.mark.parametrize("folder", ["requirements", ".github"])
def test_folder_that_is_a_link_in_a_circle_is_a_finding(write: Write, folder: str) -> None:
    root = write({})
    shutil.rmtree(root / folder)
    (root / folder).symlink_to(folder)
    found = [str(one) for one in check_versions(root, installed=False).findings]
    assert f"{folder}: {LOOP}" in found


def test_repository_that_may_not_be_opened_cannot_begin(write: Write) -> None:
    root = write({})
    root.chmod(0)
    try:
        assert as_nobody(root) == [f"{root}: cannot be opened: Permission denied"]
    finally:
        root.chmod(0o755)


def as_nobody(root: Path) -> list[str]:
    """What the check says to a user for whom permissions hold: root may open everything."""
    for folder in root.parents:
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setuid(65534)
            try:
                said = [str(one) for one in check_versions(root, installed=False).findings]
            except CannotBegin as error:
                said = [str(error)]
            os.write(write, "\n".join(said).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        lines = answer.read().splitlines()
    os.waitpid(child, 0)
    return lines


def test_message_says_both_versions_and_both_places(write: Write) -> None:
    text = SOUND[".pre-commit-config.yaml"].replace("0.9.1", "0.8.0")
    (found,) = check_versions(write({".pre-commit-config.yaml": text}), installed=False).findings
    assert str(found) == (
        ".pre-commit-config.yaml:3: version-disagrees takes ruff 0.8.0, and "
        "requirements/dev.txt:6 pins 0.9.1; take the pin's"
    )


def test_installed_version_that_differs_from_its_pin_is_found(write: Write) -> None:
    ruff = metadata.version("ruff")
    text = f"hatchling=={metadata.version('hatchling')}\npyyaml==0.1\nruff=={ruff}\n"
    files = dict.fromkeys(SOUND) | {"requirements/dev.txt": text}
    report = check_versions(write(files), installed=True)
    assert [(one.code, one.path, one.line) for one in report.findings] == [
        ("installed-disagrees", "requirements/dev.txt", 2)
    ]
    assert "says pyyaml 0.1, and " in report.findings[0].message


def test_pinned_package_that_is_not_installed_is_found(write: Write) -> None:
    text = "no-such-package-at-all==1.0\nnever==1 ; sys_platform == 'never'\n"
    files = dict.fromkeys(SOUND) | {"requirements/dev.txt": text}
    report = check_versions(write(files), installed=True)
    assert [(one.code, one.line) for one in report.findings] == [("installed-disagrees", 1)]


def test_distributions_are_found_in_any_folder_but_those_of_tests(write: Write) -> None:
    text = '[project]\nname = "{}"\ndependencies = ["nobody-pins-this"]\n'
    places = ["libs/more", "more", "tests/more", ".venv/more", "examples/more"]
    files = {f"{p}/pyproject.toml": text.format(p.replace("/", "-")) for p in places}
    report = check_versions(write(files), installed=False)
    assert [one.path for one in report.findings] == [
        "libs/more/pyproject.toml",
        "more/pyproject.toml",
    ]


def test_repository_without_pins_says_so(tmp_path: Path) -> None:
    report = check_versions(tmp_path)
    assert report.findings == ()
    assert report.notes[0].startswith("no requirement file with pins")


def test_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(CannotBegin, match="no/such: no such folder"):
        check_versions(Path("no/such"))


def test_wrapper_checks_this_repository_and_covers_sage_platform(root: Path) -> None:
    script = root / "tools" / "install" / "check_tool_versions.sh"
    done = subprocess.run([str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    counts = re.fullmatch(
        r"sage-dev versions: (\d+) pins, (\d+) statements compared: no findings\n",
        done.stdout,
    )
    assert counts
    assert int(counts[1]) > 90
    assert int(counts[2]) > 190


def test_wrapper_runs_from_anywhere_and_through_a_link(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "check"
    link.symlink_to(root / "tools/install/check_tool_versions.sh")
    done = subprocess.run(
        [str(link), "--format", "json"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_wrapper_finds_a_platform_dependency_that_is_not_pinned(root: Path, tmp_path: Path) -> None:
    files = ["pyproject.toml", "requirements/dev.txt", "requirements/dev.in"]
    files += [file.relative_to(root).as_posix() for file in root.glob("packages/*/pyproject.toml")]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        text = (root / name).read_text()
        if "sage-platform" in name:
            text = text.replace('"anyio>=', '"no-such-queue>=1", "anyio>=')
        (tmp_path / name).write_text(text)
    command = [str(Path(sys.executable).with_name("sage-dev")), "versions", "--no-installed"]
    command += ["--root", str(tmp_path), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    (row,) = json.loads(done.stdout)
    assert (row["code"], row["path"]) == (
        "unpinned-package",
        "packages/sage-platform/pyproject.toml",
    )


def test_wrapper_without_the_tool_exits_2_with_one_sentence(root: Path, tmp_path: Path) -> None:
    script = tmp_path / "tools" / "install" / "check_tool_versions.sh"
    script.parent.mkdir(parents=True)
    script.write_text((root / "tools/install/check_tool_versions.sh").read_text())
    done = subprocess.run(
        ["/bin/sh", str(script)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "check_tool_versions: no sage-dev here; run `make setup` first\n"
