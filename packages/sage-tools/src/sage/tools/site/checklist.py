"""The source document's checklist: what each line says, what proves it, what is found today."""

from dataclasses import dataclass
from typing import Literal

from sage.tools.layers import CheckedPromise
from sage.tools.site.facts import Facts

__all__ = ["Line", "checklist"]

Now = Literal["holds", "broken"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist.

    Attributes:
        group: The heading that it stands under.
        text: What it says.
        original: The same in the source document's words; empty where the line is not from there.
        keeper: The check that proves it.
        records: Ids of the records it rests on.
        now: Whether it holds in this build.
        found: What this build found, in a few words.
    """

    group: str
    text: str
    original: str
    keeper: str
    records: tuple[str, ...]
    now: Now
    found: str


def checklist(facts: Facts) -> tuple[Line, ...]:
    """The lines that `layer.yaml` lists, each with its check and this build's result."""
    return tuple(_line(checked) for checked in facts.layers.checklist) if facts.layers else ()


def _line(checked: CheckedPromise) -> Line:
    promise = checked.promise
    return Line(
        group=promise.group,
        text=promise.text,
        original=promise.original,
        keeper=checked.check.replace("`", ""),
        records=tuple(f"ADR-{number:04d}" for number in promise.adr),
        now="holds" if checked.holds else "broken",
        found=f"{checked.found}; {promise.note}" if promise.note else checked.found,
    )
