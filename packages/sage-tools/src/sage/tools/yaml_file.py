"""A YAML mapping read with the line of every key, and without the traps of YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from sage.tools.finding import CannotBegin

__all__ = ["YamlFile", "read_yaml"]

# A layer file of a hundred packages has about 10 kB; more than this is not one.
LIMIT_BYTES = 1_000_000
LIMIT_DEPTH = 20


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The values of one YAML file and where each stands.

    Attributes:
        name: How messages name the file.
        values: The top-level mapping.
        lines: Key path, such as `("packages", "a")`, → line from 1.
    """

    name: str
    values: Mapping[str, object]
    lines: Mapping[tuple[str | int, ...], int]

    def line(self, *keys: str | int) -> int:
        """The line of the longest known beginning of `keys`; 1 where nothing is known."""
        for end in range(len(keys), 0, -1):
            if found := self.lines.get(tuple(keys[:end])):
                return found
        return 1

    def error(self, message: str, *keys: str | int) -> CannotBegin:
        """The exception to raise for a fault at `keys`."""
        return CannotBegin(f"{self.name}:{self.line(*keys)}: {message}")


def read_yaml(path: Path, *, name: str) -> YamlFile:
    """Read a YAML file that holds one mapping; `name` is how messages call it.

    Aliases are refused, so that a small file cannot unfold into a huge one; keys that stand
    twice are refused, so that none is lost in silence.

    Raises:
        FileNotFoundError: There is no such file.
        CannotBegin: The file is unreadable, not YAML, not a mapping, too large or too deep.
    """
    text = _read_text(path, name)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CannotBegin(f"{name}:{line}: is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise CannotBegin(f"{name}: is not YAML: {error}") from error
    except RecursionError as error:
        raise CannotBegin(f"{name}: is nested too deeply") from error
    if not isinstance(node, yaml.MappingNode):
        raise CannotBegin(f"{name}:1: expected a mapping of keys to values, such as `version: 1`")
    lines: dict[tuple[str | int, ...], int] = {}
    values = _values(node, (), lines, name)
    assert isinstance(values, dict)
    return YamlFile(name, values, lines)


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not allowed here; write the value out",
                problem_mark=mark,
            )
        return super().compose_node(parent, index)  # type: ignore[arg-type]


def _read_text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise CannotBegin(f"{name}: has more than {LIMIT_BYTES:,} bytes")
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise CannotBegin(f"{name}: is not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise CannotBegin(f"{name}: cannot be read: {error.strerror}") from error


def _values(
    node: yaml.Node,
    at: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
    name: str,
) -> object:
    lines.setdefault(at, node.start_mark.line + 1)
    if len(at) > LIMIT_DEPTH:
        raise CannotBegin(f"{name}:{lines[at]}: is nested deeper than {LIMIT_DEPTH} levels")
    if isinstance(node, yaml.SequenceNode):
        return [_values(item, (*at, index), lines, name) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(node, name)
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise CannotBegin(f"{name}:{line}: a key must be a word")
        key = str(key_node.value)
        if key in result:
            first = lines[(*at, key)]
            raise CannotBegin(f"{name}:{line}: {key} stands twice, first on line {first}")
        lines[(*at, key)] = line
        result[key] = _values(value_node, (*at, key), lines, name)
    return result


def _scalar(node: yaml.Node, name: str) -> object:
    constructor = yaml.constructor.SafeConstructor()
    try:
        value: object = constructor.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        line = node.start_mark.line + 1
        why = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
        why = " ".join(str(why).split())
        raise CannotBegin(f"{name}:{line}: {node.value!r} is no value: {why}") from error
    return value
