"""Fits the generator's configuration to our pages: extension, templates, styles, scripts."""

from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig

from sage.tools.site.build import Build
from sage.tools.site.placement import ASSETS
from sage.tools.snippets.config import anchored

__all__ = ["fit"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_EXTENSION: Final = "sage.tools.site.markdown"
_HIGHLIGHT: Final = "pymdownx.highlight"
# Pygments makes its style's stylesheet anew for each block of code, though the page has its own and
# only needs the classes. A style without a token leaves nothing to make.
_NO_STYLE: Final = ()


def fit(config: MkDocsConfig, build: Build, root: Path) -> None:
    """Load our extension, which asks `build`, and our templates, into `config`."""
    if _EXTENSION not in config.markdown_extensions:
        config.markdown_extensions.append(_EXTENSION)
    for name, options in config.mdx_configs.items():
        config.mdx_configs[name] = anchored(name, options, root)
    if _HIGHLIGHT in config.markdown_extensions:
        highlight = config.mdx_configs.setdefault(_HIGHLIGHT, {})
        if not highlight.get("noclasses"):
            highlight["pygments_style"] = _NO_STYLE
    config.mdx_configs[_EXTENSION] = {"site": build}
    if not config.repo_url:
        config.edit_uri = None  # there is nothing to edit, and no link to it
    if str(_TEMPLATES) not in config.theme.dirs:
        config.theme.dirs.insert(0, str(_TEMPLATES))
    config.extra_css.insert(0, f"{ASSETS}/site.css")
    config.extra_javascript.append(f"{ASSETS}/site.js")
