"""Derivatives as one formula, and the chain rule with its functions left open."""
