"""A trace as pages: tables, sentences, the sheet, the check, costs."""
