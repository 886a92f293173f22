"""The pytest plugin: every snippet is an item, `page.md::L42`.

It does nothing unless asked: by the ini option `snippets`, a list of files and folders, or by
`--snippets` for whatever the command line names. Items run in the fork server; an item carries its
prerequisites, so `-k`, `--lf`, xdist and a single node id all work. Outcomes go into
`.sage-dev/evidence.json`, written by the controlling process at the end of the session.
"""

# This module is loaded into every pytest run: it imports the rest only where pages were asked for.
import pytest

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--snippets`, `--snippets-changed` and the ini option `snippets`."""
    group = parser.getgroup("snippets", "code in documentation")
    group.addoption(
        "--snippets",
        action="store_true",
        help="run the code of the Markdown pages that the command line names",
    )
    group.addoption(
        "--snippets-changed",
        action="store_true",
        help="leave out snippets that passed and have not changed since",
    )
    parser.addini("snippets", "files and folders whose snippets are run", "paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Become active where the repository or the command line asks for it."""
    if config.getini("snippets") or config.getoption("snippets"):
        from sage.tools.finding import CannotBegin
        from sage.tools.pytest_plugin.hooks import Hooks
        from sage.tools.pytest_plugin.suite import Suite

        try:
            suite = Suite(config)
        except CannotBegin as error:
            raise pytest.UsageError(str(error)) from error
        config.pluginmanager.register(Hooks(suite), "sage-snippets-asked-for")
