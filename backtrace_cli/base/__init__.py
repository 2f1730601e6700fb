"""What every room needs and what knows no calculus: errors, the caret, safe text, values, suggestions."""
