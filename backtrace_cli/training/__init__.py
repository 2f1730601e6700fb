"""Descent: parameters moved again and again, a state that resumes to the bit."""
