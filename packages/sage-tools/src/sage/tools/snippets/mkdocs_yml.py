"""`mkdocs.yml`, read without MkDocs, and without running what its tags name."""

import os
from importlib import import_module
from pathlib import Path

import yaml

from sage.tools.finding import CannotBegin

__all__ = ["named", "read_mkdocs_yml"]

LIBRARIES = ("pymdownx.", "markdown.")


def read_mkdocs_yml(path: Path) -> dict[str, object]:
    """The settings of a site, with those that it inherits, merged as MkDocs merges them.

    Raises:
        CannotBegin: A file cannot be read as YAML, or inherits from none or from itself.
    """
    return _read(path, path.name, ())


def _read(path: Path, name: str, heirs: tuple[Path, ...]) -> dict[str, object]:
    """The settings of `path`, from which `heirs` inherit; messages call it `name`."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            table = yaml.load(stream, Loader=_Loader)
    except OSError as error:
        raise CannotBegin(f"{name}: cannot be opened: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        said = " ".join(filter(None, (error.problem, error.context)))
        raise CannotBegin(f"{name}:{line}: cannot be read as YAML: {said}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotBegin(f"{name}: cannot be read as YAML: {_flat(error)}") from error
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise CannotBegin(f"{name}: expected a table of settings at the top")
    parent = table.get("INHERIT")
    if not isinstance(parent, str):
        return table
    inherited, seen = (path.parent / parent).resolve(), (*heirs, path.resolve())
    if inherited in seen:
        raise CannotBegin(
            f"{name}: INHERIT: {parent} inherits from this file again; break the ring"
        )
    if not inherited.is_file():
        raise CannotBegin(f"{name}: INHERIT: {parent} names no file; correct the path")
    return _merged(_read(inherited, parent, seen), table)


def _merged(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    """Two tables in one: what `above` says holds, and tables in both are merged in turn."""
    merged = {**below, **above}
    for key in below.keys() & above.keys():
        one, other = below[key], above[key]
        if isinstance(one, dict) and isinstance(other, dict):
            merged[key] = _merged(one, other)
    return merged


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())


class _Loader(yaml.SafeLoader):
    """YAML with the tags that MkDocs' users write; nothing in it runs."""


def _env(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return os.environ.get(str(loader.construct_scalar(node)))
    if not isinstance(node, yaml.SequenceNode):
        return None
    values = loader.construct_sequence(node, deep=True)
    *names, default = values if len(values) > 1 else [*values, None]
    return next((os.environ[name] for name in names if name in os.environ), default)


def _python_name(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    return named(suffix)


def named(path: str) -> object:
    """A name out of the Markdown libraries; a stand-in that accepts all for anyone else's."""
    if not path.startswith(LIBRARIES):
        return _stand_in
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError):
        return _stand_in


def _python_object(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    return _stand_in


def _ignored(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    return str(loader.construct_scalar(node)) if isinstance(node, yaml.ScalarNode) else None


def _stand_in(*_words: object, **_options: object) -> str:
    return " "  # true for a validator, text for a formatter


_Loader.add_constructor("!ENV", _env)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", _python_name)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/object", _python_object)
_Loader.add_multi_constructor("!", _ignored)
