"""`[tool.sage-dev]`: the defaults, what is read, and what a wrong line is told."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.settings import Settings, load_settings


def write(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_no_file_and_no_table_mean_the_defaults(tmp_path):
    assert load_settings(tmp_path) == Settings()
    assert load_settings(write(tmp_path, "[tool.ruff]\nline-length = 100\n")) == Settings()
    assert Settings().adr_sections == ["context", "decision", "consequences"]


def test_keys_are_read_by_their_names_with_hyphens(tmp_path):
    text = (
        '[tool.sage-dev]\nadr-dir = "log"\nadr-logs = {api = "api/adr"}\n'
        "snippets-timeout = 5\nsnippets-self-check = true\nsnippets-paths = ['docs']\n"
    )
    settings = load_settings(write(tmp_path, text))
    assert (settings.adr_dir, settings.adr_logs) == ("log", {"api": "api/adr"})
    assert (settings.snippets_timeout, settings.snippets_self_check) == (5, True)
    assert settings.snippets_paths == ["docs"]


WRONG = {
    "snippets-timeout = 0": "snippets-timeout: expected seconds above 0, up to a day, not 0",
    "snippets-timeout = true": "snippets-timeout: expected seconds above 0, up to a day, not True",
    "snippets-coverage = 101": "snippets-coverage: expected a number from 0 to 100, not 101",
    "snippets-self-check = 1": "snippets-self-check: expected true or false, not 1",
    "snippets-paths = 'docs'": "snippets-paths: expected a list of texts, not 'docs'",
    "adr-dir = ['adr']": "adr-dir: expected a text, not ['adr']",
    "adr-logs = {api = 1}": "adr-logs: expected a table of texts, not {'api': 1}",
    "snippet-paths = []": "has the unknown key snippet-paths; did you mean snippets-paths?",
    "colour = 1": "has the unknown key colour; known keys: adr-dir, adr-logs, ",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_line_is_told_what_was_expected(tmp_path, line):
    with pytest.raises(CannotBegin) as caught:
        load_settings(write(tmp_path, f"[tool.sage-dev]\n{line}\n"))
    file = tmp_path / "pyproject.toml"
    assert str(caught.value).startswith(f"{file}:2: [tool.sage-dev] {WRONG[line]}")


def test_table_that_is_none_and_broken_toml_say_so(tmp_path):
    for text, said in (("[tool]\nsage-dev = 1\n", "[tool.sage-dev] is no table"),
                       ("[tool.sage-dev", "cannot be read as TOML")):  # fmt: skip
        with pytest.raises(CannotBegin, match=said.replace("[", r"\[")):
            load_settings(write(tmp_path, text))


PLACES = {
    "[project]\nname = 'x'\n\n[tool.sage-dev]\nadr-dir = 'adr'\ncolour = 1\n":
        "6: [tool.sage-dev] has the unknown key colour; ",
    "colour = 1\n[tool.other]\ncolour = 1\n[tool.sage-dev]\n# colour = 1\n 'colour'=1\n":
        "6: [tool.sage-dev] has the unknown key colour; ",
    "[tool]\nsage-dev.colour = 1\n": "2: [tool.sage-dev] has the unknown key colour; ",
    "tool.sage-dev.colour = 1\n": "1: [tool.sage-dev] has the unknown key colour; ",
    "[tool]\n\nsage-dev = {colour = 1}\n": "3: [tool.sage-dev] has the unknown key colour; ",
    "\n[tool.sage-dev.colour]\nx = 1\n": "2: [tool.sage-dev] has the unknown key colour; ",
    "[tool.sage-dev]\n[tool.sage-dev.adr-logs]\napi = 1\n":
        "2: [tool.sage-dev] adr-logs: expected a table of texts, not {'api': 1}",
    "[tool]\nsage-dev = 1\n": "2: [tool.sage-dev] is no table; write `key = value` lines",
    "[tool.sage-dev]\nadr-dir =\n[x]\n": "2: cannot be read as TOML: Invalid value",
    "\n\n[tool.sage-dev": "3: cannot be read as TOML: Expected ']' at the end of a table "
        "declaration",
    "[tool.sage-dev]\nadr-dir = '\udce9'\n": "2: cannot be read as TOML: it is not UTF-8; "
        "save it as UTF-8",
}  # fmt: skip


@pytest.mark.parametrize("text", PLACES)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text):
    (tmp_path / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CannotBegin) as caught:
        load_settings(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'pyproject.toml'}:{PLACES[text]}")


def test_every_key_says_what_it_means():
    assert all(field.metadata["meaning"] for field in fields(Settings))


def test_settings_do_not_import_pydantic():
    code = "import sys, sage.tools.settings; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
