"""Which boxes of a large graph are folded into one, so that a picture stays a picture.

A box may stand for itself and for everything that reaches the output through it alone: its
dominated subtree. Such a subtree is left by one edge, so folding it hides no path. The picture
starts as the one box of the output and opens the largest subtree as long as there is room.
Where that is not enough (a box that reads a thousand variables) neighbours in the order of the
forward pass are folded: a run of consecutive steps is never left and entered again.
"""

from __future__ import annotations

from heapq import heappop, heappush

from backtrace_cli.graph import Graph

__all__ = ["MOST_BOXES", "groups_of"]

#: More boxes than this are folded.
MOST_BOXES = 25


def groups_of(graph: Graph, most: int = MOST_BOXES) -> dict[int, int]:
    """The node that stands for each folded node; empty where all of them have room.

    ``most`` counts the boxes that compute something; as many variables may stand beside them.

    >>> from backtrace_cli.graph import build
    >>> long = build("+".join(f"x^{i}" for i in range(2, 90)))
    >>> groups_of(build("x*y + sin(x)")), len(set(groups_of(long).values()))
    ({}, 24)
    """
    if len(graph.steps) <= most and len(graph.inputs) <= most:
        return {}
    children = _dominated(graph)
    sizes = _sizes(graph, children)
    heads = _opened(graph, children, sizes, max(1, most))
    group = _spread(graph, children, heads)
    return _chunked(graph, group, max(1, most))


def _dominated(graph: Graph) -> list[list[int]]:
    """For each node the nodes that it immediately dominates, as seen from the output."""
    readers = graph.readers()
    parent = [-1] * len(graph)
    depth = [0] * len(graph)
    children: list[list[int]] = [[] for _ in graph.nodes]
    for node in reversed(graph.nodes):
        if node.is_constant or node.index == graph.output:
            continue
        found = graph.output
        above = sorted(set(readers[node.index]), key=depth.__getitem__, reverse=True)
        if above:
            found = above[0]
            for other in above[1:]:
                while found != other:
                    if depth[found] >= depth[other]:
                        found = parent[found]
                    else:
                        other = parent[other]
        parent[node.index], depth[node.index] = found, depth[found] + 1
        children[found].append(node.index)
    return children


def _sizes(graph: Graph, children: list[list[int]]) -> list[int]:
    sizes = [1] * len(graph)
    for node in graph.nodes:  # what a node dominates stands before it
        sizes[node.index] += sum(sizes[child] for child in children[node.index])
    return sizes


def _opened(graph: Graph, children: list[list[int]], sizes: list[int], most: int) -> set[int]:
    """The nodes whose subtrees are opened; every other visible node stands for its subtree."""
    opened: set[int] = set()
    shown = 1
    waiting = [(-sizes[graph.output], graph.output)]
    while waiting:
        size, node = heappop(waiting)
        new = len(children[node])
        if size == -1 or (shown + new > most and shown > most // 2):
            continue
        opened.add(node)
        shown += new
        for child in children[node]:
            heappush(waiting, (-sizes[child], child))
    return opened


def _spread(graph: Graph, children: list[list[int]], opened: set[int]) -> dict[int, int]:
    """The visible node that stands for each node."""
    group: dict[int, int] = {}
    waiting = [(graph.output, graph.output)]
    while waiting:
        node, head = waiting.pop()
        group[node] = head
        waiting += [(child, child if node in opened else head) for child in children[node]]
    return group


def _chunked(graph: Graph, group: dict[int, int], most: int) -> dict[int, int]:
    """``group`` with consecutive visible nodes folded together until ``most`` are left."""
    heads = sorted(set(group.values()))
    if len(heads) > most:
        single = min(most // 2, most - 1)  # the last ones stay as they are
        early = heads[: len(heads) - single]
        runs = most - single
        stands = {head: head for head in heads}
        for run in range(runs):
            part = early[run * len(early) // runs : (run + 1) * len(early) // runs]
            stands |= dict.fromkeys(part, part[-1])
        group = {node: stands[head] for node, head in group.items()}
    return group
