"""A snippet that grows for ever fails; the machine, the page and the run go on."""

import sys

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.snippets import load_page_settings
from sage.tools.snippets.run import Runner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what is held")

GROWING = {
    "large pieces": "def grow():\n    held = []\n    while True: held.append(b'1' * 10**6)\ngrow()",
    "small pieces": "def grow():\n    held = []\n    while True: held.append([None])\ngrow()",
    "one piece": "def grow():\n    return bytearray(10**9)\ngrow()",
}


@pytest.fixture
def outcomes(write, tmp_path):
    """Outcomes of a page's fences, where a page may take 0.1 GiB."""

    def outcomes(*codes):
        write(**{"pyproject.toml": "[tool.sage-dev]\nsnippets-memory = 0.1\n"})
        page = write(**{"page.md": "\n".join(f"```python\n{code}\n```\n" for code in codes)})
        with Runner(tmp_path, load_page_settings(tmp_path)) as runner:
            return list(runner.run(runner.finder.find(page)).values())

    return outcomes


@pytest.mark.parametrize("case", GROWING)
def test_growing_without_end_is_a_failure_with_its_line(outcomes, case):
    before, grown, after = outcomes("x = 1", GROWING[case], "print(x)")
    assert (before.passed, after.output) == (True, "1\n")
    message = "MemoryError: a page may take 0.1 GiB; `snippets-memory` sets it"
    assert (grown.passed, grown.message) == (False, message)
    assert grown.line in range(6, 10)


def test_calls_without_end_end_soon(outcomes):
    code = "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()"
    deep, after = outcomes(code, "print(2)")
    assert (deep.passed, after.output) == (False, "2\n")  # Python has no one error for it
    assert deep.seconds < 20


def test_process_that_a_page_starts_has_the_same_bound(outcomes):
    code = (
        "import subprocess, sys\n"
        "done = subprocess.run([sys.executable, '-c', 'bytearray(10**9)'], stderr=-1, text=True)\n"
        "print(done.stderr.splitlines()[-1])"
    )
    assert [outcome.output for outcome in outcomes(code)] == ["MemoryError\n"]


def test_memory_that_is_only_reserved_is_not_counted(outcomes):
    code = "import mmap\nspace = mmap.mmap(-1, 10**9, prot=mmap.PROT_READ)\nprint(len(space))"
    assert [outcome.output for outcome in outcomes(code)] == ["1000000000\n"]


def test_half_of_the_machine_is_the_default(run):
    code = (
        "import os, resource\n"
        "half = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') // 2\n"
        "print(resource.getrlimit(resource.RLIMIT_DATA)[0] == half)"
    )
    assert [o.output for o in run(f"```python\n{code}\n```\n").values()] == ["True\n"]


@pytest.mark.parametrize("value", ["0", "-1", "inf", '"2G"'])
def test_memory_that_is_none_is_refused(tmp_path, value):
    (tmp_path / "pyproject.toml").write_text(f"[tool.sage-dev]\nsnippets-memory = {value}\n")
    with pytest.raises(CannotBegin, match="snippets-memory: expected GiB above 0"):
        load_page_settings(tmp_path)
