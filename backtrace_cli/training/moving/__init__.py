"""How parameters move along their gradients: optimisers and schedules, each a declaration; penalties."""
