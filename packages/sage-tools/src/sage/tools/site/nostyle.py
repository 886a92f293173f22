"""A style for Pygments that colours nothing: the site's stylesheet does.

Pygments makes the stylesheet of its style anew for every block of code, also where the page names
classes only and nobody reads it. With an empty style there is nothing to make.
"""

from collections.abc import Iterator
from typing import Any

from pygments.style import Style, StyleMeta

__all__ = ["NoStyle"]


class _Empty(StyleMeta):
    def __iter__(cls) -> Iterator[Any]:
        return iter(())


class NoStyle(Style, metaclass=_Empty):
    """No colours; the classes of the tokens are the same as with any style."""
