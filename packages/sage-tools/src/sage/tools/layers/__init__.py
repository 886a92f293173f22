"""Which package stands on which layer, and whether the imports keep to it."""

from sage.tools.layers.check import LayerReport, check_layers
from sage.tools.layers.draw import draw_svg
from sage.tools.layers.graph import Edge, Graph, build_graph
from sage.tools.layers.rules import Resolve
from sage.tools.layers.spec import Allowance, Package, Spec, load_spec

__all__ = [
    "Allowance",
    "Edge",
    "Graph",
    "LayerReport",
    "Package",
    "Resolve",
    "Spec",
    "build_graph",
    "check_layers",
    "draw_svg",
    "load_spec",
]
