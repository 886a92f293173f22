"""The records as files, and a copy of the workspace in which behaviours can be broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED_FOLDERS = ("adr", "packages", "snippets")
COPIED_FILES = ("layer.yaml", "mkdocs.yml", "pyproject.toml")


@dataclass(frozen=True)
class Mutation:
    """One behaviour of the code, broken: `text` in `file` becomes `replacement`."""

    record: str
    claim: str
    file: str
    text: str
    replacement: str

    def __str__(self) -> str:
        return f"{self.record[4:8]}: {self.claim}"


def read_mutations() -> tuple[Mutation, ...]:
    table = tomllib.loads((Path(__file__).parent / "mutations.toml").read_text("utf-8"))
    return tuple(Mutation(**entry) for entry in table["mutation"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutation" in metafunc.fixturenames:
        metafunc.parametrize("mutation", read_mutations(), ids=str)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def mutations() -> tuple[Mutation, ...]:
    return read_mutations()


@dataclass(frozen=True)
class Workspace:
    """A copy of what the records speak of; programs run in it import its code, not ours."""

    root: Path

    def run_record(self, record: str) -> subprocess.CompletedProcess[str]:
        """Run the snippets of one record as CI does; never raises."""
        return self.run("sage-dev", "snippets", record)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command, with our `sage-dev` and the copy's packages; never raises."""
        sources = os.pathsep.join(str(path) for path in sorted(self.root.glob("packages/*/src")))
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            words,
            cwd=self.root,
            env={**os.environ, "PATH": path, "PYTHONPATH": sources, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    copy = tmp_path_factory.mktemp("workspace")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist")
    for name in COPIED_FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in COPIED_FILES:
        shutil.copy2(ROOT / name, copy / name)
    return Workspace(copy)


@pytest.fixture
def mutate(workspace: Workspace) -> Iterator[Callable[[Mutation], None]]:
    """Break one behaviour in the copy; it is whole again after the test."""
    originals: dict[Path, str] = {}

    def apply(mutation: Mutation) -> None:
        file = workspace.root / mutation.file
        source = file.read_text("utf-8")
        originals.setdefault(file, source)
        broken = source.replace(mutation.text, mutation.replacement, 1)
        compile(broken, mutation.file, "exec")
        file.write_text(broken, "utf-8")

    yield apply
    for file, source in originals.items():
        file.write_text(source, "utf-8")
