"""The quiz on the screen: questions, rules, comparisons, what is remembered."""
