"""`sage-dev adr`, run as a user runs it: what it prints, and its exit codes."""

# adr: off (the numbers here are examples)

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from unicodedata import east_asian_width

import pytest

LIST_KEYS = [
    *("id", "number", "title", "status", "status_text", "date", "path", "dialect", "supersedes"),
    *("superseded_by", "tags"),
]


@pytest.fixture
def log(repo, record_text):
    """Three records: 1 superseded by 2, and 3, proposed, that rules `src/`."""
    repo.write("src/queue.py", "# ADR-0002\nx = 1\n")
    repo.write("adr/0001-a.md", record_text("Keep A", status="superseded"))
    repo.write("adr/0002-b.md", record_text("Do B", supersedes="[1]", tags="[queue]"))
    text = record_text("Try <b>C</b> | \x1b[31m", status="proposed", governs='["src/**"]')
    repo.write("adr/0003-c.md", text)
    return repo


def test_list_prints_a_line_a_record(log, sage_dev) -> None:
    ran = sage_dev("list")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "ADR-0001  superseded  2025-10-22  Keep A (superseded by ADR-0002)\n"
        "ADR-0002  accepted    2025-10-22  Do B\n"
        "ADR-0003  proposed    2025-10-22  Try <b>C</b> | [31m\n"
    )


def test_list_as_json_keeps_its_promise(log, sage_dev) -> None:
    ran = sage_dev("list", "--dir", "adr", "--format", "json")
    rows = json.loads(ran.out)
    assert [list(row) for row in rows] == [LIST_KEYS] * 3
    assert rows[1] == {
        "id": "ADR-0002",
        "number": 2,
        "title": "Do B",
        "status": "accepted",
        "status_text": "accepted",
        "date": "2025-10-22",
        "path": "adr/0002-b.md",
        "dialect": "madr4",
        "supersedes": ["ADR-0001"],
        "superseded_by": [],
        "tags": ["queue"],
    }


def test_list_can_be_narrowed(log, sage_dev) -> None:
    assert sage_dev("list", "--status", "proposed").out.count("\n") == 1
    assert sage_dev("list", "--tag", "queue").out.startswith("ADR-0002")


def test_list_in_a_terminal_is_a_table(log, in_terminal) -> None:
    shown = in_terminal(80, "list")
    assert "Record" in shown
    assert "─" in shown
    assert "\x1b[32m" in shown or "\x1b[33m" in shown
    # The colour that the title asks for is not given.
    assert "\x1b[31m" not in shown
    assert "<b>C</b>" in plain(shown)


TITLES = (
    "采用消息队列来解耦服务之间的调用，并且让每一个队列都能够通过名字找到，无论它运行在哪里",
    "State uses Redis for what must survive a restart of the whole machine and its neighbours",
)


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("title", TITLES)
def test_terminal_shows_all_of_a_title_within_its_width(
    repo, record_text, in_terminal, title: str, columns: int
) -> None:
    repo.write("adr/0001-a.md", record_text(title, status="superseded"))
    repo.write("adr/0002-b.md", record_text("B", supersedes="[1]"))
    for words in (("list",), ("show", "1"), ("show", "2")):
        shown = plain(in_terminal(columns, *words))
        assert max(map(width, shown.splitlines())) <= columns
        assert "".join(title.split()) in re.sub(r"[\s│]", "", shown)


def test_terminal_shows_the_title_of_a_record_once(log, in_terminal) -> None:
    assert plain(in_terminal(80, "show", "2")).count("Do B") == 1


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", shown)


def width(line: str) -> int:
    """The columns that a line takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in line.rstrip("\r"))


@pytest.fixture
def in_terminal(repo):
    """What a command shows in a terminal of so many columns."""

    def show(columns: int, *words: str) -> str:
        main, secondary = pty.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        with subprocess.Popen(
            [sys.executable, "-c", "from sage.tools.cli import main; main()", "adr", *words],
            cwd=repo.root,
            stdout=secondary,
            stdin=secondary,
            env={**environment, "TERM": "xterm-256color"},
        ) as running:
            os.close(secondary)
            shown = b""
            with contextlib.suppress(OSError):  # how Linux tells that the other end is closed
                while piece := os.read(main, 65536):
                    shown += piece
            os.close(main)
        assert running.returncode == 0
        return shown.decode()

    return show


def test_list_in_a_narrow_terminal_folds_no_title_to_a_column(in_terminal, repo, record_text):
    repo.write("adr/0001-a.md", record_text("Queues are values"))
    shown = in_terminal(40, "list")
    assert shown == "ADR-0001  accepted    2025-10-22  Queues are values\r\n"
    assert "Record" in in_terminal(60, "list")


def test_list_tells_what_it_could_not_read(log, sage_dev) -> None:
    log.write("adr/0004-binary.md", b"\0")
    ran = sage_dev("list")
    assert ran.code == 1
    assert "ADR-0004  unknown" in ran.out
    assert "adr/0004-binary.md: unreadable-record" in ran.err


@pytest.mark.parametrize("folder", ["docs/adr", "docs/decisions", "doc/adr"])
def test_usual_folders_are_found(repo, record_text, sage_dev, folder: str) -> None:
    repo.adr.rmdir()
    repo.write(f"{folder}/0001-a.md", record_text("A"))
    assert sage_dev("list").out.startswith("ADR-0001")


def test_settings_name_the_folder_and_further_logs(repo, record_text, sage_dev) -> None:
    repo.write("records/0001-a.md", record_text("A"))
    repo.write("web/adr/0001-w.md", record_text("W"))
    repo.write(
        "pyproject.toml",
        '[tool.sage-dev]\nadr-dir = "records"\nadr-logs = {web = "web/adr"}\n',
    )
    assert re.findall(r"^\S+", sage_dev("list").out, re.M) == ["ADR-0001", "web/ADR-0001"]
    assert sage_dev("show", "web/ADR-0001").out.startswith("web/ADR-0001 W")
    named = sage_dev("list", "--dir", "records", "--dir", "w=web/adr")
    assert "w/ADR-0001" in named.out


def test_paths_are_relative_to_the_repository(log, sage_dev) -> None:
    log.write(".git/HEAD", "")
    ran = sage_dev("list", "--format", "json", cwd=log.root / "src")
    assert json.loads(ran.out)[0]["path"] == "adr/0001-a.md"
    ran = sage_dev("list", "--format", "json", "--dir", str(log.adr), cwd=log.root.parent)
    assert json.loads(ran.out)[0]["path"] == "adr/0001-a.md"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("list", "--dir", "nowhere"), "nowhere: no such folder"),
        (("list", "--dir", "src/queue.py"), "is a file"),
        (("list", "--root", "nowhere"), "no such folder"),
        (("show", "99"), "99: no such record; the log holds ADR-0001 to ADR-0003"),
        (("cite", "nothing"), "no such record"),
        (("accept", "2"), "is accepted already"),
        (("supersede", "1"), "takes N and one of"),
        (("supersede", "2", "--by", "2"), "cannot supersede itself"),
        (("renumber",), "takes N"),
        (("renumber", "3"), "in no Git repository"),
        (("new", " "), "title is empty"),
        (("new", "T", "--date", "2025-13-40"), "is no day"),
        (("new", "T", "--template", "nowhere"), "template cannot be read: No such file"),
        (("lint", "--against", "main"), "no Git repository"),
        (("lint", "--since", "main"), "no Git repository"),
        (("cited", "--commits", "a..b"), "no such range"),
        (("cited", "nowhere"), "no such file"),
        (("why", "nowhere/at/all"), "no such file"),
        (("why", "nowhere.py"), "nowhere.py: no such file or folder; name one"),
        (("list", "--status", "nope"), "--status nope: no such status; one of draft, proposed,"),
        (("lint", "--format", "xml"), "'xml' is not one of 'text', 'json', 'github', 'sarif';"),
        (("list", "--nothing"), "No such option: --nothing; see --help"),
        (("show",), "Missing argument 'N'; see --help"),
        (("nothing",), "No such command 'nothing'; see --help"),
        (("why", "../elsewhere"), "lies outside"),
        (("export", "--format", "xml"), "'xml' is not one of 'json'"),
        (("supersede", "--undo"), "no edit is remembered"),
    ],
)
def test_what_cannot_begin_says_why_in_one_sentence(
    log, sage_dev, words: tuple[str, ...], sentence: str
) -> None:
    before = {file: file.read_bytes() for file in log.root.rglob("*") if file.is_file()}
    ran = sage_dev(*words)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err
    assert len(ran.err.splitlines()) == 1
    assert {file: file.read_bytes() for file in log.root.rglob("*") if file.is_file()} == before


def test_show_prints_facts_and_text(log, sage_dev) -> None:
    ran = sage_dev("show", "2")
    assert ran.out.startswith("ADR-0002 Do B\nstatus:        accepted\ndate:          2025-10-22\n")
    assert "supersedes:    ADR-0001 Keep A\n" in ran.out
    assert "## Decision\n\nWe decide." in ran.out
    row = json.loads(sage_dev("show", "2", "--format", "json").out)
    assert (row["id"], row["sections"][2]["title"]) == ("ADR-0002", "Decision")


def test_lint_prints_findings_in_each_format(log, sage_dev) -> None:
    assert sage_dev("lint").code == 0
    log.write("adr/0004-d.md", "# D\n\n## Status\n\nMaybe\n\n[x](nowhere.md)\n")
    ran = sage_dev("lint")
    assert ran.code == 1
    assert "adr/0004-d.md:5: unknown-status the status 'Maybe' is not one of" in ran.out
    assert ran.err == "sage-dev adr: 4 records: 2 errors, 1 warning\n"
    rows = json.loads(sage_dev("lint", "--format", "json").out)
    assert [(row["code"], row["line"]) for row in rows] == [
        ("missing-section", 1),
        ("unknown-status", 5),
        ("broken-link", 7),
    ]
    assert "::error file=adr/0004-d.md,line=7," in sage_dev("lint", "--format", "github").out
    sarif = json.loads(sage_dev("lint", "--format", "sarif").out)
    assert len(sarif["runs"][0]["results"]) == 3


def test_warnings_fail_only_a_strict_run(log, sage_dev) -> None:
    log.write("adr/0004-d.md", "# D\n\n## Status\n\nAccepted\n")
    assert sage_dev("lint").code == 0
    assert sage_dev("lint", "--strict").code == 1
    log.write("x.py", "# ADR-0001\n")
    assert sage_dev("cited").code == 0
    assert sage_dev("cited", "--strict").code == 1


def test_lint_fix_repairs_one_way_supersedes(log, sage_dev) -> None:
    file = log.adr / "0001-a.md"
    file.write_text(file.read_text().replace("superseded", "accepted"))
    assert sage_dev("lint").code == 1
    dry = sage_dev("lint", "--fix", "--dry-run")
    assert "+status: superseded" in dry.out
    assert dry.code == 1
    assert sage_dev("lint", "--fix").code == 0
    assert sage_dev("lint").code == 0


def test_cited_judges_and_lists_citations(log, sage_dev) -> None:
    ran = sage_dev("cited")
    assert (ran.code, ran.out) == (0, "")
    assert "1 citation in 1 file: clean" in ran.err
    assert sage_dev("cited", "--record", "2").out == "src/queue.py:1: # ADR-0002\n"
    log.write("x.md", "ADR-0042\n")
    ran = sage_dev("cited")
    assert ran.code == 1
    assert ran.out.startswith("x.md:1: unknown-citation ADR-0042 is no record here")
    assert sage_dev("cited", "src").code == 0


def test_cited_searches_commit_messages(git_repo, record_text, sage_dev) -> None:
    git_repo.write("adr/0001-a.md", record_text("A"))
    git_repo.commit("Start")
    git_repo.write("adr/0002-b.md", record_text("B"))
    git_repo.commit("More\n\nSee ADR-0009.")
    ran = sage_dev("cited", "--commits", "HEAD~1..HEAD")
    assert ran.code == 1
    assert re.match(r"commit \w+:3: unknown-citation", ran.out)
    assert ran.err == "sage-dev adr: 1 citation in 1 commit: 1 error, 0 warnings\n"
    git_repo.write("x.md", "ADR-0001 ADR-0002\n")
    ran = sage_dev("cited", "x.md", "--commits", "HEAD~1..HEAD")
    assert ran.err.startswith("sage-dev adr: 3 citations in 1 file and 1 commit: ")


def test_cited_searches_the_message_of_a_commit_in_the_making(log, sage_dev) -> None:
    log.write("message", "Do it (ADR-0009)\n# ADR-0010\n")
    ran = sage_dev("cited", "--message", "message")
    assert ran.code == 1
    assert re.findall(r"ADR-\d+ is", ran.out) == ["ADR-0009 is"]
    assert "1 citation in 1 message: " in ran.err
    assert sage_dev("cited", "--message", "nowhere").code == 2


def test_cite_prints_what_to_paste(log, sage_dev) -> None:
    # Without an address, a link to a path would be dead in a comment on a pull request.
    assert sage_dev("cite", "2").out == "ADR-0002: Do B (`adr/0002-b.md`)\n"
    rst = sage_dev("cite", "2", "--format", "rst").out
    assert rst == "ADR-0002: Do B (``adr/0002-b.md``)\n"
    log.write("mkdocs.yml", "site_url: https://example.org/docs/\n")
    address = "https://example.org/docs/adr/0002/"
    assert sage_dev("cite", "2").out == f"[ADR-0002: Do B]({address})\n"
    assert sage_dev("cite", "2", "--format", "rst").out == f"`ADR-0002: Do B <{address}>`__\n"
    assert sage_dev("cite", "2", "--format", "url").out == f"{address}\n"
    log.write("mkdocs.yml", 'site_url: !ENV [SITE_URL, "http://127.0.0.1:8000/"]\n')
    assert sage_dev("cite", "2", "--format", "url").out == "adr/0002-b.md\n"
    log.write("mkdocs.yml", 'site_url: !ENV [NO_SUCH_NAME, "https://example.org/x/"]\n')
    assert sage_dev("cite", "2", "--format", "url").out == "https://example.org/x/adr/0002/\n"
    assert "Try &lt;b&gt;C&lt;/b&gt; |" in sage_dev("cite", "3").out
    log.write("pyproject.toml", '[tool.sage-dev]\nadr-url = "https://x.org/{number}.html"\n')
    assert sage_dev("cite", "2", "--format", "url").out == "https://x.org/0002.html\n"


def test_why_names_every_reason(log, sage_dev) -> None:
    log.write(
        "layer.yaml",
        "version: 1\npackages:\n  sage-x: {layer: L1}\nrules:\n  upward-import: {adr: [2]}\n",
    )
    log.write("packages/sage-x/src/x.py", "")
    ran = sage_dev("why", "src/queue.py", "packages/sage-x/src/x.py")
    assert ran.out == (
        "packages/sage-x/src/x.py\n"
        "  ADR-0002 Do B (accepted) adr/0002-b.md\n"
        "    layers: sage-x is L1: upward-import [layer.yaml]\n"
        "src/queue.py\n"
        "  ADR-0002 Do B (accepted) adr/0002-b.md\n"
        "    citation: # ADR-0002 [src/queue.py:1]\n"
        "  ADR-0003 Try <b>C</b> | [31m (proposed) adr/0003-c.md\n"
        "    governs: src/** [adr/0003-c.md:4]\n"
    )
    rows = json.loads(sage_dev("why", "src", "--format", "json").out)
    assert [(row["path"], row["id"]) for row in rows] == [("src", "ADR-0002"), ("src", "ADR-0003")]


def test_why_reads_paths_of_a_diff_and_answers_in_markdown(log, sage_dev) -> None:
    ran = sage_dev("why", "-", "--format", "md", stdin="src/queue.py\nsrc/gone.py\n")
    assert ran.out == (
        "### Decisions that rule these files\n\n"
        "| Decision | Status | Files | Why |\n|---|---|---|---|\n"
        "| [ADR-0002](adr/0002-b.md) Do B | accepted | `src/queue.py` | citation |\n"
        "| [ADR-0003](adr/0003-c.md) Try &lt;b&gt;C&lt;/b&gt; \\| \\[31m | proposed "
        "| `src/gone.py`, `src/queue.py` | governs |\n"
    )
    ran = sage_dev("why", "-", "--format", "md", stdin="README.md\n")
    assert ran.out == "No decision rules these files.\n"


@pytest.mark.parametrize(
    ("known", "address"),
    [
        (
            {"GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "abc"},
            "https://github.com/o/r/blob/abc/adr/0003-c.md",
        ),
        (
            {"CI_PROJECT_URL": "https://x.org/o/r", "CI_COMMIT_SHA": "abc"},
            "https://x.org/o/r/-/blob/abc/adr/0003-c.md",
        ),
        ({"GITHUB_REPOSITORY": "o/r"}, "adr/0003-c.md"),
    ],
)
def test_links_of_a_posted_table_lead_somewhere(log, sage_dev, monkeypatch, known, address) -> None:
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    ask = ("why", "src/queue.py", "--format", "md")
    assert f"[ADR-0003]({address})" in sage_dev(*ask).out
    log.write("mkdocs.yml", "site_url: https://example.org/docs/\n")
    assert "[ADR-0003](https://example.org/docs/adr/0003/)" in sage_dev(*ask).out


@pytest.mark.parametrize(
    "listed",
    ["src/queue.py\0tools/gone.py\0", "M\tsrc/queue.py\n", "R100\tsrc/old.py\tsrc/queue.py\n"],
)
def test_why_reads_every_list_that_git_prints(log, sage_dev, listed: str) -> None:
    ran = sage_dev("why", "-", stdin=listed)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "src/queue.py")


def test_why_reads_names_as_git_quotes_them(log, sage_dev) -> None:
    ran = sage_dev("why", "-", stdin='"src/\\351\\230\\237.py"\n')
    assert ran.out.startswith("src/队.py\n  ADR-0003")


def test_output_that_cannot_be_shown_is_escaped(log, sage_dev, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    log.write("adr/0004-d.md", "# 4. 队列\n\n状态：通过\n")
    ran = sage_dev("list")
    assert ran.code == 0
    assert "ADR-0004  accepted    -           \\u961f\\u5217\n" in ran.out


def test_reader_that_stops_early_sees_no_traceback(log) -> None:
    command = f"{sys.executable} -c 'from sage.tools.cli import main; main()' adr list | true"
    done = subprocess.run(command, shell=True, cwd=log.root, capture_output=True, text=True)
    assert done.stderr == ""


def test_path_that_is_gone_is_answered_and_one_not_there_yet_is_noted(
    git_repo, record_text, sage_dev
) -> None:
    git_repo.write("adr/0001-a.md", record_text("A", governs='["src/**"]'))
    git_repo.write("src/x.py", "")
    git_repo.write("tools/gone.py", "")
    git_repo.commit()
    (git_repo.root / "tools/gone.py").unlink()
    ran = sage_dev("why", "tools/gone.py")
    assert (ran.code, ran.err) == (0, "sage-dev adr: no decision rules these files\n")
    ran = sage_dev("why", "src/new.py")
    assert ran.out.startswith("src/new.py\n  ADR-0001")
    assert ran.err == "sage-dev adr: src/new.py: is not there; this is what rules a file " + (
        "at that place\n"
    )


@pytest.mark.parametrize(
    "words",
    [("show", "1"), ("search", "x"), ("cited",), ("cite", "1"), ("graph",), ("why", "adr")],
)
def test_log_without_a_record_answers_nothing(repo, sage_dev, words) -> None:
    repo.write("adr/0001-a.rst", "A\n")
    ran = sage_dev(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "adr: holds no record: it has 0001-a.rst, and sage-dev reads Markdown" in ran.err


@pytest.mark.parametrize("words", [("list",), ("lint",), ("export",)])
def test_log_without_a_record_is_no_success(repo, sage_dev, words) -> None:
    ran = sage_dev(*words)
    assert ran.code == 1
    assert "adr: empty-log holds no record: the folder is empty" in ran.out + ran.err
    assert sage_dev("new", "Start").code == 0
    assert sage_dev(*words).code == 0


def test_repository_without_a_log_says_where_it_was_looked_for(repo, sage_dev) -> None:
    repo.adr.rmdir()
    for words in (("list",), ("lint",)):
        ran = sage_dev(*words)
        assert (ran.code, ran.out) == (2, "")
        assert (
            "has no folder adr, docs/adr, docs/decisions, doc/adr or docs/architecture" in ran.err
        )
        assert "with --dir, or as adr-dir in [tool.sage-dev]" in ran.err


def test_list_that_is_empty_by_its_filter_says_so(log, sage_dev) -> None:
    ran = sage_dev("list", "--tag", "nope")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "sage-dev adr: 3 records, none with the tag nope\n"
    ran = sage_dev("list", "--status", "draft", "--status", "rejected")
    assert ran.err == "sage-dev adr: 3 records, none with the status draft or rejected\n"
    ran = sage_dev("list", "--status", "draft", "--tag", "nope")
    assert ran.err == "sage-dev adr: 3 records, none with the status draft and the tag nope\n"


def test_search_finds_records_by_words(log, sage_dev) -> None:
    assert sage_dev("search", "do", "B").out.startswith("adr/0002-b.md:")
    ran = sage_dev("search", "unheard-of")
    assert (ran.code, ran.out) == (0, "")
    rows = json.loads(sage_dev("search", "queue", "--format", "json").out)
    assert [row["id"] for row in rows] == ["ADR-0002"]


def test_new_and_accept_write_and_dry_run_does_not(log, sage_dev) -> None:
    dry = sage_dev("new", "Do D", "--dry-run", "--date", "2026-01-02")
    assert "+++ b/adr/0004-do-d.md" in dry.out
    assert not (log.adr / "0004-do-d.md").exists()
    assert sage_dev("new", "Do D", "--date", "2026-01-02").out == "adr/0004-do-d.md\n"
    assert "+status: accepted" in sage_dev("accept", "4", "--dry-run").out
    assert sage_dev("accept", "4").code == 0
    assert "ADR-0004  accepted" in sage_dev("list").out
    assert sage_dev("reject", "3", "--reason", "No need.").code == 0
    assert "No need." in log.read("adr/0003-c.md")
    assert sage_dev("deprecate", "4").code == 0
    assert sage_dev("supersede", "2", "--title", "Do E").code == 0
    assert "ADR-0005  accepted" in sage_dev("list", "--status", "accepted").out


def test_unknown_option_is_exit_two(log, sage_dev) -> None:
    for words in (("list", "--nothing"), ("nothing",), ("reject", "3")):
        ran = sage_dev(*words)
        assert ran.code == 2
        assert "Traceback" not in ran.err
