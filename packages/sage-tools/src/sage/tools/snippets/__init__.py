"""Runs what a page shows: finds every snippet as the site does, runs it, keeps the evidence."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.tools.snippets.blocks import PageBlocks
    from sage.tools.snippets.config import PageSettings, load_page_settings
    from sage.tools.snippets.evidence import Evidence
    from sage.tools.snippets.find import Finder, find_page
    from sage.tools.snippets.model import Kind, Outcome, Page, Snippet, Status

__all__ = [
    "Evidence",
    "Finder",
    "Kind",
    "Outcome",
    "Page",
    "PageBlocks",
    "PageSettings",
    "Snippet",
    "Status",
    "find_page",
    "load_page_settings",
]

PLACES = {
    "Evidence": "evidence",
    "Finder": "find",
    "PageBlocks": "blocks",
    "PageSettings": "config",
    "find_page": "find",
    "load_page_settings": "config",
}


def __getattr__(name: str) -> object:
    # A name brings its own module only: Markdown, which some need, takes long to import.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PLACES.get(name, 'model')}"), name)
