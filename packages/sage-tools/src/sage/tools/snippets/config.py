"""How a site's pages are read: its Markdown extensions, and where its programs lie.

`mkdocs.yml` is read without importing MkDocs, and without the site's own plugins: the extensions
that decide what is a fence are all that matters here. So is `zensical.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sage.tools.finding import CannotBegin
from sage.tools.settings import load_settings

__all__ = ["Options", "PageSettings", "anchored", "is_on", "load_page_settings"]

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
IRRELEVANT = {"pymdownx.emoji", "toc", "markdown.extensions.toc", "pymdownx.arithmatex",
              "material.extensions.preview"}  # fmt: skip
ALWAYS_EXECUTED = ("tree", "pyodide")
EXECUTED = ("bash", "console", "markdown", "md", "py", "pycon", "python", "sh", *ALWAYS_EXECUTED)


@dataclass(frozen=True)
class PageSettings:
    """What decides which fences a page has, and where its includes come from.

    Attributes:
        extensions: Markdown extensions by name, with their options, in the site's order.
        config: The file they were read from, relative to the root; empty for the defaults.
        programs: Folders whose `.py` files are programs, relative to the root.
        sources: Folders whose code a page may show without running it, relative to the root.
        timeout: Seconds that one snippet may take.
        memory: GiB that each process of a page may take; `None` for half of the machine's.
        ci_has: Requirements that are never missing in CI: there, a snippet is not skipped for one.
        self_check: Whether every page is compared with its rendering.
        doctest_options: Names of doctest's option flags that hold everywhere.
        markdown_exec: Whether the site runs fences with the option `exec` when it is built.
    """

    extensions: dict[str, Options] = field(default_factory=lambda: dict(DEFAULT))
    config: str = ""
    programs: tuple[str, ...] = ("snippets",)
    sources: tuple[str, ...] = ("packages", "src")
    timeout: float = 60.0
    memory: float | None = None
    ci_has: tuple[str, ...] = ()
    self_check: bool = False
    doctest_options: tuple[str, ...] = ()
    markdown_exec: bool = False


def load_page_settings(root: Path) -> PageSettings:
    """The Markdown settings of the site at `root`, from `mkdocs.yml` or `zensical.toml`, if any.

    Raises:
        CannotBegin: One of them, or `pyproject.toml`, is broken.
    """
    settings = load_settings(root)
    extensions, config, executes = _read_extensions(root)
    return PageSettings(
        extensions=extensions,
        config=config,
        programs=tuple(settings.snippets_programs),
        sources=tuple(settings.snippets_sources),
        timeout=settings.snippets_timeout,
        memory=settings.snippets_memory,
        ci_has=tuple(settings.snippets_ci_has),
        self_check=settings.snippets_self_check,
        doctest_options=tuple(settings.snippets_doctest_options),
        markdown_exec=executes,
    )


def _read_extensions(root: Path) -> tuple[dict[str, Options], str, bool]:
    """The site's extensions, the file that names them, and whether it uses markdown-exec."""
    for name in ("mkdocs.yml", "mkdocs.yaml", "zensical.toml"):
        if (root / name).is_file():
            table = _read_site(root / name)
            listed = _with_options(table.get("markdown_extensions"), name)
            extensions = _relevant({**BUILT_IN, **listed})
            executes = "markdown-exec" in dict(_entries(table.get("plugins")))
            _place_includes(extensions, str(table.get("docs_dir") or "docs"))
            if executes:
                _add_executed(extensions)
            return extensions, name, executes
    return {name: dict(options) for name, options in DEFAULT.items()}, "", False


def _read_site(path: Path) -> dict[str, object]:
    if path.suffix == ".toml":
        from sage.tools.snippets.zensical_toml import read_zensical_toml

        return read_zensical_toml(path)
    from sage.tools.snippets.mkdocs_yml import read_mkdocs_yml

    return read_mkdocs_yml(path)


def _place_includes(extensions: dict[str, Options], docs: str) -> None:
    """Put folders in place of the words that MkDocs's `!relative` takes."""
    for name, options in extensions.items():
        if name.rpartition(".")[2] == "snippets" and "base_path" in options:
            base = options["base_path"]
            folders = map(str, base if isinstance(base, list) else [base])
            options["base_path"] = [
                folder.replace("$config_dir", ".").replace("$docs_dir", docs) for folder in folders
            ]


def _add_executed(extensions: dict[str, Options]) -> None:
    """The fences that the plugin markdown-exec adds to those of superfences."""
    options = next(o for name, o in extensions.items() if "superfences" in name or "extra" in name)
    own = options.get("custom_fences")
    options["custom_fences"] = [
        *(own if isinstance(own, list) else []),
        *({"name": name, "class": name, "validator": _is_executed, "format": _nothing}
          for name in EXECUTED),
    ]  # fmt: skip


def _is_executed(
    language: str, values: dict[str, str], options: Options, _attrs: Options, _md: object
) -> bool:
    options.update(values)
    return language in ALWAYS_EXECUTED or is_on(values.get("exec", ""))


def _nothing(*_words: object, **_options: object) -> str:
    return ""


def is_on(value: str) -> bool:
    """Whether markdown-exec takes a value for true."""
    return value.lower() not in ("", "0", "false", "no", "off")


def _relevant(extensions: dict[str, Options]) -> dict[str, Options]:
    kept = {name: options for name, options in extensions.items() if name not in IRRELEVANT}
    if not any("superfences" in name or name.endswith("pymdownx.extra") for name in kept):
        # A site with Markdown's own fences: superfences reads all of those, and tells their lines.
        kept["pymdownx.superfences"] = {}
    return {name: options for name, options in kept.items() if not name.endswith("fenced_code")}


def _with_options(listed: object, file: str) -> dict[str, Options]:
    """`markdown_extensions` of a site's file, by name."""
    found: dict[str, Options] = {}
    for name, options in _entries(listed):
        if not isinstance(options, dict | None):
            raise CannotBegin(
                f"{file}: markdown_extensions: {name}: expected a table of options, not {options!r}"
            )
        found[name] = dict(options or {})
    return found


def _entries(listed: object) -> Iterator[tuple[str, object]]:
    """Names and options, as MkDocs takes them: a list of names and tables, or one table."""
    if isinstance(listed, dict):
        yield from ((str(name), options) for name, options in listed.items())
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, str):
            yield entry, None
        elif isinstance(entry, dict):
            yield from _entries(entry)


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
