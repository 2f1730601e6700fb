"""A function of one variable over an interval: its curve, its derivative, its tangent."""
