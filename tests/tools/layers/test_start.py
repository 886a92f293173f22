"""How `sage-dev layers` and its like start."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["layers", "quality", "versions"])
def test_unknown_format_is_refused_with_the_known_ones(name: str) -> None:
    sage_dev = str(Path(sys.executable).with_name("sage-dev"))
    done = subprocess.run(
        [sage_dev, name, "--format", "xml"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "sage-dev: Invalid value for '--format': 'xml' is not one of "
        "'text', 'json', 'github', 'sarif'; see --help\n"
    )


def test_run_starts_without_the_libraries_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    program = (
        "import sys\nfrom sage.tools.cli import main\n"
        f"sys.argv = ['sage-dev', 'layers', '--root', {str(tmp_path)!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end\n"
        "print(sorted({'pydantic', 'rich', 'yaml', 'markdown'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
