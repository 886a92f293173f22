"""The words of generated parts are the same set in each language, and templates can reach them."""

import inspect
import re

import pytest

from sage.tools.layers import draw
from sage.tools.site import head, panel, shown
from sage.tools.site.templating import TEMPLATES
from sage.tools.site.words import (
    LANGUAGES,
    STATUSES,
    guidance,
    picture_words,
    status_word,
    words,
)


def test_every_language_has_every_word() -> None:
    assert set(words("zh")) == set(words("en"))
    for language in LANGUAGES:
        assert all(words(language).values())
        assert len({status_word(status, language) for status in STATUSES}) == len(STATUSES)
        assert all(guidance(status, language) for status in STATUSES)


def test_no_word_hides_behind_a_method_of_dict() -> None:
    assert [name for name in words("en") if hasattr(dict, name)] == []


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_template_asks_only_for_words_that_exist(template) -> None:
    asked = set(re.findall(r"\bw\.([a-z_]+)", template.read_text("utf-8")))
    assert asked <= set(words("en"))


@pytest.mark.parametrize("module", [head, panel, shown], ids=lambda module: module.__name__)
def test_module_asks_only_for_words_that_exist(module) -> None:
    asked = set(re.findall(r"""\bw\[["']([a-z_]+)""", inspect.getsource(module)))
    assert len(asked) >= 4
    assert asked <= set(words("en"))


def test_each_word_of_the_picture_is_one_that_it_says() -> None:
    source = inspect.getsource(draw)
    said = [
        english
        for english in picture_words("zh")
        if f'"{english}"' in source or f"say('{english}')" in source
    ]
    assert said == list(picture_words("zh"))
    assert len(said) >= 10


def test_unknown_language_reads_english() -> None:
    assert picture_words("tlh") == {}
    assert words("tlh") == words("en")
    assert status_word("accepted", "tlh") == "accepted"
