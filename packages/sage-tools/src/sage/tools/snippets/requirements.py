"""What a snippet says it needs, and whether this machine has it."""

import os
import re
import shutil
import sys
from collections.abc import Iterable
from functools import cache

__all__ = ["UNDERSTOOD", "missing", "unreadable"]

UNDERSTOOD = "name a program, a module, a package such as numpy>=2, python>=3.12, or env:TOKEN"
FORM = re.compile(r"(?:(?P<name>[A-Za-z0-9][\w.-]*)>=)?(?P<version>\d+(?:\.\w+)*)")
NAME = re.compile(r"(?:env:\w+|[A-Za-z_][\w.+-]*|/[\w./+-]+)")


def missing(requires: Iterable[str]) -> list[str]:
    """The requirements that are not met here.

    A requirement is a program on the path (`redis-server`, or `redis` for it), a module that can
    be imported (`ray`), an installed package (`scikit-learn`, `numpy>=2`), an environment variable
    (`env:API_KEY`), a platform (`linux`), or a version of Python (`python>=3.12`, or `3.12` as
    other tools write it).

    >>> missing(["json", "no-such-program", "python>=3.8", "3.8", "pydantic>=99"])
    ['no-such-program', 'pydantic>=99']
    """
    return [name for name in requires if not _met(name)]


def unreadable(requires: Iterable[str]) -> list[str]:
    """The requirements that say nothing that could be met.

    >>> unreadable(["ray", "python<3.9", "os.path"])
    ['python<3.9']
    """
    return [name for name in requires if not (FORM.fullmatch(name) or NAME.fullmatch(name))]


@cache
def _met(name: str) -> bool:
    form = FORM.fullmatch(name)
    if form:
        return _version(form["name"] or "python") >= _numbers(form["version"])
    if name.startswith("env:"):
        return name.removeprefix("env:") in os.environ
    if name in ("linux", "darwin", "win32"):
        return sys.platform == name
    if shutil.which(name) or shutil.which(f"{name}-server"):
        return True
    return _is_module(name) or bool(_version(name))


def _version(name: str) -> tuple[int, ...]:
    """The version of Python, or of an installed package; `()` where it is not installed."""
    if name == "python":
        return tuple(sys.version_info[:3])
    from importlib.metadata import PackageNotFoundError, version  # here: it takes long to import

    try:
        return _numbers(version(name))
    except (PackageNotFoundError, ValueError):
        return ()


def _numbers(version: str) -> tuple[int, ...]:
    release = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, release.group().split("."))) if release else ()


def _is_module(name: str) -> bool:
    """Whether `name` can be imported; nothing is, not even the packages that it lies in."""
    from importlib.machinery import PathFinder
    from importlib.util import find_spec

    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return False
    try:
        spec = find_spec(parts[0])
    except ValueError:  # a module such as `__main__`
        return False
    for end in range(2, len(parts) + 1):
        places = spec.submodule_search_locations if spec else None
        spec = PathFinder.find_spec(".".join(parts[:end]), places) if places else None
    return spec is not None
