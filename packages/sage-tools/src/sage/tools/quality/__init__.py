"""Every check of a repository, side by side: what the independent rooms find, joined.

Nothing is checked here that a room does not check. This room knows which parts there are, what
each needs, and which of them a change can have touched.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.tools.quality.cited import check_layer_citations
    from sage.tools.quality.model import Part, QualityReport
    from sage.tools.quality.names import record_names
    from sage.tools.quality.parts import PARTS, run_part
    from sage.tools.quality.run import check_quality

__all__ = [
    "PARTS",
    "Part",
    "QualityReport",
    "check_layer_citations",
    "check_quality",
    "record_names",
    "run_part",
]

# Name → module: `layers` needs the names of records alone, and no pool of processes.
_HOMES = {
    "PARTS": "parts",
    "Part": "model",
    "QualityReport": "model",
    "check_layer_citations": "cited",
    "check_quality": "run",
    "record_names": "names",
    "run_part": "parts",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
