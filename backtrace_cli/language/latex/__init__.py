"""LaTeX to the formula language."""
