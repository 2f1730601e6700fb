"""Text to tree: characters, tokens, the parser, and what it says about what it can't read."""
