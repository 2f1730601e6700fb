"""Formulas that are not born as text in this language: Python functions, SymPy expressions."""
