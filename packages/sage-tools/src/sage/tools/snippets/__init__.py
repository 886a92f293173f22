"""Runs what a page shows: finds every snippet as the site does, runs it, keeps the evidence."""

from sage.tools.snippets.config import PageSettings, load_page_settings
from sage.tools.snippets.evidence import Evidence
from sage.tools.snippets.find import Finder, PageBlocks, find_page
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
