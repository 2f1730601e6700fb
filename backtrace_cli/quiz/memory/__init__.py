"""What the quiz remembers of a learner, and what it asks for next."""
