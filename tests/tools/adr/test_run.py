"""How a command of `sage-dev adr` starts, and how it ends."""

import signal
import subprocess
import sys


def test_command_line_imports_nothing_heavy(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    code = (
        "import sys\nfrom sage.tools.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    heavy = {'pydantic', 'rich', 'yaml', 'jinja2', 'mkdocs'} & set(sys.modules)\n"
        "    print('heavy:', sorted(heavy))"
    )
    for words in (["list"], ["lint"], ["cited"], ["why", "adr/0001-a.md"], ["show", "1"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "adr", *words],
            cwd=repo.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.endswith("heavy: []\n"), (words, done.stdout, done.stderr)


WAITING = """
import signal, sys
from sage.tools.cli import main

class Waiting:
    def read(self):
        print("reading", file=sys.stderr, flush=True)
        signal.pause()

sys.stdin = Waiting()
main()
"""


def test_interrupted_command_ends_quietly(repo, record_text) -> None:
    repo.write("adr/0001-a.md", record_text("A"))
    running = subprocess.Popen(
        [sys.executable, "-c", WAITING, "adr", "why", "-"],
        cwd=repo.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "reading\n"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, "", "")
