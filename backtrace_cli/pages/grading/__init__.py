"""Verdicts, grades, lint and new exercises as pages."""
