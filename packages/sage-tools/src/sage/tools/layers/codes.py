"""The stable names of the rules about layers, and what each one means."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CODES"]

CODES: Mapping[str, str] = MappingProxyType(
    {
        "upward-import": "a package imports one of a higher layer",
        "same-layer-import": "a package imports one of its own layer without permission",
        "forbidden-import": "a package imports one that its `imports` does not name",
        "package-cycle": "packages import each other in a circle",
        "undeclared-package": "a distribution has no layer in layer.yaml",
        "missing-package": "layer.yaml names a package that is not there",
        "missing-metadata": "a package folder has no pyproject.toml",
        "broken-metadata": "a pyproject.toml cannot be read or lacks a name",
        "nothing-read": "no module of a distribution was found where its metadata says it lies",
        "upward-dependency": "a dependency, extra or entry point names a higher layer",
        "undeclared-dependency": "an imported package is not declared as a dependency",
        "unused-dependency": "a declared dependency is never imported",
        "unreadable-file": "a source file could not be read, so nothing is known about it",
        "shadowed-namespace": "a folder or file hides the namespace that the packages share",
        "duplicate-module": "two distributions hold a module of the same name",
        "stale-exception": "an exception no longer matches any finding",
        "expired-exception": "an exception is past its last day",
        "reasonless-exception": "an exception or baseline entry gives no reason",
        "broken-checklist": "a line of the checklist in layer.yaml does not hold",
        "stale-baseline": "a baseline lists a finding that has gone",
    }
)
