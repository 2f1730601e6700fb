"""The syntax tree, what simplifies it and what prints it."""
