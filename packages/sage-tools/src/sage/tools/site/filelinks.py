"""Links between files of the repository, as its readers write them, made links of the site.

A record lies in `adr/` and a page in `docs_src/`; on the site both lie below one root. A link that
works where the file lies must work on the page too, so each is looked up in the repository first.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["FileLinks", "pictures_below"]

_PICTURES: Final = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")


@dataclass(frozen=True)
class FileLinks:
    """Where the files of a repository are on its site.

    Attributes:
        root: The repository.
        docs: The folder of the pages, below the root, such as `docs_src`.
        browse: Gives the address at which a file of the repository can be seen; empty where the
            repository has no address.
        brought: Files from outside `docs` that are pages of the site: their path below the root
            and the name the generator knows them by.
    """

    root: Path
    docs: str
    browse: Callable[[str], str]
    brought: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, link: str, page: str, name: str) -> str:
        """`link`, as the generator understands it.

        Args:
            link: The link as written in the file.
            page: The file, below the root.
            name: The name the generator knows the file by.

        Returns:
            The link to a page by the generator's names, or to the repository for what is no page;
            empty where that has no address. Unchanged when it leads elsewhere, or to nothing, which
            the generator reports.
        """
        if link[:1] in ("#", "/"):
            return link
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not parts.path:
            return link
        folder = posixpath.dirname(page)
        target = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
        if target.startswith("..") or not self._exists(target):
            return link
        known = self._name(target)
        if known is not None:
            path = posixpath.relpath(known, posixpath.dirname(name) or ".")
            return parts._replace(path=path).geturl()
        browse = self.browse(target)
        return f"{browse}#{parts.fragment}" if browse and parts.fragment else browse

    def _name(self, target: str) -> str | None:
        if target in self.brought:
            return self.brought[target]
        inside = target.startswith(f"{self.docs}/")
        return target.removeprefix(f"{self.docs}/") if inside else None

    def _exists(self, target: str) -> bool:
        if target not in self._looked_up:
            self._looked_up[target] = (self.root / target).exists()
        return self._looked_up[target]

    @cached_property
    def _looked_up(self) -> dict[str, bool]:
        return {}


def pictures_below(folder: str, files: Iterable[str]) -> tuple[str, ...]:
    """Those of `files` that lie below `folder` and are pictures, which a page there may show."""
    inside = f"{folder}/"
    return tuple(f for f in files if f.startswith(inside) and f.lower().endswith(_PICTURES))
