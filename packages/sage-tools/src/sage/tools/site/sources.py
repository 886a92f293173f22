"""Where the pages' files lie in the repository, and what the generator calls them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sage.tools.adr import Record
from sage.tools.site.filelinks import pictures_below

__all__ = ["Sources"]


@dataclass(frozen=True, slots=True)
class Sources:
    """Names files, both ways.

    Attributes:
        root: The repository.
        docs: The folder of the pages.
    """

    root: Path
    docs: Path

    def below(self, path: Path | str) -> str:
        """The path below the root, with `/` between its parts; as it is, where it lies elsewhere.

        >>> Sources(Path("/repo"), Path("/repo/docs")).below("/repo/docs/index.md")
        'docs/index.md'
        """
        # Asked for each page: as text, this takes a tenth of what `Path` does.
        name, inside = str(path), str(self.root).rstrip(os.sep) + os.sep
        return name[len(inside) :].replace(os.sep, "/") if name.startswith(inside) else name

    def uri(self, record: Record) -> str:
        """The generator's name of a record's page: below `adr/`, wherever the file lies."""
        inside = f"{self.below(self.docs)}/"
        if record.path.startswith(inside):
            return record.path.removeprefix(inside)
        return f"adr/{record.log}/{record.file.name}" if record.log else f"adr/{record.file.name}"

    def brought(
        self, records: Iterable[Record], folder: Path, files: Iterable[str]
    ) -> dict[str, str]:
        """What the site shows of other folders: paths, and the generator's names.

        These are the records, and the pictures among `files` that lie in the `folder` of the main
        log. What lies among the pages, the generator finds by itself.
        """
        found = {record.path: self.uri(record) for record in records}
        for path in pictures_below(self.below(folder), files):
            if not path.startswith(f"{self.below(self.docs)}/"):
                found[path] = f"adr/{Path(self.root, path).relative_to(folder).as_posix()}"
        return found
