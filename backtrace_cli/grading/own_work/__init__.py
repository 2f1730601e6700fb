"""What somebody worked out by hand or by a program of their own, judged beside a trace."""
