"""`.python-version` states a Python as the workflows do."""

from pathlib import Path

import pytest

from sage.tools.versions import check_versions


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ("3.12\n", []),
        ("3.12.4\n3.13\n", []),
        ("3.9\n", [("python-disagrees", ".python-version", 1)]),
        ("\n", []),
    ],
)
def test_the_python_of_the_version_file_lies_within_requires_python(
    tmp_path: Path, stated: str, found: list[tuple[str, str, int]]
) -> None:
    project = '[project]\nname = "whole"\nversion = "0.1"\nrequires-python = ">=3.11"\n'
    (tmp_path / "pyproject.toml").write_text(project)
    (tmp_path / ".python-version").write_text(stated)
    findings = check_versions(tmp_path, installed=False).findings
    assert [(one.code, one.path, one.line) for one in findings] == found
