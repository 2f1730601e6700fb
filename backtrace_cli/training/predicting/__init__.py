"""What a trained formula says of examples: predictions, how often they are right, where a class ends."""
