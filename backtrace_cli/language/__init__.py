"""Text to syntax tree and back: lexer, parser, LaTeX input, printers."""
