"""ADR-0002 for real: the wheels, alone in a clean environment, then with `sage-kernel` beside them.

The environment holds our wheels and exactly what they declare: each third-party distribution is
copied from this environment with its metadata, so nothing is downloaded and nothing is guessed.
"""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PACKAGES = ["sage-common", "sage-platform", "sage-kernel", "sage-tools"]

PROGRAM = """
from sage.platform.queue import RPCQueueDescriptor

queue = RPCQueueDescriptor(host="127.0.0.1", port=1, queue_id="orders").queue_instance
print("got a queue of", ".".join(type(queue).__module__.split(".")[:2]))
"""


def run(*command: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=120, check=False
    )
    if check and done.returncode:
        pytest.fail(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


@pytest.fixture(scope="session")
def wheels(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one wheel a package, and the meta-package's."""
    folder = tmp_path_factory.mktemp("wheels")
    for project in [*(root / "packages" / name for name in PACKAGES), root]:
        run(
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, project),
        )
    return folder


class Environment:
    """A clean virtual environment without pip; ours looks into it from outside."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.wheels = wheels
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        self.python = folder / "bin" / "python"
        self.site = next(folder.glob("lib/python3*/site-packages"))

    def install(self, *names: str) -> None:
        for name in names:
            for needed in closure(requirements_of_wheel(self.wheels, name)):
                copy_distribution(needed, self.site)
        self.pip("install", "--quiet", "--no-index", "--find-links", self.wheels, *names)

    def pip(self, *words: object) -> subprocess.CompletedProcess[str]:
        return run(
            *(sys.executable, "-m", "pip", "--disable-pip-version-check"),
            *("--python", self.python, *words),
        )

    def run(self, program: str) -> subprocess.CompletedProcess[str]:
        return run(self.python, "-I", "-c", program, check=False)


def requirements_of_wheel(wheels: Path, name: str) -> list[str]:
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        text = archive.read(entry).decode("utf-8")
    return HeaderParser().parsestr(text).get_all("Requires-Dist", [])


def closure(requirements: list[str], seen: set[str] | None = None) -> Iterator[str]:
    """Every third-party distribution that these requirements lead to, each once."""
    seen = set() if seen is None else seen
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name.startswith("sage-") or requirement.name in seen:
            continue
        seen.add(requirement.name)
        yield requirement.name
        yield from closure(metadata.distribution(requirement.name).requires or [], seen)


def copy_distribution(name: str, site: Path) -> None:
    for file in metadata.distribution(name).files or []:
        source = Path(str(file.locate()))
        if ".." in file.parts or source.suffix == ".pyc" or not source.is_file():
            continue
        target = site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


@pytest.fixture(scope="module")
def platform_alone(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("alone"), wheels)
    environment.install("sage-common", "sage-platform")
    return environment


def test_each_package_makes_one_typed_namespace_wheel(wheels: Path) -> None:
    found = sorted(wheel.name.split("-")[0] for wheel in wheels.glob("*.whl"))
    assert found == ["isage", "sage_common", "sage_kernel", "sage_platform", "sage_tools"]
    for package in PACKAGES:
        part = package.removeprefix("sage-")
        (wheel,) = wheels.glob(f"{package.replace('-', '_')}-*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        assert f"sage/{part}/py.typed" in names
        assert "sage/__init__.py" not in names
        assert {name.split("/")[1] for name in names if name.startswith("sage/")} == {part}


def test_meta_package_asks_for_all_four(wheels: Path) -> None:
    assert sorted(Requirement(text).name for text in requirements_of_wheel(wheels, "isage")) == [
        "sage-common",
        "sage-kernel",
        "sage-platform",
        "sage-tools",
    ]


def test_declared_requirements_are_enough(platform_alone: Environment) -> None:
    platform_alone.pip("check")
    done = platform_alone.run(
        "import sage.common, sage.platform.queue, sage.platform.storage, sage.platform.service"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_platform_alone_has_no_layer_above(platform_alone: Environment) -> None:
    done = platform_alone.run("import sage.kernel")
    assert done.returncode == 1
    assert "No module named 'sage.kernel'" in done.stderr


def test_without_kernel_the_error_tells_what_to_do_and_it_works(
    root: Path, wheels: Path, tmp_path: Path
) -> None:
    environment = Environment(tmp_path / "env", wheels)
    environment.install("sage-common", "sage-platform")

    refused = environment.run(PROGRAM)
    assert refused.returncode == 1
    instruction = refused.stderr.strip().splitlines()[-1]
    install = re.search(r"In a clone of SAGE run `pip install packages/([\w-]+)`", instruction)
    imported = re.search(r"import (sage\.[\w.]+)", instruction)
    assert install is not None, instruction
    assert imported is not None, instruction

    assert (root / "packages" / install[1] / "pyproject.toml").is_file()
    environment.install(install[1])
    followed = environment.run(f"import {imported[1]}\n{PROGRAM}")
    assert followed.returncode == 0, followed.stderr
    assert followed.stdout == "got a queue of sage.kernel\n"
