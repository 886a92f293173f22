"""Snippets run as a reader would run them, and survive whatever happens in them."""

import time

import pytest

from sage.tools.snippets import Status, load_page_settings
from sage.tools.snippets.run import Runner


def fence(*codes: str, options: str = "python") -> str:
    return "\n".join(f"```{options}\n{code}\n```\n" for code in codes)


def statuses(outcomes):
    return [str(outcome.status) for outcome in outcomes.values()]


def test_names_flow_down_a_page_and_not_to_the_next(run):
    outcomes = run(fence("x = 1", "print(x + 1)"))
    assert [(o.status, o.output) for o in outcomes.values()] == [("passed", ""), ("passed", "2\n")]
    [other] = run(fence("print(x)"), "other.md").values()
    assert (other.status, other.message) == ("failed", "NameError: name 'x' is not defined")


def test_failure_has_the_line_of_the_markdown_and_its_source(run):
    outcomes = run("# T\n\n- list\n\n    ```python\n    x = 1\n    1 / 0\n    ```\n")
    [outcome] = outcomes.values()
    assert (outcome.line, outcome.message) == (7, "ZeroDivisionError: division by zero")
    assert '  File "page.md", line 7, in <module>\n    1 / 0\n' in outcome.detail


@pytest.mark.parametrize(
    "code",
    [
        "import pickle\nclass A: pass\nassert type(pickle.loads(pickle.dumps(A()))) is A",
        "import inspect\nclass B:\n    b = 1\nassert inspect.getsource(B).endswith('    b = 1\\n')",
        "import inspect\ndef f():\n    return 1\nassert 'return 1' in inspect.getsource(f)",
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: 'int'\nassert C(1) == C(1)",
        "from typing import get_type_hints\nclass D: x: 'D'\nassert get_type_hints(D) == {'x': D}",
        "if __name__ != '__main__': raise ValueError",
        "import sys\nassert sys.argv == [__file__] and 'pytest' not in sys.modules, sys.argv",
        "import asyncio\nawait asyncio.sleep(0)\nlock = asyncio.Lock()\nasync with lock: pass",
        "import os\nassert os.listdir() == []",
        "import subprocess\nsubprocess.run(['echo', 'out'], check=True)",
    ],
)
def test_main_is_real(run, code):
    [outcome] = run(fence(code)).values()
    assert (outcome.status, outcome.detail) == ("passed", "")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_finds_the_functions_of_the_page(run, method):
    outcomes = run(
        fence(
            "def double(n):\n    return 2 * n",
            "import multiprocessing as mp\nif __name__ == '__main__':\n"
            f"    with mp.get_context('{method}').Pool(1) as pool:\n"
            "        print(pool.map(double, [1, 2]))",
        )
    )
    assert [(o.message, o.output) for o in outcomes.values()] == [("", ""), ("", "[2, 4]\n")]


def test_one_event_loop_serves_a_page(run):
    outcomes = run(
        fence(
            "import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(0, 'slept'))\n"
            "await asyncio.sleep(0)",
            "print(await task)",
        )
    )
    assert [o.message or o.output for o in outcomes.values()] == ["", "slept\n"]


def test_future_import_stays_where_it_was_written(run):
    outcomes = run(
        fence(
            "from __future__ import annotations\ndef f(x: no_such_name): ...",
            "def g(x: no_such_name): ...",
        )
    )
    assert [o.message for o in outcomes.values()] == [
        "",
        "NameError: name 'no_such_name' is not defined",
    ]


ENDINGS = {
    "os._exit(0)": ("import os\nos._exit(0)", "it called os._exit(0), which ends the process"),
    "sys.exit": ("import sys\n\nsys.exit(0)", "it called sys.exit(0)"),
    "an interrupt": ("\nraise KeyboardInterrupt", "KeyboardInterrupt"),
    "an endless loop": ("while True:\n    pass", "it took longer than 0.3 s"),
    "a long sleep": ("import time\ntime.sleep(99)", "it took longer than 0.3 s"),
    "no Python": ("a = 1\ndef f(:", "SyntaxError: invalid syntax"),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_page_goes_on_with_its_names_after(run, case):
    code, message = ENDINGS[case]
    text = fence("x = 1") + fence(code, options='{.python timeout="0.3"}') + fence("print(x)")
    before, ended, after = run(text).values()
    assert (before.status, ended.status, after.output) == ("passed", "failed", "1\n")
    assert ended.message == message
    assert "snippet_worker" not in ended.detail
    assert ended.line in (5, 6, 7)


def test_traceback_begins_with_the_page_though_a_loop_awaits_it(run):
    [outcome] = run(fence("import asyncio\nasync def f():\n    1 / 0\nawait f()")).values()
    assert outcome.detail.startswith(
        'Traceback (most recent call last):\n  File "page.md", line 5, in <module>\n'
    )
    assert "asyncio/" not in outcome.detail


CRASHES = {
    "a crash of the interpreter": (
        "import ctypes\ncrash = 1\nctypes.string_at(0)",
        "the interpreter crashed: SIGSEGV",
        9,
    ),
    "a kill": (
        "import os, signal\ncrash = 1\nos.kill(os.getpid(), signal.SIGKILL)",
        "its process was ended by SIGKILL",
        7,
    ),
    "a loop that nothing interrupts": (
        "import signal\ncrash = 1\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
        "it took longer than 0.3 s and was killed",
        7,
    ),
}


@pytest.mark.parametrize("case", CRASHES)
def test_what_needs_no_lost_name_goes_on_in_a_new_process(run, case):
    code, message, line = CRASHES[case]
    text = (
        fence("import os\nx = 1\nopen('marker', 'x').close()")
        + fence(code, options='{.python timeout="0.3"}')
        + fence("print(x)", "y = 2", "print(y)", "assert not os.path.exists('marker')")
    )
    outcomes = list(run(text).values())
    assert [str(o.status) for o in outcomes] == [
        "passed", "failed", "failed", "passed", "passed", "failed",
    ]  # fmt: skip
    assert outcomes[1].message == message
    assert outcomes[1].line == line
    assert outcomes[2].message == (
        "not run: it uses x from before line 6, where the page's process ended"
    )
    assert "it uses os from before line 6" in outcomes[5].message


def test_page_that_leaves_a_thread_running_fails(run):
    started = time.monotonic()
    code = "import threading\nthreading.Thread(target=threading.Event().wait, name='w').start()"
    first, second = run(fence(code, "x = 1")).values()
    assert first.passed  # a later snippet may end it
    assert second.message == (
        "the page leaves a thread running, so it would never end: w of line 2"
    )
    assert time.monotonic() - started < 15


def test_process_state_of_one_page_does_not_reach_the_next(run):
    spoil = (
        "import os, sys, json\nos.environ['SPOILED'] = '1'\nos.chdir('/')\n"
        "json.dumps = None\nsys.path.clear()\nsys.modules['spoiled'] = sys"
    )
    check = (
        "import os, sys, json\nassert 'SPOILED' not in os.environ and os.getcwd() != '/'\n"
        "assert json.dumps(1) == '1' and sys.path and 'spoiled' not in sys.modules"
    )
    assert statuses(run(fence(spoil))) == ["passed"]
    assert statuses(run(fence(check), "other.md")) == ["passed"]


def test_processes_that_a_page_starts_end_with_it(run, tmp_path):
    [outcome] = run(
        fence("import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)")
    ).values()
    stat = tmp_path.__class__(f"/proc/{int(outcome.output)}/stat")
    deadline = time.monotonic() + 10
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX":
        assert time.monotonic() < deadline, "the process is still there"


def test_session_is_checked_by_doctests_rules(run):
    text = """\
```pycon
>>> x = [1,
...      2]
>>> x
[1, 2]
>>> 1 / 0
Traceback (most recent call last):
    ...
ZeroDivisionError: division by zero
>>> print("a\\n\\nb")
a
<BLANKLINE>
b
>>> list(range(20))  # doctest: +ELLIPSIS
[0, ..., 19]
>>> {"a": 1}  # doctest: +SKIP
>>> import asyncio
>>> await asyncio.sleep(0, "awaited")
'awaited'
```
"""
    assert statuses(run(text)) == ["passed"]


def test_wrong_session_shows_expected_against_got_for_each_example(run):
    [outcome] = run("```pycon\n>>> 1 + 1\n3\n>>> x = 5\n>>> x\n6\n>>> y\n```\n").values()
    assert outcome.message == "`1 + 1` printed something else (and 2 more)"
    assert outcome.line == 2
    assert "line 2: 1 + 1\nExpected:\n    3\nGot:\n    2\n" in outcome.detail
    assert "line 5: x\nExpected:\n    6\nGot:\n    5\n" in outcome.detail
    assert "NameError: name 'y' is not defined" in outcome.detail


def test_expected_output_is_compared(run):
    good = "``` {.text .output}\n1\n...\n3\n```\n"
    bad = "``` {.text .output}\n1\n4\n```\n"
    code = fence("print(1)\nprint(2)\nprint(3)")
    assert statuses(run(code + good)) == ["passed"]
    [outcome] = run(code + bad).values()
    assert (outcome.message, outcome.line) == (
        "it printed something else than the page shows",
        8,
    )
    assert "Expected:\n    1\n    4\nGot:\n    1\n    2\n    3" in outcome.detail


def test_expected_exception_passes_and_its_absence_fails(run):
    right, wrong, none = run(
        fence("1 / 0", "1 / 0", "1 / 1", options='{.python raises="ZeroDivisionError"}')
        .replace("ZeroDivisionError", "KeyError", 2)
        .replace("KeyError", "ArithmeticError", 1)
    ).values()
    assert (right.status, wrong.status, none.status) == ("passed", "failed", "failed")
    assert right.message == "ZeroDivisionError: division by zero"
    assert wrong.message == "expected KeyError, got ZeroDivisionError: division by zero"
    assert none.message == "it raised nothing; the page says ZeroDivisionError"


def test_exit_in_place_of_the_expected_exception_says_both(run):
    [left] = run(fence("import sys; sys.exit(3)", options='{.python raises="KeyErr"}')).values()
    assert (left.status, left.message) == ("failed", "expected KeyErr, got SystemExit: 3")


def test_skip_and_absent_requirement_give_their_reason(run):
    skip, need = run(
        fence("1 / 0", options='{.python skip="needs a GPU"}')
        + fence("1 / 0", options='{.python requires="no-such-program"}')
    ).values()
    assert (skip.status, skip.message) == (Status.SKIPPED, "needs a GPU")
    assert (need.status, need.message) == (Status.SKIPPED, "not run here: needs no-such-program")


def test_hidden_setup_and_files_come_from_the_front_matter(write, run):
    write(**{"data/a.csv": "1,2\n"})
    front = "---\nsnippets:\n  files: [data/a.csv]\n  setup: |\n    limit = 3\n---\n"
    [outcome] = run(front + fence("print(limit, open('a.csv').read())")).values()
    assert outcome.output == "3 1,2\n\n"


def test_setup_that_fails_fails_the_page(run):
    front = "---\nsnippets:\n  setup: |\n    1 / 0\n---\n"
    outcomes = run(front + fence("x = 1", "y = 2"))
    message = "the page's hidden set-up failed: ZeroDivisionError: division by zero"
    assert [(o.message, o.line) for o in outcomes.values()] == [(message, 4)] * 2


def test_program_fence_has_the_outcome_of_the_whole_program(write, run):
    write(**{"snippets/a.py": "n = 2\n# --8<-- [start:show]\nprint(n)\n# --8<-- [end:show]\n"})
    text = '```python\n--8<-- "snippets/a.py:show"\n```\n\n``` {.text .output}\n2\n```\n'
    [outcome] = run(text).values()
    assert (outcome.status, outcome.output) == ("passed", "2\n")
    write(**{"snippets/b.py": "print(1)\nraise SystemExit(1)\n"})
    [outcome] = run('```python\n--8<-- "snippets/b.py"\n```\n', "b.md").values()
    assert (outcome.status, outcome.message) == ("failed", "it called sys.exit(1)")


def test_docstring_examples_run_in_their_module(write, runner):
    write(**{"packages/p/src/pkgdoc/__init__.py": ""})
    file = write(
        **{
            "packages/p/src/pkgdoc/mod.py": 'LIMIT = 3\n\n\ndef f():\n    """F.\n\n    >>> f()\n'
            '    3\n    >>> LIMIT\n    4\n    """\n    return LIMIT\n'
        }
    )
    page = runner.finder.find(file)
    [outcome] = runner.run(page).values()
    assert (outcome.message, outcome.line) == ("`LIMIT` printed something else", 9)


GOOD_DATA = {"json": '{"a": 1}', "yaml": "a: !tag [1]\n---\nb: 2", "toml": "a = 1"}
BAD_DATA = [
    ("json", '{"a":\n 1 2}', 3, "JSON: Expecting ',' delimiter (column 4)"),
    ("yaml", "a: 1\nb: [1", 3,
     "YAML: while parsing a flow sequence, expected ',' or ']', but got '<stream end>'"),
    ("yml", "a: 1\n b: 2", 3, "YAML: mapping values are not allowed here"),
    ("yaml", "a: \x7f", 2, "YAML: special characters are not allowed: #x007f"),
    ("toml", "a = 1\nb =", 3, "TOML: Invalid value (at end of document)"),
    ("toml", "a = 1\nb = ?\nc = 2", 3, "TOML: Invalid value (column 5)"),
    ("json", "[" * 10_000, 2, "JSON: it is nested too deeply to be read"),
    ("yaml", "[" * 10_000, 2, "YAML: it is nested too deeply to be read"),
    ("toml", f"a = {'[' * 10_000}", 2, "TOML: it is nested too deeply to be read"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), GOOD_DATA.items())
def test_data_is_parsed(run, language, text):
    assert statuses(run(f"```{language}\n{text}\n```\n")) == ["passed"]


@pytest.mark.parametrize(("language", "text", "line", "said"), BAD_DATA)
def test_data_that_cannot_be_read_fails_with_its_line(run, language, text, line, said):
    [outcome] = run(f"```{language}\n{text}\n```\n").values()
    assert (outcome.message, outcome.line) == (f"it is no {said}", line)


def test_console_commands_run_and_their_output_is_compared(write, run):
    write(**{"adr/0001-x.md": "---\nstatus: accepted\ndate: 2026-01-02\n---\n# Use it\n"})
    text = "```console\n$ sage-dev adr list --dir adr --format json\n{}\n```\n"
    [outcome] = run(text.format("[\n...\n]")).values()
    assert (outcome.status, outcome.message) == ("passed", "")
    [outcome] = run(text.format("nothing")).values()
    assert outcome.message == (
        "`sage-dev adr list --dir adr --format json` printed something else than the page shows"
    )


def test_requirement_that_ci_has_is_no_reason_to_skip_there(tmp_path, write, monkeypatch):
    write(**{"pyproject.toml": '[tool.sage-dev]\nsnippets-ci-has = ["no-such-program"]\n'})
    file = write(**{"page.md": fence("1", options='{.python requires="no-such-program"}')})
    monkeypatch.delenv("CI", raising=False)
    for ci, status in (("", "skipped"), ("true", "failed")):
        monkeypatch.setenv("CI", ci)
        with Runner(tmp_path, load_page_settings(tmp_path)) as runner:
            [outcome] = runner.run(runner.finder.find(file)).values()
            assert outcome.status == status
    assert outcome.message == "CI has to have no-such-program, which is missing: install it there"


def test_page_with_fixtures_is_left_to_pytest(run):
    front = "---\nsnippets:\n  fixtures: [port]\n---\n"
    [outcome] = run(front + fence("print(port)")).values()
    assert (outcome.status, outcome.message) == (
        "skipped",
        "not run here: needs pytest, for its fixtures",
    )


@pytest.mark.parametrize("more", ["", "print(1)\n"])
def test_fence_whose_include_is_missing_fails_with_the_finding(find, runner, more):
    page = find(f'# T\n\n```python\n{more}--8<-- "none.py"\n```\n\n```python\nprint(2)\n```\n')
    lost, sound = runner.run(page).values()
    message = 'the include "none.py" names no file; correct the path'
    assert [f.message for f in page.findings] == [message]
    assert (lost.status, lost.message, lost.line) == (Status.FAILED, message, 3)
    assert (sound.status, sound.output) == (Status.PASSED, "2\n")


def test_setup_in_a_comment_runs_first_and_fails_with_its_line(run, find, runner):
    text = fence("print(seed)") + "\n<!-- snippets:\n  setup: |\n    seed = {}\n-->\n"
    [outcome] = run(text.format(7)).values()
    assert outcome.output == "7\n"
    [outcome] = runner.run(find(text.format("1 / 0"))).values()
    assert outcome.message == "the page's hidden set-up failed: ZeroDivisionError: division by zero"
    assert 'File "page.md", line 7, in <module>' in outcome.detail


SURVIVED = {
    "a forked copy that goes on": "import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)",
    "standard output closed": "import os\nos.close(1)\nos.close(2)",
    "standard output replaced": "import io, sys\nsys.stdout = io.StringIO()\nprint('lost')",
    "no standard output": "import sys\nsys.stdout = None\nprint('lost')",
    "another folder": "import os\nos.chdir('/')",
    "its folder removed": "import os, shutil\nshutil.rmtree(os.getcwd())",
    "no environment": "import os, sys\nos.environ.clear()\nsys.path.clear()",
    "its module taken away": "import sys\ndel sys.modules['__main__']",
    "bytes that are no text": "import sys\nsys.stdout.buffer.write(b'\\xff')",
    "a handler that fails at exit": "import atexit\natexit.register(lambda: 1 / 0)",
    "a clock it silences": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)",
}


@pytest.mark.parametrize("case", SURVIVED)
def test_page_and_run_go_on_after(run, find, runner, case):
    outcomes = run(fence(SURVIVED[case], "x = 1"))
    assert [(o.status, o.message) for o in outcomes.values()] == [("passed", "")] * 2
    [other] = runner.run(find(fence("print('sound')"), "other.md")).values()
    assert (other.status, other.output) == ("passed", "sound\n")


def test_much_output_is_kept_in_part(run):
    [outcome] = run(fence("print('x' * 5_000_000)")).values()
    assert (outcome.status, outcome.output[-24:]) == (
        "passed",
        "… and 4,000,001 bytes more\n"[-24:],
    )
    assert len(outcome.output) < 1_000_100


def test_process_that_can_report_no_more_says_so(run):
    closed, after = run(fence("import os\nos.closerange(0, 256)", "x = 1")).values()
    assert closed.message == "it closed or broke what its process reports through"
    assert after.status == "passed"


def test_name_that_failing_code_should_have_bound_names_that_code(run):
    text = fence("import no_such_module as m\ny = 1", "m.f()", "z") + "```pycon\n>>> m\n1\n```\n"
    messages = [outcome.message for outcome in run(text).values()]
    assert messages == [
        "ModuleNotFoundError: No module named 'no_such_module'",
        "NameError: name 'm' is not defined: the code of line 1, which binds it, failed",
        "NameError: name 'z' is not defined",
        "NameError: name 'm' is not defined: the code of line 1, which binds it, failed",
    ]


@pytest.mark.parametrize(("needs", "ran"), [("3.8", True), ("python>=3.8", True), ("3.99", False)])
def test_version_that_is_needed_is_python_s(run, needs, ran):
    [outcome] = run(fence("x = 1", options=f'{{.python requires="{needs}"}}')).values()
    assert (outcome.passed, outcome.message) == (ran, "" if ran else f"not run here: needs {needs}")
