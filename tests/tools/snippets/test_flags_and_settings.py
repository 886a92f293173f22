"""What a flag or a setting of `sage-dev snippets` changes."""

import subprocess
import sys

import pytest

SETTINGS = "[tool.sage-dev]\n"
PAGE = "# T\n\n```python\nx = 1\n```\n"
# Raw HTML: shown as code, and no fence that could run.
UNSEEN = '# T\n\n<pre><code class="language-python">import os\nos.getcwd()\n</code></pre>\n'
PACKAGE = '__all__ = ["shy"]\nshy = 1\n'


@pytest.fixture
def command(tmp_path):
    """Run the command in the repository; gives exit code and output."""

    def command(*words):
        done = subprocess.run(
            [sys.executable, "-c", "from sage.tools.cli import main; main()", "snippets", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    return command


def test_coverage_lists_names_that_no_example_shows(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": PAGE, "src/gated/__init__.py": PACKAGE})
    assert command("docs")[0] == 0
    code, out = command("docs", "--coverage")
    assert (code, "src/gated/__init__.py:1: unshown-name gated.shy is shown by no" in out) == (
        *(1, True),
    )
    assert "0 of 1 public names shown by an example that ran\n" in out


def test_self_check_finds_python_that_no_fence_holds(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": UNSEEN})
    assert command("docs")[0] == 0
    code, out = command("docs", "--self-check")
    assert (code, "docs/a.md: missed-snippet the page shows Python" in out) == (1, True)


def test_packages_whose_names_are_judged_are_a_setting(write, command):
    write(**{"docs/a.md": PAGE, "src/one/__init__.py": PACKAGE, "src/two/__init__.py": PACKAGE})
    write(**{"pyproject.toml": f'{SETTINGS}snippets-covered = ["two"]\n'})
    code, out = command("docs", "--coverage")
    assert (code, "two.shy" in out, "one.shy" in out) == (1, True, False)


def test_folders_of_programs_are_a_setting(write, command):
    write(**{"docs/a.md": "", "programs/p.py": "print(1)\n", "snippets/q.py": "print(2)\n"})
    write(**{"pyproject.toml": f'{SETTINGS}snippets-programs = ["programs"]\n'})
    assert command("programs", "snippets", "--list") == (0, "programs/p.py:1: program\n")


@pytest.mark.parametrize(("folders", "kind"), [('["lib"]', "source"), ('["src"]', "code")])
def test_folders_that_pages_show_without_running_are_a_setting(write, command, folders, kind):
    write(**{"lib/m.py": "x = 1\n", "docs/a.md": '```python\n--8<-- "lib/m.py"\n```\n'})
    write(**{"pyproject.toml": f"{SETTINGS}snippets-sources = {folders}\n"})
    assert command("docs", "--list") == (0, f"docs/a.md:1: {kind}\n")


def test_doctest_options_that_always_hold_are_a_setting(write, command):
    write(**{"pyproject.toml": "", "docs/a.md": "```pycon\n>>> [1, 2, 3]\n[1, ...]\n```\n"})
    assert command("docs")[0] == 1
    write(**{"pyproject.toml": f'{SETTINGS}snippets-doctest-options = ["ELLIPSIS"]\n'})
    assert command("docs")[0] == 0


def test_repository_without_public_names_says_so(command, write):
    write(**{"pyproject.toml": "[tool.sage-dev]\nsnippets-coverage = 100\n"})
    write(**{"docs/a.md": "```python\nprint(1)\n```\n", "a.py": ""})
    code, out = command("--coverage")
    assert code == 1
    assert out.splitlines()[0] == (
        "pyproject.toml:1: no-public-name no public name of a package was found below "
        "packages/*/src, src or the root; name packages that lie there in `snippets-covered`"
    )
    write(**{"pyproject.toml": '[tool.sage-dev]\nsnippets-covered = ["nobody"]\n'})
    _, out = command("--coverage")
    assert "no public name of a package nobody was found" in out
