"""The dependency graph: nodes in topological order, edges with their argument slots."""

from backtrace_cli.graph.builder import build
from backtrace_cli.graph.node import Graph, Node

__all__ = ["Graph", "Node", "build"]
