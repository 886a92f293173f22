"""grimp, asked for the imports of known files: the only module that touches its insides (ADR-0012).

grimp's own `build_graph` looks modules up on `sys.path`, leaves folders without `__init__` out,
and drops imports of modules that it did not find. Its scanner has none of these faults when it is
given the files: so we find the files ourselves and hand them over, one portion at a time.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from grimp.application.ports.modulefinder import FoundPackage, ModuleFile
from grimp.application.scanning import scan_imports
from grimp.domain.valueobjects import DirectImport, Module
from grimp.exceptions import SourceSyntaxError

__all__ = ["Imports", "scan"]

Imports = dict[str, list[tuple[str, int]]]
"""Module → the names it imports, each with its line."""

_UNDECODABLE = re.compile(r"Failed to decode file (?P<file>.+?) as (?P<why>.*)", re.DOTALL)
_PATIENCE = 25
_AT_ONCE = 1_000  # files: grimp gives an object for each import; each call names all modules anew


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
    found = _packages(portions, [*known])
    imports: Imports = {}
    faults: dict[str, tuple[int, str]] = {}
    modules = list(files)
    for start in range(0, len(modules), _AT_ONCE):
        some = {module: files[module] for module in modules[start : start + _AT_ONCE]}
        read, broken = _scan(some, found)
        imports |= read
        faults |= broken
    return imports, faults


def _scan(
    files: Mapping[str, str], found: set[FoundPackage]
) -> tuple[Imports, dict[str, tuple[int, str]]]:
    left = dict(files)
    faults: dict[str, tuple[int, str]] = {}
    while left:
        try:
            imports = scan_imports(
                [ModuleFile(Module(module), 0.0) for module in left],
                found_packages=found,
                include_external_packages=True,
                exclude_type_checking_imports=False,
            )
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
            continue
        found_imports: Imports = {}
        while imports:  # each of grimp's objects goes when it has been read
            module, rows = imports.popitem()
            found_imports[module.module.name] = _rows(rows)
        return found_imports, faults
    return {}, faults


def _packages(portions: Iterable[tuple[str, str]], known: list[str]) -> set[FoundPackage]:
    found: set[FoundPackage] = set()
    for name, folder in portions:
        start = f"{name}."
        modules = frozenset(
            ModuleFile(Module(module), 0.0)
            for module in known
            if module == name or module.startswith(start)
        )
        found.add(FoundPackage(name=name, directory=folder, module_files=modules))
    return found


def _rows(imports: set[DirectImport]) -> list[tuple[str, int]]:
    return [(one.imported.name.removesuffix(".*"), one.line_number) for one in imports]


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
