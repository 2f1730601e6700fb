"""Training as pages: how it goes and how it ended."""
