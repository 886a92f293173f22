"""The commands that write, where the disk, another writer or a kill stands in their way."""

# adr: off (the numbers here are examples)

import os
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sage.tools.adr.citations import citations_in
from sage.tools.adr.renumber import plan_renumber

COMMAND = [sys.executable, "-c", "from sage.tools.cli import main; main()", "adr"]
FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from sage.tools.cli import main
main()
"""
KILLED = """
import os, signal
from pathlib import Path
replace = Path.replace
def last(self, to):
    replace(self, to)
    os.kill(os.getpid(), signal.SIGKILL)
Path.replace = last
from sage.tools.cli import main
main()
"""


@pytest.fixture
def log(git_repo, record_text):
    """Two records on the default branch, one with CRLF, and on this branch a third."""
    git_repo.write("adr/0001-a.md", record_text("A").replace("\n", "\r\n"))
    git_repo.write("adr/0002-b.md", record_text("B", status="proposed"))
    git_repo.commit("Start")
    git_repo.git("switch", "-q", "-c", "mine")
    git_repo.write("adr/0003-c.md", record_text("C") + "\nSee ADR-0003 and ADR-0001.\n")
    git_repo.write("src/x.py", "# ADR-0003\r\nx = 1\r\n")
    git_repo.write("docs/zh/adr/0003.md", "# C\n\nADR-0003\n")
    git_repo.commit("More")
    return git_repo


WRITING = [
    ("new", "Do D"),
    ("accept", "2"),
    ("reject", "2", "--reason", "No need."),
    ("deprecate", "1", "--reason", "Gone."),
    ("supersede", "1", "--by", "3"),
    ("supersede", "1", "--title", "Do D"),
    ("renumber", "3", "--to", "9"),
]


@pytest.mark.parametrize("words", WRITING, ids=lambda words: " ".join(words[:3]))
@pytest.mark.parametrize("room", [0, 100, 1000])
def test_full_disk_changes_nothing(log, words, room: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(room), "adr", *words],
        cwd=log.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:  # what it writes is smaller than the room that there is
        assert room
        return
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(r"cannot be written: File too large; nothing was changed\n$", done.stderr)
    assert log.git("status", "--short", "--ignored") == ""


@pytest.mark.parametrize("words", WRITING[1:], ids=lambda words: " ".join(words[:3]))
def test_read_only_records_are_not_written(log, sage_dev, words) -> None:
    for file in log.adr.iterdir():
        file.chmod(0o444)
    ran = sage_dev(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "cannot be written: it is read-only; nothing was changed" in ran.err
    assert log.git("diff", "--stat") + log.git("ls-files", "--others") == ""


@pytest.mark.parametrize("words", WRITING[4:], ids=lambda words: " ".join(words[:3]))
def test_killed_edit_is_taken_back_by_the_next_writer(log, sage_dev, words) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "adr", *words],
        cwd=log.root,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9
    assert log.git("status", "--short") != ""
    ran = sage_dev("accept", "1")
    assert ran.code == 2
    assert "an edit that was cut off is taken back: " in ran.err
    assert log.git("status", "--short") == ""


@pytest.mark.parametrize("words", WRITING[4:], ids=lambda words: " ".join(words[:3]))
def test_undo_leaves_no_difference(log, sage_dev, words) -> None:
    assert sage_dev(*words).code == 0
    assert log.git("status", "--short") != ""
    assert sage_dev(words[0], "--undo").code == 0
    assert log.git("status", "--short", "--ignored") == ""


def test_edits_keep_line_endings(log, sage_dev) -> None:
    assert sage_dev("supersede", "1", "--by", "3").code == 0
    assert sage_dev("renumber", "3").code == 0
    for path in ("adr/0001-a.md", "src/x.py"):
        data = (log.root / path).read_bytes()
        assert data.count(b"\n") == data.count(b"\r\n")
    assert b"# ADR-0004\r\n" in (log.root / "src/x.py").read_bytes()


def test_writers_at_once_take_different_numbers(log) -> None:
    running = [
        subprocess.Popen(
            [*COMMAND, "new", f"Decision {name}"], cwd=log.root, stdout=subprocess.PIPE, text=True
        )
        for name in "abcdef"
    ]
    written = sorted(each.communicate(timeout=60)[0].strip() for each in running)
    assert [Path(name).name[:4] for name in written] == [f"{number:04d}" for number in range(4, 10)]


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "ADR-0003",
                "ADR-3",
                "ADR_0003",
                "ADR 0003",
                "(0003-c.md)",
                "/adr/0003/",
                "web/ADR-0003",
            ),
            *(
                "ADR-00031",
                "ADR-0003.1",
                "ADR-0001",
                "3",
                "0003",
                " ",
                "\n",
                "\r\n",
                "\u2028",
                "队列",
            ),
            *(
                "adr: past",
                "x = ",
                "#",
                "[c]",
                "ADR-0003-",
                ".ADR-0003",
                "\t",
                "\x0c",
                '"ADR-0003"',
            ),
        ]
    ),
    max_size=25,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PIECES)
def test_renumber_moves_every_citation_and_nothing_else(log, pieces: list[str]) -> None:
    text = "".join(pieces)
    log.write("src/x.py", text)
    held = log.log()
    record = held.find(3)
    assert record is not None
    changes = {change.file.name: change for change in plan_renumber(held, record, 9).changes}
    after = changes["x.py"].after if "x.py" in changes else text.encode()
    assert after is not None
    before = [(each.record, each.line, each.past) for each in citations_in(text, "x.py")]
    moved = [("ADR-0009" if name == "ADR-0003" else name, *rest) for name, *rest in before]
    assert [(e.record, e.line, e.past) for e in citations_in(after.decode(), "x.py")] == moved
    # What is left when all digits are taken out is what was there.
    assert re.sub(rb"\d", b"", after) == re.sub(rb"\d", b"", text.encode())


def test_renumber_does_not_read_what_is_too_large_to_cite(log) -> None:
    file = log.write("src/weights.bin", "ADR-0003\n")
    os.truncate(file, 64 * 1024 * 1024)
    held = log.log()
    record = held.find(3)
    assert record is not None
    tracemalloc.start()
    try:
        changes = plan_renumber(held, record, 9).changes
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "weights.bin" not in [change.file.name for change in changes]
    assert peak < 8 * 1024 * 1024


def test_record_in_a_folder_of_its_own_is_moved_whole(log, sage_dev) -> None:
    text = "# 5. E\n\n## Status\n\nAccepted\n\n![p](picture.png) [c](../0003-c.md)\n"
    log.write("adr/0005-e/index.md", text)
    log.write("adr/0005-e/picture.png", b"\x89PNG\0")
    log.write("adr/0005-e/parts/notes.txt", "no record\n")
    log.write("docs/page.md", "[e](../adr/0005-e/index.md) ADR-0005\n")
    log.commit()
    assert sage_dev("renumber", "5", "--to", "12").code == 0
    assert log.git("ls-files", "--others", "--exclude-standard").split() == [
        *("adr/0012-e/index.md", "adr/0012-e/parts/notes.txt", "adr/0012-e/picture.png"),
    ]
    assert not (log.adr / "0005-e").exists()
    assert log.read("adr/0012-e/index.md").startswith("# 12. E\n")
    assert log.read("docs/page.md") == "[e](../adr/0012-e/index.md) ADR-0012\n"
    assert sage_dev("renumber", "--undo").code == 0
    assert log.git("status", "--short") == ""
    assert sage_dev("new", "Do F").out == "adr/0006-do-f/index.md\n"
