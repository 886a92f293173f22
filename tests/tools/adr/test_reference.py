"""The reference of `sage-dev adr`, the guide and the hooks say what the command does."""

import re
import shlex
from pathlib import Path

import yaml

from sage.tools.adr.codes import CODES
from sage.tools.cli._reference import pages


def test_every_command_of_adr_has_its_part_of_the_reference() -> None:
    words = re.findall(r"^## (\S+)$", pages()["sage-dev-adr.md"], re.M)
    assert words == [
        *("list", "show", "search", "new", "accept", "reject", "deprecate", "supersede"),
        *("renumber", "lint", "cited", "cite", "why", "graph", "export"),
    ]


def test_every_code_has_a_bad_and_a_good_example() -> None:
    for name, code in CODES.items():
        assert code.bad != code.good, name
        assert all((code.rule, code.why, code.bad, code.good)), name


def test_every_hook_runs(root: Path, git_repo, record_text, sage_dev) -> None:
    git_repo.write("adr/0001-a.md", record_text("A"))
    git_repo.write("message", "Do it (ADR-0001)\n")
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == [
        "sage-dev-adr-lint",
        "sage-dev-adr-cited",
        "sage-dev-adr-cited-commit",
    ]
    for hook in hooks:
        words = shlex.split(hook["entry"])
        assert words[:2] == ["sage-dev", "adr"]
        files = ["message"] if hook.get("stages") or hook.get("pass_filenames") else []
        assert sage_dev(*words[2:], *files).code == 0, hook["id"]


def test_commands_that_the_guide_names_exist(root: Path) -> None:
    guide = (root / "docs_src/guides/cite-a-decision.md").read_text("utf-8")
    reference = pages()["sage-dev-adr.md"]
    named = re.findall(r"sage-dev adr ([a-z]+)([^`\n|]*)", guide)
    assert len(named) > 10
    for word, rest in named:
        part = re.search(rf"^## {word}\n(.*?)(?=^## |\Z)", reference, re.M | re.S)
        assert part is not None, word
        for option in re.findall(r"--[a-z-]+", rest):
            assert f"`{option}" in part[1], (word, option)
