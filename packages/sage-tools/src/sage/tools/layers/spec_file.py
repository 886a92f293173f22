"""The shape of layer.yaml: its keys, their types, and what is said of those that are wrong."""

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sage.tools.finding import CannotBegin
from sage.tools.layers.spec import Allowance, Package, Promise, Spec, nearest
from sage.tools.layers.yaml_file import YamlFile

__all__ = ["read_spec"]


def read_spec(file: YamlFile) -> Spec:
    """What the file says, if it has the right shape.

    Raises:
        CannotBegin: A key is unknown, missing or of a wrong type; names the line.
    """
    try:
        model = _File.model_validate(file.values)
    except ValidationError as error:
        raise _refusal(error, file) from error
    return _spec(model, file)


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return value


def _one_or_many(value: object) -> object:
    return value if isinstance(value, list) else [value]


_Number = Annotated[int, BeforeValidator(_no_bool), Field(ge=0)]
_Word = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Package(_Model):
    layer: _Word
    summary: str = ""
    present: bool = True
    imports: list[_Word] | None = None
    documented: list[_Word] | None = None
    modules: list[_Word] = []
    unimported: dict[str, str] = {}


class _Rule(_Model):
    adr: Annotated[list[_Number], BeforeValidator(_one_or_many)]


class _Exception(_Model):
    importer: _Word
    imported: _Word
    reason: str = ""
    adr: _Number | None = None
    until: datetime.date | None = None


class _Promise(_Model):
    group: _Word
    text: _Word
    original: str = ""
    package: str = ""
    uses: list[_Word] | None = None
    outside: list[_Word] | None = None
    modules: list[_Word] = []
    without: list[_Word] = []
    rule: str = ""
    adr: Annotated[list[_Number], BeforeValidator(_one_or_many)] = []
    note: str = ""


class _File(_Model):
    version: Literal[1]
    namespace: str = ""
    layers: Annotated[list[_Word], Field(min_length=1)] = ["L1", "L2", "L3", "L4", "L5", "L6"]
    roots: list[_Word] = ["packages/*"]
    meta: str = ""
    packages: dict[_Word, _Package] = {}
    rules: dict[str, _Rule] = {}
    exceptions: list[_Exception] = []
    checklist: list[_Promise] = []


_KEYS: Mapping[str, type[_Model]] = MappingProxyType(
    {"packages": _Package, "rules": _Rule, "exceptions": _Exception, "checklist": _Promise}
)


def _refusal(error: ValidationError, file: YamlFile) -> CannotBegin:
    first = error.errors()[0]
    keys = tuple(first["loc"])
    key, place = str(keys[-1]), ".".join(str(part) for part in keys)
    if first["type"] == "extra_forbidden":
        model = _KEYS.get(str(keys[0]), _File) if len(keys) > 1 else _File
        return file.error(f"{place} is not a known key; {nearest(key, model.model_fields)}", *keys)
    if first["type"] == "missing":
        return file.error(f"{place} is missing", *keys)
    if first["type"] in ("model_type", "dict_type"):
        return file.error(f"{place}: expected keys with values, such as `layer: L1`", *keys)
    given = "" if isinstance(first["input"], dict | list) else f" {first['input']!r}"
    return file.error(f"{place}{given}: {first['msg']}", *keys)


def _spec(model: _File, file: YamlFile) -> Spec:
    return Spec(
        given=True,
        namespace=model.namespace,
        layers=tuple(model.layers),
        roots=tuple(model.roots),
        roots_line=file.line("roots") if "roots" in model.model_fields_set else 0,
        meta=model.meta,
        packages=tuple(
            Package(
                name=name,
                layer=entry.layer,
                summary=entry.summary,
                present=entry.present,
                imports=None if entry.imports is None else tuple(entry.imports),
                documented=None if entry.documented is None else tuple(entry.documented),
                modules=tuple(entry.modules),
                unimported=MappingProxyType(dict(entry.unimported)),
                line=file.line("packages", name),
            )
            for name, entry in model.packages.items()
        ),
        rules=MappingProxyType({code: tuple(rule.adr) for code, rule in model.rules.items()}),
        exceptions=tuple(
            Allowance(**entry.model_dump(), line=file.line("exceptions", index))
            for index, entry in enumerate(model.exceptions)
        ),
        checklist=tuple(
            _promise(entry, file.line("checklist", index))
            for index, entry in enumerate(model.checklist)
        ),
    )


def _promise(entry: _Promise, line: int) -> Promise:
    return Promise(
        group=entry.group,
        text=entry.text,
        original=entry.original,
        package=entry.package,
        uses=None if entry.uses is None else tuple(entry.uses),
        outside=None if entry.outside is None else tuple(entry.outside),
        modules=tuple(entry.modules),
        without=tuple(entry.without),
        rule=entry.rule,
        adr=tuple(entry.adr),
        note=entry.note,
        line=line,
    )
