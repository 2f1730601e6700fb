"""Somebody's own backward pass examined: an engine on a battery of graphs, a gradient beside its function."""
