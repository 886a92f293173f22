"""Changes are made together or not at all, can be shown before, and taken back after."""

# adr: off (the numbers here are examples)

import os
import signal
from pathlib import Path

import pytest

from sage.tools.adr.edit import Change, Plan, recover, undo
from sage.tools.finding import CannotBegin


@pytest.fixture
def plan(repo) -> Plan:
    one = repo.write("one.md", "a\nb\n")
    two = repo.write("two.md", "c")
    new = repo.root / "sub/new.md"
    changes = (Change(one, b"a\nb\n", b"a\nB\n"), Change(two, b"c", None), Change(new, None, b"n"))
    return Plan(repo.root, changes, "three changes")


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and ".sage-dev" not in file.parts and ".git" not in file.parts
    }


def test_plan_is_carried_out(repo, plan) -> None:
    plan.apply()
    assert contents(repo.root) == {"one.md": b"a\nB\n", "sub/new.md": b"n"}


def test_diff_is_what_git_would_show(repo, plan) -> None:
    assert plan.diff() == (
        "--- a/one.md\n+++ b/one.md\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n"
        "--- a/two.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-c\n\\ No newline at end of file\n"
        "--- /dev/null\n+++ b/sub/new.md\n@@ -0,0 +1 @@\n+n\n\\ No newline at end of file\n"
    )


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_failure_half_way_changes_nothing(repo, plan, monkeypatch, failing: int) -> None:
    before = contents(repo.root)
    target = plan.changes[failing].file
    calls = []
    replace, unlink = Path.replace, Path.unlink

    def check(file: Path) -> None:
        if file == target and not calls:
            calls.append(file)
            raise OSError(28, "No space left on device")

    def failing_replace(self: Path, to: Path) -> Path:
        check(Path(to))
        return replace(self, to)

    def failing_unlink(self: Path, missing_ok: bool = False) -> None:
        check(self)
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "replace", failing_replace)
    monkeypatch.setattr(Path, "unlink", failing_unlink)
    with pytest.raises(CannotBegin, match="No space left on device; nothing was changed"):
        plan.apply()
    assert calls == [target]
    assert contents(repo.root) == before


def test_interrupt_half_way_changes_nothing(repo, plan, monkeypatch) -> None:
    before = contents(repo.root)
    unlink = Path.unlink

    def interrupted(self: Path, missing_ok: bool = False) -> None:
        if self == plan.changes[1].file:
            raise KeyboardInterrupt
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plan.apply()
    assert contents(repo.root) == before
    assert recover(repo.root) == ""


def test_read_only_file_is_not_written(repo, plan) -> None:
    (repo.root / "two.md").chmod(0o444)
    before = contents(repo.root)
    with pytest.raises(CannotBegin, match=r"two\.md: cannot be written: it is read-only; nothing"):
        plan.apply()
    assert contents(repo.root) == before


def test_edit_that_was_killed_is_taken_back(repo, plan, monkeypatch) -> None:
    before = contents(repo.root)
    killed(plan, monkeypatch)
    assert contents(repo.root) != before
    assert recover(repo.root) == "an edit that was cut off is taken back: three changes"
    assert contents(repo.root) == before
    assert recover(repo.root) == ""


def test_edit_that_was_killed_while_it_wrote_its_note_changed_nothing(repo) -> None:
    repo.write(".sage-dev/adr-pending.json", '{"summ')
    assert recover(repo.root) == ""
    assert not (repo.root / ".sage-dev/adr-pending.json").exists()


def test_edit_that_was_killed_is_not_taken_back_over_another(repo, plan, monkeypatch) -> None:
    killed(plan, monkeypatch)
    repo.write("one.md", "mine")
    with pytest.raises(CannotBegin, match=r"one\.md: an edit was cut off \(three changes\), and"):
        recover(repo.root)
    assert repo.read("one.md") == "mine"


def killed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry the plan out in a process of its own that is killed after its first change."""
    child = os.fork()
    if child == 0:
        replace = Path.replace

        def last(self: Path, to: Path) -> Path:
            replace(self, to)
            os.kill(os.getpid(), signal.SIGKILL)
            return to

        monkeypatch.setattr(Path, "replace", last)
        plan.apply()
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def test_file_that_changed_meanwhile_is_left_alone(repo, plan) -> None:
    repo.write("two.md", "changed")
    before = contents(repo.root)
    with pytest.raises(CannotBegin, match=r"two\.md: changed meanwhile"):
        plan.apply()
    assert contents(repo.root) == before


def test_mode_of_a_file_is_kept(repo, plan) -> None:
    (repo.root / "one.md").chmod(0o640)
    plan.apply()
    assert (repo.root / "one.md").stat().st_mode & 0o777 == 0o640


def test_link_to_a_file_stays_a_link(repo) -> None:
    target = repo.write("real.md", "a")
    link = repo.root / "link.md"
    link.symlink_to(target)
    Plan(repo.root, (Change(link, b"a", b"b"),)).apply()
    assert link.is_symlink()
    assert target.read_bytes() == b"b"


def test_folder_that_is_emptied_goes_and_the_root_stays(repo) -> None:
    file = repo.write("a/b/only.md", "x")
    repo.adr.rmdir()
    Plan(repo.root, (Change(file, b"x", None),)).apply()
    assert list(repo.root.iterdir()) == []


def test_undo_takes_the_last_edit_back_once(repo, plan) -> None:
    before = contents(repo.root)
    plan.apply(undo=True)
    back = undo(repo.root)
    assert back.summary == "took back: three changes"
    back.apply()
    assert contents(repo.root) == before
    with pytest.raises(CannotBegin, match="no edit is remembered"):
        undo(repo.root)


def test_undo_refuses_a_file_that_changed_since(repo, plan) -> None:
    plan.apply(undo=True)
    repo.write("one.md", "mine")
    with pytest.raises(CannotBegin, match="changed since the edit"):
        undo(repo.root)


def test_broken_memory_is_a_sentence(repo, plan) -> None:
    plan.apply(undo=True)
    (journal,) = (repo.root / ".sage-dev").iterdir()
    for text in ("", "{}", "[1]", '{"summary": 1, "changes": [{"path": 1}]}'):
        journal.write_text(text)
        with pytest.raises(CannotBegin, match="cannot be read"):
            undo(repo.root)


def test_memory_lies_where_git_shows_it_not(git_repo) -> None:
    file = git_repo.write("one.md", "a")
    git_repo.commit()
    Plan(git_repo.root, (Change(file, b"a", b"b"),)).apply(undo=True)
    assert git_repo.git("status", "--short") == " M one.md\n"
    undo(git_repo.root).apply()
    assert git_repo.git("status", "--short") == ""
    assert not os.path.lexists(git_repo.root / ".sage-dev")
