"""One run from given values: the point, first values, files, a Trace."""
