"""Second order: the graph of the backward pass, traced again; Jacobians, and products with them."""
