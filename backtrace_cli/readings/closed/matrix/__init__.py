"""Closed forms over arrays: terms with shapes, and the laws of matrix algebra applied to them."""
