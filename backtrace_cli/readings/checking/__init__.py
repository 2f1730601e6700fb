"""The gradient check: differences over a sweep of steps, and what they say of the gradient."""
