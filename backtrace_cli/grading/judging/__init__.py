"""One answer against the trace: equal, different with a witness, or undecided."""
