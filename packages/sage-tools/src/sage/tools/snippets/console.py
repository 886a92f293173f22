"""Runs the `sage-dev` commands of a console fence and compares what they print."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sage.tools.snippets.compare import same_output
from sage.tools.snippets.model import Outcome, Snippet, Status
from sage.tools.snippets.sessions import expected_got

__all__ = ["run_console"]

COMMAND = "from sage.tools.cli import main; main()"
LEFT_OUT = (".git", ".venv", "venv", "node_modules", "site", ".sage-dev", "__pycache__")
INSIDE = "SAGE_DEV_CONSOLE"  # set while a page's command runs: it must not run that page again


def run_console(snippet: Snippet, root: Path, timeout: float) -> Outcome:
    """Run each `$ sage-dev …` of the fence in a copy of `root`: a page's commands may write.

    Blocks, up to `timeout` seconds for each command.
    """
    if os.environ.get(INSIDE):
        return Outcome(Status.SKIPPED, message="a command of a page runs no other page's commands")
    with tempfile.TemporaryDirectory(prefix="console-") as folder:
        copy = Path(folder).resolve()
        _copy(root, copy)
        return _run_all(snippet, copy, timeout)


def _run_all(snippet: Snippet, root: Path, timeout: float) -> Outcome:
    started = time.perf_counter()
    output: list[str] = []
    for offset, command, want in _commands(snippet.source):
        line = snippet.origin_line + offset
        try:
            words = shlex.split(command)[1:]
            got = _run(words, root, timeout)
        except ValueError as error:
            return Outcome(Status.FAILED, message=f"the command cannot be read: {error}", line=line)
        except subprocess.TimeoutExpired:
            return Outcome(Status.FAILED, message=f"it took longer than {timeout:g} s", line=line)
        output.append(got)
        if want.strip() and not same_output(want, got):
            return Outcome(
                Status.FAILED,
                output="".join(output),
                message=f"`{command}` printed something else than the page shows",
                detail=expected_got(want, got, line, command),
                line=line,
                seconds=time.perf_counter() - started,
                actual=((offset, got),),
            )
    seconds = time.perf_counter() - started
    return Outcome(Status.PASSED, output="".join(output), seconds=seconds)


def _commands(source: str) -> list[tuple[int, str, str]]:
    """Line, command and expected output of each prompt."""
    found: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(source.split("\n")):
        if line.startswith("$ "):
            found.append((number, line.removeprefix("$ "), []))
        elif found:
            found[-1][2].append(line)
    return [(number, command, "\n".join(lines)) for number, command, lines in found]


def _copy(root: Path, folder: Path) -> None:
    """The files of the project, without what it ignores."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        shutil.copytree(root, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        return
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)


def _run(words: list[str], root: Path, timeout: float) -> str:
    """What the command prints; a path below the copy is one below the project."""
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", INSIDE: "1"}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        cwd=root,
        env={**os.environ, **plain},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.stdout.replace(f"{root}/", "")
