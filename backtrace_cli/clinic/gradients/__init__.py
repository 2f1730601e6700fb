"""A gradient beside its function: judged by a trace where the function can be read, else by differences."""
