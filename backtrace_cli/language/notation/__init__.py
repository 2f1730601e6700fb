"""Notations of lectures and programs, turned into the plain one before parsing."""
