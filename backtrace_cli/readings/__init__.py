"""What a trace tells: notes, kinks, the gradient check, costs, cells and questions."""
