"""Records as plain data, for JSON."""
