"""Compiled templates outlive the environment of one build, and never the text they are made of."""

from jinja2 import DictLoader, Environment

from sage.tools.site.templating import CompiledTemplates, words_of_theme


class _Counting(Environment):
    compiled = 0

    def _compile(self, source, filename):
        type(self).compiled += 1
        return super()._compile(source, filename)


def test_a_template_is_compiled_again_only_when_its_text_or_an_extension_changed():
    texts, kept = {"page": "{{ 1 + 1 }} old"}, CompiledTemplates()

    def render(*extensions):
        loader = DictLoader(texts)
        made = _Counting(loader=loader, bytecode_cache=kept, extensions=extensions)
        before = _Counting.compiled
        text = made.get_template("page").render()
        return text, _Counting.compiled - before

    assert render() == ("2 old", 1)
    assert render() == ("2 old", 0)
    texts["page"] = "{{ 1 + 1 }} new"
    assert render() == ("2 new", 1)
    assert render() == ("2 new", 0)
    assert render("jinja2.ext.do") == ("2 new", 1)


def test_a_word_of_the_theme_is_asked_once_and_is_english_where_the_theme_lacks_it():
    asked = []
    texts = {"en": {"close": "Close", "open": "Open"}, "zh": {"open": "打开"}}
    macro = "{% macro t(key) %}{{ ask(name, key) }}{% endmacro %}"
    loader = DictLoader({f"partials/languages/{name}.html": macro for name in texts})
    theme = Environment(loader=loader)
    for name in texts:
        theme.get_template(f"partials/languages/{name}.html").globals["name"] = name
    theme.globals["ask"] = lambda name, key: asked.append(key) or texts[name].get(key, "")
    words = words_of_theme(theme)
    for _ in range(2):
        assert words("en")("open") == "Open"
        assert words("zh")("open") == "打开"
        assert words("zh")("close") == "Close"
        assert words("zh")("neither") == "neither"
    assert asked == ["open", "open", "close", "close", "neither", "neither"]
