"""Who cites which record: in code, comments, pages and commit messages."""

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from sage.tools.adr.codes import found
from sage.tools.adr.files import is_template_name, relative
from sage.tools.adr.git import git, ignored
from sage.tools.adr.globs import matches
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import PAST_SECTIONS, Record
from sage.tools.adr.references import LINK
from sage.tools.finding import CannotBegin, Finding

__all__ = [
    "MARK",
    "Citation",
    "check_citations",
    "citations_in",
    "find_citations",
    "find_commit_citations",
    "find_message_citations",
    "listed_files",
    "read_bytes",
]

_OVER = ("superseded", "rejected", "deprecated")
MAX_BYTES = 8 * 1024 * 1024

# Only letters of ASCII go on with a word: in 见ADR-0002。 the record is cited.
_CITATION = re.compile(
    r"(?<![\w/.-])(?:((?!ADR[-_]\d)[A-Za-z][\w.-]{0,60})/)?"
    r"ADR(?:[-_]| (?=0\d|\d{3})|(?=0\d{3}))(\d{1,6})(?![\w]|\.\d)",
    re.ASCII,
)
MARK = re.compile(r"\badr:\s*(past|elsewhere|off|on)\b")
# Pages that tell what was, or list what there is.
_CHRONICLE = re.compile(
    r"(?:^|[-_.])(?:change[-_]?log|changes|history|news|release[-_]?notes|summary)(?:[-_.]|$)", re.I
)
_BUILT = "search/search_index.json"  # in each site that MkDocs built, at its top
# What a build leaves at the top of a repository; deeper down these are names like any other.
_BUILT_FOLDERS = {"site", "build", "dist", "target", "vendor"}
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv"}


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """One place that cites a record.

    Attributes:
        record: The id that is cited, such as `"ADR-0002"`.
        path: The file, relative to the root; `commit <hash>` for a commit's message.
        line: The line, from 1.
        text: That line, without the space around it.
        past: Whether the line says that it speaks of the past (`adr: past`).
    """

    record: str
    path: str
    line: int
    text: str
    past: bool = False


def find_citations(
    root: Path, paths: Sequence[Path] = (), *, exclude: Sequence[str] = ()
) -> list[Citation]:
    """Every citation in the files under `paths`, sorted by path and line.

    In a Git work tree these are the files that Git tracks or would add; elsewhere all files that
    are not hidden. Binary files, and files of more than 8 MiB, are passed over. A line that
    carries `adr: elsewhere` cites nothing of ours; nor do the lines from `adr: off` to `adr: on`.

    Args:
        root: The repository; paths in citations are relative to it.
        paths: Files and folders to search; all of `root` where empty.
        exclude: Glob patterns of files to leave out, relative to `root`.

    Raises:
        CannotBegin: One of `paths` does not exist.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "queue.py")
    ...     _ = file.write_text("import json\\n\\n# Queues are values (ADR-0002).\\n")
    ...     citations = find_citations(Path(folder))
    >>> [(each.record, each.path, each.line) for each in citations]
    [('ADR-0002', 'queue.py', 3)]
    """
    citations: list[Citation] = []
    for path in _mentioning_files(root, paths, exclude):
        data = read_bytes(f"{root}/{path}")
        if data and b"ADR" in data and b"\0" not in data:
            citations += citations_in(data.decode("utf-8", "replace"), path)
    return sorted(citations, key=lambda each: (each.path, each.line, each.record))


def citations_in(text: str, path: str) -> list[Citation]:
    """Every citation in one text, in order.

    >>> citations_in("# Queues are values (ADR-0002).", "queue.py")[0].record
    'ADR-0002'
    """
    if "ADR" not in text:
        return []
    marked = "adr:" in text
    citations = []
    off = False
    for number, line in enumerate(text.split("\n"), start=1):
        if marked and (mark := MARK.search(line)):
            off = mark[1] == "off" if mark[1] in ("off", "on") else off
            if mark[1] == "elsewhere":
                continue
        else:
            mark = None
        if off or "ADR" not in line:
            continue
        past = mark is not None and mark[1] == "past"
        for log, digits in dict.fromkeys(_CITATION.findall(line)):
            name = f"ADR-{int(digits):04d}"
            name = f"{log}/{name}" if log else name
            citations.append(Citation(name, path, number, line.strip()[:500], past))
    return citations


def find_commit_citations(root: Path, span: str) -> list[Citation]:
    """Every citation in the messages of the commits in `span`, such as `main..HEAD`.

    Raises:
        CannotBegin: Git does not know `span`, or `root` is in no repository.
    """
    if span.startswith("-"):
        raise CannotBegin(f"{span}: no range of commits; write one such as main..HEAD")
    out = git(root, "log", "-z", "--no-color", "--format=%h%n%B", span, "--")
    if out is None:
        raise CannotBegin(f"{span}: Git knows no such range of commits in {root}")
    citations = []
    for entry in filter(None, out.decode("utf-8", "replace").split("\0")):
        commit, _, message = entry.partition("\n")
        citations += citations_in(message, f"commit {commit}")
    return citations


def find_message_citations(file: Path) -> list[Citation]:
    """Every citation in a commit's message while it is written; Git's own `#` lines are left out.

    Raises:
        CannotBegin: The file cannot be read.
    """
    try:
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        raise CannotBegin(f"{file}: cannot be read: {error.strerror}") from error
    return [each for each in citations_in(text, str(file)) if not each.text.startswith("#")]


def check_citations(
    citations: Iterable[Citation], log: DecisionLog, *logs: DecisionLog
) -> list[Finding]:
    """What is wrong with `citations`: numbers that do not exist, decisions that no longer hold.

    A citation of the past is exempt from the second: one on a line that carries `adr: past` or
    names the successor too; one in a record that supersedes the cited one, or is it, or is older
    than the successor, or holds no more itself; one in a record's section on its provenance or
    history; and one in a changelog, or in the log's own index, which lists them all. A link to
    another site is exempt from the first, a template from both.

    Args:
        citations: The citations to judge.
        log: The repository's main log.
        *logs: Its further logs, cited as `<log>/ADR-0002`.

    >>> empty = DecisionLog(Path("adr"), Path(), "", ())
    >>> [finding.code for finding in check_citations(citations_in("# ADR-0002", "x.py"), empty)]
    ['unknown-citation']
    """
    records: dict[str, Record] = {}
    by_path: dict[str, Record] = {}
    for each in (log, *logs):
        for record in each.records:
            records.setdefault(record.id, record)
            by_path[record.path] = record
    names = {each.name for each in (log, *logs)}
    shelves = tuple(f"{relative(each.directory, each.root)}/" for each in (log, *logs))
    findings = []
    for citation in citations:
        file = PurePath(citation.path)
        citing = by_path.get(citation.path)
        if citing is None and is_template_name(file.name):
            continue
        listed = citing is None and file.parent != file and citation.path.startswith(shelves)
        listed = (listed and file.suffix == ".md") or _CHRONICLE.search(file.stem) is not None
        owner = citation.record.rpartition("/")[0]
        cited = records.get(citation.record)
        if owner and owner not in names:
            # Not the name of a log: a path such as docs/ADR-0002, or words such as and/ADR-0002.
            cited = records.get(citation.record.rpartition("/")[2])
        if cited is None:
            if not _leads_elsewhere(citation):
                findings.append(_unknown(citation, records))
        elif (
            cited.status in _OVER
            and not listed
            and not _speaks_of_the_past(citation, cited, citing)
        ):
            findings.append(_outdated(citation, cited, records))
    return sorted(findings)


def _leads_elsewhere(citation: Citation) -> bool:
    """Whether the line names the record only as a link to another site."""
    named = re.compile(rf"ADR[-_ ]?0*{int(citation.record.rpartition('-')[2])}(?!\d)")
    return any(
        named.search(link[1]) and "://" in (link[2] or link[3] or "")
        for link in LINK.finditer(citation.text)
    )


def _unknown(citation: Citation, records: dict[str, Record]) -> Finding:
    numbers = [record.number for record in records.values() if record.number is not None]
    known = f"the log ends at ADR-{max(numbers):04d}" if numbers else "the log has no number"
    message = (
        f"{citation.record} is no record here ({known}); correct the number, "
        "or write `adr: elsewhere` on this line if another repository's record is meant"
    )
    return found("unknown-citation", citation.path, citation.line, message)


def _outdated(citation: Citation, record: Record, records: dict[str, Record]) -> Finding:
    message = f"{record.id} is {record.status}"
    if heirs := [records[name] for name in record.superseded_by if name in records]:
        message += f"; cite its successor {' and '.join(map(str, heirs))}"
    message += f"{',' if heirs else ';'} or write `adr: past` on this line if it speaks of the past"
    return found("outdated-citation", citation.path, citation.line, message)


def _speaks_of_the_past(citation: Citation, record: Record, citing: Record | None) -> bool:
    if citation.past:
        return True
    if citing is not None:
        if citing.id == record.id or citing.status in _OVER:
            return True
        if record.id in citing.supersedes or citing.id in record.superseded_by:
            return True
        # A record that was written before the successor cannot know of it, and is not rewritten.
        if record.superseded_by and all(citing.id < name for name in record.superseded_by):
            return True
        for section in citing.sections:
            end = section.line + section.text.count("\n") + 3
            if section.title.lower().startswith(PAST_SECTIONS) and citation.line in range(
                section.line, end
            ):
                return True
    return any(name in citation.text for name in record.superseded_by)


def listed_files(
    root: Path, paths: Sequence[Path] = (), exclude: Sequence[str] = ()
) -> Iterator[str]:
    """The files of a repository that may cite a record, relative to `root`, sorted by Git."""
    _check_there(paths)
    listed = _git_files(root, paths)
    found_here = dict.fromkeys(_walk(root, paths) if listed is None else listed)
    yield from _written(found_here, exclude)


def _mentioning_files(root: Path, paths: Sequence[Path], exclude: Sequence[str]) -> Iterator[str]:
    """The listed files that may hold a citation: Git searches them faster than we could."""
    _check_there(paths)
    out = git(
        root,
        *(
            "-c",
            "grep.threads=1",
            "grep",
            "-I",
            "-l",
            "-z",
            "--untracked",
            "--no-color",
            "-F",
            "-e",
            "ADR",
            "--",
        ),
        *(os.path.relpath(path, root) for path in paths),
        fine=(0, 1),
    )
    if not out and (out is None or ignored(root)):
        yield from listed_files(root, paths, exclude)
        return
    yield from _written([os.fsdecode(name) for name in out.split(b"\0") if name], exclude)


def _written(names: Collection[str], exclude: Sequence[str]) -> Iterator[str]:
    """The names without the excluded ones, and without a site that MkDocs built here."""
    built = tuple(name.removesuffix(_BUILT) for name in names if name.endswith(f"/{_BUILT}"))
    for name in names:
        if not name.startswith(built) and not any(matches(glob, name) for glob in exclude):
            yield name


def _check_there(paths: Sequence[Path]) -> None:
    for path in paths:
        if not os.path.lexists(path):
            raise CannotBegin(f"{path}: no such file or folder; name one to search")


def _git_files(root: Path, paths: Sequence[Path]) -> list[str] | None:
    """The files that Git tracks or would add; `None` where Git does not know the place."""
    out = git(
        root,
        *("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"),
        *(os.path.relpath(path, root) for path in paths),
    )
    if out is None or (not out and ignored(root)):
        return None
    return [os.fsdecode(name) for name in out.split(b"\0") if name]


def _walk(root: Path, paths: Sequence[Path]) -> Iterator[str]:
    for start in paths or (root,):
        if start.is_file():
            yield os.path.relpath(start, root).replace(os.sep, "/")
        for folder, folders, files in os.walk(start):
            base = os.path.relpath(folder, root)
            skipped = _BUILT_FOLDERS | _SKIPPED_FOLDERS if base == "." else _SKIPPED_FOLDERS
            folders[:] = sorted(n for n in folders if n not in skipped and n[0] != ".")
            for name in sorted(files):
                if name[0] != ".":
                    yield name if base == "." else f"{base}/{name}".replace(os.sep, "/")


def read_bytes(path: str) -> bytes | None:
    """The file's bytes; `None` where it is no regular file of a bearable size."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        # What is too large is never read: neither the memory nor the time is well spent.
        facts = os.fstat(handle)
        bearable = stat.S_ISREG(facts.st_mode) and facts.st_size <= MAX_BYTES
        return os.read(handle, facts.st_size) if bearable else None
    except OSError:
        return None
    finally:
        os.close(handle)
