"""`--watch`: a page that changes runs again."""

import itertools
import os

from sage.tools.snippets.watch import look, watch


def test_changed_and_new_files_are_told(tmp_path):
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    one.write_text("1")
    changes = itertools.chain(
        [lambda: None, lambda: one.write_text("changed"), lambda: two.write_text("new")],
        [lambda: os.utime(one, (1, 1))],
    )

    def find():
        next(changes, lambda: None)()
        return sorted(tmp_path.glob("*.md"))

    told = list(itertools.islice(watch(find), 3))
    assert told == [[one], [two], [one]]


def test_watch_ends_when_told(tmp_path):
    assert list(watch(lambda: [tmp_path / "gone.md"], stop=iter([False, True]).__next__)) == []


def test_change_between_a_look_and_the_watch_is_told(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before")
    before = look([page])
    page.write_text("changed meanwhile")
    assert next(watch(lambda: [page], since=before)) == [page]
