"""Which public names are shown by an example that ran."""

import pytest

from sage.tools.snippets import Evidence
from sage.tools.snippets.public_names import find_public_names
from sage.tools.snippets.shown import find_shown
from sage.tools.snippets.suite import run_pages

INIT = """\
from covered.mod import alpha, beta, delta, gamma

__all__ = [
    "alpha",
    "beta",
    "delta",
    "gamma",
]
"""
MODULE = '''\
def alpha():
    """A.

    >>> alpha()
    1
    """
    return 1


def beta(): return 2
def gamma(): return 3
def delta(): return 4
'''


@pytest.fixture
def missing(write, runner, tmp_path):
    """Names that are not shown, after a run of a page and of the package's docstrings."""
    write(**{"packages/p/src/covered/__init__.py": INIT})
    module = write(**{"packages/p/src/covered/mod.py": MODULE})

    def missing(text):
        pages = [runner.finder.find(write(**{"page.md": text})), runner.finder.find(module)]
        results = list(run_pages(runner, pages, Evidence.read(tmp_path)))
        return [str(name) for name in find_shown(results, tmp_path).missing]

    return missing


def test_docstring_and_page_show_names(missing):
    text = "```python\nimport covered\n```\n\n```pycon\n>>> covered.beta()\n2\n```\n"
    assert missing(text) == ["covered.delta", "covered.gamma"]


def test_name_from_elsewhere_shows_nothing(missing):
    assert missing("```python\nbeta = gamma = delta = 1\nprint(beta)\n```\n") == [
        "covered.beta",
        "covered.delta",
        "covered.gamma",
    ]


def test_example_that_failed_or_was_skipped_shows_nothing(missing):
    text = "```python\nfrom covered import beta\nbeta(1)\n```\n\n"
    text += '```{.python skip="why"}\nfrom covered import gamma\n```\n'
    assert missing(text) == ["covered.beta", "covered.delta", "covered.gamma"]


def test_finding_points_at_the_name_in_all(missing, tmp_path):
    missing("")
    shown = find_shown([], tmp_path)
    assert str(shown) == "0 of 4 public names shown by an example that ran"
    assert str(shown.findings()[1]) == (
        "packages/p/src/covered/__init__.py:5: unshown-name covered.beta is shown by no example "
        "that ran; add one to its docstring or to a page"
    )


CONVENTIONS = {
    "what `__all__` lists, in several statements": (
        '__all__ = ["a"]\n__all__ += ["b"]\nfrom .x import c\ndef d(): ...\n', ["a", "b"],
    ),
    "without `__all__`, functions, classes and what comes from the package": (
        "import os\nfrom json import loads\nfrom .x import c, _d\nfrom .z import *\n"
        "from p.y import e\n"
        "def f(): ...\nclass G: ...\ndef _h(): ...\nI = 1\n", ["G", "c", "e", "f"],
    ),
    "where some are imported as themselves, those": (
        "from .z import helper\nif True:\n    from .x import c as c\n"
        "try:\n    from k import d as d, e as f\nexcept ImportError: ...\n", ["c", "d"],
    ),
    "nothing of what does not parse": ("def (", []),
}  # fmt: skip


@pytest.mark.parametrize("case", CONVENTIONS)
@pytest.mark.parametrize("folder", ["src/p", "packages/one/src/p", "p"])
def test_public_names_are(case, folder, write, tmp_path):
    text, names = CONVENTIONS[case]
    write(**{f"{folder}/__init__.py": text, f"{folder}/_inner/__init__.py": "def no(): ...\n"})
    write(**{"tests/__init__.py": "def helper(): ...\n", "loose/q/__init__.py": "def no(): ...\n"})
    assert [str(name) for name in find_public_names(tmp_path)] == [f"p.{name}" for name in names]
