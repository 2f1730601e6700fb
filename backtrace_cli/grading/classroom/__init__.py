"""A whole class: who handed in what, judged in workers, kept in a grade book, reported."""
