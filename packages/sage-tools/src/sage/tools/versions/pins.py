"""The pins of the requirement files: the answer that every other statement is compared with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from sage.tools.versions.files import Files
from sage.tools.versions.statements import Pin

__all__ = ["Pins", "read_pins"]

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\#]+)")
_INDEX = re.compile(r"^\s*(?:--(?:extra-)?index-url|--find-links|-i|-f)\b")


@dataclass(slots=True)
class Pins:
    """Every package that is pinned, by its canonical name, and the files that pin something."""

    by_name: dict[str, Pin] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def read_pins(files: Files) -> Pins:
    """The pins of `requirements*.txt` and `requirements/*.txt`; notes what is wrong with them."""
    pins = Pins()
    for file in (*files.below("", "requirements*.txt"), *files.below("requirements", "*.txt")):
        if (text := files.read(file)) is not None:
            _read(file, text, files, pins)
    return pins


def _read(file: Path, text: str, files: Files, pins: Pins) -> None:
    path = files.path(file)
    hashed = "--hash=" in text
    rows = text.splitlines()
    for number, row in enumerate(rows, 1):
        if _INDEX.match(row):
            message = f"names an index ({row.split()[0]}); leave that to the reader's own pip"
            files.add(path, number, "index-address", message)
        match = _PIN.match(row)
        if not match:
            continue
        if path not in pins.files:
            pins.files.append(path)
        marker = row.partition(";")[2].partition("\\")[0].strip()
        pin = Pin(canonicalize_name(match["name"]), match["version"], path, number, marker)
        if hashed and "--hash=" not in _whole(rows, number):
            message = f"{pin.name} has no hash, and the other pins have; write the file again"
            files.add(path, number, "unhashed-pin", message)
        first = pins.by_name.setdefault(pin.name, pin)
        both = not first.marker or not pin.marker or first.marker == pin.marker
        if first.version != pin.version and both:
            place = f"{first.path}:{first.line}"
            message = f"pins {pin.name} to {pin.version}, and {place} to {first.version}; take one"
            files.add(path, number, "version-disagrees", message)


def _whole(rows: Sequence[str], number: int) -> str:
    """The row of that number, with the next where it goes on there."""
    row = rows[number - 1]
    return "".join([row, *rows[number : number + 1]]) if row.rstrip().endswith("\\") else row
