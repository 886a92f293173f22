"""The shape of layer.yaml: its keys, their types, and what is said of those that are wrong.

Read by hand: a library of models takes longer to start than to check this one small file, and
every run of the command pays for it.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sage.tools.finding import CannotBegin
from sage.tools.layers.spec import Allowance, Package, Promise, Spec, nearest
from sage.tools.yaml_file import YamlFile

__all__ = ["read_spec"]


def read_spec(file: YamlFile) -> Spec:
    """What the file says, if it has the right shape.

    Raises:
        CannotBegin: A key is unknown, missing or of a wrong type; names the line.
    """
    given = _Value(file, file.values).fields(_FILE, "version")
    if given.pop("version") != 1:
        raise file.error(f"version {file.values['version']}: expected 1", "version")
    line = file.line("roots") if "roots" in given else 0
    return Spec(given=True, roots_line=line, cited=tuple(_cited(file.values, (), file)), **given)


def _cited(value: object, keys: tuple[str | int, ...], file: YamlFile) -> Iterator[tuple[int, int]]:
    """The numbers that stand below `adr` or `replaced_by`, each with its line."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _cited(one, (*keys, key), file)
    elif isinstance(value, int) and {"adr", "replaced_by"}.intersection(keys[-2:]):
        yield value, file.line(*keys)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of the file and the keys that lead to it."""

    file: YamlFile
    value: object
    keys: tuple[str | int, ...] = ()

    @property
    def line(self) -> int:
        return self.file.line(*self.keys)

    def wrong(self, expected: str) -> CannotBegin:
        shown = "" if isinstance(self.value, dict | list) else f" {self.value!r}"
        return self.file.error(f"{_dotted(self.keys)}{shown}: expected {expected}", *self.keys)

    def items(self) -> Iterator[tuple[str, "_Value"]]:
        if not isinstance(self.value, dict):
            raise self.wrong("keys with values, such as `layer: L1`")
        for key, value in self.value.items():
            if not key:
                raise self.wrong("a name, and one is empty")
            yield key, _Value(self.file, value, (*self.keys, key))

    def rows(self) -> Iterator["_Value"]:
        if not isinstance(self.value, list):
            raise self.wrong("a list, such as [a, b]")
        for index, value in enumerate(self.value):
            yield _Value(self.file, value, (*self.keys, index))

    def fields(self, shape: "_Shape", *required: str) -> dict[str, Any]:
        """The keys that are given, each read as `shape` says; what is not given is left out."""
        found: dict[str, Any] = {}
        for key, value in self.items():
            if key not in shape:
                what = f"{_dotted(value.keys)} is not a known key; {nearest(key, shape)}"
                raise self.file.error(what, *value.keys)
            found[key] = shape[key](value)
        for key in required:
            if key not in found:
                what = f"{_dotted((*self.keys, key))} is missing"
                raise self.file.error(what, *self.keys)
        return found


_Shape = Mapping[str, Callable[[_Value], object]]


def _dotted(keys: tuple[str | int, ...]) -> str:
    return ".".join(str(key) for key in keys)


def _text(one: _Value) -> str:
    if not isinstance(one.value, str):
        raise one.wrong("a text; quote it if it is one")
    return one.value


def _word(one: _Value) -> str:
    if not _text(one):
        raise one.wrong("a word")
    return str(one.value)


def _flag(one: _Value) -> bool:
    if not isinstance(one.value, bool):
        raise one.wrong("true or false")
    return one.value


def _number(one: _Value) -> int:
    if not isinstance(one.value, int) or isinstance(one.value, bool) or one.value < 0:
        raise one.wrong("a number from 0")
    return one.value


def _day(one: _Value) -> datetime.date | None:
    if one.value is None:
        return None
    if not isinstance(one.value, datetime.date) or isinstance(one.value, datetime.datetime):
        raise one.wrong("a day, such as 2027-01-31")
    return one.value


def _words(one: _Value) -> tuple[str, ...]:
    return tuple(_word(row) for row in one.rows())


def _layers(one: _Value) -> tuple[str, ...]:
    if not one.value:
        raise one.wrong("at least one layer")
    return _words(one)


def _numbers(one: _Value) -> tuple[int, ...]:
    """One number, or a list of them."""
    return tuple(map(_number, one.rows() if isinstance(one.value, list) else [one]))


def _texts(one: _Value) -> Mapping[str, str]:
    return MappingProxyType({key: _text(value) for key, value in one.items()})


def _maybe(read: Callable[[_Value], object]) -> Callable[[_Value], object]:
    """Like `read`, of a key whose value may be left empty."""
    return lambda one: None if one.value is None else read(one)


def _packages(one: _Value) -> tuple[Package, ...]:
    return tuple(_package(name, value) for name, value in one.items())


def _package(name: str, one: _Value) -> Package:
    present = one.file.line(*one.keys, "present")
    return Package(name, line=one.line, present_line=present, **one.fields(_PACKAGE, "layer"))


def _rules(one: _Value) -> Mapping[str, tuple[int, ...]]:
    shape: _Shape = {"adr": _numbers}
    return MappingProxyType({code: row.fields(shape, "adr")["adr"] for code, row in one.items()})


def _exceptions(one: _Value) -> tuple[Allowance, ...]:
    return tuple(
        Allowance(**row.fields(_EXCEPTION, "importer", "imported"), line=row.line)
        for row in one.rows()
    )


def _checklist(one: _Value) -> tuple[Promise, ...]:
    return tuple(
        Promise(**row.fields(_PROMISE, "group", "text"), line=row.line) for row in one.rows()
    )


_PACKAGE: _Shape = {
    "layer": _word,
    "summary": _text,
    "present": _flag,
    "imports": _maybe(_words),
    "documented": _maybe(_words),
    "modules": _words,
    "unimported": _texts,
}
_EXCEPTION: _Shape = {
    "importer": _word,
    "imported": _word,
    "reason": _text,
    "adr": _maybe(_number),
    "until": _day,
}
_PROMISE: _Shape = {
    "group": _word,
    "text": _word,
    "original": _text,
    "package": _text,
    "uses": _maybe(_words),
    "outside": _maybe(_words),
    "modules": _words,
    "without": _words,
    "rule": _text,
    "adr": _numbers,
    "note": _text,
    "replaced_by": _number,
    "instead": _word,
}
_FILE: _Shape = {
    "version": _number,
    "namespace": _text,
    "layers": _layers,
    "roots": _words,
    "meta": _text,
    "packages": _packages,
    "rules": _rules,
    "exceptions": _exceptions,
    "checklist": _checklist,
}
