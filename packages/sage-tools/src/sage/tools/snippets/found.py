"""What was found on pages, kept from one process to the next: Markdown is read once a change.

`.sage-dev/found.json` holds, for each page, the digest of its text and of the files that it
includes, and the snippets that they gave. It is thrown away as a whole when anything else that
decides what is found has changed: this package, Markdown, the site's extensions. Pages with
findings are not kept, nor anything where an extension that we do not know may read other files.
"""

import hashlib
import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TypeAlias

from sage.tools.kept import keep
from sage.tools.snippets.config import PageSettings
from sage.tools.snippets.evidence import installed_versions
from sage.tools.snippets.model import Kind, Page, Snippet

__all__ = ["Found"]

FILE = ".sage-dev/found.json"
# Extensions that read no file, but for `snippets`, whose files are noted.
LIBRARIES = ("markdown.", "pymdownx.")
BUILT_IN = {"abbr", "admonition", "attr_list", "codehilite", "def_list", "extra", "fenced_code",
            "footnotes", "legacy_attrs", "legacy_em", "md_in_html", "meta", "nl2br", "sane_lists",
            "smarty", "tables", "toc", "wikilinks"}  # fmt: skip
DECIDE = ("markdown", "pymdown-extensions", "pyyaml")
KEPT = tuple(f.name for f in fields(Snippet) if f.name not in ("page", "digest"))
OF_PAGE = ("setup", "setup_line", "module")
LISTS = ("files", "fixtures", "includes")

Row: TypeAlias = dict[str, object]


class Found:
    """What is known of the pages of one repository, read with one set of settings."""

    def __init__(self, root: Path, settings: PageSettings) -> None:
        self.root = root
        self._key = _key(settings) if _is_known(settings) else ""
        self._rows: dict[str, Row] = _load(root / FILE, self._key) if self._key else {}
        self._changed = False
        self._content = cache(lambda name: _digest_file(root / name))

    def page(self, file: Path, name: str, text: str) -> Page | None:
        """What was found on the page when its text was this one; `None` when that is not known."""
        row = self._rows.get(name)
        if row is None or row["text"] != _digest(text):
            return None
        includes = row["read"]
        if not isinstance(includes, dict) or any(
            self._content(path) != digest for path, digest in includes.items()
        ):
            return None
        return _page(file, name, self.root, row)

    def keep(self, page: Page, text: str) -> None:
        """Note what was found on a page, unless something is wrong with it."""
        if not self._key:
            return
        self._changed = True
        if page.findings or any(Path(path).is_absolute() for path in page.includes):
            self._rows.pop(page.path, None)
            return
        self._rows[page.path] = {
            "text": _digest(text),
            "read": {path: self._content(path) for path in (*page.includes, *page.files)},
            "snippets": [[getattr(snippet, name) for name in KEPT] for snippet in page.snippets],
            **{name: getattr(page, name) for name in (*OF_PAGE, *LISTS)},
        }

    def is_proven(self, name: str) -> bool:
        """Whether what was found on the page has been compared with its rendering."""
        return bool(self._rows.get(name, {}).get("proven"))

    def prove(self, name: str) -> None:
        """Note that what was found on the page is what its rendering shows."""
        if name in self._rows:
            self._rows[name]["proven"] = self._changed = True

    def save(self) -> None:
        """Keep what was found for the next process."""
        if self._changed:
            keep(self.root / FILE, json.dumps({"key": self._key, "pages": self._rows}))


def _page(file: Path, name: str, root: Path, row: Row) -> Page:
    snippets = []
    rows = row["snippets"]
    for values in rows if isinstance(rows, list) else []:
        words = dict(zip(KEPT, values, strict=True))
        words["kind"], words["requires"] = Kind(words["kind"]), tuple(words["requires"])
        snippets.append(Snippet(page=name, **words))
    return Page(
        name,
        file,
        root,
        tuple(snippets),
        setup=str(row["setup"]),
        setup_line=int(str(row["setup_line"])),
        module=str(row["module"]),
        files=_words(row["files"]),
        fixtures=_words(row["fixtures"]),
        includes=_words(row["includes"]),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _is_known(settings: PageSettings) -> bool:
    """Whether every extension is one that reads no files behind our back."""
    bases = settings.extensions.get("pymdownx.snippets", {}).get("base_path", ["."])
    one = isinstance(bases, str) or (isinstance(bases, list) and len(bases) == 1)
    known = (name in BUILT_IN or name.startswith(LIBRARIES) for name in settings.extensions)
    return one and all(known)


def _key(settings: PageSettings) -> str:
    """What decides, besides the page, which snippets it has."""
    versions = installed_versions()
    code = [
        (file.name, stat.st_mtime_ns, stat.st_size)
        for file in sorted(Path(__file__).parent.glob("*.py"))
        for stat in [file.stat()]
    ]
    parts = (
        code,
        [versions.get(name, "") for name in DECIDE],
        settings.extensions,
        settings.programs,
        settings.sources,
    )
    return _digest(json.dumps(parts, default=_name))


def _name(value: object) -> str:
    """A setting that is code, by its name."""
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', repr(value))}"


def _load(file: Path, key: str) -> dict[str, Row]:
    try:
        table = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    pages = table.get("pages", {}) if isinstance(table, dict) and table.get("key") == key else {}
    return dict(pages)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _digest_file(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
