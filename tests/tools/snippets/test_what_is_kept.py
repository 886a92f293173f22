"""What evidence keeps of a run: never too much, and never a failure for the last word."""

import pytest

from sage.tools.snippets import Evidence, Finder, Outcome, PageSettings, Status
from sage.tools.snippets.suite import run_pages

KEPT = 200_000


@pytest.mark.parametrize(("printed", "kept"), [(KEPT, KEPT), (KEPT + 1, KEPT), (10**7, KEPT)])
def test_evidence_keeps_the_start_of_a_huge_output(write, tmp_path, printed, kept):
    file = write(**{"page.md": "```python\nx = 1\n```\n"})
    (snippet,) = Finder(tmp_path, PageSettings()).find(file).snippets
    evidence = Evidence.read(tmp_path)
    evidence.record(snippet, Outcome(Status.PASSED, output="é" * printed))
    evidence.write()
    outcome = Evidence.read(tmp_path).outcome(snippet)
    assert outcome is not None
    assert outcome.output == "é" * kept
    assert (tmp_path / ".sage-dev/evidence.json").stat().st_size < 3 * KEPT


def test_what_failed_is_run_again_though_nothing_changed(write, runner, tmp_path):
    file = write(**{"page.md": f"```python\nopen({str(tmp_path / 'there')!r})\n```\n"})
    page = runner.finder.find(file)
    evidence = Evidence.read(tmp_path)
    (failed,) = run_pages(runner, [page], evidence, changed=True)
    evidence.write()
    assert (failed.outcome.status, failed.fresh) == (Status.FAILED, True)
    (tmp_path / "there").touch()
    runner.forget()
    (again,) = run_pages(runner, [page], Evidence.read(tmp_path), changed=True)
    assert (again.outcome.status, again.fresh) == (Status.PASSED, True)
