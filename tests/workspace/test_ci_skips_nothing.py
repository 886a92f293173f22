"""In CI, a skipped test fails the run; at home it is only counted."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PROGRAM = """
import pytest

def test_needs_a_server():
    pytest.skip("no redis-server")

def test_needs_nothing():
    assert 1 + 1 == 2
"""


@pytest.fixture
def project(pytester: pytest.Pytester, root: Path) -> pytest.Pytester:
    tests = pytester.mkdir("tests")
    (tests / "conftest.py").write_text((root / "tests/conftest.py").read_text("utf-8"), "utf-8")
    (tests / "test_sample.py").write_text(PROGRAM, "utf-8")
    return pytester


def test_ci_fails_on_a_skipped_test(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["CI skips no test, yet tests/test_sample.py::test_needs_a_server*"]
    )


def test_home_counts_a_skipped_test(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, skipped=1)
    assert result.ret == pytest.ExitCode.OK
