"""Where every box, edge and label of a picture stands: one layout for all media."""
