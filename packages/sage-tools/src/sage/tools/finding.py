"""What every check yields: one finding, at a place, with the records it rests on."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["CannotBegin", "Finding", "Severity", "counted"]

Severity = Literal["error", "warning"]


class CannotBegin(Exception):
    """The command cannot start: unknown folder, broken configuration. Exit code 2, one sentence."""


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One thing that a check found wrong.

    Findings sort by path, then line, then code, so that every report is stable.

    Attributes:
        path: File, relative to the root that was checked, with `/` between its parts.
        line: Line in that file, from 1; 0 when the finding speaks of the whole file.
        code: The rule's stable name in kebab case, such as `upward-import`.
        message: One sentence: what is there, what was expected, what to do.
        severity: `"error"` fails the run; `"warning"` fails it only with `--strict`.
        adr: Ids of the records that this rule enforces, such as `("ADR-0001",)`.

    >>> print(Finding("adr/0002-x.md", 3, "bad-date", "2025-13-40 is not a date; write YYYY-MM-DD"))
    adr/0002-x.md:3: bad-date 2025-13-40 is not a date; write YYYY-MM-DD
    """

    path: str
    line: int
    code: str
    message: str
    severity: Severity = "error"
    adr: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.code} {self.message}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun in the right form; `many` where adding an s is not enough.

    >>> counted(1, "file"), counted(1200, "file"), counted(2, "entry", "entries")
    ('1 file', '1,200 files', '2 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
