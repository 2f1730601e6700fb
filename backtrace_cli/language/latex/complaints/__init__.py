"""What LaTeX is refused for, and what to write instead."""
