"""The engine: (graph, point) -> Trace, the one record that everything else reads."""
