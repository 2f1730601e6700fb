"""A trace in another language: code."""
