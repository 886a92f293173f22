"""What running the snippets of one page gave, counted."""

from dataclasses import dataclass

from sage.tools.snippets import Outcome

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """The snippets of one page, as far as it has been rendered.

    Attributes:
        all: Those that have an outcome, or should have one.
        passed: Those that ran and passed, as they now stand.
        skipped: Those that do not run, on purpose.
        last: The outcome that ran last; `None` where none did.
    """

    all: int = 0
    passed: int = 0
    skipped: int = 0
    last: Outcome | None = None

    def add(self, state: str, outcome: Outcome | None) -> None:
        """Count one snippet, in the state that its badge shows."""
        self.all += state != "source"
        self.passed += state == "passed"
        self.skipped += state == "skipped"
        if outcome and outcome.when and (self.last is None or outcome.when > self.last.when):
            self.last = outcome

    @property
    def holds(self) -> bool:
        """Whether nothing failed, and nothing waits to be run."""
        return self.passed + self.skipped == self.all
