"""Decision records: read in every dialect, checked, cited."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.tools.adr.citations import (
        Citation,
        check_citations,
        find_citations,
        find_commit_citations,
    )
    from sage.tools.adr.log import DecisionLog, read_log
    from sage.tools.adr.record import Record, Section
    from sage.tools.adr.rules import check_log

__all__ = [
    "Citation",
    "DecisionLog",
    "Record",
    "Section",
    "check_citations",
    "check_log",
    "find_citations",
    "find_commit_citations",
    "read_log",
]


def __getattr__(name: str) -> object:
    """A public name, imported when it is first asked for: a command needs only some of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sage.tools.adr import citations, log, record, rules

    homes = (record, log, rules, citations)
    return getattr(next(home for home in homes if name in home.__all__), name)
