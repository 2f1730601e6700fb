"""Where in a graph a mistake could be made, each place a fault that can be replayed."""
