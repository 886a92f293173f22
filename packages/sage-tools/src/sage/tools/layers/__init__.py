"""Which package stands on which layer, and whether the imports keep to it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.tools.layers.baseline import Baseline, read_baseline, write_baseline
    from sage.tools.layers.check import LayerReport, check_layers
    from sage.tools.layers.checklist import CheckedPromise
    from sage.tools.layers.context import Resolve
    from sage.tools.layers.draw import draw_svg
    from sage.tools.layers.edges import Edge
    from sage.tools.layers.explain import Explanation, explain
    from sage.tools.layers.export import to_dot, to_json, to_mermaid
    from sage.tools.layers.graph import Graph, build_graph
    from sage.tools.layers.spec import Allowance, Package, Promise, Spec, load_spec

__all__ = [
    "Allowance",
    "Baseline",
    "CheckedPromise",
    "Edge",
    "Explanation",
    "Graph",
    "LayerReport",
    "Package",
    "Promise",
    "Resolve",
    "Spec",
    "build_graph",
    "check_layers",
    "draw_svg",
    "explain",
    "load_spec",
    "read_baseline",
    "to_dot",
    "to_json",
    "to_mermaid",
    "write_baseline",
]

# Name → module: each is imported when first used, for a check draws and explains nothing.
_HOMES = {
    "Baseline": "baseline",
    "read_baseline": "baseline",
    "write_baseline": "baseline",
    "LayerReport": "check",
    "check_layers": "check",
    "CheckedPromise": "checklist",
    "draw_svg": "draw",
    "Edge": "edges",
    "Explanation": "explain",
    "explain": "explain",
    "to_dot": "export",
    "to_json": "export",
    "to_mermaid": "export",
    "Graph": "graph",
    "build_graph": "graph",
    "Resolve": "context",
    "Allowance": "spec",
    "Package": "spec",
    "Promise": "spec",
    "Spec": "spec",
    "load_spec": "spec",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
