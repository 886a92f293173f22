"""Templates compiled once: those of generated parts, and the theme's while a preview is served."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket

from sage.tools.site.marks import badge, cite, coded, count, link, result

__all__ = ["CompiledTemplates", "load_template", "words_of_theme"]

TEMPLATES: Final = Path(__file__).parent / "templates" / "decisions"


class CompiledTemplates(BytecodeCache):
    """The code of a theme's templates, for every environment made of the theme in one process.

    A preview makes a new environment for each rebuild, which would compile each template again.
    Jinja compares the checksum of a template's text: what was edited is compiled anew.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over the code that was kept; Jinja drops it where the text is another now."""
        kept = self._kept.get(_key(bucket))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template that was compiled."""
        self._kept[_key(bucket)] = bucket.bytecode_to_string()


def _key(bucket: Bucket) -> tuple[str, ...]:
    return (bucket.key, *bucket.environment.extensions)  # an extension may read the text otherwise


def words_of_theme(theme: Environment) -> Callable[[str], Callable[[str], str]]:
    """For the theme's templates: language → key → word, in English where the theme lacks it.

    A word is asked of the theme once, not on each page.
    """

    @cache
    def read(language: str) -> Callable[[str], str]:
        own, english = (
            vars(theme.get_template(f"partials/languages/{name}.html").module)["t"]
            for name in (language, "en")
        )
        return cache(lambda key: own(key) or english(key) or key)

    return read


def load_template(name: str) -> Template:
    """The template in this file, ready to be filled in; every value in it is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,  # one environment serves one process: asking the disk each time is slow
    )
    pieces = (badge, cite, count, link, result)
    environment.globals.clear()  # what a template may call is these, and nothing of Jinja's
    environment.globals.update({piece.__name__: piece for piece in pieces})
    environment.filters["coded"] = coded
    return environment
