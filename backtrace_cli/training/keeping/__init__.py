"""What a run leaves behind: its parameters, and a state to go on from."""
