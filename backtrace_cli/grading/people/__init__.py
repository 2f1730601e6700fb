"""Who is in a class: lists of names, and rosters with ids, addresses and groups."""
