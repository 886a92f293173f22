"""The source document's checklist: what each line says, what proves it, what is found today."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sage.tools.site.facts import Facts

if TYPE_CHECKING:
    from sage.tools.layers import CheckedPromise

__all__ = ["Line", "checklist"]

Now = Literal["holds", "judged", "broken"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist.

    Attributes:
        group: The heading that it stands under.
        text: What it says.
        original: The same in the source document's words; empty where the line is not from there.
        keeper: The check that proves it.
        records: Ids of the records it rests on.
        replaced: Id of the record that replaced what it says; empty where none did.
        instead: What that record says, which is checked in its place.
        now: Whether what is checked holds in this build; `judged` where only names show it.
        found: What this build found, in a few words.
        note: What a reader must know besides.
    """

    group: str
    text: str
    original: str
    keeper: str
    records: tuple[str, ...]
    replaced: str
    instead: str
    now: Now
    found: str
    note: str


def checklist(facts: Facts) -> tuple[Line, ...]:
    """The lines that `layer.yaml` lists, each with its check and this build's result."""
    return tuple(_line(checked) for checked in facts.layers.checklist) if facts.layers else ()


def _line(checked: "CheckedPromise") -> Line:
    promise = checked.promise
    return Line(
        group=promise.group,
        text=promise.text,
        original=promise.original,
        keeper=checked.check.replace("`", ""),
        records=checked.ids,
        replaced="" if promise.replaced_by is None else f"ADR-{promise.replaced_by:04d}",
        instead=promise.instead,
        now=_now(checked),
        found=checked.found,
        note=promise.note,
    )


def _now(checked: "CheckedPromise") -> Now:
    if not checked.holds:
        return "broken"
    return "judged" if checked.by_name else "holds"
