"""What a page shows and what running it gave: `Snippet`, `Outcome`, `Page`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from pathlib import Path

from sage.tools.finding import Finding

__all__ = ["Kind", "Outcome", "Page", "Snippet", "Status"]


class Kind(StrEnum):
    """What a snippet is, and so how it is run."""

    CODE = "code"  # statements, run in the page's `__main__`
    SESSION = "session"  # `>>>` examples, checked by doctest's rules
    PROGRAM = "program"  # a whole file of the programs' folder, or a fence that includes one
    SOURCE = "source"  # a fence that includes a section of a package: shown, counted, not run
    OUTPUT = "output"  # what the snippet before it is expected to print
    DATA = "data"  # JSON, YAML or TOML: parsed
    CONSOLE = "console"  # `$ command` and its output


class Status(StrEnum):
    """How a run of a snippet ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of a page that a reader may run, or compare with what they see.

    Attributes:
        page: The page, relative to the root, with `/` between its parts.
        line: Line of the opening fence in the page, from 1; of a docstring's first example; 1 for
            a whole program. For a fence inside an included page: the line of the include.
        kind: How it is run.
        language: The language as written, in lower case; `"python"` for programs and docstrings.
        source: The exact code, without the indentation and quote marks of the page.
        origin: File that holds the code: the page itself, or the file that was included.
        origin_line: Line of the first line of `source` in `origin`, from 1.
        number: Position of the snippet in its page, from 0: what names the snippet.
        end_line: Line of the closing fence in the page.
        skip: Why it does not run; empty when it runs.
        wrong: Why there is nothing to run, such as an include that names no file; else empty.
        requires: What must be present for it to run, such as `("redis-server",)`.
        raises: Name of the exception that it ends with, as expected; empty for none.
        timeout: Seconds that it may take; `None` for the setting's.
        expected: Number of the output fence that follows it, or `None`.
        program: For a fence of kind PROGRAM, the file whose outcome it has; else empty.
        name: For a docstring, the object's qualified name; else empty.
        digest: Digest of all that its outcome depends on; empty until evidence computes it.
    """

    page: str
    line: int
    kind: Kind
    language: str
    source: str
    origin: str
    origin_line: int
    number: int
    end_line: int = 0
    skip: str = ""
    wrong: str = ""
    requires: tuple[str, ...] = ()
    raises: str = ""
    timeout: float | None = None
    expected: int | None = None
    program: str = ""
    name: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def runs(self) -> bool:
        """Whether this snippet has an outcome of its own, or of the program it shows."""
        return self.kind not in (Kind.SOURCE, Kind.OUTPUT)

    def signed(self, digest: str) -> "Snippet":
        """This snippet with its digest."""
        # For thousands; `dataclasses.replace` takes twice as long.
        return Snippet(*(*UNSIGNED(self), digest))


UNSIGNED = attrgetter(*(each.name for each in fields(Snippet) if each.name != "digest"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of one snippet gave.

    >>> from sage.tools.snippets import Outcome, Status
    >>> Outcome(Status.SKIPPED, message="needs a GPU").passed
    False

    Attributes:
        status: Passed, failed or skipped.
        output: What it wrote to standard output, decoded.
        message: For a failure, one sentence; for a skip, the reason; for a pass that ended with an
            exception, as the page expects, that exception, such as `"KeyError: 'coffee'"`.
        detail: For a failure, the traceback or the difference; several lines.
        line: Line of the failure in the snippet's page or origin; 0 when it did not fail.
        seconds: Wall time it took.
        actual: For wrong output, what was printed: line within the snippet, and text; one pair
            for each wrong example of a session; line -1 where an output fence shows it.
        when: When the run started, ISO 8601 in UTC; empty for one that is not from a file.
        python: The Python that ran it, such as `"3.11.2"`.
        versions: Versions of the packages that the run had, by distribution.
    """

    status: Status
    output: str = ""
    message: str = ""
    detail: str = ""
    line: int = 0
    seconds: float = 0.0
    actual: tuple[tuple[int, str], ...] = ()
    when: str = ""
    python: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the snippet ran and did what the page says."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True)
class Page:
    """One file and the snippets in it, in order.

    >>> from sage.tools.snippets import Page
    >>> Page("page.md", Path("page.md"), Path()).snippets
    ()

    Attributes:
        path: The file, relative to the root, with `/` between its parts.
        file: The file itself.
        root: Root of the repository.
        snippets: The snippets, by `number`.
        findings: What is wrong with the page itself; a page may have both.
        setup: Code that runs before the first snippet, hidden from the reader.
        setup_line: Line of the page on which that code starts.
        files: Files copied into the temporary folder that the page runs in.
        fixtures: pytest fixtures that are set up for the page, where pytest runs it.
        module: For a Python file's docstrings, the module that is imported first; else empty.
        includes: Files whose text the page shows, relative to the root.
    """

    path: str
    file: Path
    root: Path
    snippets: tuple[Snippet, ...] = ()
    findings: tuple[Finding, ...] = ()
    setup: str = ""
    setup_line: int = 1
    files: tuple[str, ...] = ()
    fixtures: tuple[str, ...] = ()
    module: str = ""
    includes: tuple[str, ...] = ()
