"""What a snippet says it needs, and whether this machine has it."""

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterable
from functools import cache

__all__ = ["missing"]


def missing(requires: Iterable[str]) -> list[str]:
    """The requirements that are not met here.

    A requirement is a program on the path (`redis-server`, or `redis` for it), a module that can
    be imported (`ray`), an environment variable (`env:API_KEY`), a platform (`linux`), or a
    version of Python (`python>=3.12`, or `3.12` as other tools write it).

    >>> missing(["json", "no-such-program", "python>=3.8", "3.8"])
    ['no-such-program']
    """
    return [name for name in requires if not _met(name)]


@cache
def _met(name: str) -> bool:
    version = re.fullmatch(r"(?:python>=)?(\d+)\.(\d+)", name)
    if version:
        return sys.version_info >= (int(version.group(1)), int(version.group(2)))
    if name.startswith("env:"):
        return name.removeprefix("env:") in os.environ
    if name in ("linux", "darwin", "win32"):
        return sys.platform == name
    if shutil.which(name) or shutil.which(f"{name}-server"):
        return True
    return name.isidentifier() and importlib.util.find_spec(name) is not None
