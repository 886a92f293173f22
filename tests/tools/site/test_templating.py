"""Compiled templates outlive the environment of one build, and never the text they are made of."""

from jinja2 import DictLoader, Environment

from sage.tools.site.templating import CompiledTemplates


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
