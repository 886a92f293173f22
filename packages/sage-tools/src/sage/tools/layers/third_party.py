"""Which distributions an import name can come from, and the other way round."""

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from sage.tools.layers.metadata import normalise

__all__ = ["is_declared", "is_imported", "is_part_declared"]

# Names that differ and are common; what is installed here is looked up besides.
_KNOWN = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cairo": "pycairo",
    "crypto": "pycryptodome",
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "github": "pygithub",
    "gi": "pygobject",
    "google": "protobuf googleapis-common-protos google-auth",
    "grpc": "grpcio",
    "grpc_health": "grpcio-health-checking",
    "grpc_reflection": "grpcio-reflection",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown_it": "markdown-it-py",
    "memcache": "python-memcached",
    "multipart": "python-multipart",
    "mysqldb": "mysqlclient",
    "nacl": "pynacl",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2-binary",
    "pymdownx": "pymdown-extensions",
    "pythonjsonlogger": "python-json-logger",
    "rest_framework": "djangorestframework",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "socks": "pysocks",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "win32api": "pywin32",
    "win32con": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}

_RECORDED = re.compile(r"^\"?(\w+)(?:/.*|[\w.-]*)\.(?:py|so|pyd)\"?,", re.MULTILINE)

# Namespaces that many distributions share, each named after it.
_NAMESPACES = frozenset(
    {"azure", "backports", "google", "jaraco", "opentelemetry", "ruamel", "sphinxcontrib", "zope"}
)


def is_declared(name: str, declared: Iterable[str]) -> bool:
    """Whether one of the `declared` distributions can provide the import name's first part.

    >>> is_declared("yaml.nodes", ["PyYAML"])
    True
    """
    names = {normalise(one) for one in declared}
    root = name.partition(".")[0]
    if names & _spellings(root):
        return True
    start = normalise(root) + "-"
    if (root in _NAMESPACES or root not in _installed()) and any(
        one.startswith(start) for one in names
    ):
        return True  # such as `google` of google-cloud-storage
    return bool(names & _installed().get(root, frozenset()))


def is_part_declared(name: str, declared: Iterable[str]) -> bool:
    """Whether one of the `declared` distributions can provide a name in a shared namespace.

    A distribution can that ships it as it is installed here, or whose own name says so: that of a
    package above `name`, with more before it or after it.

    >>> is_part_declared("acme.core.json", ["acme-core"]), is_part_declared("acme.web", ["acme-x"])
    (True, False)
    """
    parts = name.split(".")
    above = [normalise(".".join(parts[:end])) for end in range(2, len(parts) + 1)]
    names = {normalise(one) for one in declared}
    if normalise(parts[0]) in names:
        return True  # the namespace's own distribution
    if any(one.endswith(part) or one.startswith(f"{part}-") for part in above for one in names):
        return True
    return any(_ships(one, parts) for one in names)


def is_imported(distribution: str, names: Iterable[str]) -> bool:
    """Whether one of the imported names comes from `distribution`; dotted are those in a shared
    namespace, the others first parts.

    >>> is_imported("ruamel.yaml", ["ruamel"]), is_imported("acme-core", ["acme.core"])
    (True, True)
    """
    return any(
        is_part_declared(name, [distribution]) if "." in name else is_declared(name, [distribution])
        for name in set(names)
    )


def _spellings(root: str) -> set[str]:
    plain = normalise(root)
    known = _KNOWN.get(root.lower(), "").split()
    return {plain, f"python-{plain}", f"py{plain}", f"{plain}-python", f"{plain}-py", *known}


@cache
def _shipped(distribution: str) -> frozenset[str]:
    """The modules and packages that a distribution ships; nothing where it is not installed."""
    from importlib.metadata import PackageNotFoundError, files

    try:
        found = [PurePosixPath(one) for one in files(distribution) or ()]
    except PackageNotFoundError:
        return frozenset()
    code = [one for one in found if one.suffix in (".py", ".pyi", ".so", ".pyd")]
    modules = [one.parent / one.name.partition(".")[0] for one in code]
    return frozenset(
        ".".join(one.parts) for path in modules for one in (path, *path.parents) if one.parts
    )


def _ships(distribution: str, parts: Sequence[str]) -> bool:
    """Whether it ships the package right below the namespace that `parts` lead to."""
    return ".".join(parts[:2]) in _shipped(distribution)


@cache
def _installed() -> dict[str, frozenset[str]]:
    """Import name → distributions that provide it, as far as they are installed here.

    From the lists that `importlib.metadata.packages_distributions` reads, which makes an object of
    each file and so takes three times as long.
    """
    found: dict[str, set[str]] = {}
    for folder in sys.path:
        for about in Path(folder).glob("*-info"):  # of wheels and of eggs
            roots = _text(about / "top_level.txt").split()
            for root in roots or _RECORDED.findall(_text(about / "RECORD")):
                found.setdefault(root, set()).add(normalise(about.stem.partition("-")[0]))
    return {root: frozenset(owners) for root, owners in found.items()}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
