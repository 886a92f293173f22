"""grimp, asked for the imports of known files: the only module that touches its insides (ADR-0012).

grimp's own `build_graph` looks modules up on `sys.path`, leaves folders without `__init__` out,
and drops imports of modules that it did not find. Its scanner has none of these faults when it is
given the files: so we find the files ourselves and hand them over, one portion at a time.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from grimp import _rustgrimp  # type: ignore[attr-defined]
from grimp.domain import valueobjects
from grimp.exceptions import SourceSyntaxError

__all__ = ["Imports", "scan"]

Imports = dict[str, Collection[tuple[str, int]]]
"""Module → the names it imports, each with its line."""

_UNDECODABLE = re.compile(r"Failed to decode file (?P<file>.+?) as (?P<why>.*)", re.DOTALL)
_PATIENCE = 25


class _Module(NamedTuple):
    name: str


class _File(NamedTuple):
    module: _Module


class _Package(NamedTuple):
    name: str
    directory: str
    module_files: frozenset[_File]
    namespace_packages: frozenset[str] = frozenset()


def scan(
    portions: Iterable[tuple[str, str]],
    files: Mapping[str, str],
    known: Iterable[str],
) -> tuple[Imports, dict[str, tuple[int, str]]]:
    """The imports of every module in `files` (module → file), and what could not be read.

    Args:
        portions: Import portions with their folders, such as `("sage.platform", ".../platform")`.
        files: The modules to read; each lies in one of the portions.
        known: Every module that counts as inside, so that `from a import b` finds `a.b`.
            What is not inside is shortened to the first name that is foreign.

    Returns:
        The imports, and, by module, line (0 for the whole file) and fault of each unreadable file.
    """
    packages = _packages(portions, [*known])
    left = dict(files)
    faults: dict[str, tuple[int, str]] = {}
    while left:
        try:
            return _scanned(left, packages), faults
        except (SourceSyntaxError, UnicodeError) as error:
            file, line, fault = _fault(error)
            bad = next((m for m, path in left.items() if Path(path) == Path(file)), "")
            if bad not in left or len(faults) >= _PATIENCE:
                new = _broken(left)
                if not new:
                    raise
                faults |= new
                left = {module: file for module, file in left.items() if module not in new}
                continue
            faults[bad] = (line, fault)
            del left[bad]
    return {}, faults


def _scanned(files: Iterable[str], packages: set[_Package]) -> Imports:
    with _plain_results():
        found: Imports = _rustgrimp.scan_for_imports(
            module_files=[_File(_Module(module)) for module in files],
            found_packages=packages,
            include_external_packages=True,
            exclude_type_checking_imports=False,
            file_system=_rustgrimp.RealBasicFileSystem(),
        )
    return found


@contextmanager
def _plain_results() -> Iterator[None]:
    """Have grimp's scanner give texts and tuples in place of the objects of its own two classes.

    It calls whatever they are named by, once for every import, and hashes what it is given; in
    Python, that takes a fifth of the whole scan.
    """
    try:
        _name_results(str, _row)
        yield
    finally:
        _name_results(*_OWN)


def _name_results(module: object, direct_import: object) -> None:
    valueobjects.__dict__.update(Module=module, DirectImport=direct_import)


_OWN = valueobjects.Module, valueobjects.DirectImport


def _row(
    importer: str, imported: str, line_number: int, line_contents: str, is_lazy: bool = False
) -> tuple[str, int]:
    return imported.removesuffix(".*"), line_number


def _packages(portions: Iterable[tuple[str, str]], known: list[str]) -> set[_Package]:
    found: set[_Package] = set()
    for name, folder in portions:
        start = f"{name}."
        inside = [one for one in known if one == name or one.startswith(start)]
        found.add(_Package(name, folder, frozenset(_File(_Module(one)) for one in inside)))
    return found


def _fault(error: SourceSyntaxError | UnicodeError) -> tuple[str, int, str]:
    if isinstance(error, SourceSyntaxError):
        text = (error.text or "").strip()
        return error.filename, error.lineno or 0, f"is not Python: {text[:80]}".rstrip(": ")
    match = _UNDECODABLE.match(str(error))
    return (match["file"], 0, f"is not {match['why']}") if match else ("", 0, str(error))


def _broken(files: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Every file that this interpreter cannot read either; slow, for a tree full of faults."""
    found: dict[str, tuple[int, str]] = {}
    for module, file in files.items():
        try:
            compile(Path(file).read_bytes(), file, "exec", dont_inherit=True)
        except SyntaxError as error:
            found[module] = (error.lineno or 0, f"is not Python: {error.msg}")
        except (ValueError, OSError, RecursionError) as error:
            found[module] = (0, f"cannot be read: {error}")
    return found
