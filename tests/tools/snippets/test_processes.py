"""Threads, copies, alarms and processes of a page end and answer as a script's would."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def wait_until(is_so, seconds=20):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def fence(*codes: str, options: str = "python") -> str:
    return "\n".join(f"```{options}\n{code}\n```\n" for code in codes)


def told(outcomes):
    return [outcome.message or outcome.output for outcome in outcomes.values()]


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio\nprint(await asyncio.to_thread(len, 'abc'))",
        "from concurrent.futures import ThreadPoolExecutor\n"
        "print(ThreadPoolExecutor(1).submit(len, 'abc').result())",
        "import asyncio\nloop = asyncio.new_event_loop()\n"
        "print(loop.run_until_complete(loop.run_in_executor(None, len, 'abc')))",
    ],
)
def test_idle_pool_of_threads_ends_with_its_page(run, code):
    assert told(run(fence(code))) == ["3\n"]


def test_pool_whose_work_never_ends_is_a_thread_left_running(run):
    code = (
        "from concurrent.futures import ThreadPoolExecutor\nimport threading\n"
        "ThreadPoolExecutor(1, 'p').submit(threading.Event().wait)"
    )
    assert told(run(fence(code))) == [
        "the page leaves a thread running, so it would never end: p_0 of line 2"
    ]


@pytest.mark.parametrize(
    ("ending", "status"),
    [("sys.exit(7)", 7), ("sys.exit()", 0), ("sys.exit('no')", 1), ("1 / 0", 1), ("pass", 0)],
)
def test_forked_copy_ends_with_the_status_it_asks_for(run, ending, status):
    code = (
        f"import os, sys\npid = os.fork()\nif pid == 0:\n    {ending}\n"
        "else:\n    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
    )
    assert told(run(fence(code))) == [f"{status}\n"]


def test_alarm_of_the_page_is_not_taken_for_the_time_limit(run):
    code = "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(5)"
    assert told(run(fence(code))) == ["an alarm (SIGALRM) rang that nothing handles"]


def test_output_of_a_process_stands_where_it_was_started(run):
    code = "import subprocess\nprint('a')\nsubprocess.run(['echo', 'b'])\nprint('c')"
    assert told(run(fence(code))) == ["a\nb\nc\n"]


WORK = """\
import multiprocessing
def double(n):
    return 2 * n
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(double, [one]))"""

BEFORE = {
    "awaits": ("import asyncio\none = await asyncio.sleep(0, 1)", "python"),
    "raises": ("one = 1\n1 / 0", '{.python raises="ZeroDivisionError"}'),
    "session": (
        ">>> one = 1\n>>> 1 / 0\nTraceback (most recent call last):\n    ...\n"
        "ZeroDivisionError: division by zero\n>>> import asyncio\n>>> await asyncio.sleep(0)",
        "pycon",
    ),
}


@pytest.mark.parametrize("case", BEFORE)
def test_spawned_process_reads_a_page_that_is_no_module(run, case):
    code, options = BEFORE[case]
    *_, output = told(run(fence(code, options=options) + fence(WORK)))
    assert output == "[2]\n"


def test_spawned_process_reads_future_imports_below_other_code(run):
    future = "from __future__ import annotations\none: no_such_type = 1"
    assert told(run(fence("import os", future, WORK)))[-1] == "[2]\n"


def test_session_that_exits_is_judged_by_doctests_rules(run):
    text = (
        "```pycon\n>>> import sys\n>>> sys.exit(3)\nTraceback (most recent call last):\n    ...\n"
        "SystemExit: 3\n>>> print('on')\non\n>>> sys.exit(4)\n```\n"
    )
    [outcome] = run(text).values()
    assert (outcome.message, outcome.line) == ("SystemExit: 4", 9)


def test_server_outlives_a_pause_between_pages(runner, find):
    page = find("```python\nimport os\nprint(os.getppid())\n```\n")
    [before] = runner.run(page).values()
    time.sleep(2.5)  # longer than a page's last clock
    [after] = runner.run(find("```python\nimport os\nprint(os.getppid())\n\n```\n")).values()
    assert before.passed
    assert after.output == before.output


def test_more_output_than_a_pipe_holds_arrives_in_order(run):
    texts = [f"{number}" * 40_000 + "\n" for number in range(10, 50)]
    codes = [f"print('{number}' * 40_000)" for number in range(10, 50)]
    started = time.monotonic()
    assert told(run(fence(*codes))) == texts
    assert time.monotonic() - started < 3


def test_lines_of_a_page_are_there_for_whoever_asks_first(run):
    codes = ("def one():\n    return 1", "import linecache\nprint(linecache.getline('page.py', 2))")
    assert told(run(fence(*codes)))[1] == "def one():\n\n"


def test_environment_of_a_page_is_the_caller_s(run, monkeypatch):
    for name in ("PYTEST_CURRENT_TEST", "LD_BIND_NOW"):
        monkeypatch.delenv(name, raising=False)
    output = told(run(fence("import os\nprint(sorted(set(os.environ) - {'PWD'}))")))[0]
    assert output == f"{sorted(set(os.environ) - {'PWD'})}\n"


def is_running(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to a reaper")
def test_process_that_left_the_page_s_session_ends_with_it(run):
    code = (
        "import os, signal, subprocess\n"
        "print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid, flush=True)\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        print(os.getpid(), flush=True)\n        signal.pause()\n    os._exit(0)\nos.wait()"
    )
    [output] = told(run(fence(code, "import time\ntime.sleep(0.1)")))[:1]
    pids = [int(pid) for pid in output.split()]
    deadline = time.monotonic() + 10
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, "a process is still there"
    assert len(pids) in (1, 2)


def test_run_goes_on_when_a_page_ends_the_server_and_keeps_its_pipes(run):
    code = (
        "import os, signal\npid = os.fork()\nif pid == 0:\n    os.setsid()\n    signal.pause()\n"
        "print(pid, flush=True)\nx = 1"
    )
    started = time.monotonic()
    kill = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(0.5)"
    first, second = run(fence(code, kill)).values()
    try:
        assert told(run(fence("print('sound')"), "other.md")) == ["sound\n"]
        assert time.monotonic() - started < 15
    finally:
        os.kill(int(first.output), signal.SIGKILL)
    assert (second.passed, second.message) in [
        (True, ""),
        (False, "the process that runs the pages ended with it"),
    ]


def test_long_message_and_traceback_are_cut(run):
    [outcome] = run(fence("raise ValueError('x' * 1_000_000)")).values()
    assert len(outcome.message) == 2_001
    assert len(outcome.detail) <= 20_003
    assert outcome.line == 2


def test_nothing_is_left_of_a_run_that_was_killed(write, tmp_path):
    page = write(
        **{"page.md": fence("print(__import__('os').getcwd(), flush=True)\nwhile 1: pass")}
    )
    code = (
        "import sys\nfrom pathlib import Path\nfrom sage.tools.snippets import PageSettings\n"
        "from sage.tools.snippets.run import Runner\n"
        "runner = Runner(Path(sys.argv[1]), PageSettings())\n"
        "runner.run(runner.finder.find(Path(sys.argv[2])))"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    run = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path, page], env={**os.environ, "TMPDIR": str(temporary)}
    )
    wait_until(lambda: any(file.read_text() for file in temporary.glob("*/output")))
    run.kill()
    run.wait()
    wait_until(lambda: not list(temporary.iterdir()))
