"""Commands without a further name are called as Typer would call them, and without it."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from sage.tools.cli import layers, quality, versions
from sage.tools.cli._run import _named, plain_call

APPS = {"layers": layers.app, "quality": quality.app, "versions": versions.app}


def command(name: str) -> Callable[..., object]:
    found, _ = _named(APPS[name], [])
    assert found is not None
    return found


def typers_call(name: str, words: list[str]) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def record(**values: object) -> None:
        seen.update(values)

    record.__signature__ = inspect.signature(command(name))  # type: ignore[attr-defined]
    record.__annotations__ = command(name).__annotations__
    alone = typer.Typer()
    alone.command()(record)
    alone(words, standalone_mode=False)
    return seen


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layers", []),
        ("layers", ["--root", "x", "--strict", "--no-cache", "--format=sarif"]),
        ("layers", ["--baseline", "b.json"]),
        ("layers", ["--write-baseline", "b.json", "--reason", "known since May"]),
        ("quality", ["--only", "layers", "--only", "claims", "--since", "HEAD~1"]),
        ("versions", ["--root", "x", "--format", "json"]),
    ],
)
def test_plain_line_is_what_typer_makes_of_it(name: str, words: list[str]) -> None:
    plain = plain_call(command(name), words)
    assert plain is not None
    assert plain.pop("context", None) is None
    assert plain == {key: value for key, value in typers_call(name, words).items() if key in plain}
    assert len(plain) == len({word.partition("=")[0] for word in words if word[:2] == "--"})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layers", ["graph"]),
        ("layers", ["explain", "a", "b"]),
        ("layers", ["--format", "xml"]),
        ("versions", ["--no-installed"]),
        ("quality", ["--help"]),
        ("quality", ["--only"]),
    ],
)
def test_what_is_not_plain_is_left_to_typer(name: str, words: list[str]) -> None:
    assert plain_call(command(name), words) is None


@pytest.mark.parametrize("name", APPS)
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


def test_plain_run_starts_without_the_libraries_that_it_does_not_need(tmp_path: Path) -> None:
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
