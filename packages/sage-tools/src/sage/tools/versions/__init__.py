"""Whether everything that states a version agrees: bounds, pins, hooks, workflows, what is here."""

from sage.tools.versions.check import CODES, VersionReport, check_versions

__all__ = ["CODES", "VersionReport", "check_versions"]
