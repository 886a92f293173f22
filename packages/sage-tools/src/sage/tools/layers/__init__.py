"""Which package stands on which layer, and whether the imports keep to it."""

from sage.tools.layers.baseline import Baseline, read_baseline, write_baseline
from sage.tools.layers.check import LayerReport, check_layers
from sage.tools.layers.draw import draw_svg
from sage.tools.layers.explain import Explanation, explain
from sage.tools.layers.export import to_dot, to_json, to_mermaid
from sage.tools.layers.graph import Edge, Graph, build_graph
from sage.tools.layers.rules import Resolve
from sage.tools.layers.spec import Allowance, Package, Spec, load_spec

__all__ = [
    "Allowance",
    "Baseline",
    "Edge",
    "Explanation",
    "Graph",
    "LayerReport",
    "Package",
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
