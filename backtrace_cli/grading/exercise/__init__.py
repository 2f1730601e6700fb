"""Exercise files: read, with their slips named, and the keys of their questions."""
