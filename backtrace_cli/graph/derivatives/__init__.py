"""A graph of derivatives from a graph: the backward pass written down as boxes."""
