"""Making exercises: from a formula, at a good point, a file a student; how many mistakes they catch."""
