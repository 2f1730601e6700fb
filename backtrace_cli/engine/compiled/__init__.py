"""A graph as one straight-line program: its value and its gradient without a record of the steps."""
