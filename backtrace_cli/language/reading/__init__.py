"""Tokens to tree: the parser, and what it says about what it can't read."""
