"""A backward pass of several lines, as people write one: read, and judged line by line."""
