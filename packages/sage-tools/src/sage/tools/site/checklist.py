"""The source document's checklist: what each line says, what keeps it, what is found today."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from sage.tools.site.facts import Facts

__all__ = ["Line", "checklist"]

Now = Literal["holds", "broken", "judged", "replaced"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist.

    Attributes:
        group: The heading that it stands under in the source document.
        text: What it says.
        keeper: What keeps it: a rule, or review.
        records: Ids of the records it rests on.
        now: Whether it holds, is broken, needs judgement, or was replaced by a decision.
        found: What this build found, in a few words.
    """

    group: str
    text: str
    keeper: str
    records: tuple[str, ...]
    now: Now
    found: str


COMMON: Final = "sage-common has a clear duty"
KERNEL: Final = "sage-kernel has a clear duty"
ORDER: Final = "Dependencies are right"
REVIEW: Final = "review"
_JUDGED: Final = (
    (COMMON, "only basic components"),
    (COMMON, "no code of the execution engine"),
    (COMMON, "no domain logic"),
    (KERNEL, "the core of the execution engine"),
    (KERNEL, "runtime infrastructure is part of the engine"),
    (KERNEL, "no domain operators"),
)


def checklist(facts: Facts) -> tuple[Line, ...]:
    """The lines in the document's order; those that a machine can tell carry this build's result.

    The second line about dependencies was overtaken when L2 was created: it says so.
    """
    judged = tuple(
        Line(group, text, REVIEW, ("ADR-0003",), "judged", "a reader decides")
        for group, text in _JUDGED
    )
    if facts.layers is None:
        return judged
    uses: dict[str, set[str]] = {}
    for edge in facts.layers.graph.crossing:
        uses.setdefault(edge.source, set()).add(edge.target)
    common, kernel = uses.get("sage-common", set()), uses.get("sage-kernel", set())
    cycles = [f for f in facts.layers.findings if f.code == "package-cycle"]
    return (
        *judged,
        Line(
            ORDER,
            "sage-common depends on nothing",
            "upward-import",
            ("ADR-0001",),
            "broken" if common else "holds",
            _imports(common),
        ),
        Line(
            ORDER,
            "sage-kernel depends on sage-common only",
            "upward-import",
            ("ADR-0001", "ADR-0002"),
            "replaced" if "sage-platform" in kernel else "holds",
            _imports(kernel),
        ),
        Line(
            ORDER,
            "no cycles",
            "package-cycle",
            ("ADR-0001",),
            "broken" if cycles else "holds",
            f"{len(cycles)} cycles in {facts.layers.files} files",
        ),
    )


def _imports(packages: Iterable[str]) -> str:
    names = ", ".join(sorted(packages))
    return f"imports {names}" if names else "imports no package of SAGE"
