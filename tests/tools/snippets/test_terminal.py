"""What someone at a terminal sees, and keeps when they interrupt."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-c", "from sage.tools.cli import main; main()", "snippets", "docs"]
WRONG = "```python\nprint(1, -2, 3, sep='\\n')\n```\n\n``` {.text .output}\n1\n-2\n4\n```\n"


def at_a_terminal(root: Path, **environment: str) -> str:
    control, terminal = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run(COMMAND, cwd=root, stdout=terminal, stderr=subprocess.DEVNULL,
                          env={**plain, **environment}, check=False)  # fmt: skip
    os.close(terminal)
    assert done.returncode == 1
    return os.read(control, 65536).decode().replace("\r\n", "\n")


def test_difference_is_in_colours_at_a_terminal_and_plain_elsewhere(write, tmp_path):
    write(**{"pyproject.toml": "", "docs/a.md": WRONG})
    shown = at_a_terminal(tmp_path)
    assert "\x1b[1mdocs/a.md:8\x1b[0m\n" in shown
    assert "\x1b[31m        -4\x1b[0m\n\x1b[32m        +3\x1b[0m\n" in shown
    assert "         -2\n" in shown
    assert "\x1b" not in at_a_terminal(tmp_path, NO_COLOR="1")
    piped = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "        -4\n        +3\n" in piped.stdout
    assert "\x1b" not in piped.stdout


def test_interrupted_run_keeps_what_has_run(write, tmp_path):
    os.mkfifo(tmp_path / "begun")
    endless = f"import time\nopen({str(tmp_path / 'begun')!r}, 'w').close()\ntime.sleep(99)"
    write(**{"pyproject.toml": "", "docs/a.md": "```python\nx = 1\n```\n"})
    write(**{"docs/b.md": f"```python\n{endless}\n```\n"})
    process = subprocess.Popen(COMMAND, cwd=tmp_path)
    (tmp_path / "begun").read_bytes()  # blocks until the second page runs
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    again = subprocess.run([*COMMAND[:-1], "docs/a.md", "--changed"], cwd=tmp_path,
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert "1 passed, 0 failed, 0 skipped, 0 shown as source, 1 unchanged" in again.stdout
