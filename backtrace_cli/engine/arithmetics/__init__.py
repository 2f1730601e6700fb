"""What a number is: floats, fractions, arrays, symbols; each combines them its own way."""
