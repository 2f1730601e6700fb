"""Grading again: interrupted runs that go on, one student alone, and whose marks move."""
