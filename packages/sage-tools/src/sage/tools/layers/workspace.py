"""Which distributions a repository holds, and which module files each of them ships."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sage.tools.finding import CannotBegin, Finding, counted
from sage.tools.layers.layout import Place, strings, table
from sage.tools.layers.metadata import BrokenMetadata, Metadata, normalise, read_metadata
from sage.tools.layers.spec import FILE, Spec
from sage.tools.layers.walk import NOT_CODE, Search, SourceFile, Walk, is_file, is_folder

__all__ = ["Distribution", "SourceFile", "Workspace", "find_workspace"]

# Where modules lie when nothing says so, in the order in which the build tools look.
_GUESSES = ("src", ".", "python", "lib")
_UV = "pyproject.toml: [tool.uv.workspace]"
_DEEPEST = 4  # folders below one that `roots` matches, in which a stray module is looked for


class Distribution(NamedTuple):
    """One distribution: its metadata and its files.

    Attributes:
        name: Its name as the metadata gives it; the folder's name where there is none.
        folder: Its folder.
        path: The folder relative to the root, with `/`; `.` for the root itself.
        metadata: What it says about itself; `None` where it has no metadata file.
        files: Every Python file under its import roots.
        portions: Import portion → folder.
        shared: Dotted names of folders that only lead to portions, such as `sage`.
        whole: Whether all that it ships can be read; Cython cannot.
    """

    name: str
    folder: Path
    path: str
    metadata: Metadata | None
    files: tuple[SourceFile, ...]
    portions: Mapping[str, str]
    shared: tuple[str, ...] = ()
    whole: bool = True


class Workspace(NamedTuple):
    """All distributions of one repository, and what was wrong on the way.

    Attributes:
        root: The folder that was searched.
        distributions: In the order of their folders.
        findings: Folders and files that could not be read.
        notes: Sentences that a reader of the result must know.
    """

    root: Path
    distributions: tuple[Distribution, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def find_workspace(root: Path, spec: Spec) -> Workspace:
    """Discover every distribution under `root`: by `spec.roots`, uv's members, and `root` itself.

    Raises:
        CannotBegin: `root` is no folder, or no Python file is found and none expected.
    """
    if not is_folder(root):
        raise CannotBegin(f"{root}: no such folder; give the repository with --root")
    search = Search(root)
    folders = _folders(root, spec, search)
    others = frozenset(str(folder) for folder in folders if folder != root)
    found = [one for folder in folders if (one := _distribution(folder, spec, search, others))]
    if root not in folders and (one := _root(root, spec, search, others, alone=not found)):
        found.append(one)
    if not any(one.files for one in found):
        looked = f"no Python file found: looked in {', '.join(_patterns(root, spec))}"
        told = any(one.code != "missing-package" for one in search.findings)
        if not spec.packages and not told:
            near = [f"--root {root / one.name}" for one in _nested(root)]
            hint = f"try {' or '.join(near)}, or " if near else ""
            advice = f"{hint}name the folders as `roots` in {FILE}"
            raise CannotBegin(f"{root}: {looked} and here; {advice}")
        search.notes.append(looked)
    return Workspace(root, tuple(found), tuple(search.findings), tuple(search.notes))


def _folders(root: Path, spec: Spec, search: Search) -> list[Path]:
    stated = f"{FILE}:{spec.roots_line}: roots"
    left = set(_matches(root, _uv(root, "exclude"), _UV))
    found: dict[Path, None] = {}
    for pattern in _patterns(root, spec):
        place = stated if pattern in spec.roots else _UV
        matches = []
        for one in _matches(root, [pattern], place):
            if pattern in spec.roots and one.is_symlink() and not _is_there(one):
                message = "is a link to nothing; what should lie there was not read"
                search.findings.append(Finding(search.path(one), 0, "unreadable-file", message))
            elif is_folder(one) and one not in left:
                matches.append(one)
        if not matches and spec.roots_line and pattern in spec.roots:
            message = f"roots names {pattern}, and no such folder is there; correct or remove it"
            search.findings.append(Finding(FILE, spec.roots_line, "missing-package", message))
        for one in matches:
            found |= dict.fromkeys([one] if _is_project(one) else _nested(one) or [one])
    return list(found)


def _patterns(root: Path, spec: Spec) -> list[str]:
    return list(spec.roots) if spec.given else [*spec.roots, "libs/*", *_uv(root, "members")]


def _matches(root: Path, patterns: list[str], place: str) -> Iterator[Path]:
    """The folders that match; `place` says where the patterns are stated."""
    for pattern in patterns:
        if pattern in (".", "./"):
            yield root
            continue
        try:
            matches = sorted(root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            what = f"{place}: {pattern!r} is no pattern of folders below this one: {error}"
            raise CannotBegin(what) from error
        yield from (m for m in matches if not m.name.startswith((".", "__")))


def _uv(root: Path, key: str) -> list[str]:
    """The patterns of a uv workspace."""
    try:
        data = (root / "pyproject.toml").read_bytes()
        if b"workspace" not in data:
            return []
        import tomllib

        project = tomllib.loads(data.decode("utf-8-sig"))
    except (OSError, ValueError):
        return []
    return strings(table(project, "tool", "uv", "workspace").get(key) or [])


def _is_project(folder: Path) -> bool:
    return any(is_file(folder / one) for one in ("pyproject.toml", "setup.cfg", "setup.py"))


def _nested(folder: Path) -> list[Path]:
    """The distributions one level below a folder that only groups them."""
    try:
        return [one for one in sorted(folder.iterdir()) if _is_project(one)]
    except OSError:
        return []


def _root(
    root: Path, spec: Spec, search: Search, others: frozenset[str], *, alone: bool
) -> Distribution | None:
    """The distribution that the repository itself is; `None` where it is only a workspace."""
    if alone:
        one = _distribution(root, spec, search, others)
        return one if one and (one.files or one.metadata) else None
    before = len(search.findings)
    one = _distribution(root, spec, search, others, beside=True)
    if one and one.metadata and one.metadata.name and one.files:
        return one
    if one is None or not (one.metadata and one.metadata.layout.places):
        del search.findings[before:]  # a file of settings, not a distribution
    return None


def _distribution(
    folder: Path, spec: Spec, search: Search, others: frozenset[str], *, beside: bool = False
) -> Distribution | None:
    path = search.path(folder)
    metadata = _metadata(folder, path, search)
    if metadata and metadata.name and normalise(metadata.name) == normalise(spec.meta):
        return None
    if metadata and metadata.file and not metadata.name and folder != search.root:
        message = "gives the distribution no name; add [project] name"
        file = search.path(metadata.file)
        search.findings.append(Finding(file, 0, "broken-metadata", message))
    name = (metadata and metadata.name) or folder.name or folder.resolve().name
    walk = _walked(folder, name, metadata, spec, search, others - {str(folder)}, beside)
    if metadata is None and folder != search.root:
        stray = "" if walk.files else _stray(folder, others - {str(folder)})
        if not walk.files and not stray and spec.package(name) is None:
            return None
        if not any(one.path.startswith(path) for one in search.findings):
            what = f"{path} holds {stray} and" if stray else path
            message = f"{what} has no pyproject.toml; add one with [project] name = {name!r}"
            search.findings.append(Finding(path, 0, "missing-metadata", message))
    elif metadata and metadata.name and not walk.ships and not metadata.layout.empty:
        _nothing_read(folder, metadata, search)
    elif metadata:
        _note_absent(folder, metadata, search)
    if walk.cython:
        count = counted(len(walk.cython), "Cython file")
        search.notes.append(
            f"{name}: {count} not read, so what they import is unknown: {walk.cython[0]}"
            + (" and others" if len(walk.cython) > 1 else "")
        )
    files, shared = tuple(walk.files), tuple(walk.shared)
    whole = not walk.cython
    return Distribution(name, folder, path, metadata, files, walk.portions, shared, whole)


def _metadata(folder: Path, path: str, search: Search) -> Metadata | None:
    try:
        return read_metadata(folder)
    except BrokenMetadata as error:
        where, line = search.path(error.file), error.line
        message = f"{error.why}; what it declares is unknown, so correct it"
    except OSError as error:
        where, line, message = path, 0, f"cannot be read: {error.strerror}"
    search.findings.append(Finding(where, line, "broken-metadata", message))
    return None


def _nothing_read(folder: Path, metadata: Metadata, search: Search) -> None:
    layout = metadata.layout
    if layout.places:
        looked = ", ".join(dict.fromkeys(place.path for place in layout.places))
        why = f"{layout.said} names {looked}"
    else:
        own = _import_name(metadata.name)
        looked = ", ".join(f"{base}/{own}".removeprefix("./") for base in _GUESSES)
        why = f"nothing says where it lies, and {looked} are not there"
    file = search.path(metadata.file) if metadata.file else search.path(folder)
    message = (
        f"no module of {metadata.name} was found, so none of its imports is known: {why}; name "
        "its folder in the table of its build backend"
    )
    search.findings.append(Finding(file, 0, "nothing-read", message))


def _note_absent(folder: Path, metadata: Metadata, search: Search) -> None:
    """Say of each place that is named beside others and is not there, as generated code is."""
    places = metadata.layout.places
    there = {one.module for one in places if one.module and _is_there(folder / one.path)}
    gone = [one.path for one in places if one.module not in there]
    gone = [path for path in gone if not _is_there(folder / path)]
    if gone:
        said = metadata.layout.said
        search.notes.append(f"{metadata.name}: {said} names {', '.join(gone)}, which is not there")


def _walked(
    folder: Path,
    name: str,
    metadata: Metadata | None,
    spec: Spec,
    search: Search,
    others: frozenset[str],
    beside: bool,
) -> Walk:
    layout = metadata.layout if metadata else None
    if layout and (layout.places or layout.empty):
        walk = Walk(search, others)
        for place in layout.places:
            walk.place(folder, place)
        return walk
    own = _import_name(name)
    tops = {own.split("_")[0], spec.namespace.split(".")[0]} - NOT_CODE
    backend = layout.backend if layout else ""
    guesses = [
        b for b in _GUESSES if b == "." or (is_folder(folder / b) and not _is_project(folder / b))
    ]
    named = [base for base in guesses if _holds(folder / base, own)]
    walk = Walk(search, others)
    for base in named or guesses:
        walk = Walk(search, others)
        if base == ".":
            strictly = beside or (bool(named) and backend != "" and "setuptools" not in backend)
            walk.flat(folder, {own} if strictly else {own} | tops, strictly=strictly)
        else:
            walk.place(folder, Place(base))
        if walk.ships:
            break
    return walk


def _holds(folder: Path, name: str) -> bool:
    return is_folder(folder / name) or is_file(folder / f"{name}.py")


def _is_there(place: Path) -> bool:
    return is_folder(place) or is_file(place)


def _import_name(name: str) -> str:
    return normalise(name).replace("-", "_")


def _stray(folder: Path, others: frozenset[str]) -> str:
    """A Python file that lies somewhere in a folder without metadata; empty where none does."""
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        skip = place in others or depth >= _DEEPEST
        folders[:] = [] if skip else [
            one for one in sorted(folders) if not one.startswith(".") and one not in NOT_CODE
        ]  # fmt: skip
        for file in () if place in others else sorted(files):
            if file.endswith((".py", ".pyi")):
                return Path(place, file).relative_to(folder).as_posix()
    return ""
