"""Octrees of blocks: clouds too large to load, coarse first, built with bounded memory.

Every point is in exactly one node. A node has at most `NODE_POINTS` points: one of each cell of a grid over
its cube, which its children then lack. So the nodes from the root down to some level are a coarse
picture of the cloud, and all nodes together are the cloud.
"""

from .build import build_tree
from .rows import RowKind
from .table import NodeTable, read_node_table
from .tree import NODE_POINTS, Tree

__all__ = ["NODE_POINTS", "NodeTable", "RowKind", "Tree", "build_tree", "read_node_table"]
