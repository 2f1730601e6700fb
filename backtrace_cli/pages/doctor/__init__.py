"""Somebody's own backward pass examined, as a page, as JSON and as JUnit XML."""
