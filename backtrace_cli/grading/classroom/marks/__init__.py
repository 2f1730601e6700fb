"""Marks: what a teacher puts right, late days, weights, what is left out; and whose move."""
