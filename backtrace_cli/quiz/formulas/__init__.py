"""Formulas drawn for a learner: topics, boxes, points."""
