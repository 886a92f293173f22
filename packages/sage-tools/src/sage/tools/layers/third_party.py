"""Which distributions an import name can come from, and the other way round."""

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from sage.tools.layers.metadata import normalise

__all__ = ["is_declared", "is_imported", "is_part_declared", "unknown_parts"]

# Names that differ and are common; what is installed here is looked up besides.
_KNOWN = {
    "_cffi_backend": "cffi",
    "_pytest": "pytest",
    "_yaml": "pyyaml",
    "agents": "openai-agents",
    "airflow": "apache-airflow",
    "allauth": "django-allauth",
    "attr": "attrs",
    "bio": "biopython",
    "bs4": "beautifulsoup4",
    "bson": "pymongo",
    "ciffile": "pycifrw",
    "corsheaders": "django-cors-headers",
    "crispy_forms": "django-crispy-forms",
    "crypto": "pycryptodome",
    "cryptodome": "pycryptodomex",
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python",
    "debug_toolbar": "django-debug-toolbar",
    "dns": "dnspython",
    "environ": "django-environ",
    "fitz": "pymupdf",
    "gi": "pygobject",
    "git": "gitpython",
    "google": "protobuf googleapis-common-protos google-auth",
    "googleapiclient": "google-api-python-client",
    "gridfs": "pymongo",
    "grpc": "grpcio",
    "grpc_health": "grpcio-health-checking",
    "grpc_reflection": "grpcio-reflection",
    "grpc_status": "grpcio-status",
    "grpc_tools": "grpcio-tools",
    "imblearn": "imbalanced-learn",
    "impala": "impyla",
    "import_export": "django-import-export",
    "jpype": "jpype1",
    "kafka": "kafka-python kafka-python-ng",
    "ldclient": "launchdarkly-server-sdk",
    "mem0": "mem0ai",
    "memcache": "python-memcached",
    "mpl_toolkits": "matplotlib",
    "mysqldb": "mysqlclient",
    "osgeo": "gdal",
    "pil": "pillow",
    "pkg_resources": "setuptools",
    "playhouse": "peewee",
    "psycopg2": "psycopg2-binary",
    "pwiz": "peewee",
    "pybars": "pybars3 pybars4",
    "pyflink": "apache-flink",
    "pylab": "matplotlib",
    "pymdownx": "pymdown-extensions",
    "pythoncom": "pywin32",
    "pythonjsonlogger": "python-json-logger",
    "pywintypes": "pywin32",
    "pyximport": "cython",
    "rest_framework": "djangorestframework",
    "rest_framework_simplejwt": "djangorestframework-simplejwt",
    "sass": "libsass",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
    "sksurv": "scikit-survival",
    "storages": "django-storages",
    "telebot": "pytelegrambotapi",
    "telegram": "python-telegram-bot",
    "tlz": "toolz",
    "umap": "umap-learn",
    "vertexai": "google-cloud-aiplatform",
    "websocket": "websocket-client",
    "whisper": "openai-whisper",
    "win32api": "pywin32",
    "win32com": "pywin32",
    "win32con": "pywin32",
    "wx": "wxpython",
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
    if names & _spellings(root) or root.replace("_", "").lower() in map(_joined, names):
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


def unknown_parts(name: str, declared: Iterable[str]) -> set[str]:
    """Those of the `declared` distributions that may hold `name` of a shared namespace.

    They are named after the namespace and not installed here, so that nobody can tell.

    >>> unknown_parts("acme.trace", ["acme-api", "other"])
    {'acme-api'}
    """
    start = normalise(name.partition(".")[0]) + "-"
    names = {normalise(one) for one in declared}
    return {one for one in names if one.startswith(start) and not _shipped(one)}


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


def _joined(distribution: str) -> str:
    return distribution.replace("-", "")


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
