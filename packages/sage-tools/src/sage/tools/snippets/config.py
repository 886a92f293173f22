"""How a site's pages are read: its Markdown extensions, and where its programs lie.

`mkdocs.yml` is read without importing MkDocs, and without the site's own plugins: the extensions
that decide what is a fence are all that matters here.
"""

import os
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import yaml

from sage.tools.finding import CannotBegin
from sage.tools.settings import load_settings

__all__ = ["PageSettings", "anchored", "load_page_settings"]

Options: TypeAlias = dict[str, object]

DEFAULT: dict[str, Options] = {
    "admonition": {},
    "attr_list": {},
    "def_list": {},
    "footnotes": {},
    "md_in_html": {},
    "tables": {},
    "pymdownx.details": {},
    "pymdownx.highlight": {},
    "pymdownx.snippets": {},
    "pymdownx.superfences": {},
    "pymdownx.tabbed": {"alternate_style": True},
}
BUILT_IN: dict[str, Options] = {"toc": {}, "tables": {}, "fenced_code": {}}  # MkDocs adds these
# Nothing here decides what a fence is, and their options name code that we need not import.
IRRELEVANT = {"pymdownx.emoji", "toc", "markdown.extensions.toc", "pymdownx.arithmatex"}
LIBRARIES = ("pymdownx.", "markdown.")


@dataclass(frozen=True)
class PageSettings:
    """What decides which fences a page has, and where its includes come from.

    Attributes:
        extensions: Markdown extensions by name, with their options, in the site's order.
        config: The file they were read from, relative to the root; empty for the defaults.
        programs: Folders whose `.py` files are programs, relative to the root.
        sources: Folders whose code a page may show without running it, relative to the root.
        timeout: Seconds that one snippet may take.
        ci_has: Requirements that are never missing in CI: there, a snippet is not skipped for one.
        self_check: Whether every page is compared with its rendering.
        doctest_options: Names of doctest's option flags that hold everywhere.
    """

    extensions: dict[str, Options] = field(default_factory=lambda: dict(DEFAULT))
    config: str = ""
    programs: tuple[str, ...] = ("snippets",)
    sources: tuple[str, ...] = ("packages", "src")
    timeout: float = 60.0
    ci_has: tuple[str, ...] = ()
    self_check: bool = False
    doctest_options: tuple[str, ...] = ()


def load_page_settings(root: Path) -> PageSettings:
    """The Markdown settings of the site at `root`, from `mkdocs.yml` where there is one.

    Raises:
        CannotBegin: `mkdocs.yml` or `pyproject.toml` is broken.
    """
    settings = load_settings(root)
    extensions, config = _read_extensions(root)
    return PageSettings(
        extensions=extensions,
        config=config,
        programs=tuple(settings.snippets_programs),
        sources=tuple(settings.snippets_sources),
        timeout=settings.snippets_timeout,
        ci_has=tuple(settings.snippets_ci_has),
        self_check=settings.snippets_self_check,
        doctest_options=tuple(settings.snippets_doctest_options),
    )


def _read_extensions(root: Path) -> tuple[dict[str, Options], str]:
    for name in ("mkdocs.yml", "mkdocs.yaml"):
        if (root / name).is_file():
            listed = _by_name(_read_yaml(root / name).get("markdown_extensions"))
            return _relevant({**BUILT_IN, **listed}), name
    return {name: dict(options) for name, options in DEFAULT.items()}, ""


def _relevant(extensions: dict[str, Options]) -> dict[str, Options]:
    kept = {name: options for name, options in extensions.items() if name not in IRRELEVANT}
    if not any("superfences" in name or name.endswith("pymdownx.extra") for name in kept):
        # A site with Markdown's own fences: superfences reads all of those, and tells their lines.
        kept["pymdownx.superfences"] = {}
    return {name: options for name, options in kept.items() if not name.endswith("fenced_code")}


def _by_name(listed: object) -> dict[str, Options]:
    """`markdown_extensions` as MkDocs accepts it: a list of names and tables, or one table."""
    if isinstance(listed, dict):
        return {str(name): dict(options or {}) for name, options in listed.items()}
    found: dict[str, Options] = {}
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, str):
            found[entry] = {}
        elif isinstance(entry, dict):
            found.update(_by_name(entry))
    return found


def anchored(name: str, options: Options, root: Path) -> Options:
    """Options of an extension, with includes found from the root, whatever the working folder."""
    if name.rpartition(".")[2] != "snippets":
        return dict(options)
    base = options.get("base_path", ["."])
    paths = base if isinstance(base, list) else [base]
    return {
        **options,
        "base_path": [str(root / str(path)) for path in paths],
        "check_paths": False,  # a missing file is a finding with a line, from us
        "url_download": False,
    }


def _read_yaml(path: Path) -> dict[str, object]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            table = yaml.load(stream, Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotBegin(f"{path}: cannot be read as YAML: {_flat(error)}") from error
    if not isinstance(table, dict):
        raise CannotBegin(f"{path}: expected a table of settings at the top")
    parent = table.get("INHERIT")
    if isinstance(parent, str):
        return {**_read_yaml((path.parent / parent).resolve()), **table}
    return table


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
    """A name out of the Markdown libraries; a stand-in that accepts all for anyone else's."""
    if not suffix.startswith(LIBRARIES):
        return _stand_in
    module, _, name = suffix.rpartition(".")
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
