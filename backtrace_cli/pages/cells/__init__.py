"""The sheet of cells that the quiz and the walk through a trace fill in."""
