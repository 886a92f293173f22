"""Decision records: read in every dialect, checked, cited."""

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
