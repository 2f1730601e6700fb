"""A whole exercise judged: a verdict an answer, what follows from a slip, what explains it."""
