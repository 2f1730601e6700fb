"""A trace in another language: pictures of its graph, code, a derivation."""
