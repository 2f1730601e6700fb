"""A message over arrays opened into its sums."""
