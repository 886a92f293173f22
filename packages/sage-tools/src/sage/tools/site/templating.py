"""The templates of generated parts, compiled once."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from sage.tools.site.marks import badge, cite, coded, count, link, own, result

__all__ = ["load_template"]

TEMPLATES: Final = Path(__file__).parent / "templates" / "decisions"


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
    environment.filters["own"] = own
    return environment
