"""The records that findings name: their titles and addresses."""

from pathlib import Path
from typing import TYPE_CHECKING

from sage.tools.finding import CannotBegin

if TYPE_CHECKING:
    from sage.tools.adr import DecisionLog
    from sage.tools.layers import Resolve
    from sage.tools.settings import Settings

__all__ = ["NothingToDo", "read_all_logs", "record_names"]


class NothingToDo(Exception):
    """The repository has nothing that a part could look at; the text says what is missing."""


def record_names(root: Path) -> "Resolve":
    """Looks up a record's title and address by its number; finds nothing without records."""
    known: list[tuple[DecisionLog, str]] = []

    def resolve(number: int) -> tuple[str, str] | None:
        from sage.tools.adr.place import link_to, site_address

        if not known:  # read when first asked: most runs find nothing to name
            try:
                settings, logs = read_all_logs(root)
            except NothingToDo:
                return None
            known.append((logs[0], settings.adr_url or site_address(root)))
        log, pattern = known[0]
        record = log.find(number)
        if record is None:
            return None
        return record.title, link_to(record, form="url", pattern=pattern)

    return resolve


def read_all_logs(root: Path) -> tuple["Settings", list["DecisionLog"]]:
    """The settings and every log of the repository.

    Raises:
        NothingToDo: It has none.
        CannotBegin: The folder that its settings name is not there.
    """
    from sage.tools.adr.log import read_logs
    from sage.tools.adr.place import find_folder
    from sage.tools.settings import load_settings

    settings = load_settings(root)
    try:
        folder = find_folder(root, settings.adr_dir)
    except CannotBegin as error:
        raise NothingToDo(str(error)) from error
    if not folder.is_dir():
        raise CannotBegin(f"{folder}: no such folder; correct adr-dir in [tool.sage-dev]")
    folders = {"": folder} | {name: root / place for name, place in settings.adr_logs.items()}
    return settings, read_logs(folders, root=root)
