"""A long command says where it is: in one line on a terminal, in few lines in a log."""

import io

from sage.tools.cli._progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def said(stream, every, steps=("a.md", "b.md")):
    assert list(Progress("running", stream=stream, every=every).over(steps, str)) == list(steps)
    return stream.getvalue()


def test_log_has_a_line_a_step_that_is_due_and_none_for_a_quick_run():
    assert said(io.StringIO(), 0.0) == "running 1 of 2: a.md\nrunning 2 of 2: b.md\n"
    assert said(io.StringIO(), None) == ""


def test_terminal_has_one_line_that_changes_fits_and_goes():
    shown = said(Terminal(), 0.0, ("a.md", "b" * 100))
    assert "\n" not in shown
    first, second, end = shown.split("\r\x1b[K")[1:]
    assert (first, len(second), second[-1], end) == ("running 1 of 2: a.md", 79, "…", "")


def test_step_is_named_before_it_is_taken():
    stream = io.StringIO()
    steps = Progress("running", stream=stream, every=0.0).over(["slow.md"], str)
    next(steps)
    assert stream.getvalue() == "running 1 of 1: slow.md\n"
