"""The JSON Schemas of what backtrace writes and reads, derived from its declarations."""
