"""What a run of all checks gives: one part for each, and the whole."""

import re
from dataclasses import dataclass

from sage.tools.finding import Finding, counted

__all__ = ["Changed", "Part", "QualityReport"]


@dataclass(frozen=True, slots=True)
class Part:
    """One check and what it found.

    Attributes:
        name: Its name, one of `PARTS`.
        findings: Sorted.
        summary: What it looked at, in one line.
        notes: Sentences on what it could not look at.
        skipped: Why there was nothing for it to do; empty where it ran.
        error: Why it could not begin; empty where it could.
        seconds: How long it took.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    summary: str = ""
    notes: tuple[str, ...] = ()
    skipped: str = ""
    error: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.error:
            return f"{self.name}: cannot begin"  # the run's last lines say why, once
        if self.skipped:
            return f"{self.name}: nothing to do: {self.skipped}"
        return f"{self.name}: {self.summary} ({self.seconds:.1f} s)"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What all parts found.

    Attributes:
        parts: In the order of `PARTS`.
        seconds: How long it took in all.
    """

    parts: tuple[Part, ...]
    seconds: float

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all parts, sorted, each once."""
        return tuple(sorted({finding for part in self.parts for finding in part.findings}))

    @property
    def errors(self) -> tuple[str, ...]:
        """Why parts could not begin."""
        return tuple(f"{part.name}: {part.error}" for part in self.parts if part.error)

    @property
    def unbegun(self) -> tuple[Finding, ...]:
        """The same as findings, for readers that look at nothing else."""
        return tuple(_unbegun(part) for part in self.parts if part.error)

    def __str__(self) -> str:
        ran = [part for part in self.parts if not part.skipped and not part.error]
        errors = sum(finding.severity == "error" for finding in self.findings)
        warnings = len(self.findings) - errors
        return (
            f"{len(ran)} of {counted(len(self.parts), 'check')} ran, {counted(errors, 'error')}, "
            f"{counted(warnings, 'warning')}; {self.seconds:.1f} s"
        )


def _unbegun(part: Part) -> Finding:
    place = re.match(r"(?P<path>[^\s:]+):(?P<line>\d+): ", part.error)
    path, line = (place["path"], int(place["line"])) if place else (".", 0)
    message = f"{part.name} cannot begin: {part.error[place.end() if place else 0 :]}"
    return Finding(path, line, "cannot-begin", message)


Changed = frozenset[str] | None
"""Paths that a change touched, relative to the root; `None` for all."""
