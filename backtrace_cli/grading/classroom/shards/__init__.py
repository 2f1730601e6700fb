"""A class in parts: which part a machine is to grade, and the parts' reports read back, row by row."""
