"""The guide "Add a package" is walked through as it stands, in a copy of this repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "SITE_URL"}


@pytest.fixture
def blocks(root: Path) -> dict[str, str]:
    """The guide's blocks by the names under which the translation shows them too."""
    page = (root / "docs_src/guides/add-a-package.md").read_text("utf-8")
    pattern = r"\[start:(shown-\d)\] -->\s*```\w+\n(.*?)```"
    return dict(re.findall(pattern, page, re.DOTALL))


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """This repository as far as the guide needs it."""
    for name in ("adr", "packages"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("layer.yaml", "pyproject.toml", "mkdocs.yml"):
        shutil.copy(root / name, tmp_path / name)
    return tmp_path


def sage_dev(words: str, folder: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("sage-dev")), *words.split()]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def codes(out: str) -> list[str]:
    return re.findall(r"^packages/sage-vision\S* (\S+) ", out, re.M)


def test_guide_to_a_package_leads_to_a_clean_check(blocks: dict[str, str], copy: Path) -> None:
    assert sorted(blocks) == [f"shown-{number}" for number in range(1, 6)]
    folder, *files = blocks["shown-1"].split()
    for name in files:
        file = copy / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (copy / folder / "pyproject.toml").write_text(blocks["shown-2"])
    assert codes(sage_dev("layers", copy)[1]) == ["undeclared-package"]
    entry = blocks["shown-3"].partition("packages:\n")[2]
    spec = (copy / "layer.yaml").read_text("utf-8")
    (copy / "layer.yaml").write_text(
        spec.replace("\n  sage-middleware:", f"\n{entry}  sage-middleware:")
    )
    assert codes(sage_dev("layers", copy)[1]) == ["unused-dependency"]
    (copy / folder / "src/sage/vision/__init__.py").write_text(blocks["shown-5"])
    assert codes(sage_dev("layers", copy)[1]) == []
    line, _, told = blocks["shown-4"].partition("\n")
    assert line.startswith("$ sage-dev ")
    assert sage_dev(line.removeprefix("$ sage-dev "), copy) == (0, told)


def test_package_that_moves_in_is_told_which_line_to_remove(
    blocks: dict[str, str], copy: Path
) -> None:
    folder = copy / "packages/sage-libs"
    (folder / "src/sage/libs").mkdir(parents=True)
    (folder / "src/sage/libs/__init__.py").write_text(blocks["shown-5"])
    (folder / "pyproject.toml").write_text(blocks["shown-2"].replace("vision", "libs"))
    lines = (copy / "layer.yaml").read_text("utf-8").splitlines()
    number = lines.index("    present: false", lines.index("  sage-libs:")) + 1
    _, out = sage_dev("layers", copy)
    assert (
        f"layer.yaml:{number}: missing-package sage-libs is in packages/sage-libs and is marked "
        f"absent; remove `present: false` at layer.yaml:{number}"
    ) in out
    del lines[number - 1]
    (copy / "layer.yaml").write_text("\n".join(lines) + "\n")
    assert "sage-libs" not in sage_dev("layers", copy)[1].replace("See ", "")
