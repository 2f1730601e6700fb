"""Characters to tokens, and what a stranger among them is called here."""
