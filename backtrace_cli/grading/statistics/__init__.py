"""What a graded class did not understand: mistakes, answers, students, chapters."""
