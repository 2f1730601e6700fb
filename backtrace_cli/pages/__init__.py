"""Trace -> what a person sees: tables in a terminal, plain sentences, a notebook's HTML."""
