"""What every test shares: the repository's root, and the rule that CI skips nothing."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


def _is_test_of_ours(report: pytest.TestReport) -> bool:
    return report.nodeid.startswith("tests/")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: `.ci/run` installs what every test needs."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    skipped = [report for report in reporter.stats.get("skipped", []) if _is_test_of_ours(report)]
    if not skipped:
        return
    reporter.write_line("")
    for report in skipped:
        reporter.write_line(f"CI skips no test, yet {report.nodeid} was skipped: {report.longrepr}")
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
